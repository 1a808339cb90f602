"""siputils: questions about a message and about texts in it (Kamailio's module of that name)."""

from __future__ import annotations

from labsip.modules import sl
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY, BRANCH, FAILURE, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage
from labsip.sip.headers import split_list
from labsip.sip.message import Request
from labsip.sip.transport import plain
from labsip.sip.uri import SipUri

OPTIONS = (("Accept", "*/*"), ("Accept-Encoding", ""), ("Accept-Language", "en"), ("Supported", ""))
"""What a proxy says of itself: it looks into no body, and has no extension of its own."""


def _yes(holds: object) -> int:
    return 1 if holds else -1


@command(*ANY)
def has_totag(turn: Turn, /) -> int:
    """Does the To header carry a tag, that is: is this inside a dialog? 1 yes · -1 no.   Kamailio: siputils"""
    return _yes(turn.message.to.tag)


@command(*ANY)
def is_request(turn: Turn, /) -> int:
    """Is the message at hand a request? 1 yes · -1 no.   Kamailio: siputils"""
    return _yes(isinstance(turn.message, Request))


@command(*ANY)
def is_reply(turn: Turn, /) -> int:
    """Is the message at hand a reply? 1 yes · -1 no.   Kamailio: siputils"""
    return _yes(not isinstance(turn.message, Request))


@command(*ANY)
def is_first_hop(turn: Turn, /) -> int:
    """Are we the first proxy on its way? 1 yes · -1 no.

    A request has one Via then; a reply no Record-Route, or ours on top of the others.   Kamailio: siputils/checks.c
    """
    message = turn.message
    if isinstance(message, Request):
        return _yes(sum(len(split_list(line.value)) for line in message.find("Via")[:2]) == 1)
    routes = message.values("Record-Route")
    return _yes(not routes or _is_own_route(turn, routes[0]))


def _is_own_route(turn: Turn, value: str) -> bool:
    try:
        uri = SipUri.parse(value.strip().strip("<").partition(">")[0])
    except BadMessage:
        return False
    return turn.proxy.is_own(uri.host, uri.port)


@command(*ANY)
def is_uri(turn: Turn, /, text: str) -> int:  # noqa: ARG001
    """Is that text a URI? 1 yes · -1 no.   Kamailio: siputils"""
    return _yes(_parsed(text))


@command(*ANY)
def is_numeric(turn: Turn, /, text: str) -> int:  # noqa: ARG001
    """Are there digits in that text, and nothing else? 1 yes · -2 no.   Kamailio: siputils"""
    return 1 if text.isascii() and text.isdigit() else -2


@command(*ANY)
def is_tel_number(turn: Turn, /, text: str) -> int:  # noqa: ARG001
    """Are there digits in that text, perhaps behind a +, and nothing else? 1 yes · -2 no.   Kamailio: siputils"""
    digits = text.removeprefix("+")
    return 1 if digits.isascii() and digits.isdigit() else -2


@command(*ANY)
def is_alphanum(turn: Turn, /, text: str) -> int:  # noqa: ARG001
    """Are there letters and digits in that text, and nothing else? 1 yes · -2 it is empty · -3 no.

    Kamailio: siputils
    """
    return -2 if not text else 1 if text.isascii() and text.isalnum() else -3


@command(*ANY)
def cmp_uri(turn: Turn, /, first: str, second: str) -> int:  # noqa: ARG001
    """Do both URIs mean the same (RFC 3261 §19.1.4)? 1 yes · -1 no, or one is no URI.   Kamailio: siputils"""
    one, other = _parsed(first), _parsed(second)
    return _yes(one and other and one.same_as(other))


@command(*ANY)
def cmp_aor(turn: Turn, /, first: str, second: str) -> int:  # noqa: ARG001
    """Have both URIs the same user and host? 1 yes · -1 no, or one is no URI.   Kamailio: siputils"""
    one, other = _parsed(first), _parsed(second)
    same = one and other and (one.user_name, plain(one.host).lower()) == (other.user_name, plain(other.host).lower())
    return _yes(same)


@command(*ANY, kemi="")
def is_supported(turn: Turn, /, option: str) -> int:
    """Does Supported name that option? 1 yes · -1 no.   Kamailio: siputils"""
    return _yes(option.lower() in [known.lower() for known in turn.message.tokens("Supported")])


@command(REQUEST, FAILURE, BRANCH)
def uri_param(turn: Turn, /, name: str, value: str | None = None) -> int:
    """Has the Request-URI that parameter, with that value or, if none is given, without one? 1 yes · -1 no.

    Kamailio: siputils/uri.c
    """
    uri = _parsed(turn.uri)
    if uri is None or not uri.has(name):
        return -1
    return _yes((uri.param(name) or "") == (value or ""))


@command(REQUEST, FAILURE, BRANCH)
def uri_param_any(turn: Turn, /, name: str) -> int:
    """Has the Request-URI that parameter, whatever its value? 1 yes · -1 no.   Kamailio: siputils/uri.c"""
    uri = _parsed(turn.uri)
    return _yes(uri and uri.has(name))


@command(REQUEST, FAILURE, BRANCH)
def uri_param_rm(turn: Turn, /, name: str) -> int:
    """Take that parameter out of the Request-URI. 1 done · -1 it has none of that name.   Kamailio: siputils/uri.c"""
    uri = _parsed(turn.uri)
    if uri is None or not uri.has(name):
        return -1
    kept = tuple((known, value) for known, value in uri.params if known.lower() != name.lower())
    turn.uri, turn.uri_is_new = str(uri._replace(params=kept)), True
    return 1


@command(REQUEST)
def add_uri_param(turn: Turn, /, param: str) -> int:
    """Add a parameter to the Request-URI, as in "x=1". 1 done · -1 it is no SIP URI.   Kamailio: siputils/uri.c"""
    uri = _parsed(turn.uri)
    if uri is None:
        return -1
    name, equals, value = param.partition("=")
    turn.uri = str(uri._replace(params=(*uri.params, (name, value if equals else None))))
    turn.uri_is_new = True
    return 1


@command(REQUEST)
def options_reply(turn: Turn, /) -> int:
    """Answer an OPTIONS for the proxy itself with 200, and what it accepts (RFC 3261 §11.2).

    1 answered · -1 it is no OPTIONS, or the Request-URI has a user.   Kamailio: siputils/options.c
    """
    uri = _parsed(turn.uri)
    if turn.request.method != "OPTIONS" or uri is None or uri.user is not None:
        return -1
    return sl.answer_as_known(turn, 200, "OK", OPTIONS)


def _parsed(text: str) -> SipUri | None:
    try:
        return SipUri.parse(text, any_scheme=True)
    except BadMessage:
        return None


EXPORTS = Module(
    "siputils",
    commands=(
        has_totag,
        is_request,
        is_reply,
        is_first_hop,
        is_uri,
        is_numeric,
        is_tel_number,
        is_alphanum,
        cmp_uri,
        cmp_aor,
        is_supported,
        uri_param,
        uri_param_any,
        uri_param_rm,
        add_uri_param,
        options_reply,
    ),
)
