"""What a proxy asks of the dialect its blocks are written in; it knows no text, no lines and no stack of its own."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from labsip.proxy.script import Route
from labsip.proxy.turn import Turn

Position = tuple[str, int]
"""Where something stands in a script: its file, and its line as the dialect counts: Python from the first line of its
block, which is 1; a cfg from that of its file."""


class Source(NamedTuple):
    """The text of a block; without lines, it can't be had."""

    lines: tuple[str, ...] = ()
    first: int = 1
    """The number of the first line, as in `Position`."""
    file: str = ""


class Dialect(Protocol):
    """How blocks are written. Whatever the dialect, a block is a function that takes the handle `ksr`.

    A dialect says where in its text each command stands, what the text of a block is, and, when a block raised, what
    its author should hear.
    """

    def run(self, block: Route, turn: Turn) -> object:
        """Run a block to its end, or stop it. Raises what it raises."""

    def caller(self) -> Position:
        """Where the command that runs now was called; asked by the method that was called (`Command.method`)."""

    def line(self) -> str:
        """That line in words, with its text: `line 13 of kamailio.cfg: t_relay();`."""

    def named(self, error: BaseException, turn: Turn) -> BaseException:
        """What a block raised, or the error that tells its author better what to write instead."""

    def trail(self, error: BaseException, turn: Turn) -> list[str]:
        """The author's own lines that led to an error, the innermost last: `request_route, line 4: ksr.t_relay()`."""

    def source(self, block: Route) -> Source:
        """The text of a block."""


class Plain:
    """Blocks of which nothing is known but how to call them: the dialect of a proxy that was given none."""

    def run(self, block: Route, turn: Turn) -> object:
        """Call it."""
        return run_block(block, turn)

    def caller(self) -> Position:
        """Unknown."""
        return NOWHERE

    def line(self) -> str:
        """Unknown."""
        return "somewhere"

    def named(self, error: BaseException, turn: Turn) -> BaseException:  # noqa: ARG002
        """The error as it is."""
        return error

    def trail(self, error: BaseException, turn: Turn) -> list[str]:  # noqa: ARG002
        """No lines."""
        return []

    def source(self, block: Route) -> Source:  # noqa: ARG002
        """No text."""
        return Source()


NOWHERE: Position = "", 0


def run_block(block: Route, turn: Turn) -> object:
    """Run a block to its end."""
    return block(turn.proxy.handle(turn))
