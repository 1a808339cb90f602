"""Flows written as a story, with whole messages: what no capture at hand shows."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from labsip.flow.rows import Flow
from labsip.sip.build import build_request, build_response
from labsip.sip.headers import PHRASES
from labsip.sip.message import Request, parse_message
from labsip.sip.transport import Address
from labsip.trace import DatagramRow

Header = tuple[str, str]

PARTIES = {
    "proxy": Address("192.0.2.1"),
    "106": Address("198.51.100.6"),
    "108": Address("198.51.100.8"),
    "109": Address("203.0.113.9"),
}
"""Public addresses: those of examples (RFC 5737)."""


class Story:
    """Messages one after the other, a millisecond apart; `wait` lets more time pass."""

    def __init__(self, parties: dict[str, Address] | None = None) -> None:
        self.parties = PARTIES if parties is None else parties
        self._passed: list[DatagramRow] = []
        self._t = 0.0

    def wait(self, seconds: float) -> None:
        """Nothing happens for so long."""
        self._t += seconds

    def request(
        self,
        src: str,
        dst: str,
        method: str,
        *,
        over: DatagramRow | None = None,
        cseq: int = 1,
        call_id: str = "c",
        branch: str = "",
        caller: str = "106",
        callee: str = "108",
        to_tag: str = "",
        headers: Iterable[Header] = (),
        body: bytes = b"",
    ) -> DatagramRow:
        """A request. over: the one it was as it came to src, whose Vias it keeps."""
        vias = [f"SIP/2.0/UDP {self.parties[src]};rport;branch={branch or f'z9hG4bK{len(self._passed)}'}"]
        vias += parse_message(over.raw).values("Via") if over else []
        lines = [
            *(("Via", via) for via in vias),
            ("From", f"<sip:{caller}@example.com>;tag=a"),
            ("To", f"<sip:{callee}@example.com>" + (f";tag={to_tag}" if to_tag else "")),
            ("Call-ID", call_id),
            ("CSeq", f"{cseq} {method}"),
            *headers,
        ]
        return self.passed(src, dst, build_request(method, f"sip:{callee}@example.com", lines, body).raw)

    def response(
        self, to: DatagramRow, status: int, *, headers: Iterable[Header] = (), body: bytes = b""
    ) -> DatagramRow:
        """A response, back to where its request came from."""
        request = parse_message(to.raw)
        assert isinstance(request, Request)
        answer = build_response(request, status, PHRASES[status], to_tag="b", headers=headers, body=body)
        return self.passed(self.name(to.dst), self.name(to.src), answer.raw)

    def again(self, *what: DatagramRow) -> None:
        """The same once more."""
        for one in what:
            self.passed(self.name(one.src), self.name(one.dst), one.raw)

    def passed(self, src: str, dst: str, raw: bytes, *, lost: bool = False) -> DatagramRow:
        """Any bytes."""
        self._t += 0.001
        ends = self.parties[src], self.parties[dst]
        self._passed.append(DatagramRow(len(self._passed), self._t, *ends, raw, None, None, lost))
        return self._passed[-1]

    def name(self, address: Address) -> str:
        """Who is there."""
        return next(name for name, known in self.parties.items() if known == address)

    @property
    def flow(self) -> pd.DataFrame:
        """All of it as a flow."""
        return Flow.of_datagrams(self._passed, {address: name for name, address in self.parties.items()}).table()


def sdp(host: str, port: int = 40000, *more: str) -> bytes:
    """A session description with one voice stream."""
    lines = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0", f"m=audio {port} RTP/AVP 0", *more]
    return "".join(f"{line}\r\n" for line in lines).encode()


SDP = ("Content-Type", "application/sdp")
