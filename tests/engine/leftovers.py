"""What a lab with a real Kamailio may have left behind: processes, folders, an open address."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

from labsip.sip.transport import Address
from tests.processes import LOOK, PATIENCE

PREFIX = "labsip-kamailio-"


def _commands() -> list[tuple[int, list[str]]]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:  # it has ended meanwhile
            continue
        found.append((int(process.name), command))
    return sorted(found)


def kamailios() -> list[int]:
    """The processes of all Kamailios of labs, the first of each before its children."""
    return [pid for pid, words in _commands() if words[0].endswith("kamailio") and any(PREFIX in one for one in words)]


def guardians() -> list[int]:
    """Those that watch over them."""
    return [pid for pid, words in _commands() if any(one.endswith("guardian.py") for one in words)]


def processes() -> list[int]:
    """All of both."""
    return [*kamailios(), *guardians()]


def folders() -> list[Path]:
    """Their folders."""
    return sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def is_free(address: Address) -> bool:
    """Whether nobody listens there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(address[:2])
        except OSError:
            return False
    return True


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until that holds; fail if it takes too long."""
    deadline = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < deadline, (kamailios(), guardians(), folders())
        sleep(LOOK)
