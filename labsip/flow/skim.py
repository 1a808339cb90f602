"""What a row says of a message, found without a parser where it is spelled as nearly all messages are.

A capture file has a hundred thousand of them, and to find three lines takes a fifth of the time it takes to
scan them all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from labsip.sip.errors import BadMessage
from labsip.sip.lines import find_line
from labsip.sip.message import Request, Response, parse_message


def skim(raw: bytes) -> tuple[bytes, str, str, str] | None:
    """The first line, Call-ID, CSeq and topmost branch; None where one is absent, or is not spelled plainly.

    Of a message with damaged headers, which the parser refuses, it may say what it finds.
    """
    first = raw.find(b"\n") + 1
    if first <= 2:
        return None
    via = find_line(raw, first, b"\nVia:")
    call_id = find_line(raw, first, b"\nCall-ID:")
    cseq = find_line(raw, first, b"\nCSeq:")
    if via is None or call_id is None or cseq is None:
        return None
    if via[0] > first and (raw.find(b"\nv", first - 1, via[0]) >= 0 or raw.find(b"\nV", first - 1, via[0] - 1) >= 0):
        return None  # there may be another Via above it
    top = raw[via[1] + 1 : via[2]]
    if b"," in top or b'"' in top or top.count(b"\n") > 1:
        return None
    branch = top.partition(b";branch=")[2].partition(b";")[0]
    ids = _text(raw[call_id[1] + 1 : call_id[2]]), _text(raw[cseq[1] + 1 : cseq[2]]), _text(branch)
    return (raw[:first].rstrip(b"\r\n"), *ids) if all(ids) else None


@lru_cache(maxsize=4096)
def _text(value: bytes) -> str:
    """ "" if a terminal would not show it as it is. The same object each time, for a table has it many times."""
    text = value.decode("latin-1").strip()
    return text if text.isascii() and text.isprintable() and "  " not in text else ""


_FirstLine = tuple[str, int | None, str, str]
"""Method, status, summary, kind."""


def fields_of(raw: bytes) -> tuple[str, int | None, str, str, str, str, str]:
    """The columns of a flow from method to branch, as far as a datagram can be read."""
    try:
        if (found := skim(raw)) is not None:
            first, call_id, cseq, branch = found
            return *_first_line(first, cseq), call_id, cseq, branch
        message = parse_message(raw)
    except BadMessage:
        summary = "unreadable" if raw.strip(b"\r\n\0") else "keepalive"  # RFC 5626 §3.5.1; nathelper's are of zeros
        return "", None, summary, "other", "", "", ""
    cseq = " ".join(_readable(lambda: message.get("CSeq")).split())
    ids = (_readable(lambda: message.get("Call-ID")), cseq, _readable(lambda: message.branch))
    return *_shown(message, cseq), *ids


@lru_cache(maxsize=4096)
def _first_line(line: bytes, cseq: str) -> _FirstLine:
    return _shown(parse_message(line + b"\r\n"), cseq)


def _shown(message: Request | Response, cseq: str) -> _FirstLine:
    if isinstance(message, Request):
        method = printable(message.method)
        return method, None, method, "request"
    method = cseq.rpartition(" ")[2]
    summary = printable(message.summary) + ("" if method in ("", "INVITE") else f" ({method})")
    return method, message.status, summary, kind_of(message)


def kind_of(response: Response) -> str:
    """provisional, success or failure; a redirection did not succeed either."""
    return "provisional" if response.status < 200 else "success" if response.status < 300 else "failure"


def _readable(read: Callable[[], str | None]) -> str:
    try:
        return printable(read() or "")
    except BadMessage:
        return ""


def body_lines(body: bytes) -> list[str]:
    """A body's lines; if it is no text, one line with its size."""
    text = body.decode("utf-8", "replace")
    if "�" in text or not all(char.isprintable() or char in "\t\r\n" for char in text):
        return [f"({len(body)} bytes that are no text)"]
    return text.splitlines()


def printable(text: str) -> str:
    """The text, with `�` for each character that no terminal and no page can show."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "�" for char in text)
