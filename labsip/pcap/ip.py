"""IPv4 and IPv6 down to what they carry (RFC 791, RFC 8200), fragments put together again."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from typing import NamedTuple

from labsip.pcap.omissions import Omissions

TCP, UDP = 6, 17
FRAGMENT_SECONDS = 60.0
"""How long a packet waits for its fragments, in the capture's time (RFC 8200 §4.5)."""
FRAGMENT_BYTES = 4 << 20
"""Memory for all waiting fragments together; beyond it the oldest go."""
MAX_FRAGMENTS = 1000
"""Of one packet; 64 KiB over a link of 1280 bytes make 54."""

_V4 = Struct(">BxHHHxBxx4s4s").unpack_from
_V6 = Struct(">4xHBx16s16s").unpack_from
_MORE, _OFFSET = 0x2000, 0x1FFF
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION = 0, 43, 44, 51, 60
_EXTENSIONS = (_HOP_BY_HOP, _ROUTING, _AUTHENTICATION, _DESTINATION)
_CARRIED = (TCP, UDP, *_EXTENSIONS)
_ROW = 500
"""Bytes that a fragment takes up besides its own."""


class Payload(NamedTuple):
    """What one IP packet carried, or several fragments of one."""

    protocol: int
    src: bytes
    """4 or 16 bytes."""
    dst: bytes
    data: bytes
    whole: bool
    """False where the capture kept less of it than was sent."""


class _Fragment(NamedTuple):
    protocol: int
    src: bytes
    dst: bytes
    ident: int | bytes
    place: int
    data: bytes
    more: bool
    whole: bool


@dataclass
class _Partial:
    since: float
    pieces: dict[int, bytes] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    size: int | None = None
    """Known once the last fragment is here."""
    taken: int = 0


class Ip:
    """Takes packets in the order of the capture; keeps the fragments that wait for others."""

    def __init__(self, left_out: Omissions) -> None:
        self._left_out = left_out
        self._partial: dict[tuple[int, bytes, bytes, int | bytes], _Partial] = {}
        self._taken = 0

    def take(self, frame: bytes, at: int, number: int, t: float) -> Payload | None:
        """The payload of the packet at offset `at`; None where it has none, or none yet."""
        version = frame[at] >> 4 if at < len(frame) else 0
        if version == 4 and len(frame) >= at + 20:
            found: Payload | _Fragment | None = _read_v4(frame, at)
        elif version == 6 and len(frame) >= at + 40:
            found = _read_v6(frame, at)
        else:
            return None
        return self._join(found, number, t) if isinstance(found, _Fragment) else found

    def _join(self, fragment: _Fragment, number: int, t: float) -> Payload | None:
        protocol, src, dst, ident, place, data, more, whole = fragment
        if protocol not in _CARRIED or place + len(data) > 0xFFFF:
            return None
        self._make_room(t)
        key = (protocol, src, dst, ident)
        partial = self._partial.setdefault(key, _Partial(t))
        partial.numbers.append(number)
        partial.taken += len(data) + _ROW
        self._taken += len(data) + _ROW
        if whole and len(data) > len(partial.pieces.get(place, b"")) and len(partial.pieces) < MAX_FRAGMENTS:
            partial.pieces[place] = data
            if not more:
                partial.size = place + len(data)
        joined = _joined(partial)
        if joined is None:
            return None
        self._taken -= self._partial.pop(key).taken
        if len(src) == 16:
            protocol, start = _past_extensions(protocol, joined, 0)
            joined = joined[start:]
        return Payload(protocol, src, dst, joined, True)

    def _make_room(self, t: float) -> None:
        while self._partial:
            oldest = next(iter(self._partial))
            if t - self._partial[oldest].since <= FRAGMENT_SECONDS and self._taken <= FRAGMENT_BYTES:
                return
            self._give_up(oldest)

    def _give_up(self, key: tuple[int, bytes, bytes, int | bytes]) -> None:
        partial = self._partial.pop(key)
        self._taken -= partial.taken
        self._left_out.add("fragments of an IP packet; the others are missing", *partial.numbers)

    def end(self) -> None:
        """The capture is over: record the fragments that waited in vain."""
        for key in list(self._partial):
            self._give_up(key)


def _read_v4(frame: bytes, at: int) -> Payload | _Fragment:
    first, length, ident, place, protocol, src, dst = _V4(frame, at)
    # Length 0: the network card was to cut this into packets, and fill it in.
    end = at + length if length else len(frame)
    data = frame[at + (first & 0x0F) * 4 : end]
    if place & (_MORE | _OFFSET):
        more = bool(place & _MORE)
        return _Fragment(protocol, src, dst, ident, (place & _OFFSET) * 8, data, more, end <= len(frame))
    return Payload(protocol, src, dst, data, end <= len(frame))


def _read_v6(frame: bytes, at: int) -> Payload | _Fragment | None:
    length, protocol, src, dst = _V6(frame, at)
    end = at + 40 + length if length else len(frame)
    protocol, start = _past_extensions(protocol, frame, at + 40)
    if protocol != _FRAGMENT:
        return Payload(protocol, src, dst, frame[start:end], end <= len(frame))
    if len(frame) < start + 8:
        return None
    place = int.from_bytes(frame[start + 2 : start + 4], "big")
    ident, data = frame[start + 4 : start + 8], frame[start + 8 : end]
    return _Fragment(frame[start], src, dst, ident, place & 0xFFF8, data, bool(place & 1), end <= len(frame))


def _past_extensions(protocol: int, data: bytes, at: int) -> tuple[int, int]:
    """Step over IPv6 extension headers (RFC 8200 §4.1): what comes next, and where it begins."""
    while protocol in _EXTENSIONS and len(data) >= at + 8:
        size = (data[at + 1] + 2) * 4 if protocol == _AUTHENTICATION else (data[at + 1] + 1) * 8
        protocol, at = data[at], at + size
    return protocol, at


def _joined(partial: _Partial) -> bytes | None:
    """The whole payload, once every byte of it is here. Where fragments overlap, the one that begins first holds."""
    if partial.size is None or sum(map(len, partial.pieces.values())) < partial.size:
        return None
    joined = bytearray()
    for place in sorted(partial.pieces):
        if place > len(joined):
            return None
        joined += partial.pieces[place][len(joined) - place :]
    return bytes(joined[: partial.size]) if len(joined) >= partial.size else None
