"""The thread that writes to disk, so that nobody on the loop waits for it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Protocol

from labsip.modules.usrloc import Change, Contact, Report
from labsip.net.sockets import SocketNet
from labsip.sip.transport import Datagram, Node

Wish = tuple[Change, Report]
PATIENCE = 10.0
"""Seconds that `close` waits for a disk."""


class Disk(Protocol):
    """What changes are written to; it may take its time."""

    def load(self) -> Iterable[Contact]:
        """All contacts it holds."""

    def write_all(self, changes: Sequence[Change]) -> list[str]:
        """Make changes; what went wrong with each, "" for nothing."""


class Writer:
    """A store (`usrloc.Store`) for a node on `net`: changes go to `file` on a thread of its own, in their order.

    Changes that come while others are being written are written together, and then the node hears how they went.
    """

    def __init__(self, file: Disk, net: SocketNet, node: Node) -> None:
        self._file = file
        self._net = net
        self._node = node
        self._wishes: SimpleQueue[Wish | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="labsip writer", daemon=True)
        self._thread.start()

    def load(self) -> Iterable[Contact]:
        """All contacts the file holds."""
        return self._file.load()

    def write(self, change: Change, told: Report) -> bool:
        """Keep a change; `told` hears of it on the loop."""
        self._wishes.put((change, told))
        return False

    def close(self) -> None:
        """Write what has come so far, and end."""
        self._wishes.put(None)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            come = [self._wishes.get()]
            with suppress(Empty):
                while True:
                    come.append(self._wishes.get_nowait())
            goes_on = None not in come
            if wishes := [wish for wish in come if wish is not None]:
                self._net.tell(self._node, partial(_told, wishes, self._outcomes(wishes)))

    def _outcomes(self, wishes: list[Wish]) -> list[str]:
        try:
            return self._file.write_all([change for change, _ in wishes])
        except Exception as error:  # whatever it is, somebody waits for the outcome
            return [f"the location table can't be written: {error!r}"] * len(wishes)


def _told(wishes: list[Wish], errors: list[str], now: float) -> list[Datagram]:
    return [out for (_, told), error in zip(wishes, errors, strict=True) for out in told(error, now)]
