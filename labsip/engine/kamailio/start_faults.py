"""Why a Kamailio did not start: its last words, at the learner's own lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from labsip.dialects.cfg import BadCfg, Fault
from labsip.engine.kamailio.cfg_folder import CfgFolder
from labsip.engine.kamailio.log_lines import LogLine, place_of
from labsip.sip.errors import LabError

MOST = 12
"""Lines of the log that are shown."""
_FRAMED = re.compile(r"(?:parse error in config file [^,]*, (?:from )?line \d+(?:, column [\d-]+)?(?: to line \d+, column \d+)?: )(.*)")
_NO_NEWS = re.compile(
    r"(?:parse error|bad config file|ERROR: bad|error -?\d+ while|fixing failed|Module not initialized)|"
    r"\A(?:Listening on|Aliases:|\s*(?:udp|tcp|tls): .*|\s*)\Z"
)
"""What says no more than that something is wrong."""


def why_not(lines: Iterable[LogLine], folder: CfgFolder, code: int | None) -> LabError:
    """The error for a learner: a BadCfg where Kamailio names a place in the learner's text."""
    faults: list[Fault] = []
    words: list[str] = []
    severe = [line for line in lines if line.severe or not line.level]
    for line in severe:
        place = place_of(line.text)
        spot = folder.spot(place.file, place.line, place.column, place.end) if place else None
        if spot is not None:
            said = _said(line.text)
            told = "; ".join(dict.fromkeys([*words, *said])) or line.text
            faults.append(Fault(spot, f"Kamailio says: {told}"))
            words = []
        else:
            words += _said(line.text)
    if faults:
        return BadCfg(dict.fromkeys(faults), folder.files)
    ended = "" if code is None else f" (it ended {_ended(code)})"
    said = "\n".join(f"    {line.told}" for line in severe[-MOST:] if line.text.strip())
    return LabError(f"Kamailio does not start{ended}; its log:\n{said or '    (nothing)'}")


def ended(code: int | None) -> str:
    """How a process ended, in words."""
    return _ended(code) if code is not None else "without a word"


def _ended(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with {code}"


def _said(text: str) -> list[str]:
    """What a line says beside where."""
    framed = _FRAMED.search(text)
    said = framed[1] if framed else text
    said = " ".join(re.sub(r"\s*at cfg:\S+", "", said).split())
    return [] if _NO_NEWS.match(said) or not said else [said]
