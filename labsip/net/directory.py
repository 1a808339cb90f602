"""Which connection a message goes by: the one to its address, or one whose other end asks to be known by it."""

from __future__ import annotations

from labsip.net.connection import Connection
from labsip.sip.framing import alias_of
from labsip.sip.timing import RFC
from labsip.sip.transport import Address

FRESH = 64 * RFC.T1
"""For how long a connection that was heard keeps its alias from others, in seconds."""


class Directory:
    """Connections by their ends, ours first."""

    def __init__(self) -> None:
        self._connections: dict[tuple[Address, Address], Connection] = {}
        self._asked: dict[tuple[Address, Address], dict[Connection, None]] = {}
        """Who asks for an alias, the latest last; each connection for one."""

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

        Who has it keeps it while it is heard: behind one address there may be many, and one must not take what is for
        another (nor does Kamailio let it). As soon as it has ended, who asked last gets it. No connection that really
        goes to that address gives it up.
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
