"""rr: staying in the path of a dialog, and following it (Kamailio's module of that name; RFC 3261 §16.4, §16.6)."""

from __future__ import annotations

from labsip.proxy.route import BRANCH, FAILURE, REQUEST, Routing
from labsip.proxy.word import word
from labsip.sip.headers import NameAddr, split_list
from labsip.sip.message import Request
from labsip.sip.transport import DEFAULT_PORT, bracketed
from labsip.sip.uri import SipUri


@word(REQUEST, FAILURE, BRANCH)
def record_route(ksr: Routing, /) -> int:
    """Stay in the path: a Record-Route with our address on top of what is forwarded (RFC 3261 §16.6 step 4).

    1 done · -1 done before for this request.   Kamailio: rr/record.c
    """
    if any(lump.text.startswith(b"Record-Route:") for lump in ksr._lumps):
        return -1
    host, port = ksr._socket
    at = bracketed(host) if port == DEFAULT_PORT else str(ksr._socket)
    tag = ksr._request.from_.tag
    mark = f";ftag={tag}" if tag else ""
    ksr._lumps.prepend_header(ksr._request, f"Record-Route: <sip:{at};lr{mark}>")
    return 1


@word(REQUEST)
def loose_route(ksr: Routing, /) -> int:
    """Follow the Route headers: ours goes away, the next one says where to (RFC 3261 §16.4, §16.12).

    1 the request follows a route · -1 it carries none · -3 only ours, and is outside any dialog (a preloaded route).
    Kamailio: rr/loose.c
    """
    request = ksr._request
    routes = [NameAddr.parse(value) for value in request.values("Route")]
    if not routes:
        return -1
    if _is_ours(ksr, SipUri.parse(ksr._uri)) and request.to.tag and not SipUri.parse(ksr._uri).user:
        return _after_strict(ksr, routes)
    used = 0
    while used < len(routes) and _is_ours(ksr, routes[used].sip_uri):
        used += 1
        if used == 1 and not (len(routes) > 1 and routes[1].sip_uri.has("r2")):
            break  # only a pair of ours for two sockets (r2) is used up together
    _keep_routes(ksr, request, request.values("Route")[used:])
    if used == len(routes):
        return 1 if request.to.tag else -3
    _follow(ksr, routes[used].sip_uri)
    return 1


def _after_strict(ksr: Routing, routes: list[NameAddr]) -> int:
    """A strict router put our address into the Request-URI: the last Route is where it wants to go (§16.4)."""
    values = ksr._request.values("Route")
    ksr._uri = routes[-1].uri
    rest = routes[:-1]
    if rest and _is_ours(ksr, rest[0].sip_uri):
        rest, values = rest[1:], values[1:]
    _keep_routes(ksr, ksr._request, values[:-1])
    if rest:
        _follow(ksr, rest[0].sip_uri)
    return 1


def _follow(ksr: Routing, route: SipUri) -> None:
    ksr._dst_uri = str(route)


def _is_ours(ksr: Routing, uri: SipUri) -> bool:
    return ksr._proxy.is_own(uri.host, uri.port)


def _keep_routes(ksr: Routing, request: Request, values: list[str]) -> None:
    """The Route headers with only these values left."""
    left = len(values)
    for line in reversed(request.find("Route")):
        here = split_list(line.value)
        kept = here[-min(left, len(here)) :] if left else []
        left -= len(kept)
        if kept != here:
            text = f"{line.name}: {', '.join(kept)}\r\n" if kept else ""
            ksr._lumps.replace(line.start, line.stop, text)
