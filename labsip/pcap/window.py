"""A file's bytes, unpacked where they are gzip, looked at through a window that moves on."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import BinaryIO

CHUNK = 1 << 18
"""Bytes read at once, at most; a pipe gives what it has."""
MAX_RATIO = 200
"""A gzip that unpacks to more than this multiple of its size is a bomb; those of captures stay below 50."""

Stamped = tuple[int, int, float, int, bytes]
"""A frame as the readers of both formats give it: number, whole seconds since 1970, the fraction, link type, bytes."""

_GZIP = b"\x1f\x8b"


class Window:
    """The bytes of a stream from offset `at` of `data` on. A reader moves `at` past those it has read."""

    def __init__(self, file: BinaryIO, watch: Callable[[int], object] | None = None) -> None:
        """Read `file` from where it stands. watch: called with the number of bytes that each read of it took."""
        self.data = b""
        self.at = 0
        self.damage = ""
        """Why the stream ended before its time, "" if it did not."""
        self._unpacked = 0
        self._file = _CountedFile(file, watch)
        self._read: Callable[[int], bytes] = self._file.read
        if self.need(2) and self.data.startswith(_GZIP):
            self._file.put_back(self.data)
            self.data = b""
            self._read = gzip.GzipFile(fileobj=self._file, mode="rb").read1  # type: ignore[call-overload]

    @property
    def left(self) -> int:
        """Bytes in the window, of those the stream has given so far."""
        return len(self.data) - self.at

    def need(self, count: int) -> bool:
        """Have `count` bytes from `at` on; False where the stream ends before them."""
        while len(self.data) - self.at < count:
            more = self._more()
            if not more:
                return False
            self.data = self.data[self.at :] + more
            self.at = 0
        return True

    def _more(self) -> bytes:
        if self.damage:
            return b""
        try:
            more = self._read(CHUNK)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self.damage = "the gzip is damaged or cut here"
            return b""
        self._unpacked += len(more)
        if self._unpacked > MAX_RATIO * max(self._file.count, CHUNK):
            self.damage = f"the gzip unpacks to more than {MAX_RATIO} times its size; not read further"
        return more


class _CountedFile:
    """A file that is only read forward, and counts. Reads return early where the file can (`read1`)."""

    def __init__(self, file: BinaryIO, watch: Callable[[int], object] | None) -> None:
        self.count = 0
        self._head = b""
        self._watch = watch
        self._file_read: Callable[[int], bytes] = getattr(file, "read1", file.read)

    def put_back(self, head: bytes) -> None:
        self._head = head

    def read(self, size: int) -> bytes:
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        data = self._file_read(size) or b""
        self.count += len(data)
        if self._watch is not None:
            self._watch(len(data))
        return data
