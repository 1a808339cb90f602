"""Modules and parameters that don't exist."""

from __future__ import annotations

import pytest

from tests.dialects.cfg.texts import reviewed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('loadmodule "nosuch.so"', "labsip has no module nosuch"),
        ('loadmodule "tm.so"', "tm is loaded already"),
        ('loadmodule "modules/rr/rr.so"', "Kamailio finds no module in a folder modules/rr"),
        ('modparam("tm", "fr_tmer", 5)', "tm has no parameter fr_tmer"),
        ('modparam("tm", "fr_timer", "abc")', "fr_timer takes a number, not a text"),
        ('modparam("usrloc", "db_mode", 1)', "no module usrloc is loaded"),
        ('modparam("(", "a", 5)', "'(' is no regular expression: a ( that is not closed"),
        ("a.b = 5\na.b = 6", "a.b is set already"),
    ],
)
def test_what_is_meant_is_told(text: str, message: str) -> None:
    assert reviewed(text + "\n") == [message]


@pytest.mark.parametrize("pattern", ["tm", "TM", "^tm$", "t.", "tm|nosuch"])
def test_a_parameter_is_for_all_modules_that_match(pattern: str) -> None:
    assert reviewed(f'modparam("{pattern}", "fr_timer", 5000)\n') == []


def test_each_module_that_matches_must_know_the_parameter() -> None:
    assert reviewed('modparam("tm|registrar", "fr_timer", 5)\n') == ["registrar has no parameter fr_timer"]


def test_a_parameter_stands_behind_the_loadmodule_of_its_module() -> None:
    text = 'modparam("rr", "x", 1)\nloadmodule "rr.so"\n'
    assert reviewed(text) == ["no module rr is loaded"]
