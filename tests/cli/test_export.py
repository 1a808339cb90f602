"""`labsip export`: which route, and how a mistake ends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from labsip.cli.main import main
from labsip.dialects.translation import kemi_text, script_of_routes
from labsip.steps import STEPS

ROUTE = "def request_route(ksr):\n    ksr.sl_reply(480, 'Nobody')\n"
CFG = '#!KAMAILIO\nloadmodule "sl.so"\nrequest_route {\n    sl_send_reply("480", "Nobody");\n}\n'


def told(*arguments: str | Path) -> tuple[int, str]:
    outcome = CliRunner().invoke(main, ["export", *map(str, arguments)])
    return outcome.exit_code, outcome.output


@pytest.mark.parametrize("language", ["python", "step", "cfg", "kemi"])
def test_each_kind_of_route_becomes_a_folder(language: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(ROUTE)
    (tmp_path / "kamailio.cfg").write_text(CFG)
    (tmp_path / "kemi.py").write_text(kemi_text(script_of_routes(STEPS["stub480"], {})))
    source = {
        "python": (tmp_path / "mine.py",),
        "step": ("--step", "stub480"),
        "cfg": ("--cfg", tmp_path / "kamailio.cfg"),
        "kemi": ("--kemi", tmp_path / "kemi.py"),
    }[language]
    code, said = told(tmp_path / "out", *source)
    assert (code, said.count("\n")) == (0, 1), said
    routes = tmp_path / "out" / "kamailio" / ("kemi.py" if language == "kemi" else "routes.cfg")
    assert "480" in routes.read_text()


def test_what_a_cfg_that_loads_a_kemi_script_runs_with_is_kept(tmp_path: Path) -> None:
    (tmp_path / "kemi.py").write_text(kemi_text(script_of_routes(STEPS["stub480"], {})))
    (tmp_path / "kamailio.cfg").write_text(
        '#!KAMAILIO\nloadmodule "sl.so"\nloadmodule "pv.so"\nloadmodule "app_python3.so"\n'
        'modparam("app_python3", "load", "kemi.py")\ncfgengine "python"\n'
    )
    assert told(tmp_path / "out", "--cfg", tmp_path / "kamailio.cfg")[0] == 0
    modules = (tmp_path / "out" / "kamailio" / "modules.cfg").read_text()
    assert modules.count('"load"') == 1
    assert "/etc/kamailio/entry.py" in modules
    assert (tmp_path / "out" / "kamailio" / "kemi.py").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "give one route"),
        (("--step", "auth", "--cfg", "kamailio.cfg"), 2, "give one route"),
        (("--step", "auth", "-A", "X"), 2, "-A goes with --cfg FILE"),
        (("--step", "auth", "--nodes", "0"), 2, "1<=x<=9"),
        (("--step", "auth", "--shared", "here"), 1, "here is no IPv4 address"),
        (("--step", "full"), 1, "dlg_keep_ends"),
        (("--cfg", "wrong.cfg"), 1, "wrong.cfg:2"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(
    arguments: tuple[str, ...], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kamailio.cfg").write_text(CFG)
    Path("wrong.cfg").write_text("request_route {\n    sl_reply(480, 'Nobody');\n}\n")
    outcome = told("out", *arguments)
    assert outcome[0] == code
    assert said in outcome[1]
    assert "Traceback" not in outcome[1]
    assert not Path("out").exists()


def test_a_folder_that_is_not_empty_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    code, said = told(tmp_path, "--step", "auth")
    assert code == 1
    assert "is not empty; name a folder that is not there yet, or an empty one" in said
