"""What a Kamailio's log tells the lab: lines to show, what went wrong, and which commands ran for which message."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from labsip.engine.kamailio.cfg_folder import CfgFolder
from labsip.engine.kamailio.log_lines import NO_COMMANDS, Executed, LogLine, executed, parse_line
from labsip.proxy.fault import RouteError
from labsip.trace import Trace

RowOf = Callable[[int, str], int | None]
"""The row of the message with that number and key: `Mirror.row_of`."""
SMALL_TALK = {"NOTICE", "INFO", "DEBUG"}
NO_LAST_WORDS = ("EOF on", "core was not")
"""How lines begin that say less of an end than those before them."""
KEPT = 10_000
MOST_ERRORS = 100
REFUSAL = "jsonrpc_exec_ex"
"""Where Kamailio says that it does not know what the lab has asked: no module for it is loaded."""
NO_VIA = "no via found in request"
"""What it says of a fence, where lines have no mark."""
REPLIES = {"save", "www_challenge", "proxy_challenge", "auth_challenge", "pv_www_authenticate", "t_release"}
"""Commands that answer, beside those with `reply` in their names."""
SENDS = ("t_relay", "forward", "send", "t_forward", "t_replicate", "dlg_bye", "t_uac")
"""How the names of commands begin that send a request."""


@dataclass
class Work:
    """What one message has led to so far."""

    commands: list[tuple[int, str]] = field(default_factory=list)
    """Row and name."""
    at: int = 0
    """The first that may have sent what goes out next."""


class LogReader:
    """Reads what comes out of one Kamailio after another."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._rest = b""
        self._waiting: deque[LogLine] = deque()  # of messages that the mirror has not shown yet
        self._read: Callable[[], bytes] = bytes
        self._row_of: RowOf = lambda _number, _key: None
        self._running: dict[int, Executed] = {}  # by process: the command it runs
        self._rows: dict[int, int | None] = {}  # by process: the row of the message it has
        self._work: dict[int, Work] = {}
        self._failing: tuple[int, int, Executed | None] | None = None
        self.last_word = ""
        """What it said last of something that went wrong."""
        self.starting = False
        """Whether it has not taken a message yet: what it says of itself meanwhile is not shown, only what is wrong."""
        self.folder: CfgFolder | None = None
        """What the Kamailio that writes was started on."""
        self.lines: deque[tuple[float, LogLine]] = deque(maxlen=KEPT)
        """All that is shown: seconds since the trace began, and the line."""
        self.errors: deque[RouteError] = deque(maxlen=MOST_ERRORS)
        """What went wrong, oldest first."""

    def begin(self, folder: CfgFolder, read: Callable[[], bytes]) -> None:
        """Another Kamailio writes from now on; read: what it has written since."""
        self.folder, self._read, self.starting, self.last_word = folder, read, True, ""
        self._rest, self._failing = b"", None
        for kept in (self._waiting, self._running, self._rows):
            kept.clear()

    def feed(self, number: float, fence: int, row_of: RowOf, now: float) -> None:
        """Take what it has written about messages up to that number, by its own count; the rest waits.

        fence: the last that came back; what was written before it is taken, too, for what the mirror has not shown by
        then it has lost.
        """
        *lines, self._rest = (self._rest + self._read()).split(b"\n")
        self._waiting += (parse_line(line) for line in lines if line)
        self._row_of = row_of
        sure, waits = 0, False
        for place, line in enumerate(self._waiting, 1):
            waits = not 0 < line.fence <= fence and (waits or line.number > number)
            sure = sure if waits else place
        for _ in range(sure):
            self._take(self._waiting.popleft(), now)

    def forget(self, lines: int, errors: int) -> None:
        """Forget all but so many lines and errors: the others were told otherwise."""
        for kept, count in ((self.lines, lines), (self.errors, errors)):
            while len(kept) > count:
                kept.pop()

    def report(self, text: str) -> None:
        """Keep what went wrong that the log doesn't tell."""
        self.errors.append(RouteError("", "", text))
        self._failing = None

    @property
    def doing(self) -> str:
        """The command that began last, and its place: where a Kamailio that does not answer is."""
        return self._where(list(self._running.values())[-1]) if self._running else ""

    def sender(self, cause: int, raw: bytes) -> int | None:
        """Row of the command that sent a message because of the one of row `cause`."""
        work = self._work.get(cause)
        if work is None or raw.startswith((b"ACK ", b"CANCEL ")):
            return None
        answers, trying = raw.startswith(b"SIP/2.0 "), raw.startswith(b"SIP/2.0 100 ")
        for at in range(work.at, len(work.commands)):
            row, name = work.commands[at]
            replies = "reply" in name or name in REPLIES
            if (answers and replies) or (name.startswith(SENDS) and (trying or not answers)):
                work.at = at + replies
                return row
        return None

    # ---- one line

    def _take(self, line: LogLine, now: float) -> None:
        if not line.key and (line.function == REFUSAL or line.text == NO_VIA):
            return
        if line.number:
            self._rows[line.pid] = self._row_of(line.number, line.key)
        if line.fence:
            return
        if self.folder is not None:
            line = line._replace(text=self.folder.with_names(line.text))
        command = executed(line)  # with the learner's names of files
        if command is not None:
            self._running[line.pid] = command
            if command.line and command.command not in NO_COMMANDS:
                self._run(command, self._rows.get(line.pid), now)
            return
        kemi = self.folder is not None and self.folder.cfg is None
        if (self.starting or kemi) and line.level in SMALL_TALK and not line.printed:
            return
        self.lines.append((now - self._trace.start, line))
        if line.printed:
            self._print(line.text)
        elif line.severe:
            self._fail(line)
            if not line.text.startswith(NO_LAST_WORDS):
                self.last_word = line.told

    def _run(self, command: Executed, request: int | None, now: float) -> None:
        trace, row = self._trace, self._trace.begin_command()
        file, lines = self._text(command.file)
        arguments = arguments_of(lines, command.line, command.command)
        before, trace.cause = trace.cause, request
        trace.command(row, now, command.route, command.line, command.command, arguments, None, file=file)
        trace.cause = before
        if request is not None:
            if len(self._work) > KEPT:
                self._work.clear()
            self._work.setdefault(request, Work()).commands.append((row, command.command))

    def _print(self, text: str) -> None:
        """A script printed that: its last command did."""
        commands = self._trace.commands
        if commands and not commands[-1].text:
            commands[-1] = commands[-1]._replace(text=text)

    def _fail(self, line: LogLine) -> None:
        """Something went wrong; several lines about the same command are one error."""
        command = self._running.get(line.pid) if line.number or line.key else None
        failing = (line.pid, line.number, command)
        if self._failing == failing and self.errors:
            last = self.errors.pop()
            self.errors.append(last._replace(text=f"{last.text}\n{line.told}"))
            return
        self._failing = failing
        row = self._rows.get(line.pid) if command else None
        found = self._trace.find(row) if row is not None else None
        request = found.raw.split(b"\r\n")[0].decode("utf-8", "replace") if found else ""
        text = f"{self._where(command)}\n{line.told}" if command else line.told
        self.errors.append(RouteError(command.route if command else "", request, text))

    # ---- the learner's text

    def _text(self, file: str) -> tuple[str, Sequence[str]]:
        """The learner's name of a file, and its lines."""
        return (file, self.folder.files[file]) if self.folder and file in self.folder.files else ("", ())

    def _where(self, command: Executed) -> str:
        _, lines = self._text(command.file)
        line = lines[command.line - 1].strip() if 0 < command.line <= len(lines) else ""
        return f"{command.route}, line {command.line}: {line.rstrip(';') or command.command}"


def arguments_of(lines: Sequence[str], line: int, command: str) -> str:
    """The arguments of a command that stands in that line, as they are written; "" if they can't be found."""
    text = "\n".join(lines[line - 1 : line + 4]) if line > 0 else ""
    start = text.find(f"{command}(")
    if start < 0:
        return ""
    depth, quote, at = 0, "", start + len(command)
    for place in range(at, len(text)):
        sign = text[place]
        if quote:
            quote = "" if sign == quote and text[place - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "(":
            depth += 1
        elif sign == ")" and (depth := depth - 1) == 0:
            return " ".join(text[at + 1 : place].split())
    return ""
