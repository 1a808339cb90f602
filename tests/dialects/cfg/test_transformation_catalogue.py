"""Kamailio's variables and transformations that are not here, and those that nobody has: which of the two is said."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg import BadCfg, script_of
from labsip.dialects.cfg.transformation_catalogue import TRANSFORMATIONS
from labsip.vocabulary import EXPORTS


def said(text: str) -> str:
    with pytest.raises(BadCfg) as caught:
        script_of(f'loadmodule "pv.so"\nloadmodule "xlog.so"\nrequest_route {{ xlog("{text}"); }}\n')
    return str(caught.value).splitlines()[0].partition(": ")[2]


def test_all_transformations_that_are_here_are_kamailios() -> None:
    assert EXPORTS.transformations.keys() <= TRANSFORMATIONS.keys()


def test_one_that_kamailio_has_is_told_from_one_that_nobody_has() -> None:
    assert said("$msgbuf(1)") == "labsip does not have $msgbuf, a variable of pv"
    assert said("$nope") == "no variable $nope"
    assert said("$(ru{s.rafter,x})") == "labsip does not have {s.rafter}, a transformation of pv"
    assert said("$(ru{s.nope})") == "no transformation {s.nope}"
