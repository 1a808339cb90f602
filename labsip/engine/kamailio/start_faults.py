"""Why a Kamailio did not start: its last words, at the learner's own lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from labsip.dialects.cfg import BadCfg, Fault, Spot
from labsip.dialects.cfg.faults import nearest
from labsip.dialects.cfg.nodes import LoadModule
from labsip.engine.kamailio.cfg_folder import CfgFolder
from labsip.engine.kamailio.log_lines import LogLine, place_of
from labsip.sip.errors import LabError
from labsip.vocabulary import COMMANDS

MOST = 12
"""Lines of the log that are shown."""
_FRAME = re.compile(r"parse error in config file [^,]+, (?:from )?line \d+[^:]*: |,? ?\bat (?:cfg:)?\S+?:\d+\b")
_COMMAND = re.compile(r"failed to find command (\w+) \(params (\d+)\)")
_BEGINNING = re.compile(r"Error while initializing module (\w+)")
_NO_NEWS = re.compile(
    r"parse error|bad config file|ERROR: bad|error -?\d+ while|fixing failed|Can't set module parameter|"
    r"failed to load module|unknown command, missing loadmodule|"
    r"Listening on|Aliases:|\s*(?:udp|tcp|tls|sctp): |\s*\Z"
)
"""How lines begin that say no more than that something is wrong."""


def why_not(lines: Iterable[LogLine], folder: CfgFolder, code: int | None) -> LabError:
    """The error for a learner: a BadCfg where Kamailio names a place in the learner's text."""
    severe = [line for line in lines if line.severe or not line.level or line.function == "load_module"]
    if faults := list(_faults(severe, folder)) or list(_beginning(severe, folder)):
        return BadCfg(faults, folder.files)
    how = "" if code is None else f" ({ended(code)})"
    said = "\n".join(f"    {line.told}" for line in severe[-MOST:] if line.text.strip())
    return LabError(f"Kamailio does not start{how}; its log:\n{said or '    (nothing)'}")


def ended(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None:
        return "it ended"
    return f"signal {-code} ended it" if code < 0 else f"it ended with {code}"


def _faults(lines: Iterable[LogLine], folder: CfgFolder) -> Iterator[Fault]:
    """A fault for each place that is named, with all that was said before about it."""
    words: list[str] = []
    for line in lines:
        place = place_of(line.text)
        said = " ".join(_FRAME.sub("", _innermost(line.text)).split())
        if not _NO_NEWS.match(said):
            words.append(said)
        spot = folder.spot(*place) if place else None
        if spot is not None and (words or "fixing failed" not in line.text):
            yield _fault(spot, "; ".join(dict.fromkeys(words)) or said, folder)
            words = []


def _innermost(text: str) -> str:
    """What a Python traceback ends with; any other text as it is."""
    return text.rstrip().rpartition("\n")[2] if 'File "' in text else text


def _beginning(lines: Iterable[LogLine], folder: CfgFolder) -> Iterator[Fault]:
    """A fault where a module is loaded that could not begin."""
    words: list[str] = []
    for line in lines:
        if (module := _BEGINNING.search(line.text)) is None:
            words.append(" ".join(line.text.split()))
            continue
        for one in folder.cfg.of(LoadModule) if folder.cfg else ():
            if one.name == module[1]:
                yield Fault(one.spot, f"Kamailio says: {'; '.join(dict.fromkeys(words)) or line.text}")
        words = []


def _fault(spot: Spot, said: str, folder: CfgFolder) -> Fault:
    unknown = _COMMAND.search(said)
    if unknown is None:
        return Fault(spot, f"Kamailio says: {said}")
    name, count = unknown[1], int(unknown[2])
    column = folder.files[spot.file][spot.line - 1].find(name) + 1
    if column:
        spot = spot._replace(column=column, end=column + len(name))
    hint = nearest(name, (each for each in COMMANDS if each != name))
    if name in COMMANDS:
        hint = "is its module loaded? Does it take so many?"
    arguments = f"{count or 'no'} argument{'s' * (count != 1)}"
    return Fault(spot, f"Kamailio knows no command {name} with {arguments}", hint)
