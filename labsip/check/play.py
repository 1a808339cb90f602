"""Playing an exercise: its cases against a route, each on a testbed of its own, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass

from labsip.check.cases import Case
from labsip.check.exercises import Exercise, exercise
from labsip.check.mismatch import Mismatch, mismatch_of
from labsip.check.real_play import play_real
from labsip.net.memory import MemoryNet
from labsip.proxy.exports import Exports
from labsip.proxy.script import Routes
from labsip.steps import STEPS
from labsip.testbed import LIMITS, Testbed
from labsip.trace import Tables, Trace
from labsip.vocabulary import EXPORTS


@dataclass(frozen=True)
class Verdict:
    """How an exercise went: true if it is solved."""

    exercise: Exercise
    passed: tuple[Case, ...]
    mismatch: Mismatch | None = None

    def __bool__(self) -> bool:
        return self.mismatch is None

    @property
    def text(self) -> str:
        """Solved or not yet; what went well, and what did not."""
        lines = [f"{self.exercise.number} {'solved' if self else 'not yet'}. {self.exercise.task}"]
        lines += [f"  + {case.title}" for case in self.passed]
        if self.mismatch is not None:
            lines.append(f"  - {self.mismatch.case.title}")
            lines += [f"    {line}" for sentence in self.mismatch.sentences for line in sentence.splitlines()]
        return "\n".join(lines)


def check(number: str | float, routes: Routes, exports: Exports = EXPORTS, *, real: bool = False) -> Verdict:
    """Play an exercise's cases until one fails; exports: the commands that the routes may run; real: on a Kamailio.

    Raises NoSuchName for an exercise that does not exist.
    """
    wanted = exercise(number)
    passed: list[Case] = []
    for case in wanted.cases:
        mismatch = play_real(case, routes, exports) if real else _play(case, routes, exports)
        if mismatch is not None:
            return Verdict(wanted, tuple(passed), mismatch)
        passed.append(case)
    return Verdict(wanted, tuple(passed))


def _play(case: Case, routes: Routes, exports: Exports) -> Mismatch | None:
    net = MemoryNet(Trace(tables=Tables()), seed=1)
    with Testbed(net, STEPS["register"], seed=1, exports=exports, settings=LIMITS) as bed:
        for name in case.registered:
            bed.phone(name).register()
        bed.run(routes)
        bed.clear()
        case.play(bed)
        return mismatch_of(case, bed.flow(), [error.text for error in bed.engine.errors])
