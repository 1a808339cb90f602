"""The Request-URI, rewritten part by part (Kamailio's core). Each shows in `$ru` at once."""

from __future__ import annotations

from collections.abc import Callable

from labsip.proxy.arguments import checked_number
from labsip.proxy.command import command
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage
from labsip.sip.uri import Params, SipUri


def _change(turn: Turn, change: Callable[[SipUri], SipUri]) -> int:
    """Put another URI in the place of the one at hand. 1 · -1 that one can't be read; the log says so."""
    try:
        new = change(SipUri.parse(turn.uri, any_scheme=True))
    except BadMessage as bad:
        turn.proxy.trace.note(turn.now, f"the Request-URI is not rewritten: {bad.reason}")
        return -1
    return _put(turn, str(new))


def _put(turn: Turn, text: str) -> int:
    if turn.path:  # it led to the one before
        turn.path, turn.dst_uri = "", None
    turn.uri, turn.uri_is_new = text, True
    return 1


@command(*ANY, kemi="")
def strip(turn: Turn, /, count: int | str) -> int:
    """Take characters off the front of its user; all of it if there are not so many. 1.   Kamailio: core"""
    number = checked_number(count, "count")
    return _change(turn, lambda uri: uri._replace(user=_cut(turn, uri.user or "", number)[number:] or None))


@command(*ANY, kemi="")
def strip_tail(turn: Turn, /, count: int | str) -> int:
    """Take characters off the end of its user; all of it if there are not so many. 1.   Kamailio: core"""
    number = checked_number(count, "count")

    def shorter(uri: SipUri) -> SipUri:
        user = _cut(turn, uri.user or "", number)
        return uri._replace(user=user[: max(len(user) - number, 0)] or None)

    return _change(turn, shorter)


def _cut(turn: Turn, user: str, number: int) -> str:
    if number > len(user):
        turn.proxy.trace.note(turn.now, f"{number} characters are more than {user!r} has: the user is taken away")
    return user


@command(*ANY, kemi="")
def prefix(turn: Turn, /, text: str) -> int:
    """Put characters before its user. 1.   Kamailio: core"""
    return _change(turn, lambda uri: uri._replace(user=f"{text}{uri.user or ''}" or None))


@command(*ANY, returns=bool, kemi="seturi")
def seturi(turn: Turn, /, uri: str) -> int:
    """Another URI in its place. 1; what is no URI is an error when it is used.   Kamailio: core"""
    return _put(turn, uri)


@command(*ANY, returns=bool, kemi="setuser")
def setuser(turn: Turn, /, user: str) -> int:
    """Another user; a password stays. 1.   Kamailio: core"""
    return _change(turn, lambda uri: uri._replace(user=user or None))


@command(*ANY, kemi="")
def setuserpass(turn: Turn, /, text: str) -> int:
    """Another user with a password, as in "bob:secret". 1.   Kamailio: core"""
    user, colon, password = text.partition(":")
    return _change(turn, lambda uri: uri._replace(user=user or None, password=password if colon else None))


@command(*ANY, returns=bool, kemi="sethost")
def sethost(turn: Turn, /, host: str) -> int:
    """Another host; the port stays. 1.   Kamailio: core"""
    return _change(turn, lambda uri: uri._replace(host=host))


@command(*ANY, kemi="")
def setport(turn: Turn, /, port: int | str) -> int:
    """Another port; "" for none. 1.   Kamailio: core"""
    number = None if port == "" else checked_number(port, "port")
    return _change(turn, lambda uri: uri._replace(port=number))


@command(*ANY, kemi="")
def sethostport(turn: Turn, /, hostport: str) -> int:
    """Another host and port, as in "10.0.0.1:5070"; without a port none is left. 1.   Kamailio: core"""
    return _change(turn, lambda uri: _at(uri, hostport))


@command(*ANY, kemi="")
def sethostporttrans(turn: Turn, /, hostport: str) -> int:
    """Another host and port, and the parameter transport goes. 1.   Kamailio: core"""
    return _change(turn, lambda uri: _at(uri, hostport)._replace(params=_without(uri.params, "transport")))


def _at(uri: SipUri, hostport: str) -> SipUri:
    at = SipUri.parse(f"sip:{hostport}")
    return uri._replace(host=at.host, port=at.port)


def _without(params: Params, name: str) -> Params:
    return tuple((known, value) for known, value in params if known.lower() != name)


@command(*ANY, kemi="")
def revert_uri(turn: Turn, /) -> int:
    """The URI as it came in. 1.   Kamailio: core"""
    return _put(turn, turn.request.uri)


@command(*ANY, returns=bool, of="kex", kemi="setdsturi")
def setdsturi(turn: Turn, /, uri: str) -> int:
    """Send the request there, whatever its Request-URI: `$du`. 1 · -1 it is no URI.   Kamailio: kex"""
    try:
        turn.dst_uri = str(SipUri.parse(uri))
    except BadMessage:
        return -1
    turn.uri_is_new = True
    return 1


@command(*ANY, returns=bool, of="kex", kemi="resetdsturi")
def resetdsturi(turn: Turn, /) -> int:
    """Send it where the Request-URI says. 1.   Kamailio: kex"""
    turn.dst_uri = None
    return 1


@command(*ANY, returns=bool, of="kex", kemi="isdsturiset")
def isdsturiset(turn: Turn, /) -> int:
    """Is there a next hop besides the Request-URI, `$du`? 1 yes · -1 no.   Kamailio: kex"""
    return 1 if turn.dst_uri else -1


@command(*ANY, of="corex")
def has_ruri_user(turn: Turn, /) -> int:
    """Has the Request-URI a user? 1 yes · -1 no.   Kamailio: corex, in KEMI alone"""
    try:
        return 1 if SipUri.parse(turn.uri, any_scheme=True).user_name else -1
    except BadMessage:
        return -1


# fmt: off
CORE = (
    strip, strip_tail, prefix, revert_uri,
    seturi, seturi.alias("rewriteuri"),
    setuser, setuser.alias("rewriteuser"),
    setuserpass, setuserpass.alias("rewriteuserpass"),
    sethost, sethost.alias("rewritehost"),
    setport, setport.alias("rewriteport"),
    sethostport, sethostport.alias("rewritehostport"),
    sethostporttrans, sethostporttrans.alias("rewritehostporttrans"),
)
KEX = (setdsturi, resetdsturi, isdsturiset)
COREX = (has_ruri_user,)
# fmt: on
