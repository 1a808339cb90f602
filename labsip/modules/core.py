"""What Kamailio's core understands without any module: ending the script, other blocks, branches, rport.

Its flags are in `flag_words`, the Request-URI's words in `ruri`, sending without a transaction in `sending`.
"""

from __future__ import annotations

from dataclasses import replace

from labsip.modules import flag_words, ruri, sending, text_tests
from labsip.proxy.arguments import checked_q, checked_uri
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import ANY, FAILURE, REQUEST, Drop, Exit, Kind, Target
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage
from labsip.sip.uri import SipUri


@command(*ANY, kemi="")
def exit_(turn: Turn, /) -> int:  # noqa: ARG001
    """End the script here, whatever block it is in.   Kamailio: core"""
    raise Exit


@command(*ANY, kemi="")
def drop(turn: Turn, /) -> int:  # noqa: ARG001
    """End the script; in a branch_route the branch is not sent, in an onreply_route the response not passed on.

    A named onreply_route can't stop a final response, only the main one can, before tm sees it.   Kamailio: core
    """
    raise Drop


@command(*ANY)
def route(turn: Turn, /, name: str) -> int:
    """Run the block `route[name]` and come back; its return value is the code, 1 if it has none.   Kamailio: core

    Raises LabError (with the nearest name there is) if there is no such block. Blocks may stand `max_recursive_level`
    deep; one beyond is not run, -1.
    """
    proxy = turn.proxy
    block = proxy.routes.block(Kind.REQUEST, name)
    if turn.depth >= proxy.settings.max_recursive_level:
        proxy.trace.note(turn.now, f"route[{name}]: more than {turn.depth} blocks within each other, it is not run")
        return -1
    outer, turn.route = turn.route, f"route[{name}]"
    turn.depth += 1
    try:
        code = block(proxy.handle(turn))
    finally:
        turn.route = outer
        turn.depth -= 1
    return code if isinstance(code, int) else 1


@command(REQUEST, FAILURE, of="corex", strict=True)
def append_branch(turn: Turn, /, uri: str = "", q: str = "") -> int:
    """Send the request there as well; without `uri`, to the Request-URI as it stands. 1.   Kamailio: corex

    `q`: how it is preferred, from "0" to "1", for t_load_contacts. Raises LabError if `uri` is no SIP URI, or `q` no
    such number.
    """
    if uri:
        checked_uri(uri)
    preference = checked_q(q) if q else None
    target = Target(uri) if uri else Target(turn.uri, turn.dst_uri, turn.path, flags=turn.branch_flags)
    turn.targets.append(replace(target, q=preference))
    return 1


@command(*ANY, returns=bool)
def force_rport(turn: Turn, /) -> int:
    """Answer to the port the request came from, as if its Via had asked for rport (RFC 3581). 1.   Kamailio: core"""
    turn.force_rport = True
    return 1


@command(*ANY, returns=bool, of="kex", kemi="is_myself")
def is_myself(turn: Turn, /, uri: str) -> int:
    """Is that URI, or that host, this proxy: an address it listens on, or one of its domains? 1 yes · -1 no.

    A URI without port is, whatever port we listen on. Where no domain was named and the RFCs are kept, every name is
    ours: without DNS it could lead nowhere else.   Kamailio: kex
    """
    is_uri = uri.partition(":")[0].lower() in ("sip", "sips", "tel")
    try:
        asked = SipUri.parse(uri if is_uri else f"sip:{uri}", any_scheme=True)
    except BadMessage:
        return -1
    proxy = turn.proxy
    ours = proxy.is_for_us(asked) if proxy.settings.policy.names_are_ours else proxy.is_ours(asked)
    return 1 if ours else -1


# fmt: off
EXPORTS = Module(
    "core",
    commands=(
        exit_, drop, route, append_branch, is_myself, text_tests.strempty,
        *(one.word() for one in (force_rport, *flag_words.CORE, *ruri.CORE, *sending.CORE)),
    ),
    variables=flag_words.VARIABLES,
    events=("core:worker-one-init", "core:pre-routing"),
)
# fmt: on
