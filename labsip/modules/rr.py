"""rr: staying in the path of a dialog, and following it (Kamailio's module of that name; RFC 3261 §16.4, §16.6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from labsip.modules import path
from labsip.modules.dialog import Dialogs
from labsip.modules.route_params import RouteParams, add_param
from labsip.modules.text_tests import pattern
from labsip.proxy.command import command
from labsip.proxy.exports import Module, NamedVariable, Value, Variable
from labsip.proxy.script import BRANCH, FAILURE, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError, NoSuchName
from labsip.sip.headers import NameAddr, split_list
from labsip.sip.message import Request
from labsip.sip.transport import Address
from labsip.sip.uri import SipUri, write_params


@dataclass(frozen=True)
class RrParameters:
    """Parameters of rr."""

    append_fromtag: bool = True
    """Record-Route carries From's tag as `ftag` (rr)."""
    enable_full_lr: bool = False
    """It says lr=on, for whoever takes no lr alone (rr)."""


DOUBLE = ("r2", "on")
"""Marks each of a pair of Record-Routes that stand for two sockets of ours (RFC 5658)."""


@command(REQUEST, FAILURE, BRANCH)
def record_route(turn: Turn, /, params: str = "") -> int:
    """Stay in the path: a Record-Route with our address on top of what is forwarded (RFC 3261 §16.6 step 4).

    `params`: more parameters for it, as in ";x=1".

    Where it leaves by another address of ours, over TCP what came over UDP, say, each side gets its own (RFC 5658).
    1 done · -1 done before for this request.   Kamailio: rr/record.c
    """
    if any(lump.text.startswith(b"Record-Route:") for lump in turn.lumps):
        return -1
    tag = turn.message.from_.tag if turn.proxy.settings.of(RrParameters).append_fromtag else None
    note = turn.note(RouteParams)
    mark = (f";ftag={tag}" if tag else "") + params + note.own
    note.own = ""
    if turn.proxy.settings.policy.dialog_marks:
        mark += f";mark={turn.module(Dialogs).mark(turn)}"

    lr = "on" if turn.proxy.settings.of(RrParameters).enable_full_lr else None
    here = turn.socket  # not turn itself: it holds the lump, and they would hold each other

    def two_lines(leaving: Address) -> str:
        return f"{_line(leaving, lr, DOUBLE)}{mark}>\r\n{_line(here, lr, DOUBLE)}{mark}>"

    turn.lumps.prepend_header(turn.message, f"{_line(here, lr)}{mark}>", across=two_lines)
    return 1


@lru_cache(maxsize=64)
def _line(socket: Address, lr: str | None, *params: tuple[str, str]) -> str:
    """A Record-Route line of that address of ours, up to what marks the dialog."""
    return f"Record-Route: <{SipUri.of(None, socket, *params, ('lr', lr))}"


@command(REQUEST, FAILURE, BRANCH)
def add_rr_param(turn: Turn, /, param: str) -> int:
    """Add a parameter to our Record-Route, as in ";nat=yes": to the one there is, or the one to come. 1.

    Requests of the dialog bring it back (check_route_param).   Kamailio: rr/record.c
    """
    add_param(turn, param)
    return 1


@command(REQUEST, literal=("regex",))
def check_route_param(turn: Turn, /, regex: str) -> int:
    """Has the Route of ours that loose_route took off parameters that match, as in "nat=yes"? 1 yes · -1 no.

    Kamailio: rr/rr_cb.c
    """
    params = turn.note(RouteParams).followed
    return 1 if params is not None and pattern(regex).search(params) else -1


@command(REQUEST)
def is_direction(turn: Turn, /, direction: str) -> int:
    """Does a request of a dialog go "downstream", from the end that began it, or "upstream"? 1 yes · -1 no.

    The Route tells, if append_fromtag is on; without that, all go downstream.   Kamailio: rr/rr_mod.c
    """
    if direction.lower() not in ("downstream", "upstream"):
        raise LabError(f'is_direction takes "downstream" or "upstream", not {direction!r}')
    goes = _goes_downstream(turn, turn.note(RouteParams).followed or "")
    return 1 if goes is (direction.lower() == "downstream") else -1


def _goes_downstream(turn: Turn, params: str) -> bool:
    match = re.search(r";ftag=([^;]*)", params)
    return match is None or match[1] == (turn.message.from_.tag or "")


def _route(turn: Turn) -> str | None:
    """The URI of the topmost Route."""
    routes = turn.message.routes if isinstance(turn.message, Request) else []
    return routes[0].uri if routes else None


def _downstream(turn: Turn) -> bool:
    """The same by the Route it came with, whether that was followed or not."""
    return _goes_downstream(turn, ";" + (_route(turn) or "").partition(";")[2])


def _direction(turn: Turn, form: str) -> Value:
    forms: dict[str, tuple[Value, Value]] = {"id": (1, 2), "name": ("downstream", "upstream")}
    if form not in forms:
        raise NoSuchName("form of $rdir", form, forms)
    return forms[form][not _downstream(turn)]


def _tag(*, caller: bool) -> Callable[[Turn], Value]:
    """The tag of the end that began the dialog, or of the other."""

    def get(turn: Turn) -> Value:
        sender = turn.message.from_ if _downstream(turn) is caller else turn.message.to
        return sender.tag

    return get


@command(REQUEST, FAILURE)
def remove_record_route(turn: Turn, /) -> int:
    """Take our Record-Route back. 1.   Kamailio: rr/rr_mod.c"""
    turn.lumps[:] = [lump for lump in turn.lumps if not lump.text.startswith(b"Record-Route:")]
    return 1


@command(REQUEST)
def loose_route(turn: Turn, /) -> int:
    """Follow the Route headers: ours goes away, the next one says where to (RFC 3261 §16.4, §16.12).

    1 the request follows a route · -1 it carries none · -3 only ours, and is outside any dialog (a preloaded route).
    Kamailio: rr/loose.c
    """
    routes = turn.message.routes if isinstance(turn.message, Request) else []
    if not routes:  # as in any response
        return -1
    if _after_strict_router(turn):
        return _undo_strict(turn, routes)
    used = _ours_on_top(turn, routes)
    received = None
    if used:
        turn.note(RouteParams).followed = write_params(routes[used - 1].sip_uri.params)
        received = path.received_in(turn, routes[0].sip_uri.params)
    code = _follow(turn, routes, used)
    turn.dst_uri = received or turn.dst_uri
    return code


def _follow(turn: Turn, routes: list[NameAddr], used: int) -> int:
    """Take those of ours off, and say where the next one leads. Returns as loose_route."""
    if used == len(routes):
        turn.lumps.remove_header(turn.request, "Route")
        return 1 if turn.request.to.tag else -3
    if routes[used].sip_uri.has("lr"):
        _keep(turn, used, len(routes))
        turn.dst_uri = routes[used].uri
    else:  # §16.6 step 6: the next hop is a strict router, and looks for itself in the Request-URI
        _keep(turn, used + 1, len(routes))
        turn.lumps.append_header(turn.request, f"Route: <{turn.uri}>")
        turn.uri = routes[used].uri
    return 1


def _ours_on_top(turn: Turn, routes: list[NameAddr]) -> int:
    """How many of the topmost Routes are ours and used up: one, or a pair of ours for two sockets (r2)."""
    if not _is_ours(turn, routes[0].sip_uri):
        return 0
    return 2 if routes[1:] and routes[1].sip_uri.has("r2") and _is_ours(turn, routes[1].sip_uri) else 1


def _after_strict_router(turn: Turn) -> bool:
    """Whether the Request-URI is what record_route wrote (§16.4): us, without a user, inside a dialog."""
    uri = SipUri.parse(turn.uri, any_scheme=True)
    return turn.request.to.tag is not None and uri.user is None and _is_ours(turn, uri)


def _undo_strict(turn: Turn, routes: list[NameAddr]) -> int:
    """A strict router moved our Route into the Request-URI: the last Route is where it wants to go (§16.4)."""
    first, last = _ours_on_top(turn, routes), len(routes) - 1
    _keep(turn, min(first, last), last)
    turn.uri = routes[last].uri
    if first < last:
        turn.dst_uri = routes[first].uri
    return 1


def _is_ours(turn: Turn, uri: SipUri) -> bool:
    proxy = turn.proxy
    return proxy.is_own(uri.host, uri.port) or (proxy.settings.policy.names_are_ours and proxy.is_any_name(uri))


def _keep(turn: Turn, first: int, last: int) -> None:
    """Of all values of Route only those from `first` up to before `last`."""
    at = 0
    for line in turn.request.find("Route"):
        here = split_list(line.value)
        kept = here[max(first - at, 0) : max(last - at, 0)]
        at += len(here)
        if kept != here:
            turn.lumps.replace(line.start, line.stop, f"{line.name}: {', '.join(kept)}\r\n" if kept else "")


EXPORTS = Module(
    "rr",
    commands=(record_route, loose_route, add_rr_param, check_route_param, is_direction, remove_record_route),
    variables={
        "$route_uri": Variable("URI of the topmost Route", _route),
        "$rdir": NamedVariable(
            "$rdir(name), $rdir(id): downstream, 1, from the end that began it, or upstream, 2", _direction
        ),
        "$fti": Variable("tag of the end that began the dialog", _tag(caller=True)),
        "$tti": Variable("tag of the other end", _tag(caller=False)),
    },
    parameters=RrParameters,
)
