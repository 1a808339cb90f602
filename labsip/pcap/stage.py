"""Which addresses the parties of a flow get in a capture file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from itertools import chain

from labsip.pcap.packets import packed
from labsip.sip.errors import LabError
from labsip.sip.transport import Address

_NETS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
"""Reserved for documentation (RFC 5737), as 2001:db8::/32 (RFC 3849)."""


class Stage:
    """Gives each party its place: its own address, or a documentation address that no other party has.

    With addresses of their own, parties that in truth share a machine have a column each in every tool's ladder.
    """

    def __init__(self, names: Mapping[Address, str], *, documentation: bool) -> None:
        self._names = names
        self._documentation = documentation
        self._hosts: dict[tuple[int, str], str] = {}
        self._free: dict[int, Iterator[object]] = {
            4: chain.from_iterable(ip_network(net).hosts() for net in _NETS),
            6: ip_network("2001:db8::/32").hosts(),
        }

    def party(self, address: Address) -> str:
        """Who is there, host:port if it has no name."""
        return self._names.get(address) or str(address)

    def place(self, address: Address) -> Address:
        """Where to put what is at that address. Raises LabError if it is no IP address, or there are too many."""
        try:
            version = 4 if len(packed(address.host)) == 4 else 6
        except ValueError:
            raise LabError(f"{address.host!r} is no IP address; packets go from one to another") from None
        if not self._documentation:
            return address
        key = (version, self.party(address))
        if key not in self._hosts:
            host = next(self._free[version], None)
            if host is None:
                raise LabError(f"there are documentation addresses for {len(self._hosts)} parties, not for more")
            self._hosts[key] = str(host)
        return Address(self._hosts[key], address.port)
