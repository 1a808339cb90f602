"""Checking an exercise: its cases played against the learner's route, on a lab of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from labsip.check.cases import Case
from labsip.check.compare import differences
from labsip.check.exercises import Exercise, exercise
from labsip.check.notation import hops_of, parse_flow
from labsip.lab.lab import Lab

if TYPE_CHECKING:
    from labsip.proxy.script import Routes
    from labsip.view.ladder import Ladder


class Failed:
    """A case that went otherwise than it should have."""

    def __init__(self, case: Case, told: list[str], ladder: Ladder) -> None:
        self.case = case
        self.told = told
        self.ladder = ladder


class Checked:
    """The answer to an exercise: true if it is solved; `repr` says what was wrong, and shows the ladder of that."""

    def __init__(self, exercise: Exercise, passed: list[Case], failed: Failed | None) -> None:
        self.exercise = exercise
        self.passed = passed
        self.failed = failed

    def __bool__(self) -> bool:
        return self.failed is None

    def __repr__(self) -> str:
        return self.verdict if self.failed is None else f"{self.verdict}\n\n{self.failed.ladder.text()}"

    def _ipython_display_(self) -> None:
        """The commands, then the drawing: of an output with both, a notebook would show the drawing alone."""
        from IPython.display import display

        from labsip.view.listing import TextLine, as_html

        page = as_html(map(TextLine, self.verdict.splitlines()))  # plain text breaks within commands
        display({"text/plain": self.verdict, "text/html": page}, raw=True)  # type: ignore[no-untyped-call]
        if self.failed is not None:
            display(self.failed.ladder)  # type: ignore[no-untyped-call]

    @property
    def verdict(self) -> str:
        """Solved or not yet; what went well, and what did not."""
        command = "solved" if self else "not yet"
        lines = [f"{self.exercise.number} {command}. {self.exercise.task}", *(f"  + {c.title}" for c in self.passed)]
        if self.failed is not None:
            told = [f"    {line}" for sentence in self.failed.told for line in sentence.splitlines()]
            lines += [f"  - {self.failed.case.title}", *told]
        return "\n".join(lines)


def check(number: str | float, routes: Routes, modules: Iterable[object] = ()) -> Checked:
    """Play an exercise's cases until one fails, on a lab with these modules.

    Raises NoSuchName for an exercise that does not exist.
    """
    wanted = exercise(number)
    passed: list[Case] = []
    for case in wanted.cases:
        failed = _play(case, routes, modules)
        if failed is not None:
            return Checked(wanted, passed, failed)
        passed.append(case)
    return Checked(wanted, passed, None)


def _play(case: Case, routes: Routes, modules: Iterable[object]) -> Failed | None:
    with Lab(seed=1, net="memory", name="check", modules=modules) as lab:
        lab.use("register")
        for name in case.registered:
            lab.phone(name).register()
        lab.run(routes)
        lab.clear()
        case.play(lab)
        flow = lab.flow
        told = differences(parse_flow(case.expect), hops_of(flow, repeats=False))
        told += [error.text for error in lab.errors]
        return Failed(case, told, lab.ladder()) if told else None
