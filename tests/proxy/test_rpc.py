"""A command of Kamailio's RPC: what its arguments may be, and what it does with others."""

from __future__ import annotations

import pytest

from labsip.proxy.rpc import Rpc, RpcFault, rpc
from labsip.sip.errors import LabError


@rpc("x.all", many=True)
def everything(_proxy, _now, name: str, number: int, part: float, text: str | int, rest: object = None):
    """Says what it was given."""
    return [name, number, part, text, rest]


@rpc("x.some")
def some(_proxy, _now, mode: str = "none"):
    """Says its mode."""
    return mode


@rpc("x.many", many=True)
def many(_proxy, _now, *texts: str | int):
    """Says them all."""
    return list(texts)


@rpc("x.own", usage="Which one?")
def own(_proxy, _now, name: str):
    """Says nothing."""


def fault(command: Rpc, *arguments: object) -> str:
    with pytest.raises(RpcFault) as raised:
        command(None, 0.0, arguments)
    return str(raised.value)


def test_arguments_are_taken_as_they_are_annotated() -> None:
    assert everything(None, 0.0, ["a", 1, 2, 3, 4.5]) == ["a", 1, 2, "3", 4.5]
    assert everything(None, 0.0, ["a", 1, 0.5, "t"]) == ["a", 1, 0.5, "t", None]


def test_what_does_not_fit_is_told_in_kamailios_words() -> None:
    assert fault(everything) == "400 - error at parameter 0: expected string type but end of packet encountered"
    assert fault(everything, 5) == "400 - error at parameter 0: expected string type but record doesn't match type"
    assert fault(everything, "a", "b").startswith("400 - error at parameter 1: expected integer type")
    assert fault(everything, "a", True).startswith("400 - error at parameter 1: expected integer type")
    assert fault(everything, "a", 2**32).startswith("400 - error at parameter 1: expected integer type")
    assert fault(everything, "a", 1, "b").startswith("400 - error at parameter 2: expected float type")
    assert fault(everything, "a", 1, 1, 0.5).startswith("400 - error at parameter 3: expected any type")


def test_a_command_may_have_words_of_its_own() -> None:
    assert fault(own) == fault(own, 5) == "500 - Which one?"
    assert own(None, 0.0, ["a"]) == []


def test_an_argument_that_may_be_missing_is_missing_where_it_does_not_fit() -> None:
    assert some(None, 0.0, []) == some(None, 0.0, [5]) == ["none"]
    assert some(None, 0.0, ["a", "more", "than", "it", "takes"]) == ["a"]


def test_any_number_of_arguments_ends_with_the_first_that_does_not_fit() -> None:
    assert many(None, 0.0, ["a", 1, 2.5, "b"]) == ["a", "1"]


def test_an_argument_that_no_command_can_have_is_refused_at_once() -> None:
    def wrong(_proxy, _now, flags: list[str]):
        """Takes what nobody can give."""

    with pytest.raises(LabError, match=r"x\.wrong: its argument flags is no list\[str\]; it may be str, int, float"):
        rpc("x.wrong")(wrong)


def test_a_mistake_of_the_learner_is_a_fault() -> None:
    @rpc("x.bad")
    def bad(_proxy, _now):
        """Fails."""
        raise LabError("no such thing")

    assert fault(bad) == "500 - no such thing"
    assert (bad.about, repr(bad)) == ("Fails.", "<rpc x.bad>")
