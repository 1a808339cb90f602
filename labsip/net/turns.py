"""Whose turn it is to be read: so that no crowd of connections keeps datagrams, calls, timers or others waiting."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from labsip.net.connection import Connection

BATCH = 64
"""Messages read from connections in one turn of the loop, and some; datagrams and calls have theirs in between."""
HANDSHAKE = 8
"""Messages that take as long as a step of a handshake."""


class Turns:
    """Sources take turns, and so do the connections of each; the loop tells again of those that had to wait.

    A turn is over as soon as the loop has been round, but nobody looks before it would be too long: with little to
    read the loop has nothing to do for it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ending = False
        self._number = 0
        self._left = BATCH
        self._spent: dict[str, int] = defaultdict(int)
        """What each source has had since nobody had to wait."""
        self._rounds: dict[str, int] = {}
        """Of each source that had to wait the turn since which its connections are read once each."""
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
        if self._left > 0 or not self._waiting:  # whoever still waits does so for having had much
            self._spent.clear()
        self._waiting.clear()
        self._left = BATCH
        self._number += 1
        self._ending = False
