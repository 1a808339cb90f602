"""The file a server writes its capture into: a new one, or one that is continued; nothing is overwritten."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISFIFO, S_ISREG
from struct import unpack, unpack_from

from labsip.net.outlet import write_all
from labsip.pcap.container import Format
from labsip.pcap.pcapng import INTERFACE, MAGIC, NAMES, PACKET, SECTION, Pcapng
from labsip.sip.errors import LabError

_OPEN = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOCTTY


class OccupiedFile(LabError):
    """There is something else in the file."""


class CaptureFile:
    """A file, a pipe or a device, open for what is to come (a `net.outlet.Sink`); a chunk is whole records.

    A pipe nobody reads is opened by the first `write`, which waits for a reader. After an error nothing more is
    written, and of a chunk that was written in part nothing stays.
    """

    def __init__(self, path: Path, form: Format, before: CaptureFile | None = None) -> None:
        """before: the file written until now, if there was one; if it is still this one, it is continued.

        Raises OccupiedFile if it holds something that can't be continued, LabError if it can't be opened.
        """
        self.path = path
        self.head = form.head()
        """What to write before anything else."""
        self._file: int | None = None
        self._error: OSError | None = None
        try:
            status = self._open()
            self._regular = S_ISREG(status.st_mode)
            self.identity = status.st_dev, status.st_ino
            """Its device and inode: the same file under another name has the same."""
            if self._regular and status.st_size:
                self._go_on(form, before)
        except OSError as error:
            self.close()
            raise LabError(f"{path}: {error.strerror}; name a file that can be written") from None
        except LabError:
            self.close()
            raise

    def _open(self) -> os.stat_result:
        try:
            self._file = os.open(self.path, _OPEN | os.O_CREAT | os.O_NONBLOCK, 0o666)
        except OSError as error:
            if error.errno == errno.ENXIO and S_ISFIFO((status := self.path.stat()).st_mode):
                return status  # nobody reads it yet
            raise
        os.set_blocking(self._file, True)  # it was only not to wait for a reader here
        return os.fstat(self._file)

    def _go_on(self, form: Format, before: CaptureFile | None) -> None:
        """After what is there already; a .pcapng has another section then, a .pcap has one head alone."""
        sections = isinstance(form, Pcapng)
        ours = before is not None and before.identity == self.identity
        if not ours and not (_ends_whole(self.path) if sections else _is_whole(self.path, self.head)):
            raise OccupiedFile(f"{self.path} is there already, and is no capture that can be continued; move it")
        if not sections:
            self.head = b""

    @property
    def moved(self) -> bool:
        """Whether its name leads elsewhere by now, or it was emptied: time to open it anew."""
        try:
            status = self.path.stat()
        except OSError:
            return True
        return (status.st_dev, status.st_ino) != self.identity or (self._regular and not status.st_size)

    def write(self, chunk: bytes, /) -> None:
        """Write all of it, or nothing. Raises OSError, and from then on always."""
        if self._error is not None:
            raise self._error
        try:
            if self._file is None:
                self._file = os.open(self.path, _OPEN)
            self._append(self._file, chunk)
        except OSError as error:
            self._error = error
            raise

    def _append(self, file: int, chunk: bytes) -> None:
        size = os.fstat(file).st_size
        try:
            write_all(file, chunk)
        except OSError:
            if self._regular:
                with suppress(OSError):
                    os.ftruncate(file, size)
            raise

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _is_whole(path: Path, head: bytes) -> bool:
    """Whether a pcap file has that head, and packets up to its end; a million of them take a second."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        if file.read(len(head)) != head:
            return False
        at = len(head)
        while at < size and len(record := file.read(16)) == 16:
            [length] = unpack_from("<I", record, 8)
            at += 16 + length
            file.seek(at)
        return at == size


def _ends_whole(path: Path) -> bool:
    """Whether a pcapng file ends with a whole block, so that another section can follow it (draft-ietf-opsawg-pcapng).

    A block has its length at both of its ends.
    """
    with path.open("rb") as file:
        begins, size = file.read(4), file.seek(0, os.SEEK_END)
        if begins != MAGIC or size < 12:
            return False
        file.seek(-4, os.SEEK_END)
        [length] = unpack("<I", file.read(4))
        if not 12 <= length <= size:
            return False
        file.seek(-length, os.SEEK_END)
        kind, again = unpack("<II", file.read(8))
    return again == length and kind in (SECTION, INTERFACE, NAMES, PACKET)
