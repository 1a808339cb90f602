"""domain: the domains served here, from the tables `domain` and `domain_attrs` (Kamailio's module of that name)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from labsip.modules import pv
from labsip.modules.databases import Database, Databases, all_rows
from labsip.proxy.arguments import checked_signed
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.script import BRANCH, FAILURE, REQUEST
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.uri import SipUri


@dataclass(frozen=True)
class DomainParameters:
    """Parameters of domain."""

    domain_db_url: str = ""
    """Where the table is (domain's db_url)."""
    domain_table: str = "domain"
    domain_attrs_table: str = "domain_attrs"
    """Attributes of domains, which lookup_domain sets as `$avp`s."""
    register_myself: bool = False
    """These domains are this proxy's, as those of `domains` are."""


class Domain(ModuleState):
    """The domains of one proxy, read at the start as Kamailio does: a row added later counts from the next start."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.names: Mapping[str, Attributes] = {}
        """Each with its attributes."""
        self.read_again()

    def read_again(self) -> None:
        """Read the tables again. Raises LabError, and keeps what it had."""
        given = self.proxy.settings.of(DomainParameters)
        if given.domain_db_url:
            database = self.proxy.module(Databases).at(given.domain_db_url, "domain")
            attributes = _attributes(database, given.domain_attrs_table)
            rows = all_rows(database, given.domain_table, ("domain", "did"))
            self.names = {str(name).lower(): attributes.get(str(did or name), []) for name, did in rows}
        if given.register_myself:
            self.proxy.registered = frozenset(self.names)


Attributes = list[tuple[str, str | int]]


def _attributes(database: Database, table: str) -> dict[str, Attributes]:
    """By id of the domain; none where there is no such table. Raises LabError for a number that is none."""
    rows: list[Sequence[object]] = []
    with suppress(LabError):
        rows += all_rows(database, table, ("did", "name", "type", "value"))
    found: dict[str, Attributes] = {}
    for did, name, kind, value in rows:
        of_domain = found.setdefault(str(did), [])
        of_domain.append((str(name), str(value) if kind == TEXT else checked_signed(str(value), str(name))))
    return found


TEXT = 2
"""Type of an attribute; another is a number."""


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
def lookup_domain(turn: Turn, /, domain: str, prefix: str = "") -> int:
    """The same; each attribute of the domain becomes an `$avp` of its name, with that prefix. 1 yes · -1 no.

    Kamailio: domain
    """
    for name, value in reversed(turn.module(Domain).names.get(domain.lower(), [])):
        pv.write(turn, f"$avp({prefix}{name})", value)
    return _local(turn, domain)


EXPORTS = Module(
    "domain",
    commands=(is_from_local, is_uri_host_local, is_domain_local, lookup_domain),
    parameters=DomainParameters,
    state=Domain,
)
