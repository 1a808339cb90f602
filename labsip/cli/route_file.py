"""What a server's route files have in common: when they were read, and how another route takes over from the old."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from labsip.net.network import Network
from labsip.proxy.happenings import run_start
from labsip.proxy.receive import Proxy
from labsip.proxy.script import Routes
from labsip.proxy.settings import Settings
from labsip.sip.transport import Datagram


class FileTimes:
    """When the files of a route had last been written, as they were read."""

    def __init__(self) -> None:
        self._times: dict[Path, float] = {}

    def note(self, files: Iterable[str | Path]) -> None:
        """They are about to be read, or have just been."""
        self._times |= {Path(file): _written_at(Path(file)) for file in files}

    def clear(self) -> None:
        """Begin anew: the route may be of other files now."""
        self._times.clear()

    @property
    def have_changed(self) -> bool:
        """Whether one of them has been written since."""
        return any(_written_at(file) != time for file, time in self._times.items())


def _written_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def replace_route(net: Network, proxy: Proxy, routes: Routes, settings: Settings) -> None:
    """Run these from the next message on; both change between two messages."""

    def take(now: float) -> list[Datagram]:
        proxy.routes, proxy.settings = routes, settings
        return run_start(proxy, now)

    net.ask(take)
