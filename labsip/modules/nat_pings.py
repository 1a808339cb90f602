"""Pings that keep the way to phones behind NAT open (nathelper's natping_interval)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from labsip.modules.core_hash import core_hash
from labsip.modules.usrloc import Contact, UsrLoc, UsrLocParameters
from labsip.proxy.listening import is_ip
from labsip.proxy.receive import Proxy
from labsip.proxy.turn import ModuleState
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.transport import Address, Datagram
from labsip.sip.uri import SipUri

NOTHING = b"\0\0\0\0"
"""What a phone is sent that is sent no request: no message at all, but the NAT on its way sees it."""


@dataclass(frozen=True)
class NatHelperParameters:
    """Parameters of nathelper."""

    natping_interval: float = 0.0
    """How often a contact is pinged, in seconds; 0: never."""
    ping_nated_only: bool = False
    """Only contacts with usrloc's nat_bflag are."""
    natping_disable_bflag: int = -1
    """Contacts with this flag are not."""
    sipping_bflag: int = -1
    """Contacts with this flag are sent a request, the others four bytes of 0; without ping_nated_only all are."""
    sipping_from: str = ""
    """URI that request is from; without sipping_bflag there is none."""
    sipping_method: str = "OPTIONS"


class NatPings(ModuleState):
    """The pings of one proxy. Kamailio spreads them over the interval; here all go out at once."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self._next: float | None = None
        given = self.parameters
        if given.sipping_bflag >= 0 and not given.sipping_from:
            raise LabError('nathelper: sipping_bflag needs sipping_from, as in "sip:pinger@127.0.0.1"')
        if given.natping_interval and given.ping_nated_only and self._nat_flag < 0:
            raise LabError("nathelper: ping_nated_only needs usrloc's nat_bflag, the flag of contacts behind NAT")

    @property
    def parameters(self) -> NatHelperParameters:
        """Those of the proxy now."""
        return self.proxy.settings.of(NatHelperParameters)

    @property
    def _nat_flag(self) -> int:
        return self.proxy.settings.of(UsrLocParameters).nat_bflag

    def next_wake(self) -> float | None:
        """When contacts are pinged next (seconds); None while there are none."""
        tables = self.proxy.module(UsrLoc).tables
        if not self.parameters.natping_interval or not any(tables.values()):
            self._next = None
        elif self._next is None:
            first = min(one.modified for users in tables.values() for found in users.values() for one in found)
            self._next = first + self.parameters.natping_interval
        return self._next

    def wake(self, now: float) -> list[Datagram]:
        """Ping."""
        if self._next is None or now < self._next:
            return []
        self._next = now + self.parameters.natping_interval
        return [ping for contact in self._contacts(now) if (ping := self._ping(contact)) is not None]

    def _contacts(self, now: float) -> Iterator[Contact]:
        given = self.parameters
        for users in self.proxy.module(UsrLoc).tables.values():
            for contact in (one for found in users.values() for one in found):
                wanted = not given.ping_nated_only or _has(contact, self._nat_flag)
                if wanted and contact.expires_at > now and not _has(contact, given.natping_disable_bflag):
                    yield contact

    def _ping(self, contact: Contact) -> Datagram | None:
        """What that contact is sent; None for one that is reached otherwise than by UDP, or by a name."""
        try:
            dst = SipUri.parse(contact.received or contact.uri).address
        except BadMessage:
            return None
        if dst.proto != "udp" or not is_ip(dst.host):
            return None
        src, given = self.proxy.socket_for(dst, contact.socket), self.parameters
        by_request = given.sipping_bflag >= 0 and (not given.ping_nated_only or _has(contact, given.sipping_bflag))
        return Datagram(self._request(contact, src) if by_request else NOTHING, src, dst)

    def _request(self, contact: Contact, src: Address) -> bytes:
        given, ids = self.parameters, self.proxy.ids
        branch, call, number = ids.getrandbits(24), ids.getrandbits(32), ids.getrandbits(32)
        tag = f"{contact.ruid}-{core_hash(contact.aor):x}-{number:x}"
        return (
            f"{given.sipping_method} {contact.uri} SIP/2.0\r\nVia: SIP/2.0/UDP {src};branch=z9hG4bK{branch}\r\n"
            f"From: {given.sipping_from};tag={tag}\r\nTo: {contact.uri}\r\nCall-ID: {call:x}-{number:x}@{src.host}\r\n"
            f"CSeq: 1 {given.sipping_method}\r\nContent-Length: 0\r\n\r\n"
        ).encode("utf-8", "surrogateescape")


def _has(contact: Contact, flag: int) -> bool:
    return flag >= 0 and bool(contact.flags >> flag & 1)
