"""Messages out of a byte stream (RFC 3261 §18.3): Content-Length says where each ends."""

from __future__ import annotations

import re
from zlib import crc32

from labsip.sip.build import build_response
from labsip.sip.errors import BadMessage
from labsip.sip.lines import blank_line, named_lines
from labsip.sip.message import Request, parse_message
from labsip.sip.transport import Address
from labsip.sip.uri import find_param

PING = b"\r\n\r\n"
"""What a peer sends to keep a connection open (RFC 5626 §3.5.1)."""
PONG = b"\r\n"
"""The answer to it."""
MAX_LINE = 8_192
"""Bytes of a first line."""
MAX_HEAD = 65_536
"""Bytes up to the blank line that ends the headers."""
MAX_MESSAGE = 131_072
"""Bytes of a message, body included."""

_first_line = re.compile(rb"(?:SIP/\d+\.\d+ \d{3}[^\n]*|[^\s]+ [^\r\n]*SIP/\d+\.\d+[ \t]*\r?)\n", re.IGNORECASE).match

HTTP_LINE = re.compile(rb"([!-~]{1,32}) ([!-~\x80-\xff]+) (HTTP/\d\.\d)\r?\n", re.IGNORECASE)
"""The first line of an HTTP request: method, URL, version."""


class Framing:
    """Takes the bytes of one direction of a connection, in order and in pieces of any size.

    http: a request of HTTP is a message, too. Its Content-Length may be missing.
    """

    def __init__(self, *, http: bool = False) -> None:
        self._http = http
        self.fault: BadMessage | None = None
        """Why the stream can't be read any further: nobody knows where the next message begins."""
        self.refused = b""
        """The head of the message that caused it, if it was read that far."""
        self.ended = False
        """Whether the other end has said that nothing more will come; a plain stream has no way to say so."""
        self._buffer = bytearray()
        self._size = 0  # of the message the buffer begins with, 0 while that is not known
        self._scanned = 0

    @property
    def begun(self) -> bool:
        """Whether a message has arrived in part."""
        return not PING.startswith(self._buffer[: len(PING)])

    @property
    def held(self) -> int:
        """How many bytes of it have arrived."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes; returns what is complete now, in order: messages, and PING for each ping.

        After a `fault` it returns nothing.
        """
        whole: list[bytes] = []
        if self.fault is not None:
            return whole
        self._buffer += data
        try:
            while (found := self._next()) is not None:
                whole.append(found)
        except BadMessage as bad:
            self.fault = bad.with_traceback(None)  # the traceback leads back here: a circle
            self._buffer.clear()
        return whole

    def answers(self) -> bytes:
        """What the framing itself has to send: nothing."""
        return b""

    def wrap(self, data: bytes) -> bytes:
        """A message as it goes over the connection: as it is."""
        return data

    def _next(self) -> bytes | None:
        """What the buffer begins with, taken out of it; None if that is not complete. Raises BadMessage for a fault."""
        buffer = self._buffer
        if not self._size:
            while buffer.startswith(PONG) and not PING.startswith(buffer[:4]):
                del buffer[: len(PONG)]  # line ends before a message mean nothing (§7.5)
            if PING.startswith(buffer[:4]):
                return self._take(len(PING)) if len(buffer) >= len(PING) else None
            self._size = self._measure()
        return self._take(self._size) if 0 < self._size <= len(buffer) else None

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._size = self._scanned = 0
        return taken

    def _measure(self) -> int:
        """Bytes of the message that has begun, 0 while its head is not complete."""
        buffer = self._buffer
        if buffer.find(b"\n", 0, MAX_LINE) < 0 and len(buffer) < MAX_LINE:
            return 0
        first = _first_line(buffer, 0, MAX_LINE)
        is_http = False
        if not first and self._http:
            first = HTTP_LINE.match(buffer, 0, MAX_LINE)
            is_http = first is not None
        if not first:
            raise BadMessage("This is no SIP")
        end, size = blank_line(buffer, self._scanned)
        size = len(buffer) if end < 0 else size
        if size > MAX_HEAD:
            raise BadMessage("Headers are too long", 513)
        if end < 0:
            self._scanned = max(0, size - len(PONG))
            return 0
        head = bytes(buffer[:size])
        self.refused = b"" if is_http else head
        size += _http_length(head, first.end(), end) if is_http else _content_length(head, first.end(), end)
        if size > MAX_MESSAGE:
            raise BadMessage(f"Message is longer than {MAX_MESSAGE} bytes", 513)
        self.refused = b""
        return size


def _content_length(head: bytes, first: int, end: int) -> int:
    """Over a stream it must be there (§20.14). Raises BadMessage if it is not, or is no number, or two."""
    found = {
        head[colon + 1 : stop].strip() for _, colon, stop in named_lines(head, first, end, b"content-length", b"l")
    }
    if not found:
        raise BadMessage("Content-Length is missing")
    length = found.pop()
    if found or not length.isdigit() or len(length) > 9:
        raise BadMessage("Content-Length is no number")
    return int(length)


def _http_length(head: bytes, first: int, end: int) -> int:
    """0 where it is missing. Raises BadMessage for a body whose end only its own text tells."""
    if named_lines(head, first, end, b"transfer-encoding"):
        raise BadMessage("Transfer-Encoding is not taken")
    if not named_lines(head, first, end, b"content-length"):
        return 0
    return _content_length(head, first, end)


def alias_of(data: bytes, source: Address) -> Address | None:
    """The address a request asks to be known by, besides that of its connection (`alias` in its Via, RFC 5923 §5).

    None if it asks for none, or for another host than its own: nobody may ask on behalf of somebody else.
    """
    try:
        request = parse_message(data)
        if not isinstance(request, Request) or find_param(request.via.params, "alias") is None:
            return None
        asked = request.via._replace(params=()).reply_address
    except BadMessage:
        return None
    return source._replace(port=asked.port) if asked.host == source.host else None


def refusal(head: bytes, fault: BadMessage) -> bytes | None:
    """The response to a request without a known end (§18.3); None if nobody waits for it, or it can't be built."""
    try:
        request = parse_message(head)
        if not isinstance(request, Request) or request.method == "ACK":
            return None
        _ = request.via, request.from_, request.to, request.call_id, request.cseq
    except BadMessage:
        return None
    return build_response(request, fault.status, fault.reason, to_tag=f"{crc32(head):08x}").raw
