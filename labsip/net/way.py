"""Which connection a message goes by: the one to its address, or one whose other end asks to be known by it."""

from __future__ import annotations

from labsip.net.connection import Connection
from labsip.sip.framing import alias_of
from labsip.sip.transport import Address


class Ways:
    """Connections by their ends, ours first."""

    def __init__(self) -> None:
        self._connections: dict[tuple[Address, Address], Connection] = {}

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
        self._drop(connection, connection.theirs)
        self._drop(connection, connection.alias)

    def heard(self, connection: Connection, data: bytes) -> None:
        """Its other end sent a message: if that asks for an alias (RFC 5923), it gets it, one at a time.

        Who asked last has it; no connection that really goes to that address gives it up.
        """
        alias = alias_of(data, connection.theirs) if b";alias" in data else None
        if alias is None or alias == connection.theirs:
            return
        before = self.find(connection.ours, alias)
        if before is None or before.alias == alias:
            self._drop(connection, connection.alias)
            connection.alias = alias
            self._connections[connection.ours, alias] = connection

    def _drop(self, connection: Connection, theirs: Address | None) -> None:
        if theirs is not None and self.find(connection.ours, theirs) is connection:
            del self._connections[connection.ours, theirs]
