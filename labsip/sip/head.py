"""The head of a message: its first line, and its header lines by name (RFC 3261 §7.1 to §7.3)."""

from __future__ import annotations

import re
from itertools import chain

from labsip.sip.errors import BadMessage
from labsip.sip.headers import USUAL, canonical
from labsip.sip.lines import Span, blank_line, header_lines
from labsip.sip.memo import remembered

VERSION = "SIP/2.0"
MAX_HEADERS = 2000
"""Lines read of a head; more is BadMessage (the runaway loop of lesson 3 makes some 800)."""
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+\Z")


@remembered(1024)  # there are few of them: 0.2 us instead of 1.5
def first_line(data: bytes) -> tuple[str, int | str, str]:
    """The first line as text; then status and reason, or method and Request-URI.

    Raises BadMessage if it is neither a request's nor a response's: 400, or 505 for another version of SIP.
    """
    line = decode(data.rstrip(b"\r"))
    if line[:4].upper() == "SIP/":  # §7.1: in capitals or not
        return line, *_status_line(line)
    parts = line.split(" ")
    if len(parts) != 3 or not _TOKEN.match(parts[0]) or not parts[1]:
        raise BadMessage(f"no request line: {line[:80]!r}")
    if parts[2].upper() != VERSION:
        raise BadMessage(f"version is {parts[2]!r}, not {VERSION}", 505)
    return line, parts[0], parts[1]


def _status_line(line: str) -> tuple[int, str]:
    version, _, rest = line.partition(" ")
    status, _, reason = rest.partition(" ")
    if version.upper() != VERSION or len(status) != 3 or not (status.isascii() and status.isdigit()):
        raise BadMessage(f"no status line: {line[:80]!r}")
    if not "100" <= status <= "699":
        raise BadMessage(f"no status: {status}")
    return int(status), reason


def index(raw: bytes, pos: int, end: int) -> dict[str, list[Span]]:
    """The lines of each header from `pos` to `end`, by its canonical name.

    Raises BadMessage (400) if one of them is no header line, or there are too many.
    """
    if end - pos > MAX_HEADERS and raw.count(b"\n", pos, end) > MAX_HEADERS:
        raise BadMessage(f"more than {MAX_HEADERS} header lines")
    found, others = header_lines(raw, pos, end, USUAL)
    for spelled, spans in others.items():
        name = _name(spelled)
        if not name:
            raise BadMessage(_fault(raw, spelled, spans[0]))
        found[name] = sorted(found[name] + spans) if name in found else spans
    return found


def legible(raw: bytes, pos: int) -> bytes:
    """The lines from `pos` on that are header lines, and a blank one: enough to make a refusal of."""
    end = blank_line(raw, pos - 1)[0]
    found, others = header_lines(raw, pos, len(raw) if end < 0 else end, USUAL)
    named = chain(found.values(), (spans for spelled, spans in others.items() if _name(spelled)))
    kept: list[bytes] = []
    for start, _, stop in sorted(chain.from_iterable(named))[:MAX_HEADERS]:
        kept += [line.removesuffix(b"\r") for line in raw[start:stop].removesuffix(b"\n").split(b"\n")]
    return b"\r\n".join([*kept, b"", b""])


@remembered(1024)
def _name(spelled: bytes) -> str:
    """A header's canonical name, "" if it is none."""
    text = decode(spelled).rstrip(" \t")  # §25.1: HCOLON
    return canonical(text) if _TOKEN.match(text) else ""


def _fault(raw: bytes, spelled: bytes, span: Span) -> str:
    """What is wrong with a line that is no header line."""
    if spelled:
        name = decode(spelled).rstrip(" \t")
        return f"no header name: {name[:60]!r}"
    line = raw[span[0] : span[2]].partition(b"\n")[0]
    return f"no header line: {line[:60]!r}"


def decode(data: bytes) -> str:
    """Bytes as text; those that are not UTF-8 come back as they were when it is encoded."""
    return data.decode("utf-8", "surrogateescape")


def unfold(text: str) -> str:
    """A value that goes over several lines, in one (§7.3.1)."""
    return " ".join(part.strip() for part in text.split("\n"))
