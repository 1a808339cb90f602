"""What a Kamailio is started on: the learner's lines where they were, and the lab's behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from labsip.engine.kamailio.cfg_folder import CfgFolder, Needs, can_hurry, fill
from labsip.engine.kamailio.lab_parameters import modparams
from labsip.engine.kamailio.log_lines import LogLine
from labsip.engine.kamailio.start_faults import why_not
from labsip.proxy.script import ScriptText
from labsip.sip.errors import LabError
from labsip.sip.transport import Address

HERE, MIRROR = Address("127.0.10.1"), Address("127.0.0.1", 9060)
RPC, CONTROL = Path("rpc.sock"), Path("ctl.sock")
NEEDS = Needs(HERE, MIRROR, RPC, CONTROL)
ROUTE = 'request_route {\n    t_set_fr(10000, "3000");\n    drop;\n}\n'


def placed(tmp_path: Path, text: str, needs: Needs = NEEDS) -> tuple[CfgFolder, list[str], str]:
    """The folder; the lines of the learner's copy; the lab's file."""
    files = fill(tmp_path, ScriptText("cfg", "kamailio.cfg", text), needs)
    copy = next(Path(each) for each in files.names if each.endswith("kamailio.cfg"))
    return files, copy.read_text().split("\n"), files.main.read_text()


def test_where_to_listen_is_the_labs_own_affair_and_no_line_moves(tmp_path: Path) -> None:
    text = (
        'listen=udp:192.0.2.1:5060 name "out"\n#!define WHERE tcp:192.0.2.1\nlisten=WHERE debug=2\nlisten=\n  eth0\n'
        'workdir="/no"\nuid=nobody\n' + ROUTE
    )
    _, lines, ours = placed(tmp_path, text)
    assert [line.strip() for line in lines[:7]] == ["", "#!define WHERE tcp:192.0.2.1", "debug=2", "", "", "", ""]
    assert "\n".join(lines[7:]) == ROUTE
    assert ours.split("\n")[1] == 'listen=udp:127.0.10.1:5060 name "out"'


def test_what_the_learner_loads_is_not_loaded_twice(tmp_path: Path) -> None:
    _, _, ours = placed(tmp_path, 'loadmodule "jsonrpcs.so"\nloadmodule "xhttp.so"\nloadmodule "pv.so"\n' + ROUTE)
    assert "loadmodule" in ours
    assert 'loadmodule "jsonrpcs.so"' not in ours
    assert 'loadmodule "pv.so"' not in ours
    assert 'modparam("jsonrpcs", "transport", 5)' in ours


def test_a_text_that_has_variables_and_forgets_pv_must_fail_by_itself(tmp_path: Path) -> None:
    files, _, ours = placed(tmp_path, "request_route { $var(x) = 1; }\n")
    assert (files.marked, "log_prefix" in ours, "pv.so" in ours) == (False, False, False)
    files, _, ours = placed(tmp_path, ROUTE)
    assert (files.marked, "log_prefix" in ours, "pv.so" in ours) == (True, True, True)


def test_includes_lead_to_copies_and_what_is_said_of_these_is_said_of_the_files(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "folder"
    home.mkdir()
    folder.mkdir()
    (home / "a.cfg").write_text('include_file "b.cfg"\nimport_file "none.cfg"\n')
    (home / "b.cfg").write_text("listen=udp:192.0.2.1\n" + ROUTE)
    files = fill(folder, ScriptText("cfg", str(home / "a.cfg")), NEEDS)
    copy = folder / "1-b.cfg"
    assert f'include_file "{copy}"' in (folder / "0-a.cfg").read_text()
    assert copy.read_text().split("\n")[0].strip() == ""
    assert files.with_names(f"at cfg:{copy}:3") == f"at cfg:{home / 'b.cfg'}:3"
    spot = files.spot(str(home / "b.cfg"), 3)
    assert spot is not None
    assert (spot.line, spot.column, spot.end) == (3, 5, 29)
    assert files.spot("lab.cfg", 3) is None


def test_a_lab_in_a_hurry_divides_all_timers(tmp_path: Path) -> None:
    text = 'loadmodule "tm.so"\nmodparam("tm", "fr_timer", 5000)\n' + ROUTE
    _, lines, ours = placed(
        tmp_path, text, Needs(*[getattr(NEEDS, name) for name in ("listen", "mirror", "rpc", "control")], {}, 5)
    )
    assert lines[3] == '    t_set_fr(2000, "600");'
    assert 'modparam("tm", "fr_timer", 1000)' in ours
    assert 'modparam("tm", "fr_inv_timer", 24000)' in ours
    assert can_hurry(ScriptText("cfg", "a.cfg", text))
    assert not can_hurry(ScriptText("cfg", "a.cfg", text.replace("10000", "$var(x)")))
    assert not can_hurry(ScriptText("kemi", "a.py", text))


def test_settings_of_the_lab_are_parameters_of_modules(tmp_path: Path) -> None:
    given = {
        "fr_timer": 2.5,
        "min_expires": 60.0,
        "htable": ("a=>size=4",),
        "address_list": "1 127.0.0.1\n",
        "max_lines": 5,
    }
    told = modparams(given, tmp_path)
    assert told["tm"] == ['modparam("tm", "fr_timer", 2500)']
    assert told["registrar"] == ['modparam("registrar", "min_expires", 60)']
    assert told["htable"] == ['modparam("htable", "htable", "a=>size=4")']
    assert (tmp_path / "address_list.list").read_text() == "1 127.0.0.1\n"
    with pytest.raises(LabError, match=r"can't be given users here; write it into the kamailio\.cfg"):
        modparams({"users": {"106": "x"}}, tmp_path)


def test_why_it_did_not_start_is_told_even_where_it_names_no_place(tmp_path: Path) -> None:
    files, _, _ = placed(tmp_path, ROUTE)
    told = str(why_not([LogLine("INFO", "hello"), LogLine("ERROR", "no memory", "core")], files, -9))
    assert told == "Kamailio does not start (signal 9 ended it); its log:\n    ERROR: core: no memory"
    assert str(why_not([], files, None)) == "Kamailio does not start; its log:\n    (nothing)"
