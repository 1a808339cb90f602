"""A connection to an SQLite file that ends with whoever uses it."""

from __future__ import annotations

import sqlite3
import weakref
from pathlib import Path


def connect(owner: object, path: Path | str, timeout: float, *, uri: bool = False) -> sqlite3.Connection:
    """Open a file, or what a `file:` URI names; it is closed at the latest when `owner` is gone.

    Python begins no transactions by itself. timeout: how long it waits for somebody else who writes, in seconds. The
    connection must not lead back to `owner`, which would then stay for ever. Raises sqlite3.Error.
    """
    made = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False, uri=uri)
    weakref.finalize(owner, made.close)
    return made
