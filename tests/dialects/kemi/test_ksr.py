"""KSR: which functions it has, what they take and give."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from labsip.dialects.kemi.ksr import OTHERS, build_ksr
from labsip.dialects.kemi.signatures import SIGNATURES
from labsip.vocabulary import EXPORTS
from tests.dialects.kemi.scripts import FIRST, asked, errors, printed, value, with_route

KSR = build_ksr(EXPORTS)
NAMED = {module.kemi(command): command for module in EXPORTS.modules for command in module.commands}


def functions(place: ModuleType = KSR, before: str = "") -> set[str]:
    """All there are, by their names behind `KSR.`."""
    found: set[str] = set()
    for name, thing in vars(place).items():
        if isinstance(thing, ModuleType):
            found |= functions(thing, f"{name}.")
        elif not name.startswith("_"):
            found.add(f"{before}{name}")
    return found


def test_every_command_that_kemi_has_is_there_under_its_name() -> None:
    assert {name for name in NAMED if name} - functions() == set()


def test_every_function_takes_what_kamailio_lists() -> None:
    letters = {"s": str, "i": int}
    known = [name for name in NAMED if name in SIGNATURES and name != "htable.sht_rm_name_re"]
    for name in known:
        least, most = NAMED[name].counts
        assert least <= len(SIGNATURES[name]) <= most, name
        for letter, parameter in zip(SIGNATURES[name], NAMED[name].parameters, strict=False):
            assert letters[letter] in parameter.types, name
    assert {other for others in OTHERS.values() for other in others} <= set(SIGNATURES)
    assert functions() - set(SIGNATURES) - set(NAMED) == {"x.modf"}


@pytest.mark.parametrize(
    ("expression", "is_"),
    [
        (
            "KSR.is_MESSAGE(), KSR.is_INVITE(), KSR.is_method('INVITE|BYE'), KSR.is_method_in('MI')",
            "(True, False, False, True)",
        ),
        ("KSR.siputils.has_totag(), KSR.maxfwd.process_maxfwd(10)", "(-1, 1)"),
        ("bool(KSR.siputils.has_totag()), type(KSR.siputils.has_totag()).__name__", "(True, 'int')"),
        ("KSR.force_rport()", "True"),
        (
            "KSR.is_myself_ruri(), KSR.is_myself_suri(), KSR.is_myself_srcip(), KSR.is_myself_duri()",
            "(True, False, False, False)",
        ),
        (
            "KSR.is_UDP(), KSR.is_TCP(), KSR.is_IPv4(), KSR.is_proto('TU'), KSR.is_src_port(5060)",
            "(True, False, True, True, True)",
        ),
        ("KSR.info('x'), KSR.log('info', 'y'), KSR.set_drop()", "(0, 0, 0)"),
        ("KSR.tm.t_check_trans()", "-1"),
        ("KSR.x.modf('is_method', 'MESSAGE'), KSR.x.modf('sl_send_reply', '200', 'OK')", "(1, 1)"),
        ("KSR.htable.sht_lock('t', 'k')", "1"),
        ("[name for name in dir(KSR) if name in ('tm', 'pv', 'info')]", "['info', 'pv', 'tm']"),
        ("KSR.__name__, KSR.tm.__name__", "('KSR', 'KSR.tm')"),
        (
            "msg.Type, msg.Method, msg.RURI, msg.Status, msg.src_address, msg.getHeader('CSeq')",
            "('SIP_REQUEST', 'MESSAGE', 'sip:108@127.0.10.1', None, ('127.0.10.106', 5060), '1 MESSAGE')",
        ),
    ],
)
def test_what_functions_give(expression: str, is_: str, tmp_path: Path) -> None:
    assert value(tmp_path, expression) == is_


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("KSR.sl.send_reply('404', 'x')", "SystemError: KSR.sl.send_reply takes a number and a text, not '404', 'x'"),
        ("KSR.sl.send_reply(404)", "SystemError: KSR.sl.send_reply takes a number and a text, not 404"),
        ("KSR.info(5)", "SystemError: KSR.info takes a text, not 5"),
        ("KSR.info(['x'])", "SystemError: KSR.info takes a text, not ['x']"),
        ("KSR.info('\\ud834')", "SystemError: KSR.info: '\\ud834' has half a character in it, which can't be sent"),
        ("KSR.pv.get()", "SystemError: KSR.pv.get takes a text, not none"),
        ("KSR.sl.send_reply(code=404, reason='x')", "TypeError: send_reply() takes no keyword arguments"),
        ("KSR.pv.get(name='$ru')", "TypeError: get() takes no keyword arguments"),
        ("KSR.tm.t_relya()", "AttributeError: module 'KSR.tm' has no attribute 't_relya'; did you mean t_relay?"),
        (
            "KSR.tm.t_uac_send()",
            "AttributeError: module 'KSR.tm' has no attribute 't_uac_send': Kamailio has it, labsip does not",
        ),
        ("KSR.x.exit()", "AttributeError: module 'KSR.x' has no attribute 'exit'"),
        ("KSR.nosuch.word()", "AttributeError: module 'KSR' has no attribute 'nosuch'"),
    ],
)
def test_a_wrong_call_raises_what_it_raises_in_kamailio_and_says_more(call: str, told: str, tmp_path: Path) -> None:
    assert errors(asked(with_route(tmp_path, call)))[0].splitlines()[-1] == told


@pytest.mark.parametrize(
    ("call", "gives", "told"),
    [
        ("KSR.tm.t_on_failure('nosuch')", "1", "KSR.tm.t_on_failure: no failure_route nosuch"),
        ("KSR.is_method_in('Z')", "False", "KSR.is_method_in: no method has the letter Z"),
        ("KSR.route('nosuch')", "-1", "KSR.route: no route nosuch"),
        ("KSR.hdr.append('nothing')", "-1", "KSR.hdr.append: 'nothing' is no header line; write it as \"Name: value\""),
        ("KSR.setflag(32)", "False", "KSR.setflag: 32 is no flag; write a number from 0 to 31, as in setflag(3)"),
        ("KSR.x.modf('t_relya')", "-1", "KSR.x.modf: no command t_relya; did you mean t_relay?"),
        ("KSR.x.modf('is_method')", "-1", "KSR.x.modf: <command is_method(names)> takes 1 to 1 arguments, not 0"),
        (
            "KSR.x.modf('sl_send_reply', 'x', 'y')",
            "-1",
            "KSR.x.modf: 'x' is no status of a response; write a number from 100 to 699, as in 404",
        ),
    ],
)
def test_what_fails_is_logged_with_its_line_and_the_script_goes_on(
    call: str, gives: str, told: str, tmp_path: Path
) -> None:
    bench = asked(with_route(tmp_path, f"KSR.info(repr({call}))\nreturn 1"))
    assert printed(bench) == [gives]
    assert errors(bench) == [f"line {FIRST} of routes.py: KSR.info(repr({call}))\n{told}"]


def test_a_function_of_tm_keeps_to_its_blocks(tmp_path: Path) -> None:
    route = "KSR.pv.sets('$du', 'sip:127.0.10.108')\nKSR.tm.t_on_branch('each')\nKSR.tm.t_relay()\nreturn 1"
    bench = asked(with_route(tmp_path, route, "def each(self, msg):\n    KSR.tm.t_relay()\n    return 1"))
    assert ["it can't be used in a branch_route" in error for error in errors(bench)] == [True]


def test_a_text_is_logged_as_it_is_and_by_its_level(tmp_path: Path) -> None:
    bench = asked(with_route(tmp_path, "KSR.warn('$rm')\nKSR.dbg('dbg')\nKSR.xlog.xinfo('$rm')\nreturn 1"), debug=2)
    assert printed(bench) == ["$rm", "MESSAGE"]


def test_a_script_can_put_something_into_its_ksr_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = asked(with_route(tmp_path, "KSR.mine = 5\nKSR.info(str(KSR.mine))\nreturn 1"))
    second = asked(with_route(tmp_path / "other", "KSR.info(str(hasattr(KSR, 'mine')))\nreturn 1"))
    assert (printed(first), printed(second)) == (["5"], ["False"])


def test_ksr_in_a_thread_of_its_own_has_no_message(tmp_path: Path) -> None:
    route = """
    import threading
    told = []
    def look():
        try:
            KSR.pv.get("$rm")
        except Exception as error:
            told.append(str(error))
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    KSR.info(told[0])
    return 1
    """
    assert printed(asked(with_route(tmp_path, route))) == [
        "KSR has no message here; call it in the thread that runs ksr_request_route or mod_init"
    ]
