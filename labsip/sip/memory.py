"""Short texts that come again and again are read once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import AnyStr, TypeVar

T = TypeVar("T")

LONGEST = 256
"""Longer ones are read each time: who sends a thousand of them takes no memory from us."""


def remembered(size: int) -> Callable[[Callable[[AnyStr], T]], Callable[[AnyStr], T]]:
    """A function of one text whose results for the last `size` short ones are kept; what it raises is not."""

    def make(read: Callable[[AnyStr], T]) -> Callable[[AnyStr], T]:
        known = lru_cache(size)(read)

        @wraps(read)
        def look_up(text: AnyStr) -> T:
            return known(text) if len(text) <= LONGEST else read(text)

        return look_up

    return make
