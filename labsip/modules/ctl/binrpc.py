"""binrpc, what kamcmd speaks: packets out of a stream of bytes, values out of a packet, and back (Kamailio's ctl).

A packet is a head and records. The head: 0xA1; type, and how long the two after it are; the length of the records; a
cookie, which the answer repeats. A record: a byte of type and size, then as many bytes. A size beyond 7 stands behind
that byte, and the byte says in how many. Numbers are big-endian, in as few bytes as they need; a fraction is its
thousandths; texts end in a NUL. Structures and arrays look alike: a beginning, records with or without a name before
them, an end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from labsip.proxy.rpc import Named, RpcFault, Value

MAGIC = 0xA1
"""Its first half says binrpc, the second version 1."""
REQUEST, REPLY, FAULT = 0, 1, 3
INT, STR, DOUBLE, STRUCT, ARRAY, NAME, BYTES = range(7)
LONG = 0x80
"""Of a record's first byte: its size stands behind. Of a structure's: it ends here."""
MOST = 65_536
"""Bytes of the records of a request."""
DEEPEST = 64
"""Structures within each other that are read."""
NULL = "<null string>"
"""How a text is written that is not there."""


class Packet(NamedTuple):
    """One packet."""

    kind: int
    cookie: bytes
    body: bytes


class PacketReader:
    """Takes the bytes of one direction, in order and in pieces of any size."""

    def __init__(self, most: int = MOST) -> None:
        self.fault = False
        """Whether it can't be read any further."""
        self.cookie = b"\0"
        """Of the packet that was the fault, where that was read."""
        self._most = most
        self._buffer = bytearray()

    @property
    def begun(self) -> bool:
        """Whether part of a packet is there."""
        return bool(self._buffer)

    def feed(self, data: bytes, *kinds: int) -> list[Packet]:
        """Take the next bytes; returns the packets that are whole now. One of another kind than these is a fault."""
        found: list[Packet] = []
        if not self.fault:
            self._buffer += data
        while not self.fault and (packet := self._next(kinds)) is not None:
            found.append(packet)
        return found

    def _next(self, kinds: Sequence[int]) -> Packet | None:
        buffer = self._buffer
        if buffer[:1] and buffer[0] != MAGIC:
            self._fail()
        if len(buffer) < 2:
            return None
        kind, sizes, cookies = buffer[1] >> 4, (buffer[1] >> 2 & 3) + 1, (buffer[1] & 3) + 1
        start = 2 + sizes + cookies
        if len(buffer) < start:
            return None
        size, cookie = int.from_bytes(buffer[2 : 2 + sizes], "big"), bytes(buffer[2 + sizes : start])
        if kind not in kinds or size > self._most:
            self._fail(cookie)
        if len(buffer) < start + size:
            return None
        packet = Packet(kind, cookie, bytes(buffer[start : start + size]))
        del buffer[: start + size]
        return packet

    def _fail(self, cookie: bytes = b"\0") -> None:
        self.fault, self.cookie = True, cookie
        self._buffer.clear()


# --- values into bytes --------------------------------------------------------------------------------------


def packet(kind: int, cookie: bytes, body: bytes) -> bytes:
    """A packet as it is sent."""
    size = _digits(len(body)) or b"\0"
    return bytes((MAGIC, kind << 4 | (len(size) - 1) << 2 | len(cookie) - 1)) + size + cookie + body


def request(name: str, arguments: Sequence[Value], cookie: bytes = b"\0\0\0\1") -> bytes:
    """What asks for a command."""
    return packet(REQUEST, cookie, encoded([name, *arguments]))


def reply(values: Sequence[Value], cookie: bytes) -> bytes:
    """What answers values."""
    return packet(REPLY, cookie, encoded(values))


def refusal(fault: RpcFault, cookie: bytes) -> bytes:
    """What answers that it can't be done."""
    return packet(FAULT, cookie, encoded([fault.code, fault.reason]))


def encoded(values: Sequence[Value | Named]) -> bytes:
    """Records of these values."""
    return b"".join(map(_record, values))


def _record(value: Value | Named) -> bytes:
    match value:
        case Named():
            return _sized(NAME, _text(value.name)) + _record(value.value)
        case None:
            return _sized(STR, _text(NULL))
        case str():
            return _sized(STR, _text(value))
        case int():
            return _sized(INT, _number(value))
        case float():
            return _fraction(round(value * 1000))
        case Mapping():
            inner: Sequence[Value | Named] = [Named(name, one) for name, one in value.items()]
        case _:
            inner = value
    return bytes((STRUCT,)) + encoded(inner) + bytes((LONG | STRUCT,))


def _sized(kind: int, data: bytes) -> bytes:
    if len(data) < 8:
        return bytes((len(data) << 4 | kind,)) + data
    size = _digits(len(data))
    return bytes((LONG | len(size) << 4 | kind,)) + size + data


def _text(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape").replace(b"\0", b"") + b"\0"


def _fraction(thousandths: int) -> bytes:
    """Below zero it takes eight bytes, more than the size can say: so Kamailio writes it, and kamcmd reads it."""
    if thousandths < 0:
        return bytes((LONG | DOUBLE,)) + (thousandths & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big")
    return _sized(DOUBLE, _digits(thousandths & 0x7FFFFFFF))


def _digits(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _number(number: int) -> bytes:
    """32 bits, as Kamailio has them; a number below zero takes all of them."""
    return _digits(number & 0xFFFFFFFF)


# --- bytes into values --------------------------------------------------------------------------------------


class Misread(ValueError):
    """A record that can't be read; Kamailio's words for why."""


def decoded(body: bytes) -> list[Value]:
    """The values of a packet; what stands behind one that can't be read is left out."""
    values: list[Value] = []
    reader = _Records(body)
    try:
        while not reader.at_end:
            values.append(reader.value())
    except Misread:
        pass
    return values


def name_of(body: bytes) -> str:
    """The command that a request asks for. Raises Misread."""
    if not body:
        raise Misread("end of packet encountered")
    name = _Records(body).value()
    if not isinstance(name, str):
        raise Misread("record doesn't match type")
    return name


class _Records:
    """The records of one packet, one after the other."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._place = 0

    @property
    def at_end(self) -> bool:
        return self._place >= len(self._body)

    def value(self, depth: int = 0) -> Value:
        """The next value. Raises Misread."""
        kind, data = self._next()
        match kind:
            case _ if kind == INT:
                return _signed(data)
            case _ if kind == DOUBLE:
                return _signed(data) / 1000
            case _ if kind in (STR, BYTES):
                return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")
            case _ if kind in (STRUCT, ARRAY) and not data and depth < DEEPEST:
                return _gathered(list(self._inner(depth + 1)))
        raise Misread("record doesn't match type")

    def _inner(self, depth: int) -> Iterator[Value | Named]:
        while not self._ends():
            if not self.at_end and self._body[self._place] & 0xF == NAME:
                name = self._next()[1].partition(b"\0")[0].decode("utf-8", "surrogateescape")
                yield Named(name, self.value(depth))
            else:
                yield self.value(depth)

    def _ends(self) -> bool:
        if not self.at_end and self._body[self._place] in (LONG | STRUCT, LONG | ARRAY):
            self._place += 1
            return True
        return False

    def _next(self) -> tuple[int, bytes]:
        first = self._take(1)[0]
        kind, size = first & 0xF, first >> 4 & 7
        if first & LONG and kind == DOUBLE and not size:
            size = 8  # what Kamailio writes of a fraction below zero, which needs eight bytes
        elif first & LONG and kind not in (STRUCT, ARRAY):
            size = int.from_bytes(self._take(size), "big")
        elif first & LONG:
            raise Misread("record doesn't match type")
        return kind, self._take(size)

    def _take(self, size: int) -> bytes:
        if self._place + size > len(self._body):
            raise Misread("more data needed")
        self._place += size
        return self._body[self._place - size : self._place]


def _signed(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=len(data) in (4, 8))


def _gathered(inner: list[Value | Named]) -> Value:
    """A structure, where each has a name of its own; else a list."""
    named = [one for one in inner if isinstance(one, Named)]
    fields = {one.name: one.value for one in named}
    return fields if inner and len(fields) == len(inner) else inner
