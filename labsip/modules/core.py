"""What Kamailio's core understands without any module: ending the script, other blocks, branches, rport."""

from __future__ import annotations

from labsip.proxy.route import ANY, BRANCH, FAILURE, ONREPLY, REQUEST, Drop, Exit, Kind, Routing, Target, word
from labsip.sip.uri import SipUri


@word(*ANY)
def exit_(ksr: Routing, /) -> int:  # noqa: ARG001
    """End the script here, whatever block it is in.   Kamailio: core"""
    raise Exit


@word(*ANY)
def drop(ksr: Routing, /) -> int:  # noqa: ARG001
    """End the script; in an onreply_route a provisional response, in a branch_route the branch is not sent.

    Kamailio: core
    """
    raise Drop


@word(*ANY)
def route(ksr: Routing, /, name: str) -> int:
    """Run the block `route[name]` and come back; its return value is the code, 1 if it has none.   Kamailio: core

    Raises LabError (with the nearest name there is) if there is no such block.
    """
    block = ksr._proxy.routes.named(Kind.REQUEST, name)
    outer, ksr._route = ksr._route, f"route[{name}]"
    try:
        code = block(ksr)
    finally:
        ksr._route = outer
    return int(code) if isinstance(code, int) else 1


@word(REQUEST, FAILURE)
def append_branch(ksr: Routing, /, uri: str = "") -> int:
    """Send the request there as well; without `uri`, to the Request-URI as it stands. 1.   Kamailio: corex

    Raises BadMessage if `uri` is no SIP URI.
    """
    SipUri.parse(uri or ksr._uri)
    ksr._targets.append(Target(uri or ksr._uri, None if uri else ksr._dst_uri))
    return 1


@word(REQUEST, FAILURE, BRANCH, ONREPLY)
def force_rport(ksr: Routing, /) -> int:
    """Answer to the port the request came from, as if its Via had asked for rport (RFC 3581). 1.   Kamailio: core"""
    ksr._force_rport = True
    return 1
