"""Torture messages damaged at random: the strict proxy goes on, and answers whoever sent them once at most."""

from __future__ import annotations

from pathlib import Path
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from labsip.proxy.receive import Proxy
from labsip.sip.build import build_request
from labsip.sip.transport import Address, Datagram
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy, settings_of

FOLDER = Path(__file__).parent
MESSAGES = [path.read_bytes() for path in sorted(FOLDER.glob("*.dat"))]
HERE, SENDER, PHONE = Address("192.0.2.1"), Address("192.0.2.10"), Address("192.0.2.20")
PIECES = (
    b"",
    b"\r\n",
    b"\n ",
    b",",
    b";",
    b'"',
    b"<",
    b">",
    b":",
    b"%00",
    b"\0",
    b"\xff",
    b"9" * 20,
    b"sip:",
    b"SIP/2.0",
)

cuts = st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(PIECES))


def damaged(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """For each change so many bytes at that share of the message make way for a piece."""
    for share, length, piece in changes:
        at = int(share * len(data))
        data = data[:at] + piece + data[at + length :]
    return data


def proxy_with_a_user() -> Proxy:
    full = STEPS["full"]
    proxy = build_proxy(full, [HERE], ids=Random(1), settings=settings_of(full, domains=("example.com",)))
    lines = {
        "Via": f"SIP/2.0/UDP {PHONE};branch=z9hG4bKphone",
        "From": "<sip:user@example.com>;tag=phone",
        "To": "<sip:user@example.com>",
        "Call-ID": "phone",
        "CSeq": "1 REGISTER",
        "Contact": f"<sip:user@{PHONE}>",
    }
    proxy.receive(Datagram(build_request("REGISTER", "sip:example.com", lines.items()).raw, PHONE, HERE), 0.0)
    return proxy


@settings(max_examples=300)
@example(data=(FOLDER / "badaspec.dat").read_bytes(), changes=[(0.5, 0, b"\r\n")])  # a line that is no header
@given(data=st.sampled_from(MESSAGES), changes=st.lists(cuts, min_size=1, max_size=4))
def test_a_damaged_message_is_answered_once_at_most_and_harms_nobody(
    data: bytes, changes: list[tuple[float, int, bytes]]
) -> None:
    proxy = proxy_with_a_user()
    sent = proxy.receive(Datagram(damaged(data, changes), SENDER, HERE), 1.0)
    assert len([datagram for datagram in sent if datagram.dst.host == SENDER.host]) <= 1
    assert {datagram.dst.host for datagram in sent} <= {SENDER.host, PHONE.host}
    assert list(proxy.errors) == []
    proxy.wake(500.0)
