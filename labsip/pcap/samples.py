"""The captures of a real Kamailio that come with labsip; README.md beside them says what each shows."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_PLACES = (_PACKAGE / "pcaps", _PACKAGE.parent / "data" / "pcaps")

PCAPS = next((place for place in _PLACES if place.exists()), _PLACES[0])
"""Their folder: in the installed package, or beside it in a checkout. `read_pcap(PCAPS / "05_cancelled.pcap")`."""
