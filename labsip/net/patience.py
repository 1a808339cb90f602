"""Patience with a block of the script: one that never ends is stopped, after so many lines or so much time."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from time import monotonic

from labsip.net.lines import heard
from labsip.proxy.script import Route
from labsip.proxy.turn import Turn

SHARE = 0.1
"""What one line counts for at most, as a share of the time there is.

A machine that stands still for a while, or a learner at a breakpoint, stops no route; one that waits in a loop is.
"""


class TooLong(BaseException):
    """A block was stopped. It is raised again at each line until the block has ended, whatever that catches."""


class Patience:
    """Runs blocks for a proxy (`Proxy.run_block`), as long as its settings `max_lines` and `max_route_time` say.

    A block within a block, such as a branch_route, counts for itself. A line that never ends by itself, as
    `time.sleep(1000)`, can't be stopped: it is looked at only when a line begins.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock

    def __call__(self, block: Route, turn: Turn) -> None:
        """Run it. Raises TooLong if it was stopped, and what it raises."""
        settings = turn.proxy.settings
        lines, time = settings.max_lines or inf, settings.max_route_time or inf
        if lines == time == inf:
            block(turn.proxy.handle(turn))
        else:
            heard(block, turn.proxy.handle(turn), self._counting(lines, time))

    def _counting(self, lines: float, time: float) -> Callable[[], None]:
        """What is told of each line, and raises TooLong at one too many."""
        clock = self._clock
        most, last = time * SHARE, clock()
        said, spent = 0, 0.0

        def told() -> None:
            nonlocal said, spent, last
            now = clock()
            said, spent, last = said + 1, spent + min(now - last, most), now
            if said > lines:
                raise TooLong(f"stopped after {lines:,} lines; does it ever end? Lab(max_lines=0) would let it go on")
            if spent > time:
                raise TooLong(f"stopped after {time:g} s; does it ever end? Lab(max_route_time=0) would let it go on")

        return told
