"""Fuzz the reader of captures; `make fuzz` does it."""

from __future__ import annotations

import sys
from io import BytesIO

import atheris

with atheris.instrument_imports(include=["labsip.pcap"]):
    from labsip.pcap import Capture

from labsip.sip.errors import LabError


def read(data: bytes) -> None:
    try:
        for row in Capture(BytesIO(data)):
            assert b"SIP/" in row.raw.upper()
    except LabError:
        pass


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
