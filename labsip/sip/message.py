"""SIP messages as values (RFC 3261 §7): the bytes that arrived, and what they say once somebody asks.

Only the first line is parsed at once, everything else when somebody asks for it. A message never changes: what the
proxy alters is spliced into the bytes (`proxy.lump`), so that whatever it did not touch goes out as it came in.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import NamedTuple

from labsip.sip.errors import BadMessage, parse_number, parse_seconds
from labsip.sip.head import decode, first_line, index, legible, unfold
from labsip.sip.headers import CSeq, NameAddr, Via, canonical, split_list
from labsip.sip.lines import Span, blank_line, find_line, line_end
from labsip.sip.memo import kept


class HeaderLine(NamedTuple):
    """One header line; `start` and `stop` are offsets into `raw`, `stop` past its line end."""

    name: str
    """As spelled."""
    value: str
    """Unfolded, without the white space around it."""
    start: int
    stop: int


_OWN = {"raw", "start_line", "_first", "method", "uri", "status", "reason"}


class Message:
    """What requests and responses share. `raw` is the message as bytes; it never changes."""

    def __init__(self, raw: bytes, start_line: str, first: int) -> None:
        self.raw = raw
        self.start_line = start_line
        self._first = first

    def __bytes__(self) -> bytes:
        return self.raw

    def __str__(self) -> str:
        return decode(self.raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"<{self.start_line}>"

    def forget(self) -> None:
        """Forget what was read, so that a message held for seconds takes less memory; it is read again on demand."""
        known = self.__dict__
        for name in known.keys() - _OWN:
            del known[name]

    @property
    def head_start(self) -> int:
        """Offset of the first header line."""
        return self._first

    @kept
    def head_end(self) -> int:
        """Offset of the blank line that ends the headers. Raises BadMessage if there is none."""
        end = blank_line(self.raw, self._first - 1)[0]
        if end < 0:
            raise BadMessage("the headers do not end in a blank line")
        return end

    @property
    def body_start(self) -> int:
        """Offset of the first byte behind that blank line. Raises BadMessage if there is none."""
        return self.head_end + (2 if self.raw.startswith(b"\r\n", self.head_end) else 1)

    @kept
    def index(self) -> dict[str, list[Span]]:
        """Where the lines of each header are, by its canonical name.

        Raises BadMessage (400) if one of them is no header line, or there are too many.
        """
        return index(self.raw, self._first, self.head_end)

    @property
    def line_count(self) -> int:
        """How many header lines there are. Raises BadMessage as `index` does."""
        return sum(map(len, self.index.values()))

    @kept
    def lines(self) -> tuple[HeaderLine, ...]:
        """Every header line in order (§7.3.1), unknown ones and compact forms as spelled."""
        return tuple(self._line(span) for span in sorted(chain.from_iterable(self.index.values())))

    def _line(self, span: Span) -> HeaderLine:
        start, colon, stop = span
        return HeaderLine(decode(self.raw[start:colon]).rstrip(), self._value(span), start, stop)

    def _value(self, span: Span) -> str:
        text = self.raw[span[1] + 1 : span[2]].decode("utf-8", "surrogateescape").strip()
        return unfold(text) if "\n" in text else text

    def find(self, *names: str) -> list[HeaderLine]:
        """The lines of these headers in order, whatever form of the name they use."""
        return [self._line(span) for span in self.spans(*names)]

    def spans(self, *names: str) -> list[Span]:
        """Where the lines of these headers are, in order."""
        index = self.index
        spans = [span for name in names for span in index.get(canonical(name), ())]
        return sorted(spans) if len(names) > 1 else spans

    def first(self, name: str) -> HeaderLine:
        """The first line of that header. Raises BadMessage if there is none."""
        spans = self.index.get(canonical(name))
        if spans is None:
            raise BadMessage(f"{name} header is missing")
        return self._line(spans[0])

    def count(self, name: str) -> int:
        """How many lines of that header there are."""
        return len(self.index.get(canonical(name), ()))

    def get(self, name: str) -> str | None:
        """Value of the first line of that header, None if there is none."""
        spans = self.index.get(canonical(name))
        return self._value(spans[0]) if spans else None

    def get_all(self, name: str) -> list[str]:
        """Values of all lines of that header, one a line, in order."""
        return [self._value(span) for span in self.index.get(canonical(name), ())]

    def values(self, name: str) -> list[str]:
        """Values of that header with comma-separated lines split (§7.3.1)."""
        return [value for line in self.get_all(name) for value in split_list(line)]

    def tokens(self, name: str) -> list[str]:
        """What that header lists, option tags or encodings; an empty line, or a comma alone, names nothing."""
        return [value for value in self.values(name) if value]

    def addresses(self, name: str) -> list[NameAddr]:
        """The addresses of that header that can be read, URI included; those that can't are left out."""
        found = []
        for value in self.values(name):
            with suppress(BadMessage):
                address = NameAddr.parse(value)
                _ = address.sip_uri
                found.append(address)
        return found

    def _once(self, name: bytes) -> str | None:
        """Value of a header that stands there once, found by its usual spelling alone; None: look at all of them."""
        span = find_line(self.raw, self._first, self.head_end, name)
        return None if span is None else self._value(span)

    def _need(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise BadMessage(f"{name} header is missing")
        return value

    @kept
    def top(self) -> HeaderLine:
        """The line of the topmost Via. Raises BadMessage if there is none."""
        # it is nearly always the first line: a response is passed on without a look at the others
        raw, start = self.raw, self._first
        if raw.startswith(b"Via:", start):
            stop = line_end(raw, start, len(raw))
            return HeaderLine("Via", self._value((start, start + 3, stop)), start, stop)
        return self.first("Via")

    @kept
    def via(self) -> Via:
        """The topmost Via. Raises BadMessage if there is none or it cannot be read."""
        return Via.parse(split_list(self.top.value)[0])

    @property
    def vias(self) -> list[Via]:
        """All Vias, topmost first."""
        return [Via.parse(value) for value in self.values("Via")]

    @kept
    def branch(self) -> str:
        """The topmost Via's branch, "" if it has none."""
        return self.via.branch or ""

    @kept
    def from_(self) -> NameAddr:
        """The From header (§20.20)."""
        return NameAddr.parse(self._need("From"))

    @kept
    def to(self) -> NameAddr:
        """The To header (§20.39)."""
        return NameAddr.parse(self._need("To"))

    @kept
    def cseq(self) -> CSeq:
        """The CSeq header (§20.16)."""
        if "index" in self.__dict__:
            return CSeq.parse(self._need("CSeq"))
        return CSeq.parse(self._once(b"CSeq") or self._need("CSeq"))

    @kept
    def call_id(self) -> str:
        """The Call-ID header (§20.8)."""
        return self._need("Call-ID")

    @kept
    def contacts(self) -> list[NameAddr]:
        """The Contacts; a `*` is no address, ask `values("Contact")` for it."""
        return [NameAddr.parse(value) for value in self.values("Contact") if value != "*"]

    @kept
    def routes(self) -> list[NameAddr]:
        """The Route set the message carries, next hop first (§20.34)."""
        return [NameAddr.parse(value) for value in self.values("Route")]

    @property
    def record_routes(self) -> list[NameAddr]:
        """The Record-Route set, last proxy first (§20.30)."""
        return [NameAddr.parse(value) for value in self.values("Record-Route")]

    def number(self, name: str) -> int | None:
        """A header that is a number, None if absent. Raises BadMessage (400) if it is something else."""
        value = self.get(name)
        return None if value is None else parse_number(value, name)

    @property
    def max_forwards(self) -> int | None:
        """Hops left (§20.22), None if the header is absent."""
        return self.number("Max-Forwards")

    @kept
    def content_length(self) -> int | None:
        """Length of the body by its header (§20.14), None without one. Raises BadMessage (400) if that is no number."""
        value = None if "index" in self.__dict__ else self._once(b"Content-Length")
        return self.number("Content-Length") if value is None else parse_number(value, "Content-Length")

    @property
    def expires(self) -> int | None:
        """The Expires header in seconds (§20.19), None if absent. Raises BadMessage (400) if that is no number."""
        value = self.get("Expires")
        return None if value is None else parse_seconds(value, "Expires")

    @property
    def body(self) -> bytes:
        """The body, undecoded; Content-Length cuts off whatever follows it (§18.3)."""
        body = self.raw[self.body_start :]
        return body if self.content_length is None else body[: self.content_length]


class Request(Message):
    """A request as it stands on the wire (§7.1)."""

    def __init__(self, raw: bytes, start_line: str, first: int, method: str, uri: str) -> None:
        super().__init__(raw, start_line, first)
        self.method = method
        self.uri = uri

    @property
    def summary(self) -> str:
        """What a ladder writes on the arrow: the method."""
        return self.method

    def legible(self) -> Request:
        """The request with only those header lines that can be read, and without its body: enough to refuse it."""
        raw = self.raw[: self._first] + legible(self.raw, self._first)
        return Request(raw, self.start_line, self._first, self.method, self.uri)


class Response(Message):
    """A response as it stands on the wire (§7.2)."""

    def __init__(self, raw: bytes, start_line: str, first: int, status: int, reason: str) -> None:
        super().__init__(raw, start_line, first)
        self.status = status
        self.reason = reason

    @property
    def summary(self) -> str:
        """What a ladder writes on the arrow: status and reason."""
        return f"{self.status} {self.reason}".rstrip()


def parse_message(data: bytes) -> Request | Response:
    """Bytes → message. Line ends before it are skipped (§7.5). Raises BadMessage if the first line is not SIP's."""
    raw = data.lstrip(b"\r\n")
    end = raw.find(b"\n")
    if end < 0:
        raise BadMessage("no line end after the first line")
    line, first, second = first_line(raw[:end])
    if isinstance(first, int):
        return Response(raw, line, end + 1, first, second)
    return Request(raw, line, end + 1, first, second)


def with_top_via(line: HeaderLine, *value: str) -> str:
    """The line of the topmost Via with `value` in the place of that Via, or without it; "" if nothing is left."""
    values = [*value, *split_list(line.value)[1:]]
    return f"{line.name}: {', '.join(values)}\r\n" if values else ""
