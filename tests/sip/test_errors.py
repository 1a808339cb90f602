"""Errors that say what to do, and addresses."""

from __future__ import annotations

import pytest

from labsip.sip.errors import LONGEST, BadMessage, LabError, NoSuchName, did_you_mean, parse_number, parse_seconds
from labsip.sip.transport import Address, bracketed


@pytest.mark.parametrize(
    ("name", "hint"),
    [("t_relya", "t_relay"), ("sl_replay", "sl_reply"), ("lokup", "lookup"), ("has_to_tag", "has_totag")],
)
def test_a_slip_is_told_with_the_word_that_was_meant(name: str, hint: str) -> None:
    commands = ["t_relay", "t_reply", "sl_reply", "lookup", "has_totag"]
    assert did_you_mean(name, commands) == f"; did you mean {hint}?"
    assert (
        str(NoSuchName("command", name, commands, where="line 2: "))
        == f"line 2: no command {name}; did you mean {hint}?"
    )


def test_where_nothing_is_near_nothing_is_suggested() -> None:
    assert did_you_mean("frobnicate", ["t_relay"]) == ""


def test_a_name_that_does_not_exist_is_an_attribute_error_too() -> None:
    assert issubclass(NoSuchName, AttributeError)
    assert issubclass(NoSuchName, LabError)


@pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "99999999999", "١"])
def test_what_is_no_number_is_bad_and_names_its_header(text: str) -> None:
    with pytest.raises(BadMessage, match="Expires is not a number"):
        parse_number(text, "Expires")


@pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "١", "1e5"])
def test_seconds_that_are_no_number_are_bad(text: str) -> None:
    with pytest.raises(BadMessage, match="Expires is not a number"):
        parse_seconds(text, "Expires")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("000", 0), (" 60 ", 60), ("00000000000060", 60), ("4294967295", LONGEST), ("4294967296", LONGEST)],
)
def test_seconds_count_up_to_what_a_header_can_say(text: str, seconds: int) -> None:
    """RFC 3261 §20.19: 0 to 2**32 - 1."""
    assert parse_seconds(text, "Expires") == seconds
    assert parse_seconds("9" * 9999, "Expires") == LONGEST


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1", Address("127.0.0.1", 5060)),
        ("127.0.0.1:5070", Address("127.0.0.1", 5070)),
        ("[::1]", Address("::1", 5060)),
        ("[::1]:5070", Address("::1", 5070)),
    ],
)
def test_an_address_reads_as_it_is_written(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize("text", ["", ":5060", "host:", "host:x", "host:99999", "host:٣"])
def test_what_is_no_address_says_what_to_write(text: str) -> None:
    with pytest.raises(LabError, match="write HOST:PORT"):
        Address.parse(text)


def test_an_ipv6_host_stands_in_brackets() -> None:
    assert [bracketed(host) for host in ("::1", "[::1]", "127.0.0.1")] == ["[::1]", "[::1]", "127.0.0.1"]


def test_a_number_has_ten_digits_at_most() -> None:
    assert parse_number(" 4294967296 ", "Expires") == 2**32
