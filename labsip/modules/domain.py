"""domain: the domains that are served here, from the table `domain` (Kamailio's module of that name)."""

from __future__ import annotations

from dataclasses import dataclass

from labsip.modules.databases import Databases, query
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.script import BRANCH, FAILURE, REQUEST
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import BadMessage
from labsip.sip.uri import SipUri


@dataclass(frozen=True)
class DomainParameters:
    """Parameters of domain."""

    domain_db_url: str = ""
    """Where the table is (domain's db_url)."""
    domain_table: str = "domain"
    register_myself: bool = False
    """These domains are this proxy's, as those of `domains` are."""


class Domain(ModuleState):
    """The domains of one proxy, read at the start as Kamailio does: a row added later counts from the next start."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.names: frozenset[str] = frozenset()
        given = proxy.settings.of(DomainParameters)
        if given.domain_db_url:
            database = proxy.module(Databases).at(given.domain_db_url, "domain")
            rows = database.query(query(given.domain_table, ("domain",), {})).rows
            self.names = frozenset(str(row[0]).lower() for row in rows)
        if given.register_myself:
            proxy.registered = self.names


def _local(turn: Turn, host: str) -> int:
    return 1 if host.lower() in turn.module(Domain).names else -1


@command(REQUEST, FAILURE, BRANCH)
def is_from_local(turn: Turn, /) -> int:
    """Is the caller's domain one of ours? 1 yes · -1 no.   Kamailio: domain"""
    try:
        return _local(turn, turn.message.from_.sip_uri.host)
    except BadMessage:
        return -1


@command(REQUEST, FAILURE, BRANCH)
def is_uri_host_local(turn: Turn, /) -> int:
    """Is the domain of the Request-URI one of ours? 1 yes · -1 no.   Kamailio: domain"""
    try:
        return _local(turn, SipUri.parse(turn.uri).host)
    except BadMessage:
        return -1


@command(REQUEST, FAILURE, BRANCH)
def is_domain_local(turn: Turn, /, domain: str) -> int:
    """Is that domain one of ours? 1 yes · -1 no.   Kamailio: domain"""
    return _local(turn, domain)


@command(REQUEST, FAILURE, BRANCH)
def lookup_domain(turn: Turn, /, domain: str) -> int:
    """The same; attributes of domains are not read here. 1 yes · -1 no.   Kamailio: domain"""
    return _local(turn, domain)


EXPORTS = Module(
    "domain",
    commands=(is_from_local, is_uri_host_local, is_domain_local, lookup_domain),
    parameters=DomainParameters,
    state=Domain,
)
