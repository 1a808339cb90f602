"""Output that may stall: a pipe nobody reads, a terminal that is held, a slow disk.

A thread writes it, and nobody waits for that thread. Non-blocking descriptors would not do: a file on a disk has no
such mode, and O_NONBLOCK on a descriptor this process was given holds for the shell and everybody else who has it.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import Protocol


class Sink(Protocol):
    """Where the bytes go."""

    def write(self, chunk: bytes, /) -> None:
        """Write all of it, however long that takes. Raises OSError."""

    def close(self) -> None:
        """Nothing more comes."""


class Descriptor:
    """A descriptor this process was given, and leaves open."""

    def __init__(self, number: int) -> None:
        self._number = number

    def write(self, chunk: bytes, /) -> None:
        """Write all of it. Raises OSError."""
        write_all(self._number, chunk)

    def close(self) -> None:
        """It is not ours to close."""


def write_all(descriptor: int, chunk: bytes) -> None:
    """Write all of it, as often as only a part is taken. Raises OSError."""
    left = memoryview(chunk)
    while left:
        left = left[os.write(descriptor, left) :]


class Outlet:
    """Chunks on their way into a sink, one after the other; at most `most` bytes wait, and one chunk more.

    Chunks that found no room, or could not be written, are counted. After an error the next one is tried all the same.
    """

    def __init__(self, sink: Sink, most: int) -> None:
        self._sink = sink
        self._most = most
        self._waiting: deque[tuple[bytes, int]] = deque()
        self._held = 0
        self._full = False
        self._ended = False
        self._lost = 0
        self.error: OSError | None = None
        """Why the last chunk that failed could not be written."""
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="labsip outlet", daemon=True)
        self._thread.start()

    @property
    def full(self) -> bool:
        """Whether it takes nothing now; once full it takes nothing before half of what waits is written."""
        with self._changed:
            return self._is_full()

    def put(self, chunk: bytes, count: int = 1) -> bool:
        """Have a chunk written; False if there is no room, or no time any more. `count`: what it counts for if lost."""
        with self._changed:
            if self._ended or self._is_full():
                self._lost += count
                return False
            self._waiting.append((chunk, count))
            self._held += len(chunk)
            self._changed.notify()
            return True

    def take_lost(self) -> int:
        """How much was lost since this was asked last."""
        with self._changed:
            lost, self._lost = self._lost, 0
            return lost

    def end(self, patience: float = 0.0) -> int:
        """Take no more, and wait so many seconds for the rest to be written; how much of it is left, or lost.

        What is left is still written, as long as the process lives.
        """
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(patience)
        with self._changed:
            return self._lost + sum(count for _, count in self._waiting)

    def _is_full(self) -> bool:
        self._full = self._held > (self._most // 2 if self._full else self._most)
        return self._full

    def _run(self) -> None:
        while (chunk := self._next()) is not None:
            error = None
            try:
                self._sink.write(chunk)
            except OSError as failed:
                error = failed
            with self._changed:  # while it was being written, it stood first among those that wait
                _, count = self._waiting.popleft()
                self._held -= len(chunk)
                if error is not None:
                    self._lost, self.error = self._lost + count, error
        self._sink.close()

    def _next(self) -> bytes | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            return self._waiting[0][0] if self._waiting else None
