"""The small programs of ../shared, and what a real Kamailio did with each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from labsip.dialects.cfg import BadCfg, Cfg, Fault, read_cfg, review
from tests.dialects.cfg.texts import KNOWN

PENDING = re.compile("labsip has no module (app_python3|kemix)$")
"""What only a file for KEMI needs."""
STOCK = Path("/etc/kamailio/kamailio.cfg")


class Program(NamedTuple):
    """One, and what Kamailio did."""

    path: Path
    expected: dict[str, Any]

    @property
    def defines(self) -> dict[str, str | None]:
        given = [argument for argument in self.expected["args"] if argument != "-A"]
        return {name: value or None for name, _, value in (argument.partition("=") for argument in given)}

    def faults(self) -> tuple[Cfg, list[Fault], list[Fault]]:
        """The nodes, what is wrong with the form, and what else is wrong."""
        cfg, faults = read_cfg(str(self.path), lambda path: Path(path).read_bytes(), self.defines)
        return cfg, list(faults), [fault for fault in review(cfg, KNOWN) if fault.severe]


@pytest.fixture(scope="module")
def programs(shared: Callable[[str], Path]) -> list[Program]:
    folder = shared("kamailio/cfglang")
    found = [
        Program(path, json.loads(path.with_suffix(".expected").read_text())) for path in sorted(folder.glob("*.cfg"))
    ]
    return [one for one in found if "/etc/kamailio" not in one.path.read_text() or STOCK.exists()]


def told(program: Program) -> Iterator[str]:
    cfg, form, others = program.faults()
    if form or others:
        yield str(BadCfg([*form, *others], cfg.texts))


def test_all_that_started_are_well_formed(programs: list[Program]) -> None:
    wrong = {one.path.stem: one.faults()[1] for one in programs if one.expected["started"]}
    assert {name: faults for name, faults in wrong.items() if faults} == {}
    assert len(wrong) > 100 or len(programs) < 130


def test_all_that_started_make_sense(programs: list[Program]) -> None:
    wrong = {
        one.path.stem: [fault.message for fault in one.faults()[2] if not PENDING.match(fault.message)]
        for one in programs
        if one.expected["started"]
    }
    assert {name: messages for name, messages in wrong.items() if messages} == {}


def test_all_that_were_refused_are_refused_and_kamailios_line_is_named(programs: list[Program]) -> None:
    missed, unnamed = [], []
    for one in programs:
        if one.expected["started"]:
            continue
        text = "".join(told(one))
        line = one.expected["line"]
        if not text:
            missed.append(one.path.stem)
        elif line is not None and not re.search(rf"(?:line\s+|:){line}\b", text):
            unnamed.append(one.path.stem)
    assert (missed, unnamed) == ([], [])


def test_a_program_is_told_as_a_person_would_tell_it(programs: list[Program]) -> None:
    (one,) = [program for program in programs if program.path.stem == "081_err_semicolon"]
    (text,) = told(one)
    assert text.replace(str(one.path), "081.cfg").splitlines() == [
        "081.cfg:18:2: ; is missing at the end of line 17, before xlog",
        '    18 |     xlog("=> $var(a)\\n");',
        "       |     ^^^^",
        "       = each statement ends with a ;",
    ]
