"""Who has which password, read again while the proxy runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from labsip.db.users import Subscribers, read_users, users_file
from labsip.sip.errors import LabError


class ReadAgain(Mapping[str, str]):
    """The users of a source, as `read_users` reads them, until `read_again` has others. Raises LabError."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.is_file = users_file(source) is not None
        """Whether there may be others in it the next time."""
        self._users = read_users(source)

    def read_again(self) -> Callable[[float], None]:
        """What puts the users there are now in the place of those before; to be called where the proxy lives.

        Raises LabError, as `read_users` does; then those before stay.
        """
        if self.is_file and users_file(self.source) is None:
            raise LabError(f"{self.source}: there is no such file any more")
        users = read_users(self.source)

        def replace(_now: float) -> None:
            before, self._users = self._users, users
            if isinstance(before, Subscribers):
                before.close()

        return replace

    def warnings(self, realms: Collection[str]) -> list[str]:
        """Who can't log in, in words; `realms`: those that challenges are for."""
        return self._users.warnings(realms) if isinstance(self._users, Subscribers) else []

    def __getitem__(self, username: str) -> str:
        return self._users[username]

    def __iter__(self) -> Iterator[str]:
        return iter(self._users)

    def __len__(self) -> int:
        return len(self._users)

    def __bool__(self) -> bool:
        """As that of `Subscribers`: there is somebody to be asked for a password."""
        return bool(self._users)
