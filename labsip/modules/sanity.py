"""sanity: is the request well-formed enough to route? (Kamailio's module of that name; RFC 3261 §16.3 step 1)"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from labsip.modules import sl
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ONREPLY, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage
from labsip.sip.headers import NameAddr
from labsip.sip.message import Message, Request
from labsip.sip.uri import SipUri


class Check(NamedTuple):
    """One rule: its bit in the flags of sanity_check, what it looks at, and the answer to a request that breaks it."""

    bit: int
    holds: Callable[[Any], bool]
    """Asked of a request, or of a reply."""
    status: int
    reason: str
    kamailio: bool = False
    """Kamailio's own: where the RFC is kept, it is not looked at."""
    replies: bool = False
    """A reply can break it, too."""


def _scheme(request: Request) -> bool:
    return request.uri.partition(":")[0].lower() in ("sip", "sips", "tel", "tels")


def _length(message: Message) -> bool:
    length = message.content_length
    return length is None or length == len(message.raw) - message.head_end - 2


def _expires(request: Request) -> bool:
    seconds = request.number("Expires")
    return seconds is None or seconds < 2**32


def _proxy_require(request: Request) -> bool:
    """Where the header is there it names something (RFC 3261 §20.29)."""
    return not request.count("Proxy-Require") or bool(request.tokens("Proxy-Require"))


def _tags(message: Message) -> bool:
    return sum(name.lower() == "tag" for name, _ in message.to.params) < 2


# fmt: off
CHECKS = (
    Check(0x0002, _scheme,                                        416, "Unsupported URI Scheme in Request URI"),
    Check(0x0020, lambda r: r.cseq.method == r.method,            400, "CSeq method does not match request method"),
    Check(0x0040, lambda r: r.cseq.number < 2**31,                400, "CSeq number is illegal", replies=True),
    Check(0x0080, _length,                                        400, "Content-Length mis-match", replies=True),
    Check(0x0100, _expires,                                       400, "Expires value is illegal", kamailio=True),
    Check(0x0200, _proxy_require,                                 400, "Bad Proxy Require Header"),
    Check(0x0200, lambda r: not r.count("Proxy-Require"),         420, "Bad Extension"),
    Check(0x1000, _tags,                                          400, "Multiple To tags", replies=True),
)
URI_CHECKS = (
    Check(0x1, lambda r: _is_uri(r.uri),                          400, "Bad Request URI"),
    Check(0x2, lambda r: _is_uri(r.from_.uri),                    400, "Bad From URI", replies=True),
    Check(0x4, lambda r: _is_uri(r.to.uri),                       400, "Bad To URI", replies=True),
    Check(0x8, lambda r: all(map(_is_contact, r.contacts)),       400, "Bad Contact URI", replies=True),
)
# fmt: on


def _is_uri(text: str) -> bool:
    try:
        SipUri.parse(text, any_scheme=True)
    except BadMessage:
        return False
    return True


def _is_contact(contact: NameAddr) -> bool:
    """Kamailio takes a : for the URI's, unless it stands in a quoted string."""
    return _is_uri(contact.uri) and (":" not in contact.display or contact.display.startswith('"'))


@dataclass(frozen=True)
class SanityParameters:
    """Parameters of sanity."""

    autodrop: bool = True
    """The script ends where a check finds something; else it goes on with -1 (sanity)."""


@command(REQUEST, ONREPLY)
def sanity_check(turn: Turn, /, msg_checks: int | str = 17895, uri_checks: int | str = 7) -> int:
    """Check the message against the rules whose bits are set, and answer for the first that a request breaks.

    1 sound · 0 broken, and answered: the script ends; -1 without autodrop.   Kamailio: sanity/sanity.c

    Where the RFC is kept, no Expires is illegal: a registrar takes one that is no number for 3600 (§10.2.1.1).
    """
    message, settings = turn.message, turn.proxy.settings
    for check in _wanted(int(msg_checks), int(uri_checks), settings.policy.any_expires):
        if not isinstance(message, Request) and not check.replies:
            continue
        try:
            sound = check.holds(message)
        except BadMessage:
            sound = False
        if not sound:
            if isinstance(message, Request):
                sl.answer(turn, check.status, check.reason, _unsupported(turn, check.status))
            return 0 if settings.of(SanityParameters).autodrop else -1
    return 1


@lru_cache(maxsize=64)
def _wanted(msg_checks: int, uri_checks: int, any_expires: bool) -> tuple[Check, ...]:
    checks = tuple(c for c in CHECKS if c.bit & msg_checks) + tuple(c for c in URI_CHECKS if c.bit & uri_checks)
    return tuple(check for check in checks if not (any_expires and check.kamailio))


def _unsupported(turn: Turn, status: int) -> tuple[tuple[str, str], ...]:
    """What a 420 names (RFC 3261 §8.2.2.3)."""
    return (("Unsupported", ", ".join(turn.request.tokens("Proxy-Require"))),) if status == 420 else ()


EXPORTS = Module("sanity", commands=(sanity_check,), parameters=SanityParameters)
