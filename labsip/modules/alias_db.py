"""alias_db: other names of users, from the table `dbaliases` (Kamailio's module of that name)."""

from __future__ import annotations

from dataclasses import dataclass

from labsip.modules import pv
from labsip.modules.databases import Databases, select
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.script import BRANCH, FAILURE, ONREPLY, REQUEST, Target
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import BadMessage
from labsip.sip.uri import SipUri


@dataclass(frozen=True)
class AliasParameters:
    """Parameters of alias_db."""

    alias_db_url: str = ""
    """Where the table is (alias_db's db_url)."""
    alias_use_domain: bool = False
    """The domain counts, too (its use_domain)."""
    alias_append_branches: bool = False
    """Every match is called, not only the first (its append_branches)."""


class AliasDb(ModuleState):
    """It asks its database at the start, so that what can't be asked is refused then."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        url = proxy.settings.of(AliasParameters).alias_db_url
        if url:
            proxy.module(Databases).at(url, "alias_db")


@command(REQUEST, FAILURE, kemi="alias_db.lookup")
def alias_db_lookup(turn: Turn, /, table: str, flags: str = "") -> int:
    """Put the user in the Request-URI's place that it is another name of.

    `flags`: `d` the domain does not count, `u` nor is it kept. 1 done · -1 it is nobody's.   Kamailio: alias_db
    """
    found = _users(turn, table, turn.uri, flags)
    if not found:
        return -1
    turn.uri, turn.uri_is_new = found[0], True
    if turn.proxy.settings.of(AliasParameters).alias_append_branches:
        turn.targets += map(Target, found[1:])
    return 1


@command(REQUEST, FAILURE, BRANCH, ONREPLY, kemi="", literal=("result",))
def alias_db_find(turn: Turn, /, table: str, uri: str, result: str, flags: str = "") -> int:
    """Set a variable to the user's URI of whom `uri` is another name: alias_db_find("dbaliases", "$tu", "$avp(x)").

    1 done · -1 it is nobody's.   Kamailio: alias_db
    """
    found = _users(turn, table, uri, flags)
    if not found:
        return -1
    pv.write(turn, result, found[0])
    return 1


def _users(turn: Turn, table: str, text: str, flags: str) -> list[str]:
    """The URIs that another name stands for."""
    given = turn.proxy.settings.of(AliasParameters)
    try:
        uri = SipUri.parse(text)
    except BadMessage:
        return []
    if not uri.user_name:
        return []
    where = {"alias_username": uri.user_name}
    if given.alias_use_domain and "d" not in flags:
        where["alias_domain"] = uri.host
    found = select(turn, given.alias_db_url, "alias_db", table, ("username", "domain"), where)
    rows = [] if found is None else found.rows
    return [str(SipUri(str(user), str(domain) if domain else uri.host)) for user, domain in rows]


EXPORTS = Module("alias_db", commands=(alias_db_lookup, alias_db_find), parameters=AliasParameters, state=AliasDb)
