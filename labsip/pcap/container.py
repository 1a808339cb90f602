"""A capture file of either format: read as numbered frames, written frame by frame.

With what a file from anywhere may have: interfaces with link types and clocks of their own, name resolution blocks,
pipes, and files cut or damaged, of which every whole packet is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from labsip.pcap import pcapng, savefile
from labsip.pcap.omissions import Omissions
from labsip.pcap.window import Stamped, Window
from labsip.sip.errors import LabError

Frame = tuple[int, float, int, bytes]
"""Number (from 1, as Wireshark counts), seconds since the first, link type, bytes."""


class Container:
    """Iterate it once for its frames. Raises LabError where the stream is no capture."""

    def __init__(self, window: Window, left_out: Omissions) -> None:
        self.start = 0.0
        """Seconds since 1970 at t = 0, known from the first frame on."""
        self.hosts: dict[str, str] = {}
        """Names the file gives to addresses, as far as it has been read."""
        self._window = window
        self._left_out = left_out
        self._frames = self._open()

    def _open(self) -> Iterator[Stamped]:
        window = self._window
        if window.need(24) and window.data[:4] in savefile.MAGIC:
            return savefile.frames(window, self._left_out)
        if window.data[:4] == pcapng.MAGIC:
            return pcapng.frames(window, self._left_out, self.hosts)
        if not window.data:
            raise LabError("the file is empty; even a capture of nothing has a header")
        raise LabError(f"this is neither pcap nor pcapng: it begins with {window.data[:12]!r}")

    def __iter__(self) -> Iterator[Frame]:
        first = None
        zero = 0.0
        number = 0
        for number, seconds, fraction, link, frame in self._frames:
            if first is None:
                first, zero = seconds, fraction
                self.start = seconds + fraction
            # Whole seconds are subtracted as integers: as floats since 1970, microseconds would not be exact.
            yield number, seconds - first + (fraction - zero), link, frame
        if self._window.damage:
            self._left_out.add(self._window.damage, number + 1)


class Format(Protocol):
    """A kind of capture file to be written, `savefile.Pcap` or `pcapng.Pcapng`."""

    def head(self) -> bytes:
        """What a file begins with."""

    def name(self, host: str, name: str) -> bytes:
        """What a reader is to call a host in the packets after it."""

    def frame(self, micros: int, frame: bytes, comment: str = "") -> bytes:
        """One Ethernet frame, that many microseconds after the beginning of 1970."""
