"""Where a proxy listens and what it is called: what is its own, where a URI leads, which address it sends from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address

from labsip.proxy.settings import Settings
from labsip.sip.headers import Via
from labsip.sip.memo import remembered
from labsip.sip.transport import DEFAULT_PORT, Address, plain
from labsip.sip.uri import SipUri


class Listening:
    """The addresses of a proxy, and its domains, which are in the settings."""

    def __init__(self, listen: Sequence[Address], settings: Settings) -> None:
        self.settings = settings
        self.addresses = tuple(listen)
        self._places = {(plain(address.host), address.port) for address in listen}
        self._first = {address.proto: address for address in reversed(self.addresses)}
        """The first address of each transport."""
        self.registered: frozenset[str] = frozenset()
        """Domains that a module knows besides (domain's register_myself), in lower case."""

    @property
    def names(self) -> frozenset[str]:
        """The domains as hosts are compared: in lower case, IPv6 addresses in one spelling and without brackets."""
        known = _names(self.settings)
        return known | self.registered if self.registered else known

    def is_own_via(self, via: Via) -> bool:
        """Whether a Via names this proxy."""
        return self.is_own(via.host, via.port)

    def is_own(self, host: str, port: int | None) -> bool:
        """Whether host and port are this proxy: an address it listens on, or one of its domains."""
        bare = plain(host).lower()
        if bare in self.names:
            return port is None or any(address.port == port for address in self.addresses)
        return (bare, port or DEFAULT_PORT) in self._places

    def is_ours(self, uri: SipUri) -> bool:
        """Whether a URI is of this proxy; one without port is, whatever port we listen on."""
        host = plain(uri.host).lower()
        hosts = [plain(at.host) for at in self.addresses if uri.port in (None, at.port)]
        return host in hosts or (bool(hosts) and host in self.names)

    def is_for_us(self, uri: SipUri) -> bool:
        """Whether a URI can lead nowhere but here."""
        return self.is_ours(uri) or self.is_any_name(uri)

    def is_any_name(self, uri: SipUri) -> bool:
        """Whether a URI has a name that could lead nowhere but here: any, as long as no domain was named (no DNS)."""
        return not self.settings.domains and bool(uri.host) and not is_ip(uri.host.strip("[]"))

    def resolve(self, uri: SipUri) -> Address | None:
        """Where a URI leads; None without a socket for its transport. No DNS: only our own names are known."""
        address = uri.address
        own = self._first.get(address.proto)
        if own is None:
            return None
        host = address.host.lower()
        if host in self.names:
            return own._replace(port=uri.port or own.port)
        if host == "localhost":
            return address._replace(host="127.0.0.1")
        return address if is_ip(address.host) else None

    def socket_for(self, dst: Address, preferred: Address) -> Address:
        """The address of ours to send from: where the request came in, unless IP version or transport are wrong."""
        if dst.proto == preferred.proto and (":" in dst.host) == (":" in preferred.host):
            return preferred
        wanted = ":" in dst.host, dst.proto
        return next((a for a in self.addresses if (":" in a.host, a.proto) == wanted), preferred)


@lru_cache(maxsize=64)
def _names(settings: Settings) -> frozenset[str]:
    return frozenset(plain(domain).lower() for domain in settings.domains)


@remembered(1024)
def is_ip(host: str) -> bool:
    """Whether a host is an address, and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
