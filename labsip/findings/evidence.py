"""What rules look at: the conversations of a flow, and what the whole of it tells about its parties."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from labsip.flow.conversation import Conversation, conversations, user_in
from labsip.flow.rows import Flow, FlowRow
from labsip.sip.errors import BadMessage, parse_seconds
from labsip.sip.message import Message

_PRIVATE = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16 fc00::/7 fe80::/10"
PRIVATE = tuple(ip_network(net) for net in _PRIVATE.split())
"""RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291. The addresses of examples (192.0.2.0/24, ...) count as public."""


class Proof(NamedTuple):
    """What a rule found: the rows that show it, and the facts that its sentence names."""

    rows: tuple[int, ...]
    facts: dict[str, object]


def proof(*messages: FlowRow, **facts: object) -> Proof:
    """A finding that these messages show."""
    return Proof(tuple(sorted({one.row for one in messages})), facts)


class Binding(NamedTuple):
    """A registrar's answer to a REGISTER: that user is known from then on, for so long."""

    answer: FlowRow
    seconds: float
    """0: it was taken out."""

    @property
    def until(self) -> float:
        """When it runs out [s]."""
        return self.answer.t + self.seconds


class Evidence:
    """A flow to be explained. `asked`: the conversations to look at; the others only tell about these."""

    def __init__(self, flow: Flow, call_id: str | None = None) -> None:
        self.conversations = conversations(flow)
        self.asked = [one for one in self.conversations if call_id in (None, one.call_id)]
        self.whole = Conversation("", [one for one in flow if call_id in (None, one.call_id)])
        """All messages asked for, copies of a double capture too."""
        self._names: dict[str, str] = dict(flow.names or {})

    @cached_property
    def hosts(self) -> dict[str, set[IPv4Address | IPv6Address]]:
        """Party → the hosts it was seen at, as far as the flow tells."""
        found = defaultdict(set)
        for address, name in self._names.items():
            host = host_in(address.rpartition(":")[0])
            if host is not None:
                found[name].add(host)
        return found

    def public(self, party: str) -> IPv4Address | IPv6Address | None:
        """Where a party is seen, if that is on the public network; else None."""
        hosts = self.hosts.get(party, set())
        return None if any(map(local, hosts)) else next(iter(sorted(hosts, key=str)), None)

    def binding(self, user: str, before: FlowRow) -> Binding | None:
        """What the registrar last said about a user, None if nothing was seen."""
        known = self._bindings[user]
        place = bisect_left(known, before.row, key=lambda one: one.answer.row)
        return known[place - 1] if place else None

    @cached_property
    def _bindings(self) -> defaultdict[str, list[Binding]]:
        found = defaultdict(list)
        for one in self.conversations:
            for made in one.of("REGISTER"):
                if made.final and made.status < 300 and (message := made.final.message):
                    found[user_in(made.request.message, "To")].append(Binding(made.final, _longest(message)))
        for known in found.values():
            known.sort(key=lambda one: one.answer.row)
        return found


def host_in(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address in `192.0.2.1` or `[2001:db8::1]`; None for a name."""
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None


def private(host: IPv4Address | IPv6Address) -> bool:
    """Whether an address is valid only within a private network."""
    return any(host in net for net in PRIVATE if net.version == host.version)


def local(host: IPv4Address | IPv6Address) -> bool:
    """Whether an address is not on the public network: private, or this very machine."""
    return private(host) or host.is_loopback or host.is_unspecified


def contact_host(message: Message) -> IPv4Address | IPv6Address | None:
    """The IP address of the first Contact, None if there is none to be read."""
    try:
        return next((host_in(one.sip_uri.host) for one in message.contacts), None)
    except BadMessage:
        return None


def _longest(response: Message) -> float:
    """Seconds the last of the listed contacts has; a 200 without any says that the user is gone."""
    return max(map(float, _granted(response)), default=0.0)


def _granted(response: Message) -> Iterator[int]:
    try:
        for contact in response.contacts:
            yield parse_seconds(contact.param("expires") or response.get("Expires") or "0", "Expires")
    except BadMessage:
        return
