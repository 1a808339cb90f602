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
    """Sources take turns, and so do the connections of each; the loop tells again of those that had to wait."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._under_way = False
        self._number = 0
        self._left = 0
        self._spent: dict[str, int] = defaultdict(int)
        """What each source has had since nobody had to wait."""
        self._rounds: dict[str, int] = {}
        """Of each source the turn since which its connections have been read once each."""
        self._waiting: set[str] = set()
        """Sources that have more to be read than this turn allows."""

    def has(self, connection: Connection) -> bool:
        """Whether it is read now."""
        if not self._under_way:
            self._under_way = True
            self._left = BATCH
            self._loop.call_soon(self._over)  # before the next look at what has come
        source = connection.source
        since = self._rounds.setdefault(source, self._number)
        if connection.round == since:
            return False
        if self._left <= 0 or self._spent[source] >= BATCH:
            self._waiting.add(source)
            return False
        connection.round = since
        return True

    def took(self, connection: Connection, messages: int) -> None:
        """So many were read from it."""
        self._left -= 1 + messages
        self._spent[connection.source] += 1 + messages

    def _over(self) -> None:
        self._under_way = False
        self._number += 1
        self._rounds = {source: since for source, since in self._rounds.items() if source in self._waiting}
        self._waiting.clear()
        if self._left > 0:  # whoever still waits does so for having had much
            self._spent.clear()
