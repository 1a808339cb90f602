"""`labsip translate`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labsip.cli.main import main

ROUTE = 'def request_route(ksr):\n    ksr.sl_reply(480, "Not now")\n'


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["translate", *arguments])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("route.py").write_text(ROUTE)
    return tmp_path


def test_a_route_is_printed_as_a_kamailio_cfg() -> None:
    result = run("route.py", "--to", "cfg", "--listen", "udp:127.0.0.2:5070")
    assert result.exit_code == 0
    assert "listen=udp:127.0.0.2:5070\n" in result.output
    assert 'request_route {\n    sl_reply("480", "Not now");\n}\n' in result.output


def test_a_kemi_script_is_written_with_the_cfg_that_loads_it(folder: Path) -> None:
    assert run("route.py", "--to", "kemi", "-o", "routes.py").output == ""
    assert 'KSR.sl.sl_send_reply(480, "Not now")' in Path("routes.py").read_text()
    assert f'modparam("app_python3", "load", "{folder}/routes.py")' in Path("routes.cfg").read_text()


def test_a_lessons_route_is_known_by_its_name() -> None:
    assert "route[RELAY] {" in run("--step", "blocks", "--to", "cfg").output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"def request_route(ksr):\n    d = {}\n", "line 2 of route.py: a kamailio.cfg has no dictionary"),
        (b"def request_route(ksr):\n    if\n", "route.py, line 2, column 7: invalid syntax: if"),
        (b"x = 1\n", "route.py has no request_route; write @lab.request_route above a function"),
        (b"def request_route():\n    pass\n", "a block is handed one thing, the message: write def request_route(ksr)"),
        (b"# \xe9\ndef request_route(ksr): pass\n", "route.py, line 1: this is no UTF-8, so no Python"),
        (b"x = 1\n" * 2_000_000, "route.py has more than 1,000,000 bytes, and is no route"),
        (b"a\0b", "route.py has a NUL in it, so it is no Python"),
        (b"(" * 5000, "route.py"),
        (b"#!KAMAILIO\nrequest_route { exit; }\n", "route.py is a kamailio.cfg already"),
        (b"lab = Lab(fr_timer=T)\ndef request_route(ksr): pass\n", "fr_timer must be a constant"),
        (b"lab = Lab(fr_tmer=5)\ndef request_route(ksr): pass\n", "there is no setting fr_tmer"),
    ],
)
def test_what_is_no_route_is_told_in_a_sentence(content: bytes, message: str) -> None:
    Path("route.py").write_bytes(content)
    result = run("route.py", "--to", "cfg")
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_file_that_is_not_there_is_told() -> None:
    assert "nowhere.py can't be read: No such file or directory" in run("nowhere.py", "--to", "cfg").stderr


def test_a_file_or_a_step_is_needed() -> None:
    assert "give a ROUTE.py, or --step NAME" in run("--to", "cfg").stderr
