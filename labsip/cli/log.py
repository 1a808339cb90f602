"""What a running proxy has to say, as lines for standard error.

It is fetched now and then, so that the proxy never waits for a terminal.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from labsip.cli.terminal import visible
from labsip.dialects.kemi.core_functions import LOGS
from labsip.net.network import Network
from labsip.proxy.fault import RouteError
from labsip.proxy.receive import Proxy
from labsip.sip.errors import LabError
from labsip.trace import CommandRow, DatagramRow

T = TypeVar("T")

NOTES, WINDOW = 20, 5.0
"""So many notes in so many seconds: enough to see what goes wrong, too few to fill a disk."""
PRINTED = 500
"""Lines of xlog and of acc that one look writes; nobody could read more."""
ACCOUNT = "ACC: "
"""What lines of acc begin with: they are no complaint, and Kamailio's log has each of them."""
LEVELS = {
    "L_ALERT": "ALERT",
    "L_BUG": "BUG",
    "L_CRIT": "CRITICAL",
    "L_ERR": "ERROR",
    "L_WARN": "WARNING",
    "L_NOTICE": "NOTICE",
    "L_INFO": "INFO",
    "L_DBG": "DEBUG",
}
"""How Kamailio's log writes its levels."""
USUAL = 2
"""The lowest that is printed, L_INFO, where no `debug=` says otherwise."""
OWN = {f"x{name}": f"L_{name.upper()}" for name in ("dbg", "info", "notice", "warn", "err", "bug", "crit", "alert")}
"""The level of commands that have one of their own."""
CORE = {**LOGS, "log": ""}
"""Functions of KSR that log a text as it is, with their levels: `KSR.info`, `KSR.log("info", text)`."""


Keep = Callable[[list[DatagramRow], list[CommandRow]], Iterable[str]]


class News(NamedTuple):
    """What there was to say since the last look."""

    notes: list[tuple[float, str]]
    commands: list[CommandRow]
    errors: list[RouteError]
    passed: list[DatagramRow]


class Log:
    """The log of a proxy: its notes, what its routes print, what they raise. What it fetches, the trace forgets.

    keep: takes the messages that passed and the commands said for them, and tells what it could not keep.
    """

    def __init__(self, net: Network, proxy: Proxy, keep: Keep | None = None) -> None:
        self._net = net
        self._proxy = proxy
        self._keep = keep
        self._since = net.now
        self._shown = 0
        self._held_back = 0

    def lines(self) -> Iterator[str]:
        """What there is since the last time, in order of time; of notes and errors at most `NOTES` in a `WINDOW`."""
        news, now = self._fetch(), self._net.now
        if self._keep is not None:
            news.notes.extend((now, text) for text in self._keep(news.passed, news.commands))
        if now - self._since >= WINDOW:
            yield from self.rest()
            self._since, self._shown, self._held_back = now, 0, 0
        raised = tuple(f"{error.route} raised " for error in news.errors)  # the errors themselves tell more
        notes = [note for note in news.notes if not note[1].startswith((*raised, ACCOUNT))]
        printed = [(command.t, printed_line(command)) for command in news.commands if command.text]
        printed += [(t, notice(text)) for t, text in news.notes if text.startswith(ACCOUNT)]
        said = [(t, notice(text)) for t, text in self._few(notes)] + printed[:PRINTED]
        yield from (line for _, line in sorted(said, key=lambda one: one[0]))
        if len(printed) > PRINTED:
            yield f"NOTICE: labsip: ... and {len(printed) - PRINTED} more lines of xlog and acc"
        for error in self._few(news.errors):
            yield from (f"ERROR: <script>: {visible(line)}" for line in (error.request, *error.text.splitlines()))

    def rest(self) -> Iterator[str]:
        """How many there were besides, since that was last said; nothing, if there were none."""
        if self._held_back:
            yield f"NOTICE: labsip: ... and {self._held_back} more in these {self._net.now - self._since:.0f} s"

    def account(self) -> str:
        """What the proxy and its network hold, and what was dropped since they began, in a line."""
        try:
            held, dropped = self._net.peek(lambda _: ({**self._proxy.held, **self._net.held}, dict(self._proxy.stats)))
        except LabError as error:  # a route that never ends
            return f"NOTICE: labsip: {error}"
        return f"NOTICE: labsip: holds {_counted(held)}; dropped {_counted(dropped) or 'nothing'}"

    def _fetch(self) -> News:
        try:
            return self._net.ask(self._take)
        except LabError as error:  # a route that never ends
            return News([(self._net.now, str(error))], [], [], [])
        except Exception:  # a fault of labsip's own; the proxy serves on
            return News([(self._net.now, line) for line in traceback.format_exc().splitlines()], [], [], [])

    def _take(self, _now: float) -> News:
        trace, errors = self._proxy.trace, self._proxy.errors
        news = News(list(trace.notes), list(trace.commands), list(errors), trace.take())
        for told in (trace.notes, trace.commands, errors):
            told.clear()
        self._held_back += trace.fallen
        trace.fallen = 0
        return news

    def _few(self, what: list[T]) -> list[T]:
        room = max(0, NOTES - self._shown)
        self._shown += len(what[:room])
        self._held_back += len(what[room:])
        return what[:room]


def _counted(what: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in what.items())


def printed_line(command: CommandRow) -> str:
    """A line of xlog as Kamailio's log has it; without a level it is L_ERR."""
    given = re.match(r'"(L_[A-Z]+|[a-z]+)", ', command.args)
    level = CORE.get(command.name) or OWN.get(command.name) or (given and LOGS.get(given[1], given[1])) or "L_ERR"
    text = "\t".join(map(visible, command.text.split("\t")))
    return f"{LEVELS.get(level, 'ERROR')}: <{'core' if command.name in CORE else 'script'}>: {text}"


def notice(text: str) -> str:
    """A line of labsip's own."""
    return f"NOTICE: labsip: {visible(text)}"


def notices(text: str) -> Iterator[str]:
    """The lines of a longer text, such as a fault with the line it is in."""
    return map(notice, text.split("\n"))
