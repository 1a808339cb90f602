"""Where a lab is on its machine: addresses that are the same in every run, and that no other lab has."""

from __future__ import annotations

from collections.abc import Iterable

from labsip.net.address import NoSuchAddress, PortInUse
from labsip.net.network import Network
from labsip.sip.errors import LabError
from labsip.sip.transport import Address

NETS = range(10, 255)
"""What N in 127.0.N.x may be."""
HOSTS = range(2, 251)
"""Hosts a phone may have by its number."""
FIRST_HOST = 11
"""Phones without a number begin here."""
CLAIM = 254
"""A host that nobody is: who holds its port has the net, also while the proxy's own port changes hands."""


class Addresses:
    """The addresses of one lab: the proxy is 127.0.N.1:5060, phone 106 is 127.0.N.106:5060.

    N is the first from 10 up that no other lab has claimed, and whose proxy address is free. Where there is only
    127.0.0.1 (macOS), or port 5060 is taken everywhere, all are there, on ports the system picks.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._net: int | None = None
        self.proxy = self._find()
        """The proxy's address, reserved on the network."""

    def __repr__(self) -> str:
        return f"<addresses of the lab with its proxy on {self.proxy}>"

    def _find(self) -> Address:
        for net in NETS:
            claim = Address(f"127.0.{net}.{CLAIM}")
            try:
                self._network.reserve(claim)
            except PortInUse:
                continue
            except NoSuchAddress:
                break
            try:
                address = self._network.reserve(Address(f"127.0.{net}.1"))
            except PortInUse:  # a program that is no lab has it
                self._network.release(claim)
                continue
            self._net = net
            return address
        return self._network.reserve(Address("127.0.0.1", 0))

    def phone(self, name: str) -> Address:
        """Reserve an address for a phone: the host its name says, else the next free one from 11 up.

        Raises LabError when all are taken.
        """
        if self._net is None:
            return self._network.reserve(Address("127.0.0.1", 0))
        for host in self._hosts(name):
            try:
                return self._network.reserve(Address(f"127.0.{self._net}.{host}"))
            except PortInUse:
                continue
        raise LabError(f"no address is left for {name} in 127.0.{self._net}.x; a lab has room for some 240 phones")

    def _hosts(self, name: str) -> Iterable[int]:
        if name.isascii() and name.isdigit() and int(name) in HOSTS:
            yield int(name)
        yield from range(FIRST_HOST, HOSTS.stop)
