"""Settings of a lab as parameters of Kamailio's modules: what `Lab(fr_timer=5)` is to a kamailio.cfg."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from labsip.modules.effects import EFFECTS, Means
from labsip.sip.errors import LabError

OURS = {"max_lines", "max_route_time", "db_urls", "policy", "shm_bytes"}
"""Settings of labsip alone."""
MILLISECONDS = {"fr_timer", "fr_inv_timer"}


def modparams(settings: Mapping[str, Any], folder: Path) -> dict[str, list[str]]:
    """The lines for each module, by its name. What is a file for Kamailio is written into the folder.

    Raises LabError for a setting that no parameter has.
    """
    places = {one.setting: (module, name, one.means) for module, its in EFFECTS.items() for name, one in its.items()}
    found: dict[str, list[str]] = {}
    for setting, value in settings.items():
        if setting in OURS:
            continue
        if setting not in places:
            raise LabError(f"a real Kamailio can't be given {setting} here; write it into the kamailio.cfg")
        module, name, means = places[setting]
        found.setdefault(module, []).extend(
            f'modparam("{module}", "{name}", {each})' for each in _values(setting, value, means, folder)
        )
    return found


def _values(setting: str, value: Any, means: Means, folder: Path) -> Iterator[str]:
    if means is Means.FILE:
        file = folder / f"{setting}.list"
        file.write_text(str(value))
        yield f'"{file}"'
    elif means is Means.ONE_OF_SEVERAL:
        yield from (f'"{each}"' for each in ([value] if isinstance(value, str) else value))
    elif isinstance(value, (int, float)):
        yield str(round(value * 1000 if setting in MILLISECONDS else value))
    elif isinstance(value, str):
        yield f'"{value}"'
    else:
        raise LabError(f"a real Kamailio can't be given {setting} here; write it into the kamailio.cfg")
