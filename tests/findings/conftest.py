"""The captures beside the clone, with their parties named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from labsip.pcap import read_pcap

PARTIES = {
    "127.0.10.1": "proxy",
    "127.0.10.106": "106",
    "127.0.10.108": "108",
    "127.0.10.118": "108b",
    "127.0.10.200": "carrier",
    "127.0.10.150": "voicemail",
    "127.0.10.66": "stranger",
}


@pytest.fixture(scope="session")
def captured(shared: Callable[[str], Path]) -> Callable[[str], pd.DataFrame]:
    """A capture by name."""
    folder = shared("captures")
    return lambda name: read_pcap(folder / f"{name}.pcap", PARTIES)
