"""All connections of a network: which one a message goes by, which one is read next, which one ends for others.

Room and turns are shared by source, as `proxy.shares` has it: the address at the other end, whoever made the
connection. Connections between two nodes of this network are not counted and never end for others.
"""

from __future__ import annotations

import asyncio
import errno
import resource
from collections import defaultdict
from collections.abc import Callable, Iterator

from labsip.net.connection import Connection, Limits, Outgoing
from labsip.proxy.shares import Shares
from labsip.sip.framing import alias_of
from labsip.sip.timing import RFC
from labsip.sip.transport import Address

Pair = tuple[Address, Address]
"""The two ends of a connection, ours first."""

LEAST = 4
"""Connections that a source may always have."""
LEAST_BYTES = 1 << 18
"""Bytes that a source may always have waiting: the largest message, and some answers."""
OUTWARD = 8
"""One in so many connections at most may be one we are making and that nobody has taken yet."""
SPARE = 128
"""Descriptors of the process that are left for listening, files and the loop (half of them, if there are very few)."""
BATCH = 64
"""Messages read from connections in one turn of the loop, and some; datagrams and calls have theirs in between."""
HANDSHAKE = 8
"""Messages that take as long as a step of a handshake."""
FRESH = 64 * RFC.T1
"""For how long a connection that was heard keeps its alias from others, in seconds."""


class Connections:
    """The connections that are open, by identity: a later one may have the same ends, or the same descriptor."""

    def __init__(self, limits: Limits) -> None:
        room = min(limits.connections, descriptors())
        self.places = Shares(room, min(LEAST, room))
        self.bytes = Shares(limits.bytes, min(LEAST_BYTES, limits.bytes))
        self.inside: set[Connection] = set()
        """Those between two nodes of this network."""
        self._all: dict[Connection, None] = {}
        self._by_ends: dict[Pair, Connection] = {}
        """The latest with these ends, as the system knows them."""
        self._outward: dict[Connection, None] = {}
        """Those we make, in order; those that are connected by now are taken out when there are too many."""

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
        """It is open."""
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

        Only peers that come to us count as active: others decide whom we call, and how often. Raises OSError if the
        source is above its share.
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

        So addresses that don't answer hold up nobody, however many of them we are made to call.
        """
        most = max(1, self.places.room // OUTWARD)
        if len(self._outward) >= most:
            self._outward = {one: None for one in self._outward if not one.connected}
        return next(iter(self._outward)) if len(self._outward) >= most else None

    def idlest(self, above: int = 0) -> Connection | None:
        """Of the source that holds most, and more than so many, the connection that has been idle longest."""
        return self._of_the_greatest(self.places, above, lambda one: -one.moved)

    def weigh(self, connection: Connection, now: float) -> Connection | None:
        """Count again what waits in it; returns which one has to end because of that: this one, or the greatest."""
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
        """The weightiest of the source that holds most; several sources that hold as much count as one."""
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


class Directory:
    """Which connection a message goes by: the one to its address, or one whose other end asks to be known by it."""

    def __init__(self) -> None:
        self._connections: dict[Pair, Connection] = {}
        self._asked: dict[Pair, dict[Connection, None]] = {}
        """Which connections ask for an alias, the latest last; each asks for one."""

    def __len__(self) -> int:
        return len(self._connections)

    def find(self, ours: Address, theirs: Address) -> Connection | None:
        """The connection a message from here to there goes by."""
        return self._connections.get((ours, theirs))

    def add(self, connection: Connection) -> None:
        """Messages to its other end go by it from now on."""
        self._connections[connection.ours, connection.theirs] = connection

    def leave(self, connection: Connection) -> None:
        """Messages go another way from now on, unless they do already."""
        self._give_up_alias(connection)
        self._drop(connection, connection.theirs)

    def heard(self, connection: Connection, data: bytes) -> None:
        """Its other end sent a message: if that asks for an alias (RFC 5923), it gets it, one at a time.

        Whichever has it keeps it as long as it is heard: behind one address there may be many peers, and one must not
        take what is meant for another (Kamailio doesn't allow that either). When it has ended, the one that asked last
        gets it. A connection that really goes to that address never gives it up.
        """
        alias = alias_of(data, connection.theirs) if b";alias" in data else None
        if alias is None or alias == connection.theirs:
            return
        way = connection.ours, alias
        if alias != connection.alias:
            self._give_up_alias(connection)
            connection.alias = alias
        asked = self._asked.setdefault(way, {})
        asked.pop(connection, None)
        asked[connection] = None
        before = self._connections.get(way)
        if before is None or (before.alias == alias and connection.heard - before.heard > FRESH):
            self._connections[way] = connection

    def _give_up_alias(self, connection: Connection) -> None:
        alias, connection.alias = connection.alias, None
        if alias is None:
            return
        way = connection.ours, alias
        del self._asked[way][connection]
        if not self._asked[way]:
            del self._asked[way]
        self._drop(connection, alias)

    def _drop(self, connection: Connection, theirs: Address) -> None:
        way = connection.ours, theirs
        if self._connections.get(way) is connection:
            del self._connections[way]
            if way in self._asked:
                self._connections[way] = next(reversed(self._asked[way]))


class Turns:
    """Whose turn it is to be read: no crowd of connections keeps datagrams, calls, timers or other peers waiting.

    Sources take turns, and so do the connections of each; the loop tells again of those that had to wait. A turn is
    over when the loop has been round, but nobody looks before it becomes long: with little to read, turns cost nothing.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ending = False
        self._number = 0
        self._left = BATCH
        self._spent: dict[str, int] = defaultdict(int)
        """Messages of each source since the last time that nobody had to wait."""
        self._rounds: dict[str, int] = {}
        """For each source that had to wait, the turn since which its connections are read once each."""
        self._waiting: set[str] = set()
        """Sources that have more to be read than this turn allows."""

    def has(self, connection: Connection) -> bool:
        """Whether it is read now."""
        source = connection.source
        if self._left <= 0 or self._spent[source] >= BATCH:
            self._waiting.add(source)
        elif not self._rounds or connection.round < self._rounds.get(source, self._number):
            connection.round = self._number
            return True
        self._end()
        return False

    def took(self, connection: Connection, messages: int) -> None:
        """So many were read from it."""
        self._left -= 1 + messages
        self._spent[connection.source] += 1 + messages
        if self._left <= 0:
            self._end()

    def _end(self) -> None:
        if not self._ending:
            self._ending = True
            self._loop.call_soon(self._over)  # before the next look at what has come

    def _over(self) -> None:
        self._rounds = {source: self._rounds.get(source, self._number) for source in self._waiting}
        if self._left > 0 or not self._waiting:  # those that still wait have had much
            self._spent.clear()
        self._waiting.clear()
        self._left = BATCH
        self._number += 1
        self._ending = False


def descriptors() -> int:
    """How many connections this process has descriptors for."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return max(limit - SPARE, limit // 2) if limit != resource.RLIM_INFINITY else 1 << 30
