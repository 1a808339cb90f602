"""The parties in a capture: a name for each address, and the way back from names to addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING

from labsip.flow.rows import Flow
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, bracketed
from labsip.trace import DatagramRow

if TYPE_CHECKING:
    from pandas import DataFrame

Names = Mapping[str, str] | Mapping[Address, str]
"""Host, host:port or `Address` → name."""
REASON = "a capture is written from a flow like lab.flow; this table has no column"
COLUMNS = ("t", "src", "dst", "raw", "lost", "proto")
"""Of a flow: what a capture is written from; and `command`, for its comments."""


def party_names(
    addresses: Iterable[Address],
    given: Names | None = None,
    hosts: Mapping[str, str] | None = None,
    callers: Collection[Address] = (),
) -> dict[Address, str]:
    """A name for each address; addresses with the same name are one party.

    A name `given` for the address comes first, then one given for its host, then the one that `hosts`, which the file
    itself holds, has for it. Without any of them a party is called by its host. A host that uses several ports is
    several parties, `host:port`; but a port that only opened TCP connections, one of `callers`, does not count as one.
    Raises LabError where `given` holds something that is no address.
    """
    known = _known(given)
    seen = dict.fromkeys(addresses)
    ports = defaultdict(set)
    for address in seen:
        if address not in callers:
            ports[address.host].add(address.port)
    names = {}
    for address in seen:
        label = (hosts or {}).get(address.host, address.host)
        default = label if len(ports[address.host]) <= 1 else f"{bracketed(label)}:{address.port}"
        names[address] = known.get(address) or known.get(address.host) or default
    return names


def rows_of(
    flow: Flow | DataFrame | Iterable[DatagramRow], given: Names | None = None
) -> tuple[list[DatagramRow], dict[Address, str]]:
    """The rows of a trace that a flow shows, or the rows themselves, and the names of their ends.

    Raises LabError if a flow has a party whose address is unknown.
    """
    if (
        not isinstance(flow, Flow)
        and not hasattr(flow, "itertuples")
        and not hasattr(flow, "flow")
        and not isinstance(flow, (str, int))
    ):
        rows = list(flow)
        return rows, party_names((end for one in rows for end in (one.src, one.dst)), given)
    flow = Flow.of(flow, COLUMNS, REASON)
    known = _known(flow.names) | _known(given)
    places: dict[str, Address] = {}
    for key, name in known.items():
        places.setdefault(name, key if isinstance(key, Address) else Address(key))
    for name in {end for one in flow for end in (one.src, one.dst)} - places.keys():
        places[name] = _address(name)
    rows = [
        DatagramRow(one.row, one.t, places[one.src], places[one.dst], one.raw, None, one.command, one.lost, one.proto)
        for one in flow
    ]
    return rows, {place: name for name, place in places.items()}


def _address(name: str) -> Address:
    """The address of a party that is called by it."""
    key = _key(name)
    if key is None:
        raise LabError(f'no address is known for {name}; say names={{"192.0.2.1": "{name}"}}')
    return key if isinstance(key, Address) else Address(key)


def _known(given: Names | None) -> dict[str | Address, str]:
    known: dict[str | Address, str] = {}
    if given is not None and not isinstance(given, Mapping):
        raise LabError(f'names={given!r} can\'t be; write a dictionary, as in {{"192.0.2.1": "proxy"}}')
    for text, name in (given or {}).items():
        key = _key(str(text))
        if key is None:
            raise LabError(f'{text} is no address; names go the other way round: {{"192.0.2.1": "{text}"}}')
        known[key] = name
    return known


def _key(text: str) -> str | Address | None:
    """A host, a host with a port, or neither."""
    host, port = text, ""
    if text.startswith("[") or text.count(":") == 1:
        host, _, port = text.rpartition(":")
    try:
        host = str(ip_address(host.strip("[]")))
    except ValueError:
        return None
    return Address(host, int(port)) if port.isdigit() else host
