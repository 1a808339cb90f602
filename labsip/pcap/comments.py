"""What the routes said, as comments on the messages they said it of."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from operator import attrgetter

from labsip.trace import RING, CommandRow, DatagramRow


class Comments:
    """Makes a message's comment: the commands said while a route ran for it, and the command that sent it, a line each.

    Commands may come in parts, each with the messages a route ran for; what those commands send may come later.
    """

    def __init__(self, commands: Iterable[CommandRow] = ()) -> None:
        self._said: OrderedDict[int | None, str] = OrderedDict()  # by the command's row
        self._about: defaultdict[int | None, list[str]] = defaultdict(list)  # by the request's row
        self.hear(commands)

    def hear(self, commands: Iterable[CommandRow]) -> None:
        """The commands said since the last time. Of those before, the newest are remembered as senders."""
        while len(self._said) > RING:
            self._said.popitem(last=False)
        self._about.clear()
        for spoken in sorted(commands, key=attrgetter("row")):
            line = _line(*spoken[3:9])
            self._said[spoken.row] = line
            self._about[spoken.request].append(line)

    def on(self, row: DatagramRow) -> str:
        """The comment on one message, "" if there is nothing to say."""
        lines = self._about.get(row.row, [])
        if row.command in self._said:
            lines = [*lines, f"sent by {self._said[row.command]}"]
        if row.lost:
            lines = [*lines, "lost on the way"]
        return "\n".join(lines)


@lru_cache(1024)  # a route says the same of many messages
def _line(route: str, line: int, command: str, args: str, result: int | None, text: str) -> str:
    returned = "" if result is None else f" → {result}"
    printed = f": {text}" if text else ""
    return f"{route} line {line}: {command}({args}){returned}{printed}"
