"""Parameters, modules, settings and flags."""

from __future__ import annotations

import pytest

from labsip.dialects.cfg.nodes import (
    Bare,
    CfgEngine,
    CoreParameter,
    FlagNames,
    LoadModule,
    ModParam,
    Number,
    OwnSetting,
    Text,
)
from tests.dialects.cfg.texts import read, told


def test_parameters_of_the_core_need_no_semicolon() -> None:
    cfg, faults = read('debug=2 children=4; log_prefix="{$ci}"\nmem_log=-1\nlog_facility=LOG_LOCAL0\nmhomed=yes\n')
    assert faults == ()
    parameters = cfg.of(CoreParameter)
    assert [parameter.name for parameter in parameters] == [
        "debug",
        "children",
        "log_prefix",
        "memlog",
        "log_facility",
        "mhomed",
    ]
    assert [parameter.values[0].value for parameter in parameters] == [2, 4, "{$ci}", -1, "LOG_LOCAL0", 1]


@pytest.mark.parametrize(
    ("written", "sockets"),
    [
        ("listen=udp:127.0.0.1:5060", ["udp:127.0.0.1:5060"]),
        ("listen=127.0.0.1", ["127.0.0.1"]),
        ("listen=tcp:eth0:5060 TLS:lo", ["tcp:eth0:5060", "tls:lo"]),
        ("listen=udp:[::1]:5060", ["udp:[::1]:5060"]),
        ("listen=::1", ["[::1]"]),
        ("#!define IP 192.0.2.1\nlisten=udp:IP:5060", ["udp:192.0.2.1:5060"]),
        ("listen=udp:a-b.example.com:5060\nport=5060", ["udp:a-b.example.com:5060"]),
    ],
)
def test_a_listen_is_one_parameter_for_each_socket(written: str, sockets: list[str]) -> None:
    cfg, faults = read(written + "\n")
    assert faults == ()
    found = [parameter for parameter in cfg.of(CoreParameter) if parameter.name == "listen"]
    assert [parameter.values[0].value for parameter in found] == sockets


def test_a_listen_may_have_several_hosts_and_options() -> None:
    cfg, _ = read('listen=udp:(127.0.0.1, lo):5060 advertise 192.0.2.1:5080 name "out"\n')
    (parameter,) = cfg.of(CoreParameter)
    assert [one.value for one in parameter.values] == ["udp:127.0.0.1:5060", "udp:lo:5060"]
    assert parameter.options == {"advertise": "192.0.2.1:5080", "name": "out"}


def test_an_alias_has_several_names() -> None:
    cfg, faults = read('alias=a.example "b.example" udp:c.example:5060\nalias=10.0.0.1 *:5061\n')
    assert faults == ()
    assert [[one.value for one in parameter.values] for parameter in cfg.of(CoreParameter)] == [
        ["a.example", "b.example", "udp:c.example:5060"],
        ["10.0.0.1", "*:5061"],
    ]


def test_modules_are_named_with_or_without_so() -> None:
    cfg, faults = read(
        'loadmodule "tm.so"\nloadmodulex "sl"\nloadmodule "/usr/lib/kamailio/modules/rr.so"\nmpath="/x"\n'
    )
    assert faults == ()
    assert [module.name for module in cfg.of(LoadModule)] == ["tm", "sl", "rr"]


def test_a_module_parameter_has_a_number_or_a_text() -> None:
    cfg, faults = read('modparam("tm|sl", "a", -5)\nmodparam("tm", "b", "x" "y");\nmodparam("tm", "c", yes)\n')
    assert faults == ()
    assert [one.value.value for one in cfg.of(ModParam)] == [-5, "xy", 1]
    assert [type(one.value) for one in cfg.of(ModParam)] == [Number, Text, Number]


def test_own_settings_have_a_group_and_may_have_a_description() -> None:
    cfg, faults = read('gw.ip = "10.0.0.1" desc "the gateway"\ngw.prt = 5060\ngw[2].ip = "x"\ngw.default=yes\n')
    assert faults == ()
    settings = cfg.of(OwnSetting)
    assert [(one.group, one.name, one.value.value, one.about, one.instance) for one in settings] == [
        ("gw", "ip", "10.0.0.1", "the gateway", None),
        ("gw", "prt", 5060, "", None),
        ("gw", "ip", "x", "", 2),
        ("gw", "default", 1, "", None),
    ]


def test_flags_have_names_and_numbers() -> None:
    cfg, faults = read('flags FIRST:4, SECOND, "THIRD":6;\navpflags X;\ncfgengine "python"\n')
    assert faults == ()
    assert [one.flags for one in cfg.of(FlagNames)] == [(("FIRST", 4), ("SECOND", None), ("THIRD", 6)), (("X", None),)]
    assert cfg.of(CfgEngine)[0].language == "python"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("debugg=3", "1:1 the core has no parameter debugg"),
        ('debug="2"', '1:7 debug takes a number, not "2"'),
        ("children=-1", "1:10 children can't be negative"),
        ("children 4", "1:10 = is missing behind children, before 4"),
        ("children=4 + 4", "1:12 + can't stand here, outside of routes"),
        ("log_prefix=5", "1:12 log_prefix takes a text in quotes, not 5"),
        ("log_facility=LOG_FOO", "1:14 there is no facility LOG_FOO"),
        ("fork=maybe", "1:6 fork is a number or a text in quotes, not maybe"),
        ("listen=udp:*:5060", "1:12 an address is missing before *"),
        ("listen=127.0.0.1:A", "1:18 a port is a number, not A"),
        ("listen=10.0.0.300", "1:8 10.0.0.300 is no address"),
        ("gw.port = 5", "1:4 port can't be the name of a setting"),
        ("port.a = 5", "1:5 = is missing behind port, before ."),
        ("gw.a = foo", "1:8 a setting is a number or a text in quotes, not foo"),
        ("loadmodule tm", "1:12 a module is a text in quotes, not tm"),
        ('modparam("tm", "a")', "1:19 , is missing before )"),
        ('modparam("tm", a, 1)', "1:16 the parameter's name is a text in quotes, not a"),
        ("flags A:32", "1:9 there is no flag 32"),
        ("flags A, A", "1:10 flag A is declared already"),
        ('xlog("x");', "1:1 xlog can't stand here, outside of routes"),
        ("$var(a) = 5;", "1:1 $var(a) can't stand here, outside of routes"),
        ("if (1) { exit; }", "1:1 if can't stand here, outside of routes"),
        ("foo", "1:1 nothing begins with foo here"),
    ],
)
def test_what_can_not_be_declared_is_told(written: str, message: str) -> None:
    assert told(written + "\n")[0] == message


def test_the_nearest_parameter_is_named() -> None:
    (fault,) = read("chidlren=4\n").faults
    assert fault.hint == "did you mean children?"


def test_a_bare_value_is_no_text() -> None:
    cfg, _ = read("user=kamailio\n")
    assert isinstance(cfg.of(CoreParameter)[0].values[0], Bare)
