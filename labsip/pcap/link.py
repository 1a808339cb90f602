"""Where the IP header begins in a frame, for each link type (https://www.tcpdump.org/linktypes.html).

A start takes the frame and gives the offset, or -1 where there is no IP in it.
"""

from __future__ import annotations

from collections.abc import Callable

ETHERNET = 1
_IP = (b"\x08\x00", b"\x86\xdd")
_VLAN = (b"\x81\x00", b"\x88\xa8", b"\x91\x00")
"""802.1Q, 802.1ad (QinQ), and the number QinQ had before it had one."""
_FAMILIES = (2, 10, 24, 28, 30)
"""AF_INET everywhere; AF_INET6 of Linux, OpenBSD and NetBSD, FreeBSD, Darwin."""


def _ethernet(frame: bytes) -> int:
    return _after_type(frame, 12, 14)


def _cooked(frame: bytes) -> int:
    return _after_type(frame, 14, 16)


def _cooked2(frame: bytes) -> int:
    return _after_type(frame, 0, 20)


def _after_type(frame: bytes, at: int, start: int) -> int:
    """Follow an ether type at offset `at`, its payload at `start`, past any VLAN tags."""
    kind = frame[at : at + 2]
    while kind in _VLAN:
        kind = frame[start + 2 : start + 4]
        start += 4
    return start if kind in _IP else -1


def _loopback(frame: bytes) -> int:
    """BSD null and loop: the address family in 4 bytes, in the order of the machine or of the network."""
    family = frame[:4]
    return 4 if family[:1] + family[3:] in _LOOPBACK and family[1:3] == b"\0\0" else -1


_LOOPBACK = {bytes(pair) for family in _FAMILIES for pair in ((0, family), (family, 0))}


def _raw(frame: bytes) -> int:
    return 0 if frame else -1


STARTS: dict[int, Callable[[bytes], int]] = {
    0: _loopback,
    ETHERNET: _ethernet,
    12: _raw,  # what most systems call DLT_RAW
    14: _raw,  # what OpenBSD calls DLT_RAW
    101: _raw,
    108: _loopback,
    113: _cooked,
    228: _raw,
    229: _raw,
    276: _cooked2,
}
"""Link type → start."""
