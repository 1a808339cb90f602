"""All connections of a network: who holds how many, how much waits in them, and which one ends where others need room.

Room is shared by source, as `proxy.shares` has it: the address at the other end, whoever made the connection. What is
between two nodes of this network is not counted and never ends for others.
"""

from __future__ import annotations

import errno
import resource
from collections.abc import Callable, Iterator

from labsip.net.connection import Connection, Limits, Outgoing
from labsip.proxy.shares import Shares
from labsip.sip.transport import Address

Way = tuple[Address, Address]
"""Two ends of a connection, ours first."""

LEAST = 4
"""Connections that a source may always have."""
LEAST_BYTES = 1 << 18
"""Bytes that a source may always have waiting: the largest message, and some answers."""
OUTWARD = 8
"""One in so many connections at most may be one we are making and that nobody has taken yet."""
SPARE = 128
"""Descriptors of the process that are left for listening, files and the loop (half of them, if there are very few)."""


class Connections:
    """The connections that are open, each itself: its two ends may come back, and so may its descriptor."""

    def __init__(self, limits: Limits) -> None:
        room = min(limits.connections, descriptors())
        self.places = Shares(room, min(LEAST, room))
        self.bytes = Shares(limits.bytes, min(LEAST_BYTES, limits.bytes))
        self.inside: set[Connection] = set()
        """Those between two nodes of this network."""
        self._all: dict[Connection, None] = {}
        self._by_ends: dict[Way, Connection] = {}
        """The latest with these ends, as the system knows them."""
        self._outward: dict[Connection, None] = {}
        """Those we make, in order; who has been connected since is taken out when there are too many."""

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._all))

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._all

    def between(self, ours: Address, theirs: Address) -> Connection | None:
        """The latest connection that has these ends."""
        return self._by_ends.get((ours, theirs))

    def add(self, connection: Connection, *, inside: bool) -> None:
        """From now on it is one of them."""
        self._all[connection] = None
        self._by_ends[connection.key] = connection
        if inside:
            self.inside.add(connection)
            return
        self.places.take(connection.source)
        if not connection.connected:
            self._outward[connection] = None

    def remove(self, connection: Connection) -> None:
        """It has ended."""
        del self._all[connection]
        self._outward.pop(connection, None)
        if self._by_ends.get(connection.key) is connection:
            del self._by_ends[connection.key]
        if connection in self.inside:
            self.inside.remove(connection)
            return
        self.places.give_back(connection.source)
        self._count(connection, 0)

    # --- room ---------------------------------------------------------------------------------------------------

    def make_room(self, source: str, now: float, *, outward: bool) -> Connection | None:
        """Which one has to end so that the source can have another; None if there is room.

        Only someone who comes to us counts as active: whom we call, and how many, is for others to say. Raises OSError
        if the source is above its share.
        """
        places = self.places
        full = places.total >= places.room
        if outward:
            fits = not full or places.taken(source) < places.share(now)
        else:
            fits = places.fits(source, now)
        if not fits:
            raise OSError(errno.EMFILE, f"{self.places.total} are open already")
        return self.idlest() if full else None

    def given_up(self) -> Connection | None:
        """Which of those we are making has to end so that there can be another: the one that has tried longest.

        An address that does not answer so holds up nobody, however many of that kind we are made to call.
        """
        most = max(1, self.places.room // OUTWARD)
        if len(self._outward) >= most:
            self._outward = {one: None for one in self._outward if not one.connected}
        return next(iter(self._outward)) if len(self._outward) >= most else None

    def idlest(self, above: int = 0) -> Connection | None:
        """Of the source that holds most, and more than so many, the connection that has been idle longest."""
        return self._of_the_greatest(self.places, above, lambda one: -one.moved)

    def weigh(self, connection: Connection, now: float) -> Connection | None:
        """Count anew what waits in it; returns which one has to end because of that: itself, or the greatest."""
        weight = connection.queued + connection.framing.held
        more = weight - connection.weight
        if not more or connection in self.inside:
            return None
        fits = more < 0 or self.bytes.fits(connection.source, now, more)
        self._count(connection, weight)
        if not fits:
            return connection
        if self.bytes.total <= self.bytes.room:
            return None
        return self._of_the_greatest(self.bytes, 0, lambda one: one.weight)

    def _count(self, connection: Connection, weight: int) -> None:
        more = weight - connection.weight
        connection.weight = weight
        if more > 0:
            self.bytes.take(connection.source, more)
        elif more:
            self.bytes.give_back(connection.source, -more)

    def _of_the_greatest(self, shares: Shares, above: int, weight: Callable[[Connection], float]) -> Connection | None:
        """The weightiest of the source that holds most; several that hold as much are looked at as one."""
        most = shares.taken(shares.most() or "")
        if most <= above:
            return None
        return max((one for one in self._all if self._holds(shares, one) == most), key=weight, default=None)

    def _holds(self, shares: Shares, connection: Connection) -> int:
        return 0 if connection in self.inside else shares.taken(connection.source)

    # --- messages -----------------------------------------------------------------------------------------------

    def lost_with(self, connection: Connection) -> list[Outgoing]:
        """The messages that nobody will read, for a connection has ended."""
        queued = [out for out in connection.queue if out.datagram is not None]
        twin = connection.twin
        if twin is not None and twin in self:  # it still reads what has left here
            for _ in queued:
                connection.unread.pop()
            return queued
        if twin is not None:
            return [*connection.unread, *twin.unread]
        return list(connection.unread) or queued


def descriptors() -> int:
    """How many connections this process has descriptors for."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return max(limit - SPARE, limit // 2) if limit != resource.RLIM_INFINITY else 1 << 30
