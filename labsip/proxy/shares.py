"""Room that many sources share: nobody takes all of it from the others, and whoever takes little is served.

A source is whoever can be told apart: a user who has shown a password, else an address; of IPv6 the /64, for whoever
has one address of it has them all.
"""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

from labsip.sip.memo import remembered
from labsip.sip.timing import RFC

ACTIVE = 64 * RFC.T1
"""For how long a source counts as active since it last asked for something, in seconds."""
KNOWN = 65_536
"""Sources remembered; beyond that, the one that has been silent longest and holds nothing is forgotten."""


class Shares:
    """So much room, in whatever it is counted: connections, bytes that wait in them, contacts.

    A source's share is an n-th of the room, n being the sources that were active in the last 64*T1, and never less than
    `least`. Below its share a source is always served, above it only where there is room. So the room may be exceeded,
    by those who have little: whoever filled it before has not given back yet what is above its share now.
    """

    def __init__(self, room: int, least: int) -> None:
        self.room = room
        self.least = least
        self.total = 0
        self._taken: dict[str, int] = {}
        self._seen: OrderedDict[str, float] = OrderedDict()
        """When each source was active last, the one that has been silent longest first."""

    def fits(self, source: str, now: float, amount: int = 1) -> bool:
        """Whether the source may take so much more; asking makes it active."""
        self._notice(source, now)
        return self.total + amount <= self.room or self.taken(source) + amount <= self.share(now)

    def share(self, now: float) -> int:
        """What each source may take whatever the others do."""
        while self._seen and now - next(iter(self._seen.values())) > ACTIVE:
            self._seen.popitem(last=False)
        return max(self.least, self.room // max(1, len(self._seen)))

    def taken(self, source: str) -> int:
        """What the source holds."""
        return self._taken.get(source, 0)

    def take(self, source: str, amount: int = 1) -> None:
        """The source holds so much more."""
        self.total += amount
        self._taken[source] = self.taken(source) + amount

    def give_back(self, source: str, amount: int = 1) -> None:
        """The source holds so much less."""
        self.total -= amount
        left = self.taken(source) - amount
        if left:
            self._taken[source] = left
        else:
            self._taken.pop(source, None)

    def most(self) -> str | None:
        """The source that holds most, None if nobody holds anything."""
        return max(self._taken, key=self._taken.__getitem__, default=None)

    def _notice(self, source: str, now: float) -> None:
        self._seen[source] = now
        self._seen.move_to_end(source)
        if len(self._seen) > KNOWN:
            self._seen.popitem(last=False)


class Account:
    """What one source holds at the moment: bytes, and so many of what is counted besides."""

    __slots__ = ("bytes", "number", "seen")

    def __init__(self) -> None:
        self.bytes = 0
        self.number = 0
        self.seen = 0.0
        """When it asked last (seconds)."""


class Accounts:
    """The accounts of all sources that hold something, or have asked for it in the last 64*T1."""

    def __init__(self) -> None:
        self._by_source: OrderedDict[str, Account] = OrderedDict()
        """The one that has been silent longest first."""

    def __len__(self) -> int:
        return len(self._by_source)

    def of(self, source: str, now: float) -> Account:
        """That of a source that asks for something."""
        account = self._by_source.pop(source, None) or Account()
        account.seen = now
        self._by_source[source] = account
        silent = next(iter(self._by_source))
        while now - self._by_source[silent].seen > ACTIVE or len(self._by_source) > KNOWN:
            old = self._by_source.pop(silent)
            if old.bytes > 0 and len(self._by_source) < KNOWN:
                old.seen = now  # looked at again in 64*T1
                self._by_source[silent] = old
            silent = next(iter(self._by_source))
        return account

    def find(self, source: str) -> Account:
        """That of a source, one with nothing in it if it has none; nothing changes."""
        return self._by_source.get(source) or Account()


class Room:
    """Room with a part that is kept for what belongs to something that has begun: in `tm`, a request inside a call.

    Half of it is for whoever comes first. Beyond that a source is served as long as it stays within its share: an n-th
    of half the room for what begins something, until three quarters are taken; an n-th of a quarter for what belongs
    to something, until nothing is left. So no forged crowd takes more than there is, or what others need to end a call.
    """

    def __init__(self, room: int, least: int) -> None:
        self.room = room
        self.least = least
        self.open = room // 2
        """For whoever comes first."""
        self.most = room - room // 4
        """As far as what begins something goes."""

    def fits(self, total: int, amount: int) -> bool:
        """Whether so much more is there for whoever comes first; all hold `total`."""
        return total + amount <= self.open

    def share(self, sources: int, *, within: bool = False) -> int:
        """What each of so many sources may have whatever the others do, if there is room at all."""
        return max(self.least, (self.room // 4 if within else self.open) // max(1, sources))

    def has_left(self, total: int, amount: int, taken: int, sources: int, *, within: bool = False) -> bool:
        """Whether a source that holds `taken` may have so much more, of what is not for whoever comes first."""
        if total + amount > (self.room if within else self.most):
            return False
        return taken + amount <= self.share(sources, within=within)


@remembered(4096)
def source_of(host: str) -> str:
    """The source an address belongs to: itself, of IPv6 its /64; whatever is no address stands for itself."""
    if ":" not in host:
        return host
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"
