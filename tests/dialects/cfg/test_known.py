"""The tables that a checker asks, made of what labsip brings."""

from __future__ import annotations

from labsip.dialects.cfg import known_of
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.script import FAILURE, REQUEST
from labsip.proxy.turn import Turn
from labsip.vocabulary import exports_with
from tests.dialects.cfg.texts import KNOWN


@command(REQUEST, FAILURE)
def greet(turn: Turn, /, name: str, greeting: str = "") -> int:
    """A command of somebody else. 1."""
    del turn, name, greeting
    return 1


def test_a_command_of_kamailios_is_called_as_kamailio_has_it() -> None:
    sl_reply = KNOWN.commands["sl_reply"]
    assert (sl_reply.module, sl_reply.counts, sl_reply.constant, sl_reply.here) == ("sl", {2}, True, True)


def test_a_command_of_ones_own_is_called_as_its_function_says() -> None:
    known = known_of(exports_with([Module("greeter", commands=(greet,))])).commands["greet"]
    assert (known.module, known.counts) == ("greeter", {1, 2})
    assert known.blocks == {"request_route", "route", "event_route", "failure_route"}


def test_a_variable_may_be_set_may_have_a_name_and_needs_a_module() -> None:
    assert (KNOWN.variables["ru"].settable, KNOWN.variables["ru"].named, KNOWN.variables["ru"].module) == (
        True,
        False,
        "pv",
    )
    assert (KNOWN.variables["hdr"].settable, KNOWN.variables["hdr"].named) == (False, True)
    assert KNOWN.variables["null"].module == ""
    assert KNOWN.variables["sht"].module == "htable"


def test_a_parameter_has_the_type_that_modparam_takes() -> None:
    assert KNOWN.parameters["tm"]["fr_timer"] == (int,)
    assert KNOWN.parameters["registrar"]["received_avp"] == (str,)
    assert "tmx" in KNOWN.parameters


def test_arguments_that_are_expressions_are_taken_as_they_are() -> None:
    assert KNOWN.commands["t_check_status"].literal == {0}
    assert KNOWN.commands["sl_reply"].literal == frozenset()
