"""Kamailio's log as events: a JSON object a line (`--log-engine=json`).

Of the lines it writes for itself the lab shows the text, with module and level before it; of what a script printed, the
text alone.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

SEVERE = {"ERROR", "CRITICAL", "ALERT", "BUG", "EMERG"}
"""Levels of what goes wrong."""
EXEC = "exec"
"""The level under which `debugger` says which command comes next."""
_TRACE = re.compile(r"(\w+)=\[(.*?)\] c=\[(.*)\] l=(\d+) a=\d+ n=(.*)")
_MARK = re.compile(r"(\d+) (\S+ \S+ .*)", re.DOTALL)
_COLUMNS = r"(?:, column (?P<column>\d+)(?:-(?P<end>\d+))?)?"
_PLACE = re.compile(rf"config file (?P<file>[^,]+), (?:from )?line (?P<line>\d+){_COLUMNS}")
_AT = re.compile(r"\bat (?:cfg:)?(?P<file>\S+?):(?P<line>\d+)\b")
_FILE = re.compile(r'File "([^"]+)", line (\d+)')
_MAIN = "DEFAULT_"
NO_COMMANDS = {
    "if", "while", "switch", "case", "default", "else", "assign", "break", "return", "exit", "drop"
}  # fmt: skip
"""What `debugger` names that are no commands."""
FENCE = "labsip-fence"
"""The Call-ID of what the lab sends to hear how far Kamailio is."""
KEMI = "sr_kemi_core_"
"""How the functions behind KSR.info and its like begin."""
SCRIPT = {"xlog", "<script>", "app_python3"}
"""Modules whose lines are a script's own, if no function of Kamailio's stands in them."""


class LogLine(NamedTuple):
    """One event."""

    level: str
    text: str
    module: str = ""
    function: str = ""
    pid: int = 0
    number: int = 0
    """Of the message at hand, counted by its process; 0: none."""
    key: str = ""
    """CSeq, method and Call-ID of that message."""

    @property
    def fence(self) -> int:
        """The number of the fence it is about, 0 if it is about none."""
        number = self.key.partition(" ")[0]
        return int(number) if self.key.endswith(f" OPTIONS {FENCE}") and number.isdecimal() else 0

    @property
    def printed(self) -> bool:
        """Whether a script printed it, and Kamailio said nothing itself."""
        return (self.module in SCRIPT and not self.function) or self.function.startswith(KEMI)

    @property
    def severe(self) -> bool:
        """Whether it tells of something that went wrong."""
        return self.level in SEVERE and not self.printed

    @property
    def told(self) -> str:
        """As the lab shows it: `ERROR: tm: can't …`; of what a script printed, that alone."""
        return self.text if self.printed else ": ".join(filter(None, (self.level, self.module, self.text)))


class Executed(NamedTuple):
    """A command that is about to run."""

    route: str
    """`request_route`, `failure_route[BUSY]`."""
    file: str
    line: int
    command: str


class LogPlace(NamedTuple):
    """A place in a file that Kamailio names; columns are 0 if it names none."""

    file: str
    line: int
    column: int = 0
    end: int = 0


def parse_line(raw: bytes) -> LogLine:
    """An event; a line in another form is one without a level."""
    text = raw.decode("utf-8", "replace")
    try:
        said = json.loads(text)
        mark = _MARK.fullmatch(str(said["logprefix"]))
        return LogLine(
            str(said["level"]),
            str(said["message"]).rstrip("\n").removeprefix(" "),
            str(said["module"]),
            str(said["function"]),
            int(said["pid"]),
            int(mark[1]) if mark else 0,
            mark[2] if mark else "",
        )
    except (ValueError, TypeError, KeyError):
        return LogLine("", text.rstrip())


def executed(line: LogLine) -> Executed | None:
    """The command that a line names; None if it names none."""
    if line.level != EXEC or (match := _TRACE.fullmatch(line.text)) is None:
        return None
    kind, name, file, number, command = match.groups()
    if not name.startswith(_MAIN):
        kind = f"{'route' if kind == 'request_route' else kind}[{name}]"
    return Executed(kind, file, int(number), command)


def place_of(text: str) -> LogPlace | None:
    """The place that a line names."""
    if match := _PLACE.search(text):
        column = int(match["column"] or 0)
        return LogPlace(match["file"], int(match["line"]), column, int(match["end"] or column) + 1 if column else 0)
    if match := _AT.search(text):
        return LogPlace(match["file"], int(match["line"]))
    *_, inner = None, *_FILE.finditer(text)  # of a traceback the last is the innermost
    return LogPlace(inner[1], int(inner[2])) if inner else None
