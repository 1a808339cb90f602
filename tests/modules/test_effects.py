"""What modparam says, and what that comes to here."""

from __future__ import annotations

import pytest

from labsip.modules.effects import EFFECTS, Setting, modparam, settings_from, types_of, without_effect
from labsip.modules.modparams import TYPES
from labsip.sip.errors import LabError, NoSuchName
from labsip.vocabulary import EXPORTS, settings_of

LOADED = ("tm", "tmx", "registrar", "nathelper", "htable", "permissions", "sqlops", "acc")


def read(one: Setting) -> str:
    return f"content of {one.value}"


def test_every_effect_is_of_a_parameter_kamailio_has_and_a_setting_we_have() -> None:
    for module, effects in EFFECTS.items():
        for name, effect in effects.items():
            assert types_of(module, name)
            assert effect.setting in EXPORTS.parameters, effect


def test_the_types_are_kamailios() -> None:
    assert types_of("tm", "fr_timer") == (int,)
    assert types_of("acc", "log_extra") == (str,)
    assert types_of("jsonrpcs", "fifo_group") == (int, str)
    assert {"acc", "app_python3", "registrar", "tm", "usrloc"} <= TYPES.keys()


def test_a_parameter_there_is_not_is_told_with_the_nearest() -> None:
    with pytest.raises(NoSuchName, match="module tm: no parameter fr_time; did you mean fr_timer"):
        modparam("tm", "fr_time", 1, LOADED)
    with pytest.raises(NoSuchName, match="no module usrlock"):
        modparam("usrlock", "db_mode", 1, LOADED)
    with pytest.raises(LabError, match="modparam tm fr_timer takes a number, not '30'"):
        modparam("tm", "fr_timer", "30", LOADED)
    with pytest.raises(LabError, match="is no regular expression"):
        modparam("(", "fr_timer", 1, LOADED)


def test_the_module_is_a_regular_expression_and_each_that_matches_must_know_it() -> None:
    both = modparam("nathelper|registrar", "received_avp", "$avp(x)", LOADED)
    assert [one.module for one in both] == ["registrar", "nathelper"]
    assert [one.module for one in modparam("^tm$", "fr_timer", 1, LOADED)] == ["tm"]
    with pytest.raises(NoSuchName, match="module tmx: no parameter fr_timer"):
        modparam("tm.*", "fr_timer", 1, LOADED)


def test_a_value_is_meant_as_the_setting_has_it() -> None:
    given = [
        ("tm", "fr_timer", 5000), ("registrar", "max_expires", 3600), ("registrar", "use_path", 1),
        ("htable", "htable", "a=>size=4"), ("htable", "htable", "b=>size=4"), ("permissions", "address_file", "x"),
        ("sqlops", "sqlcon", "ca=>mysql://h/db"), ("acc", "log_flag", 1), ("tm", "wt_timer", 5000),
    ]  # fmt: skip
    settings = settings_from([one for each in given for one in modparam(*each, LOADED)], read)  # type: ignore[misc]
    assert settings == {
        "fr_timer": 5.0, "max_expires": 3600, "use_path": True, "htable": ("a=>size=4", "b=>size=4"),
        "address_list": "content of x", "sqlcon": {"ca": "mysql://h/db"}, "log_flag": 1,
    }  # fmt: skip
    del settings["address_list"]
    assert settings_of(None, **settings)
    (nothing,) = modparam("tm", "wt_timer", 5000, LOADED)
    assert nothing.effect is None
    assert without_effect([nothing]) == "modparam: taken, and without effect here: tm wt_timer"
    assert without_effect(modparam("tm", "fr_timer", 1, LOADED)) == ""


def test_a_connection_has_a_name() -> None:
    with pytest.raises(LabError, match="names no URL"):
        settings_from(modparam("sqlops", "sqlcon", "mysql://h/db", LOADED), read)
