"""The ladder in characters while it happens: lines come as messages do, and nobody knows yet who else will speak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from labsip.view.layout import MOST_LANES, NAMES_EVERY, PAUSE, Arrow, Gap
from labsip.view.text import Page, rooms_for

TIME, ROOM = 8, 30
"""Characters for the time (9999.999) and from lane to lane at first: enough for nearly all, so that lanes stay."""


class RunningLadder:
    """Gives the lines for one message after the other; it grows where it must, and then says the names again."""

    def __init__(self) -> None:
        self._parties: list[str] = []
        self._rooms: list[int] = []
        self._margin = TIME + 2
        self._last: float | None = None
        self._since_names = 0
        self._spoke: dict[str, int] = {}  # party → count of messages when it last spoke or was spoken to
        self._count = 0

    def lines(self, src: str, dst: str, arrow: Arrow) -> Iterator[str]:
        """The lines for a message from src to dst; the lanes of the arrow are set here."""
        grown = self._make_room(src, dst)
        arrow = replace(arrow, src=self._parties.index(src), dst=self._parties.index(dst))
        rooms = [max(pair) for pair in zip(self._rooms, rooms_for([arrow], len(self._parties)), strict=True)]
        margin = max(self._margin, len(f"{arrow.t:.3f}") + 2)
        grown |= rooms != self._rooms or margin != self._margin
        self._rooms, self._margin = rooms, margin
        page = Page(self._parties, rooms, margin)
        if self._last is not None and arrow.t - self._last >= PAUSE:
            yield _line(page.gap(Gap(0.0, arrow.t - self._last).caption))
        if grown or self._since_names == NAMES_EVERY:
            yield _line(page.names())
            self._since_names = 0
        yield from map(_line, page.arrow(arrow))
        self._since_names += 1
        self._last = arrow.t

    def _make_room(self, *parties: str) -> bool:
        """Give each of them a lane; of too many, that of who has been silent longest. True if a lane changed hands."""
        changed = False
        self._count += 1
        for party in parties:
            self._spoke[party] = self._count
            if party in self._parties:
                continue
            changed = True
            if len(self._parties) < MOST_LANES:
                self._parties.append(party)
                self._rooms += [ROOM] if self._parties[1:] else []
            else:
                silent = min(self._parties, key=self._spoke.__getitem__)
                self._parties[self._parties.index(silent)] = party
                del self._spoke[silent]
        return changed


def _line(characters: list[str]) -> str:
    return "".join(characters).rstrip()
