"""Kamailio's hash of a text: a call goes to the destination it goes to there, and a dump has its rows in that order."""

from __future__ import annotations

_BITS = 0xFFFFFFFF


def hash_of(text: str) -> int:
    """32 bits, made of four bytes at a time; never 0."""
    data = memoryview(text.encode("utf-8", "surrogateescape")).cast("b")
    total = 0
    for start in range(0, len(data) // 4 * 4 + 1, 4):  # the last ones may be fewer, or none
        value = 0
        for byte in data[start : start + 4]:
            value = ((value << 8) + byte) & _BITS
        total += value ^ value >> 3
    total &= _BITS
    return (total + (total >> 11) + (total >> 13) + (total >> 23)) & _BITS or 1
