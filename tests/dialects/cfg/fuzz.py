"""Fuzz the reader of kamailio.cfg, guided by coverage: `make fuzz`.

What it finds becomes an example of `test_limits`.
"""

from __future__ import annotations

import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["labsip.dialects.cfg"]):
    from labsip.dialects.cfg import BadCfg, script_of
    from tests.dialects.cfg.test_limits import read_all
    from tests.dialects.cfg.texts import MODULES, no_file


def read(data: bytes) -> None:
    """As a file, and as the statements of a route, which gets as far as the compiler."""
    read_all(data)
    with suppress(BadCfg):
        script_of(f"{MODULES}request_route {{ {data.decode('utf-8', 'surrogateescape')} }}", read=no_file)


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
