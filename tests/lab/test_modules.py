"""A lab takes modules of somebody's own: a table, something that has one, a single command, an installed one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, EntryPoints
from types import SimpleNamespace

import pytest

from labsip import Lab, Turn, command
from labsip.proxy.exports import Module, Transformation, Variable
from labsip.proxy.script import ANY, REQUEST
from labsip.proxy.turn import ModuleState
from labsip.sip.errors import LabError


@command(REQUEST)
def is_night(turn: Turn, /, begin: int = 22) -> int:
    """Is it night? 1 yes · -1 no."""
    return 1 if turn.now / 3600 % 24 >= begin else -1


@dataclass(frozen=True)
class CountingParameters:
    most: int = 2
    """Requests answered 200."""


class Counting(ModuleState):
    count = 0

    def before_request(self, turn: Turn) -> bool:
        """Count it."""
        self.count += turn.request.method == "MESSAGE"
        return False


@command(*ANY)
def too_many(turn: Turn, /) -> int:
    """Have there been more than `most`? 1 yes · -1 no."""
    return 1 if turn.module(Counting).count > turn.proxy.settings.of(CountingParameters).most else -1


COUNTING = Module(
    "counting",
    commands=(too_many,),
    variables={"$counted": Variable("requests so far", lambda turn: turn.module(Counting).count)},
    transformations={"x.twice": Transformation("twice", lambda value, _: f"{value}{value}")},
    parameters=CountingParameters,
    state=Counting,
    hooks=(Counting.before_request,),
)


def counting(ksr: object) -> None:
    ksr.xlog("$counted $(rU{x.twice})")  # type: ignore[attr-defined]
    if ksr.too_many():  # type: ignore[attr-defined]
        ksr.sl_reply(503)  # type: ignore[attr-defined]
        return
    ksr.sl_reply(200)  # type: ignore[attr-defined]


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(net="memory", modules=[COUNTING, is_night], most=1) as lab:
        yield lab


def test_a_module_brings_commands_variables_parameters_state_and_hooks(lab: Lab) -> None:
    lab.request_route(counting)
    answers = [str(lab.phone("106").message("108", "hi")) for _ in range(2)]
    assert ["200" in answer for answer in answers] == [True, False]
    assert [row.text for row in lab.steps().itertuples() if row.text] == ["1 108108", "2 108108"]


def test_a_single_command_is_there_and_completes(lab: Lab) -> None:
    names: list[list[str]] = []

    @lab.request_route
    def request_route(ksr: object) -> None:
        names.append(dir(ksr))
        ksr.sl_reply(503 if ksr.is_night(0) else 200)  # type: ignore[attr-defined]

    assert "503" in str(lab.phone("106").message("108", "hi"))
    assert {"is_night", "too_many", "t_relay"} <= set(names[0])
    assert not lab.errors


def test_a_command_of_another_lab_is_not_there() -> None:
    with Lab(net="memory", name="other") as other, pytest.raises(LabError, match="no command too_many"):
        other.request_route(counting)


def test_a_module_may_be_named_that_an_installed_package_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("counting", f"{__name__}:COUNTING", "labsip.modules")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: EntryPoints([point]))
    monkeypatch.setattr(EntryPoint, "load", lambda _: COUNTING)
    with Lab(net="memory", name="named", modules=["counting"]) as lab:
        lab.request_route(counting)
    with pytest.raises(LabError, match="no module count; did you mean counting"):
        Lab(net="memory", name="named", modules=["count"])


@pytest.mark.parametrize(
    ("module", "told"),
    [
        (5, "5 is no module"),
        (SimpleNamespace(EXPORTS=5), "is no module"),
        (Module("mine", variables={"$ru": Variable("", lambda _: None)}), r"there is a variable \$ru already"),
        (Module("mine", parameters=CountingParameters, commands=(too_many, too_many)), "a command too_many already"),
    ],
)
def test_what_is_no_module_or_brings_a_name_twice_is_refused(module: object, told: str) -> None:
    with pytest.raises(LabError, match=told):
        Lab(net="memory", name="wrong", modules=[module])
