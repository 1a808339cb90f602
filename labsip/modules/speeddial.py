"""speeddial: short numbers of a user's own, from the table `speed_dial` (Kamailio's module of that name)."""

from __future__ import annotations

from dataclasses import dataclass

from labsip.modules.databases import Databases, select
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.script import REQUEST
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import BadMessage
from labsip.sip.uri import SipUri


@dataclass(frozen=True)
class SpeedDialParameters:
    """Parameters of speeddial."""

    speeddial_db_url: str = ""
    """Where the table is (speeddial's db_url)."""
    speeddial_use_domain: bool = False
    """Domains count, too (its use_domain)."""


class SpeedDial(ModuleState):
    """It asks its database at the start, so that what can't be asked is refused then."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        url = proxy.settings.of(SpeedDialParameters).speeddial_db_url
        if url:
            proxy.module(Databases).at(url, "speeddial")


@command(REQUEST, kemi="speeddial.lookup")
def sd_lookup(turn: Turn, /, table: str, owner: str = "") -> int:
    """Put the URI in the Request-URI's place that the caller's short number stands for, or that of `owner`, a URI.

    1 done · -1 the caller has no such number.   Kamailio: speeddial/sdlookup.c
    """
    given = turn.proxy.settings.of(SpeedDialParameters)
    try:
        user, dialled = SipUri.parse(owner) if owner else turn.request.from_.sip_uri, SipUri.parse(turn.uri)
    except BadMessage:
        return -1
    where = {"username": user.user_name or "", "sd_username": dialled.user_name or ""}
    if given.speeddial_use_domain:
        where |= {"domain": user.host, "sd_domain": dialled.host}
    found = select(turn, given.speeddial_db_url, "speeddial", table, ("new_uri",), where)
    if found is None or not found.rows or not found.rows[0][0]:
        return -1
    new = str(found.rows[0][0])
    turn.uri, turn.uri_is_new = new if new.lower().startswith(("sip:", "sips:")) else f"sip:{new}", True
    return 1


EXPORTS = Module("speeddial", commands=(sd_lookup,), parameters=SpeedDialParameters, state=SpeedDial)
