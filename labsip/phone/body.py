"""Bodies: what a phone reads of them, and which it may not leave unread (RFC 3261 §7.4, §8.2.3)."""

from __future__ import annotations

from labsip.sip.message import Message, Request
from labsip.sip.sdp import CONTENT_TYPE
from labsip.sip.uri import find_param, parse_params

Line = tuple[str, str]
TEXT = "text/plain"
KINDS = {"INVITE": CONTENT_TYPE, "UPDATE": CONTENT_TYPE, "MESSAGE": TEXT}
"""The body each method may bring; one that is not here may bring any."""
PLAIN = "identity"
"""The only Content-Encoding a phone understands: none (§20.12)."""


def refusal(request: Request) -> list[Line]:
    """Headers of the 415 for a body that must be understood and is not, empty if there is none such (§8.2.3)."""
    kind = KINDS.get(request.method)
    if kind is None or not request.body or _is_optional(request):
        return []
    accepted = [] if _kind(request) == kind else [("Accept", kind)]
    return [*accepted, ("Accept-Encoding", PLAIN)] if _is_encoded(request) else accepted


def described(message: Message) -> bytes:
    """The session description a message brings, b"" if it brings none, or one that can't be read."""
    return content(message, CONTENT_TYPE)


def content(message: Message, kind: str) -> bytes:
    """The body of a message, b"" if it is of another kind, or encoded: whoever must be told so has been."""
    known = _kind(message) in (kind, "") and not _is_encoded(message)
    return message.body if known else b""


def _kind(message: Message) -> str:
    return (message.get("Content-Type") or "").partition(";")[0].strip().lower()


def _is_encoded(message: Message) -> bool:
    return any(encoding.lower() != PLAIN for encoding in message.tokens("Content-Encoding"))


def _is_optional(message: Message) -> bool:
    """Whether its sender does not mind if it is left unread (§20.11); the other way is required, and the default."""
    _, _, params = (message.get("Content-Disposition") or "").partition(";")
    return (find_param(parse_params(params), "handling") or "").lower() == "optional"
