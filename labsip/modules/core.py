"""What Kamailio's core understands without any module: ending the script, other blocks, branches, rport."""

from __future__ import annotations

from dataclasses import replace

from labsip.proxy.arguments import checked_q, checked_uri
from labsip.proxy.command import command
from labsip.proxy.route import ANY, FAILURE, REQUEST, Drop, Exit, Kind, Routing, Target
from labsip.sip.errors import BadMessage
from labsip.sip.uri import SipUri


@command(*ANY)
def exit_(ksr: Routing, /) -> int:  # noqa: ARG001
    """End the script here, whatever block it is in.   Kamailio: core"""
    raise Exit


@command(*ANY)
def drop(ksr: Routing, /) -> int:  # noqa: ARG001
    """End the script; in a branch_route the branch is not sent, in an onreply_route the response not passed on.

    A named onreply_route can't stop a final response, only the main one can, before tm sees it.   Kamailio: core
    """
    raise Drop


@command(*ANY)
def route(ksr: Routing, /, name: str) -> int:
    """Run the block `route[name]` and come back; its return value is the code, 1 if it has none.   Kamailio: core

    Raises LabError (with the nearest name there is) if there is no such block.
    """
    block = ksr._proxy.routes.block(Kind.REQUEST, name)
    outer, ksr._route = ksr._route, f"route[{name}]"
    try:
        code = block(ksr)
    finally:
        ksr._route = outer
    return int(code) if isinstance(code, int) else 1


@command(REQUEST, FAILURE)
def append_branch(ksr: Routing, /, uri: str = "", q: str = "") -> int:
    """Send the request there as well; without `uri`, to the Request-URI as it stands. 1.   Kamailio: corex

    `q`: how it is preferred, from "0" to "1", for t_load_contacts. Raises LabError if `uri` is no SIP URI, or `q` no
    such number.
    """
    if uri:
        checked_uri(uri)
    preference = checked_q(q) if q else None
    target = Target(uri) if uri else Target(ksr._uri, ksr._dst_uri, ksr._path)
    ksr._targets.append(replace(target, q=preference))
    return 1


@command(*ANY)
def force_rport(ksr: Routing, /) -> int:
    """Answer to the port the request came from, as if its Via had asked for rport (RFC 3581). 1.   Kamailio: core"""
    ksr._force_rport = True
    return 1


@command(*ANY)
def is_myself(ksr: Routing, /, uri: str) -> int:
    """Is that URI, or that host, this proxy: an address it listens on, or one of its domains? 1 yes · -1 no.

    A URI without port is, whatever port we listen on.   Kamailio: kex
    """
    is_uri = uri.partition(":")[0].lower() in ("sip", "sips")
    try:
        asked = SipUri.parse(uri if is_uri else f"sip:{uri}")
    except BadMessage:
        return -1
    return 1 if ksr._proxy.is_ours(asked) else -1
