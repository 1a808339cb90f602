"""What a row says of a message, found without a parser where it is spelled as nearly all messages are.

A capture file has a hundred thousand of them, and to find three lines takes a fifth of the time it takes to
scan them all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from labsip.sip.errors import BadMessage
from labsip.sip.message import Request, Response, parse_message

_CALL_ID, _CSEQ, _VIA, _BRANCH = b"\r\nCall-ID: ", b"\r\nCSeq: ", b"\r\nVia: SIP/2.0/", b";branch="
_FOLDED = (9, 32)  # a line that begins with white space goes on with the one before it (RFC 3261 §7.3.1)


def skim(raw: bytes) -> tuple[bytes, str, str, str] | None:
    """The first line, Call-ID, CSeq and topmost branch; None where one is absent, or is not spelled plainly.

    Of a message with damaged headers, which the parser refuses, it may say what it finds.
    """
    find = raw.find
    first, end = find(b"\r\n"), find(b"\r\n\r\n")
    call_id, cseq, via = find(_CALL_ID, 0, end), find(_CSEQ, 0, end), find(_VIA, 0, end)
    if first <= 0 or end < 0 or call_id < 0 or cseq < 0 or via < 0:
        return None
    if via > first and (find(b"\r\nv", 0, via) >= 0 or find(b"\r\nV", 0, via) >= 0):
        return None  # there may be another Via above it
    call_id_end, cseq_end, via_end = find(b"\r\n", call_id + 2), find(b"\r\n", cseq + 2), find(b"\r\n", via + 2)
    if raw[call_id_end + 2] in _FOLDED or raw[cseq_end + 2] in _FOLDED or raw[via_end + 2] in _FOLDED:
        return None
    top = raw[via:via_end]
    if b"," in top or b'"' in top:
        return None
    ids = (
        _text(raw[call_id + len(_CALL_ID) : call_id_end]),
        _text(raw[cseq + len(_CSEQ) : cseq_end]),
        _text(top.partition(_BRANCH)[2].partition(b";")[0]),
    )
    return (raw[:first], *ids) if all(ids) else None


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
        summary = "unreadable" if raw.strip(b"\r\n") else "keepalive"  # RFC 5626 §3.5.1
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
