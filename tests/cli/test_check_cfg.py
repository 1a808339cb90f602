"""`labsip check-cfg`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labsip.cli import installed
from labsip.cli.main import main

GOOD = """\
#!KAMAILIO
loadmodule "pv.so"
loadmodule "sl.so"
request_route {
#!ifdef ANSWER
\tsl_reply("200", ANSWER);
#!else
\tsl_reply("404", "Who?");
#!endif
}
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check-cfg", *arguments])


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("good.cfg").write_text(GOOD)
    Path("bad.cfg").write_text(GOOD.replace("404", "404\\").replace("sl_reply", "sl_repyl"))
    Path("unknown.cfg").write_text(GOOD.replace("sl_reply", "sl_repyl"))
    return tmp_path


@pytest.mark.usefixtures("write")
def test_a_good_file_ends_with_0() -> None:
    result = run("good.cfg")
    assert (result.exit_code, result.output) == (0, "good.cfg: nothing is wrong\n")
    assert run("good.cfg", "-A", 'ANSWER="OK"').exit_code == 0


@pytest.mark.usefixtures("write")
def test_a_bad_file_ends_with_1_and_all_that_is_wrong() -> None:
    result = run("unknown.cfg")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "unknown.cfg:8:2: no command sl_repyl",
        '     8 |     sl_repyl("404", "Who?");',
        "       |     ^^^^^^^^",
        "       = did you mean sl_reply?",
        "",
        "unknown.cfg: 1 mistake",
    ]


@pytest.mark.usefixtures("write")
def test_defines_choose_what_is_read() -> None:
    result = run("good.cfg", "-A", "ANSWER=OK")
    assert result.exit_code == 1
    assert "good.cfg:6:18: OK is no text" in result.output


@pytest.mark.usefixtures("write")
def test_syntax_asks_only_what_kamailios_parser_would_say() -> None:
    Path("late.cfg").write_text(
        'loadmodule "pv.so"\nloadmodule "xlog.so"\nroute { xlog("$nosuch"); route(NOWHERE); }\n'
    )
    Path("others.cfg").write_text('loadmodule "sl.so"\nroute { t_uac_send("A", "", "", "", "", ""); }\n')
    assert [run(f"{name}.cfg", "--syntax").exit_code for name in ("bad", "unknown", "others", "late")] == [1, 1, 1, 0]
    assert run("late.cfg").exit_code == 1


@pytest.mark.usefixtures("write")
def test_modules_are_sought_where_the_kamailio_of_this_machine_seeks_them(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("modules").mkdir()
    for name in ("pv", "sl"):
        Path(f"modules/{name}.so").touch()
    monkeypatch.setattr(installed, "own_folders", lambda: [Path("modules")])
    Path("more.cfg").write_text(GOOD.replace("pv.so", "tm.so"))
    Path("elsewhere.cfg").write_text('mpath="/nowhere"\n' + GOOD)
    assert run("good.cfg", "--syntax").exit_code == 0
    result = run("more.cfg", "--syntax")
    assert result.exit_code == 1
    assert "more.cfg:2:12: tm.so is not in modules on this machine" in result.output
    assert "warning: Kamailio has no modules in /nowhere on this machine" in run("elsewhere.cfg").output
    assert run("elsewhere.cfg").exit_code == 0  # labsip needs none of them
    monkeypatch.setattr(installed, "own_folders", list)
    assert run("more.cfg", "--syntax").exit_code == 0


@pytest.mark.usefixtures("write")
def test_json_is_for_editors() -> None:
    result = run("unknown.cfg", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "file": "unknown.cfg",
            "line": 8,
            "column": 2,
            "end": 10,
            "severity": "error",
            "message": "no command sl_repyl",
            "hint": "did you mean sl_reply?",
        }
    ]
    assert json.loads(run("good.cfg", "--json").stdout) == []


@pytest.mark.usefixtures("write")
def test_a_warning_does_not_count() -> None:
    Path("warned.cfg").write_text('loadmodule "tm.so"\nroute { t_on_failure("NO"); }\n')
    result = run("warned.cfg")
    assert result.exit_code == 0
    assert "warning: no failure_route[NO]" in result.output


@pytest.mark.usefixtures("write")
def test_a_module_that_labsip_lacks_can_be_accepted() -> None:
    Path("more.cfg").write_text('loadmodule "presence.so"\nroute { handle_publish(); }\n')
    assert run("more.cfg").exit_code == 1
    assert run("more.cfg", "--accept-module", "presence").exit_code == 0


@pytest.mark.usefixtures("write")
def test_includes_are_read_beside_their_file() -> None:
    Path("sub").mkdir()
    Path("sub/main.cfg").write_text('include_file "part.cfg"\n')
    Path("sub/part.cfg").write_text("\ndebugg=3\n")
    result = run("sub/main.cfg")
    assert result.exit_code == 1
    assert "sub/part.cfg:2:1: the core has no parameter debugg" in result.output


@pytest.mark.usefixtures("write")
def test_a_file_that_is_not_there_is_told_in_a_line() -> None:
    result = run("no.cfg")
    assert (result.exit_code, result.output) == (1, "Error: no.cfg: No such file or directory\n")


@pytest.mark.usefixtures("write")
def test_a_define_needs_a_name() -> None:
    result = run("good.cfg", "-A", "=5")
    assert result.exit_code == 2
    assert "write a name" in result.output


@pytest.mark.usefixtures("write")
def test_a_file_that_never_ends_is_told() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("this system has no /dev/zero")
    Path("endless.cfg").write_text('include_file "/dev/zero"\n')
    result = run("endless.cfg")
    assert result.exit_code == 1
    assert "it is no regular file" in result.output


@pytest.mark.usefixtures("write")
def test_an_expression_that_is_none_is_told_and_kamailio_c_passes_it() -> None:
    Path("regex.cfg").write_text(GOOD.replace("#!ifdef", 'if ($ru =~ "((((") exit;\n#!ifdef'))
    assert "regex.cfg:5:12: no regular expression: a ( that is not closed" in run("regex.cfg").output
    assert (run("regex.cfg").exit_code, run("--syntax", "regex.cfg").exit_code) == (1, 0)


@pytest.mark.usefixtures("write")
@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "#!KAMAILIO\n#!define A\n", "/* */", "#!ifdef A\ndebug=3\n#!endif\n"]
)
def test_a_file_with_nothing_in_it_is_malformed(text: str) -> None:
    Path("empty.cfg").write_text(text)
    assert "there is nothing in it" in run("--syntax", "empty.cfg").output
