"""What a proxy that keeps the RFC must not forward (RFC 3261 §16.3), and what may not trouble it."""

from __future__ import annotations

import pytest

from labsip.sip.message import Request
from labsip.steps import STEPS
from labsip.vocabulary import location
from tests.ends import Bench, End

Line = tuple[str, str]


def phones(step: str = "full") -> tuple[Bench, End, End]:
    """106, and 108 who is registered and has heard nothing else."""
    bench = Bench(STEPS[step], domains=("lab.example",))
    alice, bob = bench.end("106"), bench.end("108")
    bob.register()
    bob.heard.clear()
    return bench, alice, bob


def said(alice: End, bob: End, request: Request | bytes) -> str:
    """`relayed` if it came to 108, else what its sender heard, "" for nothing."""
    before = len(bob.heard)
    heard = alice.send(request)
    return "relayed" if len(bob.heard) > before else ", ".join(heard)


def with_line(request: Request, line: bytes) -> bytes:
    """The request with these bytes behind its last header line."""
    return request.raw[: request.head_end] + line + request.raw[request.head_end :]


# --- lines that are no header -------------------------------------------------------------------------------------

NO_HEADERS = [
    b"This line has no colon\r\n",
    b": no name\r\n",
    b"na me: x\r\n",
    b"X(a): x\r\n",
    b"\xff: x\r\n",
    b"x\r\n y: z\r\n",
]


@pytest.mark.parametrize("line", NO_HEADERS)
def test_a_line_that_is_no_header_is_answered_400(line: bytes) -> None:
    _, alice, bob = phones()
    request = alice.request("MESSAGE", to="<sip:108@127.0.10.1>")
    assert said(alice, bob, with_line(request, line)) == "400 Bad Request (MESSAGE)"
    answer = alice.response(400)
    assert [answer.get(name) for name in ("From", "Call-ID", "CSeq")] == [
        request.get(name) for name in ("From", "Call-ID", "CSeq")
    ]
    assert answer.to.tag
    assert line not in answer.raw


@pytest.mark.parametrize("line", NO_HEADERS)
def test_in_a_lesson_it_is_dropped_as_in_kamailio(line: bytes) -> None:
    _, alice, bob = phones("cancel")
    assert said(alice, bob, with_line(alice.request("MESSAGE"), line)) == ""


def test_the_same_line_above_all_others_is_answered_too() -> None:
    _, alice, bob = phones()
    request = alice.request("MESSAGE")
    at = request.head_start
    assert (
        said(alice, bob, request.raw[:at] + b" folded onto nothing\r\n" + request.raw[at:])
        == "400 Bad Request (MESSAGE)"
    )


@pytest.mark.parametrize("cut", [2, 4])
def test_a_message_without_a_blank_line_at_its_end_is_answered_400(cut: int) -> None:
    _, alice, bob = phones()
    assert said(alice, bob, alice.request("MESSAGE").raw[:-cut]) == "400 Bad Request (MESSAGE)"


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_without_what_an_answer_must_bear_it_is_dropped(name: str) -> None:
    _, alice, bob = phones()
    request = alice.request("MESSAGE")
    line = request.first(name)
    assert said(alice, bob, request.raw[: line.start] + b"no header\r\n" + request.raw[line.stop :]) == ""


def test_nobody_answers_an_ack_nor_a_response() -> None:
    _, alice, bob = phones()
    assert said(alice, bob, with_line(alice.request("ACK"), b"no header\r\n")) == ""
    assert said(alice, bob, b"SIP/2.0 200 OK\r\nno header\r\n\r\n") == ""


# --- one value, and none ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        ("From", "<sip:106@h>;tag=a,<sip:x@y>;tag=z"),
        ("From", "<sip:106@h>;tag=a,"),
        ("From", "sip:106@h;tag=a, sip:x@y"),
        ("To", "<sip:108@127.0.10.1>, <sip:x@y>"),
        ("To", "Watson, Thomas <sip:108@127.0.10.1>"),
        ("Call-ID", "a, b"),
        ("CSeq", "1 MESSAGE, 2 MESSAGE"),
        ("CSeq", "1 MESSAGE,"),
        ("Max-Forwards", "70, 70"),
        ("Content-Type", "text/plain, application/sdp"),
    ],
)
def test_a_list_where_one_value_is_allowed_is_answered_400(line: Line) -> None:
    bench, alice, _ = phones()
    [answer] = bench.deliver(alice.request("MESSAGE", headers=[line]).raw, alice.address)
    assert answer.data.startswith(b"SIP/2.0 400 ")


def test_two_lengths_in_one_line_are_answered_400() -> None:
    _, alice, bob = phones()
    data = alice.request("MESSAGE").raw.replace(b"Content-Length: 0", b"l: 0, 0")
    assert said(alice, bob, data) == "400 Bad Request (MESSAGE)"


@pytest.mark.parametrize(
    "line",
    [
        ("From", '"Bell, A." <sip:106@h;x=1>;tag=a;y="1, 2"'),
        ("To", "<sip:1,2@127.0.10.1>"),
        ("Content-Type", 'multipart/mixed; boundary="a, b"'),
        ("Date", "Sat, 13 Nov 2010 23:29:00 GMT"),
    ],
)
def test_a_comma_in_quotes_or_angles_makes_no_list(line: Line) -> None:
    _, alice, bob = phones()
    assert said(alice, bob, alice.request("MESSAGE", headers=[line])) == "relayed"


@pytest.mark.parametrize("value", ["", ",", " , "])
def test_a_list_of_extensions_that_names_none_asks_for_none(value: str) -> None:
    _, alice, bob = phones()
    lines = [("Require", value), ("Supported", value)]
    assert said(alice, bob, alice.request("MESSAGE", headers=lines)) == "relayed"
    required = alice.request("MESSAGE", headers=[("Proxy-Require", value)])
    assert said(alice, bob, required) == "400 Bad Proxy Require Header (MESSAGE)"


def test_all_lines_of_a_list_count_and_all_unknown_extensions_are_named() -> None:
    _, alice, bob = phones()
    lines = [("Proxy-Require", "foo, "), ("Proxy-Require", ",bar")]
    assert said(alice, bob, alice.request("MESSAGE", headers=lines)) == "420 Bad Extension (MESSAGE)"
    assert alice.response(420).get("Unsupported") == "foo, bar"


@pytest.mark.parametrize("value", ["", ",", " ,, "])
def test_an_address_that_must_be_there_and_is_empty_is_answered_400(value: str) -> None:
    bench, alice, bob = phones()
    assert alice.register(value or " ") == ["400 Bad Contact URI (REGISTER)"]
    assert said(alice, bob, alice.request("MESSAGE", via=value or " ")) == "400 Bad Request (MESSAGE)"
    within = alice.request("BYE", to="<sip:108@127.0.10.1>;tag=b", headers=[("Route", value)])
    assert said(alice, bob, within) == "400 Bad Request (BYE)"
    assert len(location(bench.proxy, bench.now)) == 1


# --- display names ------------------------------------------------------------------------------------------------


ODD = [":", "a:b", "Bob (home)", "[a]", "a@b", 'a"b"', 'a "b, c" d']
"""Names no address may bear without quotes."""


@pytest.mark.parametrize("name", [*ODD, "a, b"])
@pytest.mark.parametrize("header", ["From", "To"])
def test_a_display_name_that_needs_quotes_is_answered_400(header: str, name: str) -> None:
    _, alice, bob = phones()
    request = alice.request("MESSAGE", headers=[(header, f"{name} <sip:108@127.0.10.1>")])
    assert said(alice, bob, request) == "400 Bad Request (MESSAGE)"


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("header", ["Contact", "Route", "Path"])
def test_so_is_one_in_a_list(header: str, name: str) -> None:
    bench, alice, bob = phones()
    lines = [(header, f"<sip:127.0.10.1;lr>, {name} <sip:127.0.10.1;lr>"), ("Contact", "<sip:106@127.0.10.106>")]
    assert said(alice, bob, alice.request("MESSAGE", headers=lines)) == "400 Bad Request (MESSAGE)"
    request = alice.request("REGISTER", "sip:127.0.10.1", to="<sip:106@127.0.10.1>", headers=lines)
    assert said(alice, bob, request) == "400 Bad Request (REGISTER)"
    assert len(location(bench.proxy, bench.now)) == 1


@pytest.mark.parametrize("name", ["", "Bob", "A. Bell-Smith ", '"a: (b), c"', '""', "J\u00fcrgen M\u00fcller "])
def test_other_display_names_are_nothing_to_it(name: str) -> None:
    _, alice, bob = phones()
    contact, sender, called = (f"{name}<sip:{user}@127.0.10.1>" for user in ("106", "106", "108"))
    lines = [("Contact", contact), ("From", f"{sender};tag=a"), ("To", called)]
    assert said(alice, bob, alice.request("MESSAGE", headers=lines)) == "relayed"
