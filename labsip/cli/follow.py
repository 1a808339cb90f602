"""A ladder in characters from a capture that is still being made: `tcpdump -w - | labsip ladder -`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from labsip.flow.media import media_of
from labsip.flow.skim import fields_of
from labsip.pcap.names import party_names
from labsip.pcap.read import Capture
from labsip.sip.transport import Address
from labsip.view.layout import Arrow
from labsip.view.text import LadderFeed

REMEMBERED = 10_000
"""Messages in which a repeat is looked for."""


def follow(capture: Capture, names: Mapping[str, str], call_id: str = "", *, sdp: bool = False) -> Iterator[str]:
    """The lines of the ladder, as soon as there is something to say.

    names: host or host:port → party. call_id: only of calls whose Call-ID begins so. sdp: with the media.
    """
    ladder, parties, again = LadderFeed(), _Parties(capture, names), _Again()
    for one in capture:
        _method, _status, summary, kind, of_call, _cseq, _branch = fields_of(one.raw)
        if not of_call.startswith(call_id):
            continue
        repeat = again.seen((one.src, one.dst, one.raw))
        note = media_of(one.raw) if sdp else ""
        arrow = Arrow(0.0, 0, 0, summary, kind, one.t, one.t, (one.row,), repeat, note=note)
        yield from ladder.lines(parties.name(one.src), parties.name(one.dst), arrow)


class _Parties:
    """Names as they are needed: nobody knows yet whether a host will use another port."""

    def __init__(self, capture: Capture, names: Mapping[str, str]) -> None:
        self._capture = capture
        self._given = names
        self._names: dict[Address, str] = {}
        self._first: dict[str, Address] = {}

    def name(self, address: Address) -> str:
        """By the host, as `read_pcap` does; a host's second port is a party of its own, unless it only called."""
        if address not in self._names:
            name = party_names([address], self._given, self._capture.hosts)[address]
            first = self._first.setdefault(address.host, address)
            other = name == address.host and first != address and address not in self._capture.callers
            self._names[address] = str(address) if other else name
        return self._names[address]


class _Again:
    """Whether the same bytes went the same way before, not too long ago."""

    def __init__(self) -> None:
        self._order: deque[int] = deque(maxlen=REMEMBERED)
        self._known: set[int] = set()

    def seen(self, way: tuple[Address, Address, bytes]) -> bool:
        """True the second time."""
        key = hash(way)
        if key in self._known:
            return True
        if len(self._order) == REMEMBERED:
            self._known.discard(self._order[0])
        self._order.append(key)
        self._known.add(key)
        return False
