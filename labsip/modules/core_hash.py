"""Kamailio's hash of a text: a call goes where it goes there, and a dump has its rows in that order (core_hash)."""

from __future__ import annotations

_BITS = 0xFFFFFFFF


def core_hash(text: str, size: int = 0) -> int:
    """32 bits, made of four bytes at a time; with a size, a power of 2, below that."""
    data = memoryview(text.encode("utf-8", "surrogateescape")).cast("b")
    total = 0
    for start in range(0, len(data) // 4 * 4 + 1, 4):  # the last ones may be fewer, or none
        value = 0
        for byte in data[start : start + 4]:
            value = ((value << 8) + byte) & _BITS
        total += value ^ value >> 3
    total &= _BITS
    total = (total + (total >> 11) + (total >> 13) + (total >> 23)) & _BITS or 1
    return total & (size - 1) if size else total
