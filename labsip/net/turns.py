"""Whose turn it is to be read: so that no crowd of connections keeps datagrams, calls and timers waiting."""

from __future__ import annotations

import asyncio

from labsip.net.connection import Connection

BATCH = 64
"""Messages read from connections in one turn of the loop, and some; datagrams and calls have theirs in between."""

HANDSHAKE = 8
"""Messages that take as long as a step of a handshake."""


class Turns:
    """Each connection is read once before any is read again; the loop tells again of those that had to wait."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._left = 0
        self._round = 0
        self._under_way = False

    def has(self, connection: Connection) -> bool:
        """Whether it is read now."""
        if not self._under_way:
            self._under_way = True
            self._left = BATCH
            self._loop.call_soon(self._over)  # before the next look at what has come
        if self._left <= 0 or connection.round == self._round:
            return False
        connection.round = self._round
        return True

    def took(self, messages: int) -> None:
        """So many were read in it."""
        self._left -= 1 + messages

    def _over(self) -> None:
        self._under_way = False
        if self._left > 0:  # nobody had to wait
            self._round += 1
