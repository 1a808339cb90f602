"""Limits that hold whatever arrives: how large a message may be (RFC 3261 §21.5.7), and what is counted as dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labsip.sip.errors import BadMessage
from labsip.sip.message import Request, Response

if TYPE_CHECKING:
    from labsip.proxy.settings import Settings

UNREADABLE, STRAY, LAST_VIA = "unreadable", "stray response", "no Via left"
STRAY_ACK, TOO_LARGE, OVERLOAD, UNANSWERED = "stray ACK", "too large", "overload", "unanswered"
"""Names in `Proxy.stats`: no SIP, or nobody to answer · a response nobody waits for, or that leads nowhere · one that
would go on without a Via · an ACK for nothing we know · beyond a limit · 503 · a request not sent, or not again, to
somebody who answers nothing. A route adds its own (`update_stat`): step full has `scanner` and `stray CANCEL`."""


def check_size(message: Request | Response, settings: Settings) -> None:
    """Raises BadMessage (513) for a message beyond the limits."""
    size = len(message.raw)
    if size > settings.max_message:
        raise BadMessage(f"{size} bytes are more than {settings.max_message}", 513)
    if size > settings.max_headers < message.raw.count(b"\n") and message.line_count > settings.max_headers:
        raise BadMessage(f"{message.line_count} header lines are more than {settings.max_headers}", 513)
    if size > settings.max_line and any(line.stop - line.start > settings.max_line for line in message.lines):
        raise BadMessage(f"a header line is longer than {settings.max_line} bytes", 513)
