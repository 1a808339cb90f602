"""What a running server begins anew when it is told to (SIGHUP): it goes on meanwhile, whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from labsip.cli.recording import Recording
from labsip.db import ReadAgain
from labsip.net.network import Network
from labsip.net.tls import Tls
from labsip.sip.errors import LabError


class Renewal:
    """The files it has open, or has read; None for those it has not."""

    def __init__(
        self,
        net: Network,
        recording: Recording | None = None,
        users: ReadAgain | None = None,
        tls: Tls | None = None,
        files: tuple[Path, Path] | None = None,
    ) -> None:
        """files: certificate and key."""
        self._net = net
        self._recording = recording
        self._users = users
        self._tls = tls
        self._files = files
        self.cfg: Callable[[], str] | None = None
        """Reads its kamailio.cfg again, and tells how that went."""

    def begin(self) -> Iterator[str]:
        """Read again what was read, and open again what has been moved; tells how each of them went."""
        if self._recording is not None:
            yield from self._recording.begin_anew()
        if self.cfg is not None:
            yield self.cfg()
        users, tls, files = self._users, self._tls, self._files
        if users is not None and users.is_file:
            yield _told(lambda: self._net.ask(users.read_again()), f"users: read again from {users.source}")
        if tls is not None and files is not None:
            renew = partial(tls.renew, *files)
            yield _told(lambda: self._net.ask(lambda _: renew()), f"certificate: read again from {files[0]}")


def _told(act: Callable[[], None], done: str) -> str:
    try:
        act()
    except LabError as error:
        return f"{done.partition(':')[0]}: all stays as it was; {error}"
    return done
