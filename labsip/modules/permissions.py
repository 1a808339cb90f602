"""permissions: which addresses are trusted, by group (Kamailio's module of that name).

The setting `address_list` holds what Kamailio's address_file does, a line each, the last three columns may be missing:

    # group  address     mask  port  tag
    1        127.0.10.200
    2        10.1.0.0    16    5060  carriers
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from labsip.modules import pv
from labsip.modules.databases import Databases, SqlValue, all_rows
from labsip.modules.text_tests import pattern
from labsip.proxy.arguments import checked_lines, checked_number
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.listening import is_ip
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import Value, rpc
from labsip.proxy.script import ANY
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import LabError
from labsip.sip.transport import TRANSPORTS, Address


@dataclass(frozen=True)
class PermissionsParameters:
    """Parameters of permissions."""

    address_list: str = ""
    """Which addresses are in which group: lines as Kamailio's address_file has them (permissions)."""
    permissions_db_url: str = ""
    """Where more of them are, in the table `address` (permissions' db_url)."""
    address_table: str = "address"
    trusted_table: str = "trusted"
    """Senders that allow_trusted knows, by address, transport, and patterns of From and Request-URI."""
    peer_tag_avp: str = ""
    """The `$avp` that gets the tag of the one that was found."""
    peer_tag_mode: int = 0
    """1: of all that match, and allow_trusted returns how many."""


class Allowed(NamedTuple):
    """Addresses of one line."""

    network: IPv4Network | IPv6Network
    port: int
    """0: any."""
    tag: str = ""

    def matches(self, address: Address) -> bool:
        """Whether an address is one of them."""
        return self.port in (0, address.port) and ip_address(address.host) in self.network


class Permissions(ModuleState):
    """Who is in which group, for one proxy."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self._rows = ""
        self.trusted: tuple[Trusted, ...] = ()
        """In the order they are looked through."""
        self.read_again()
        _ = self.groups  # a list that can't be read is refused at once

    def read_again(self) -> None:
        """Read the tables again; that happens at the start, as in Kamailio. Raises LabError."""
        given = self.proxy.settings.of(PermissionsParameters)
        if not given.permissions_db_url:
            return
        database = self.proxy.module(Databases).at(given.permissions_db_url, "permissions")
        rows = all_rows(database, given.address_table, ("grp", "ip_addr", "mask", "port"))
        self._rows = "".join(" ".join(map(str, row)) + "\n" for row in rows)
        with suppress(LabError):  # one that only has addresses
            found = [Trusted.of(row) for row in all_rows(database, given.trusted_table, TRUSTED)]
            self.trusted = tuple(sorted(found, key=lambda one: -one.priority))

    @property
    def groups(self) -> Mapping[int, list[Allowed]]:
        """Those the settings list now."""
        return read_address_list(f"{self.proxy.settings.of(PermissionsParameters).address_list}\n{self._rows}")


TRUSTED = ("src_ip", "proto", "from_pattern", "ruri_pattern", "tag", "priority")
"""Columns of the table `trusted`."""


class Trusted(NamedTuple):
    """A row of it."""

    host: str
    proto: str
    """any: whichever; none: the row is switched off."""
    from_pattern: str
    ruri_pattern: str
    tag: str
    priority: int

    @classmethod
    def of(cls, row: Sequence[SqlValue]) -> Trusted:
        """Raises LabError for a pattern that is none."""
        host, proto, caller, uri, tag = ("" if text is None else str(text) for text in row[:5])
        made = cls(host, proto, caller, uri, tag, int(row[5] or 0))
        for expression in (made.from_pattern, made.ruri_pattern):
            pattern(expression)
        return made

    def matches(self, host: str, proto: str, caller: str, uri: str) -> bool:
        """Whether a request from there is meant."""
        if host != self.host or self.proto.lower() not in ("any", proto):
            return False
        return all(
            not expression or pattern(expression).search(text)
            for expression, text in ((self.from_pattern, caller), (self.ruri_pattern, uri))
        )


@lru_cache(maxsize=16)
def read_address_list(text: str) -> Mapping[int, list[Allowed]]:
    """What is allowed in each group. Raises LabError with what is wrong in which line."""
    groups: dict[int, list[Allowed]] = {}
    for group, allowed in checked_lines(text, "address_list", _line):
        groups.setdefault(group, []).append(allowed)
    return groups


def _line(columns: list[str]) -> tuple[int, Allowed]:
    group, host, mask, port, tag = (*columns[:5], *("", "", "0", "0", "")[len(columns) :])
    if not host:
        raise LabError("a group alone, no address")
    try:
        network = ip_network(f"{host.strip('[]')}/{mask}" if mask != "0" else host.strip("[]"), strict=False)
    except ValueError as error:
        raise LabError(f"{error}; write it as in 1 127.0.0.1 or 2 10.0.0.0 8") from None
    return checked_number(group, "the group"), Allowed(network, checked_number(port, "the port"), tag)


@command(*ANY)
def allow_source_address(turn: Turn, /, group: int | str = 1) -> int:
    """Is the address the message came from in that group of `address_list`? 1 yes · -1 no.

    Kamailio: permissions/address.c
    """
    allowed = turn.module(Permissions).groups.get(checked_number(group, "the group"), [])
    return 1 if any(one.matches(turn.datagram.src) for one in allowed) else -1


@command(*ANY)
def allow_address(turn: Turn, /, group: int | str, ip: str, port: int | str) -> int:
    """Is that address in that group? Port 0: any. 1 yes · -1 no, or it is none.   Kamailio: permissions/address.c"""
    if not is_ip(ip.strip("[]")):
        return -1
    allowed = turn.module(Permissions).groups.get(checked_number(group, "the group"), [])
    address = Address(ip.strip("[]"), checked_number(port, "the port"))
    return 1 if any(one.matches(address) for one in allowed) else -1


@command(*ANY)
def allow_source_address_group(turn: Turn, /) -> int:
    """The first group the address the message came from is in. -1 none.   Kamailio: permissions/address.c"""
    groups = turn.module(Permissions).groups
    found = (group for group in sorted(groups) if any(one.matches(turn.datagram.src) for one in groups[group]))
    return next(found, -1)


@command(*ANY)
def allow_trusted(turn: Turn, /, src_ip: str = "", proto: str = "", from_uri: str = "") -> int:
    """Is the sender in the table `trusted`? Its address and transport, or those given; so is the URI of From.
    The Request-URI is looked at as it came.

    Above 0 yes: 1, with peer_tag_mode 1 how many match · -1 no.   Kamailio: permissions/trusted.c
    """
    given, source = turn.proxy.settings.of(PermissionsParameters), turn.datagram.src
    host, transport = (src_ip, proto.lower()) if src_ip else (source.host, source.proto)
    if transport not in (*TRANSPORTS, "sctp", "any"):
        return -1
    caller, uri = from_uri or turn.message.from_.uri, getattr(turn.message, "uri", "")
    found = [one for one in turn.module(Permissions).trusted if one.matches(host, transport, caller, uri)]
    if not given.peer_tag_mode:
        del found[1:]
    for one in found:
        if given.peer_tag_avp and one.tag:
            pv.write(turn, given.peer_tag_avp, one.tag)
    return len(found) or -1


SLOTS = 128
"""Of Kamailio's table of addresses."""


def _listed(proxy: Proxy) -> Iterator[tuple[int, Allowed, dict[str, Value]]]:
    for group, all_of_it in proxy.module(Permissions).groups.items():
        for one in all_of_it:
            yield group, one, {"port": one.port, "tag": one.tag}


@rpc("permissions.addressDump", many=True)
def permissions_address_dump(proxy: Proxy, _: float) -> list[Value]:
    """Single addresses, by group.

    table: the place in Kamailio's table, by a hash of ours.
    """
    return [
        {"table": one.network.network_address.packed[-1] % SLOTS, "group": group,
         "item": {"ip": str(one.network.network_address), **more}}
        for group, one, more in _listed(proxy)
        if one.network.num_addresses == 1
    ]  # fmt: skip


@rpc("permissions.subnetDump", many=True)
def permissions_subnet_dump(proxy: Proxy, _: float) -> list[Value]:
    """Networks, by group."""
    nets = [found for found in _listed(proxy) if found[1].network.num_addresses > 1]
    return [
        {"id": place, "group": group,
         "item": {"ip": str(one.network.network_address), "mask": one.network.prefixlen, **more}}
        for place, (group, one, more) in enumerate(nets)
    ]  # fmt: skip


EXPORTS = Module(
    "permissions",
    commands=(allow_source_address, allow_address, allow_source_address_group, allow_trusted),
    parameters=PermissionsParameters,
    state=Permissions,
    rpcs=(permissions_address_dump, permissions_subnet_dump),
)
