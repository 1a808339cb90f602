"""What the routes said, as comments on the messages they said it of."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from operator import attrgetter

from labsip.trace import RING, Passed, Spoken


class Comments:
    """Makes a message's comment: the words said while a route ran for it, and the word that sent it, a line each.

    Words may come in parts, each together with the messages a route ran for; what those words send may come later.
    """

    def __init__(self, words: Iterable[Spoken] = ()) -> None:
        self._said: OrderedDict[int | None, str] = OrderedDict()  # by the word's row
        self._about: defaultdict[int | None, list[str]] = defaultdict(list)  # by the request's row
        self.hear(words)

    def hear(self, words: Iterable[Spoken]) -> None:
        """The words said since the last time. Of those before, the newest are remembered as senders."""
        while len(self._said) > RING:
            self._said.popitem(last=False)
        self._about.clear()
        for spoken in sorted(words, key=attrgetter("row")):
            line = _line(*spoken[3:])
            self._said[spoken.row] = line
            self._about[spoken.request].append(line)

    def on(self, row: Passed) -> str:
        """The comment on one message, "" if there is nothing to say."""
        lines = self._about.get(row.row, [])
        if row.word in self._said:
            lines = [*lines, f"sent by {self._said[row.word]}"]
        if row.lost:
            lines = [*lines, "lost on the way"]
        return "\n".join(lines)


@lru_cache(1024)  # a route says the same of many messages
def _line(route: str, line: int, word: str, args: str, result: int | None, text: str) -> str:
    returned = "" if result is None else f" → {result}"
    printed = f": {text}" if text else ""
    return f"{route} line {line}: {word}({args}){returned}{printed}"
