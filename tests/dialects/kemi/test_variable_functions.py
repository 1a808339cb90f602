"""KSR.pv and its kin: types, null, setting, and what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialects.kemi.scripts import FIRST, asked, errors, printed, value, with_route


@pytest.mark.parametrize(
    ("expression", "is_"),
    [
        (
            "[KSR.pv.get(name) for name in ('$rm', '$sp', '$rp', '$cs', '$null', '$var(x)')]",
            "['MESSAGE', 5060, '5060', '1', None, 0]",
        ),
        (
            "KSR.pv.gete('$avp(x)'), KSR.pv.getw('$avp(x)'), KSR.pv.getvn('$avp(x)', 7), KSR.pv.getvs('$rm', 'd')",
            "('', '<null>', 7, 'MESSAGE')",
        ),
        (
            "KSR.pv.geti('$sp'), KSR.pv.geti('$rm'), KSR.pv.is_null('$avp(x)'), KSR.pv.is_null('$rm')",
            "(5060, 0, True, False)",
        ),
        (
            "KSR.pv.seti('$avp(x)', 5), KSR.pv.sets('$rU', 'bob'), KSR.pv.get('$avp(x)'), KSR.pv.get('$ru')",
            "(True, True, 5, 'sip:bob@127.0.10.1')",
        ),
        (
            "KSR.pv.unset('$rU'), KSR.pv.get('$ru'), KSR.pv.get('$(ru{uri.host})')",
            "(True, 'sip:127.0.10.1', '127.0.10.1')",
        ),
        ("KSR.htable.sht_seti('t', 'a', 5), KSR.htable.sht_inc('t', 'a'), KSR.htable.sht_dec('t', 'a')", "(1, 6, 5)"),
        (
            "KSR.htable.sht_get('t', 'n'), KSR.htable.sht_gete('t', 'n'), KSR.htable.sht_getw('t', 'n')",
            "(None, '', '<null>')",
        ),
        ("KSR.htable.sht_is_null('t', 'n'), KSR.htable.sht_inc('t', 'n')", "(1, -255)"),
        (
            "KSR.htable.sht_sets('t', 'b', 'x'), KSR.htable.sht_rm('t', 'b'), KSR.htable.sht_get('t', 'b')",
            "(1, 1, None)",
        ),
        ("KSR.htable.sht_setxs('t', 'c', 'x', 60), KSR.htable.sht_get('t', 'c')", "(1, 'x')"),
        (
            "KSR.pvx.avp_sets('q', 'w'), KSR.pvx.avp_get('q'), KSR.pvx.var_seti('v', 3), KSR.pvx.var_get('v')",
            "(1, 'w', 1, 3)",
        ),
        (
            "KSR.kx.get_ruri(), KSR.kx.get_srcip(), KSR.kx.gete_au(), KSR.kx.getw_duri()",
            "('sip:108@127.0.10.1', '127.0.10.106', '', '<null>')",
        ),
    ],
)
def test_what_they_give(expression: str, is_: str, tmp_path: Path) -> None:
    assert value(tmp_path, expression) == is_


@pytest.mark.parametrize(
    ("call", "gives", "told"),
    [
        ("KSR.pv.get('$nosuch')", "None", "no variable $nosuch"),
        ("KSR.pv.is_null('$nosuch')", "True", "no variable $nosuch"),
        ("KSR.pv.getvn('$nosuch', 5)", "5", "no variable $nosuch"),
        ("KSR.pv.sets('$nosuch', 'x')", "False", "no variable $nosuch"),
        ("KSR.pv.sets('$rm', 'x')", "True", "$rm (method (of a reply: CSeq's)) can be read but not set"),
        ("KSR.pv.seti('$rU', 9)", "False", "$rU takes a text; write KSR.pv.sets"),
        ("KSR.pv.get('ru')", "None", "'ru' is no variable"),
    ],
)
def test_what_can_not_be_read_or_set_is_logged_with_its_line(call: str, gives: str, told: str, tmp_path: Path) -> None:
    bench = asked(with_route(tmp_path, f"KSR.info(repr({call}))\nreturn 1"))
    assert printed(bench) == [gives]
    where, what = errors(bench)[0].split("\n")
    assert where == f"line {FIRST} of routes.py: KSR.info(repr({call}))"
    assert what.startswith(f"KSR.pv: {told}")


def test_a_table_that_the_text_names_is_there(tmp_path: Path) -> None:
    program = with_route(tmp_path, "KSR.pv.seti('$sht(one=>k)', 1)\nKSR.htable.sht_seti('two', 'k', 2)\nreturn 1")
    assert program.routes.settings == {"htable": ("one=>size=8", "two=>size=8")}
    assert errors(asked(program)) == []
