"""`labsip serve --kemi`: a KEMI script instead of a step."""

from __future__ import annotations

from pathlib import Path
from signal import SIGHUP

from click.testing import CliRunner

from labsip.cli.log import printed_line
from labsip.cli.main import main
from labsip.trace import CommandRow
from tests.cli.phone import Socket
from tests.dialects.kemi.scripts import HEAD
from tests.processes import Serve


def test_it_serves_and_its_log_has_what_the_script_says(tmp_path: Path) -> None:
    file = tmp_path / "routes.py"
    text = HEAD.replace("ksr_onsend_route", "onsend").replace("return 0", 'KSR.info("child %d" % rank); return 0')
    file.write_text(f"{text}        KSR.err('got $rm'); KSR.sl.send_reply(200, 'From KEMI'); return 1\n")
    with Serve("--kemi", str(file)) as serve, Socket("106", serve.address) as phone:
        assert serve.out == f"labsip listens on udp:{serve.address}, with {file}\n"
        assert phone.answer("OPTIONS") == "200 From KEMI"
        serve.wait_until("line of the script", lambda: "got" in serve.err)
        first, remark, said = serve.err.splitlines()
    assert first == "INFO: <core>: child 1"
    assert remark.startswith("NOTICE: labsip: routes.py: Routes has no ksr_onsend_route")
    assert said == "ERROR: <core>: got $rm"


def test_sighup_begins_it_anew_and_keeps_the_old_one_if_it_can_not_begin(tmp_path: Path) -> None:
    file = tmp_path / "routes.py"
    answer = f"{HEAD}        KSR.sl.send_reply(200, '%s'); return 1\n"
    file.write_text(answer % "Old")
    with Serve("--kemi", str(file)) as serve, Socket("106", serve.address) as phone:
        file.write_text(answer % "New")
        serve.tell(SIGHUP)
        serve.wait_until("word that it was begun anew", lambda: f"{file}: begun anew" in serve.err)
        assert phone.answer("OPTIONS") == "200 New"
        file.write_text("def mod_init(: pass\n")
        serve.tell(SIGHUP)
        serve.wait_until("word that all stays", lambda: "all stays as it was; routes.py, line 1" in serve.err)
        assert phone.answer("OPTIONS") == "200 New"


def test_a_script_that_can_not_begin_ends_it_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "routes.py"
    file.write_text("import KSR\ndef mod_init() return 1\n")
    done = CliRunner().invoke(main, ["serve", "--kemi", str(file)])
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: routes.py, line 2, column 16: expected ':'\n    def mod_init() return 1\n                   ^\n"
    )


def test_a_step_beside_it_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["serve", "--kemi", str(tmp_path / "routes.py"), "--step", "full"])
    assert done.exit_code == 2
    assert "--kemi and --step are two routes; give one of them" in done.stderr


def test_levels_are_those_of_kamailio() -> None:
    def line(name: str, args: str) -> str:
        return printed_line(CommandRow(0, 0.0, None, "request_route", 1, name, args, 1, "text"))

    assert [line(name, '"text"') for name in ("info", "err", "warn", "notice", "crit", "dbg")] == [
        "INFO: <core>: text",
        "ERROR: <core>: text",
        "WARNING: <core>: text",
        "NOTICE: <core>: text",
        "CRITICAL: <core>: text",
        "DEBUG: <core>: text",
    ]
    assert line("log", '"info", "text"') == "INFO: <core>: text"
    assert line("log", '"bogus", "text"') == "ERROR: <core>: text"
    assert line("xlog", '"L_INFO", "text"') == "INFO: <script>: text"
    assert line("xlog", '"text"') == "ERROR: <script>: text"
