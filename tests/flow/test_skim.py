"""What is found at a glance is what the parser finds; what cannot be found so is left to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsip.flow.skim import skim
from labsip.pcap import Capture
from labsip.sip.message import parse_message

VIA = "Via: SIP/2.0/UDP host;rport;branch=z9hG4bK1"
PLAIN = ("OPTIONS sip:a SIP/2.0", VIA, "Call-ID: a@b", "CSeq: 1 OPTIONS", "", "body")


def written(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


def test_a_message_as_nearly_all_are_is_seen_at_a_glance() -> None:
    assert skim(written(*PLAIN)) == (b"OPTIONS sip:a SIP/2.0", "a@b", "1 OPTIONS", "z9hG4bK1")


@pytest.mark.parametrize(
    "raw",
    [
        written("OPTIONS sip:a SIP/2.0", "v: SIP/2.0/UDP new;branch=z9hG4bK2", *PLAIN[1:]),
        written("OPTIONS sip:a SIP/2.0", "VIA: SIP/2.0/UDP new;branch=z9hG4bK2", *PLAIN[1:]),
        written(PLAIN[0], VIA + ", SIP/2.0/UDP old;branch=z9hG4bK0", *PLAIN[2:]),
        written(PLAIN[0], 'Via: SIP/2.0/UDP host;x=";branch=no";branch=z9hG4bK1', *PLAIN[2:]),
        written(PLAIN[0], "Via: SIP/2.0/UDP host", " ;branch=z9hG4bK1", *PLAIN[2:]),
        written(*PLAIN[:2], "i: a@b", *PLAIN[3:5], "Call-ID: in the body"),
        written(*PLAIN[:2], "Call-ID: a", " @b", *PLAIN[3:]),
        written(*PLAIN[:3], "CSeq: 1", "\tOPTIONS", *PLAIN[4:]),
        written(*PLAIN[:3], "CSeq: 1  OPTIONS", *PLAIN[4:]),
        written(*PLAIN[:2], "Call-ID: \x1b[31m", *PLAIN[3:]),
        written(PLAIN[0], "Via: SIP/2.0/UDP host", *PLAIN[2:]),
        written(*PLAIN[:4]),
        b"\r\n" + written(*PLAIN),
        b"\r\n\r\n",
        b"",
    ],
)
def test_what_takes_a_parser_is_left_to_it(raw: bytes) -> None:
    assert skim(raw) is None


@given(st.permutations([VIA, VIA.replace("1", "2"), "Call-ID: a@b", "CSeq: 1 OPTIONS", "Route: <sip:c>"]))
def test_in_whatever_order_the_lines_stand_it_is_what_the_parser_finds(lines: list[str]) -> None:
    raw = written("OPTIONS sip:a SIP/2.0", *lines, "", "")
    message = parse_message(raw)
    assert skim(raw) == (b"OPTIONS sip:a SIP/2.0", message.call_id, message.get("CSeq"), message.branch)


def test_of_real_messages_it_is_what_the_parser_finds(shared: Callable[[str], Path]) -> None:
    seen = 0
    for file in sorted(shared("captures").glob("step5_*.pcap")):
        with file.open("rb") as opened:
            for row in Capture(opened):
                if (found := skim(row.raw)) is not None:
                    message = parse_message(row.raw)
                    assert found[1:] == (message.call_id, message.get("CSeq"), message.branch)
                    seen += 1
    assert seen > 500
