"""permissions: which addresses are trusted, by group (Kamailio's module of that name).

The setting `address_list` holds what Kamailio's address_file does, a line each, the last three columns may be missing:

    # group  address     mask  port  tag
    1        127.0.10.200
    2        10.1.0.0    16    5060  carriers
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from labsip.modules.databases import Databases, query
from labsip.proxy.arguments import checked_lines, checked_number
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.listening import is_ip
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import Value, rpc
from labsip.proxy.script import ANY
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import LabError
from labsip.sip.transport import Address


@dataclass(frozen=True)
class PermissionsParameters:
    """Parameters of permissions."""

    address_list: str = ""
    """Which addresses are in which group: lines as Kamailio's address_file has them (permissions)."""
    permissions_db_url: str = ""
    """Where more of them are, in the table `address` (permissions' db_url)."""
    address_table: str = "address"


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
        self._rows = self._read()
        _ = self.groups  # a list that can't be read is refused at once

    def _read(self) -> str:
        """The rows of the database, as lines; they are read at the start, as Kamailio does."""
        given = self.proxy.settings.of(PermissionsParameters)
        if not given.permissions_db_url:
            return ""
        database = self.proxy.module(Databases).at(given.permissions_db_url, "permissions")
        rows = database.query(query(given.address_table, ("grp", "ip_addr", "mask", "port"), {})).rows
        return "".join(" ".join(map(str, row)) + "\n" for row in rows)

    @property
    def groups(self) -> Mapping[int, list[Allowed]]:
        """Those the settings list now."""
        return read_address_list(f"{self.proxy.settings.of(PermissionsParameters).address_list}\n{self._rows}")


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
    commands=(allow_source_address, allow_address, allow_source_address_group),
    parameters=PermissionsParameters,
    state=Permissions,
    rpcs=(permissions_address_dump, permissions_subnet_dump),
)
