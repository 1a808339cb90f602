"""`cfgengine "python"`: a kamailio.cfg whose routes are a KEMI script."""

from __future__ import annotations

from pathlib import Path

import pytest

from labsip.dialects.cfg import BadCfg, script_of
from labsip.dialects.cfg.cfg_script import CfgScript
from tests.dialects.kemi.scripts import HEAD, printed
from tests.ends import Bench

CFG = """\
loadmodule "sl.so"
loadmodule "htable.so"
loadmodule "app_python3.so"
modparam("htable", "htable", "t=>size=4;initval=7")
modparam("app_python3", "load", "./routes.py")
cfgengine "python"
route[NEXT] { sl_send_reply("486", "From the file"); }
"""


def script(folder: Path, route: str, cfg: str = CFG) -> CfgScript:
    """That configuration beside a script with that route."""
    (folder / "routes.py").write_text(f"{HEAD}        {route}\n")
    (folder / "kamailio.cfg").write_text(cfg)
    return script_of(folder / "kamailio.cfg")


def faults(folder: Path, route: str, cfg: str = CFG) -> list[str]:
    """What is wrong, each where it stands."""
    with pytest.raises(BadCfg) as refused:
        script(folder, route, cfg)
    return [f"{fault.spot.line}: {fault.message}" for fault in refused.value.faults]


def test_the_scripts_methods_are_the_routes_and_the_file_brings_parameters_and_blocks(tmp_path: Path) -> None:
    made = script(tmp_path, "KSR.info(str(KSR.pv.get('$sht(t=>k)'))); KSR.route('NEXT'); return 1")
    bench = Bench(made.routes)
    bench.end("106").send(bench.end("106").request("MESSAGE"))
    assert printed(bench) == ["7"]
    assert bench.flow[-1] == "proxy -> 106  486 From the file (MESSAGE)"


def test_a_script_that_can_not_begin_is_a_fault_where_it_is_named(tmp_path: Path) -> None:
    assert faults(tmp_path, "return 1 +")[0].startswith("5: routes.py, line 17, column 19: invalid syntax")


def test_a_script_that_is_not_there_is_one_too(tmp_path: Path) -> None:
    told = faults(tmp_path, "return 1", CFG.replace("./routes.py", "./nosuch.py"))
    assert told == [f"5: {tmp_path / 'nosuch.py'} can't be read: No such file or directory"]


def test_an_engine_without_a_script_and_one_labsip_has_not_are_told(tmp_path: Path) -> None:
    lines = [line for line in CFG.splitlines() if '"load"' not in line]
    assert faults(tmp_path, "return 1", "\n".join(lines)) == ["5: no script is named"]
    assert faults(tmp_path, "return 1", CFG.replace('cfgengine "python"', 'cfgengine "lua"')) == [
        "6: labsip runs no lua"
    ]


def test_the_native_engine_is_the_files_own_blocks(tmp_path: Path) -> None:
    cfg = CFG.replace('cfgengine "python"', 'cfgengine "native"') + 'request_route { sl_send_reply("480", "Own"); }\n'
    bench = Bench(script(tmp_path, "return 1", cfg).routes)
    bench.end("106").send(bench.end("106").request("MESSAGE"))
    assert bench.flow[-1] == "proxy -> 106  480 Own (MESSAGE)"


def test_what_kamailio_stumbles_over_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "routes.py").write_text(f"{HEAD.replace('ksr_onsend_route', 'onsend')}        return 1\n")
    (tmp_path / "kamailio.cfg").write_text(CFG)
    warnings = script_of(tmp_path / "kamailio.cfg").warnings
    assert ["no ksr_onsend_route" in warning.message for warning in warnings] == [True]
