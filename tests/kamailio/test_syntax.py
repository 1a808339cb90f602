"""`labsip check-cfg --syntax` says what `kamailio -c` says: of the distribution's files, and of slips of all kinds.

Kamailio is asked each time, with the modules that are on this machine. A file whose modules are not there is refused by
both: `--syntax` looks where Kamailio looks.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from labsip.cli.main import main

FOLDERS = (Path("/etc/kamailio"), Path("/usr/share/kamailio"), *sorted(Path("/usr/share/doc").glob("kamailio*")))
FILES = [path for folder in FOLDERS for path in sorted(folder.rglob("*.cfg*")) if path.is_file()]
HEAD = "#!KAMAILIO\n" + "".join(f'loadmodule "{name}.so"\n' for name in ("pv", "xlog", "tm", "sl", "textops", "kex"))
STATEMENTS = """
t_relya(); | t_relay("a"); | t_relay; | is_method("A", "B"); | is_method($var(x)); | t_drop_replies("a"); | save("a");
ws_close(); | handle_publish(); | route(NO); | route(); | xlog("$nosuch"); | xlog("a",); | xlog(L_INFO, "a");
xlog(is_method("A")); | xlog("a" + $var(x)); | exit 1; | break 1; | $var(x) = $nosuch; | $var(x) = $ru(a);
$var(x) = $(ru[1]); | $var(x) = $avp($nosuch); | $var = 1; | $var() = 1; | $rm = "A"; | $(ru{s.len}) = 1;
$var(x) = 1 + "2"; | $var(x) = $tls(x); | $var(x) = $T_branch_idx; | $var(x) += 1; | $var(x)++; | $var(x) = "a" . "b";
if ($var(x) = 1) exit; | if $rU == NULL exit; | if (!"a") exit; | if (!$var(x) == "a") exit;
if (to_ip == 10.0.0.1) exit;
if ksr.is_method("A") exit; | if (1) { } | if (1) exit; else if (0) drop; else { exit; } | setflag(32); | setflag(NO);
strip("a"); | forward(10.0.0.1:5060); | request_route(); | while (1) { break; } | append_branch("sip:a@b");
switch ($rm) { case 1: break; case 1: break; } | switch ($rm) { case 1: break; case "a": break; }
switch ($rm) { default: break; default: break; } | switch ($rm) { case 1: { exit; } } | return "a"; | remove_hf($ru);
"""
DECLARATIONS = """
debug=abc | debugg=3 | children=-1 | port=5060 | log_facility=LOG_NO | listen=udp:10.0.0.1:5060 | loadmodule tls
loadmodule "nosuch.so" | loadmodule "tm.so" | loadmodule "modules/rr.so" | loadmodule "tls.so" | modparam("tm", "no", 1)
modparam("tm", "fr_timer", "1") | modparam("rr", "enable_full_lr", 1) | modparam("tm|sl", "fr_timer", 1) | flags A:32
flags A, A | x.y = 1; x.y = 2 | x.port = 1 | route[A] { exit; } route[A] { drop; } | route[if] { exit; }
request_route[A] { exit; } | event_route[a] { exit; } | mpath="/nosuch" | mpath="/nosuch" loadmodule "rr.so" | exit;
"""


@pytest.fixture(scope="module")
def parsed(need: Callable[[str], str]) -> Callable[..., bool | None]:
    """Whether Kamailio takes a file; None where it names another reason than its parser's."""
    kamailio = need("kamailio")

    def by_kamailio(file: Path, *options: str) -> bool | None:
        run = subprocess.run([kamailio, "-c", "-f", file, *options], capture_output=True, timeout=60, check=False)
        return False if b"yyerror" in run.stderr else True if run.returncode == 0 else None

    return by_kamailio


def well_formed(file: Path, *options: str) -> bool:
    return CliRunner().invoke(main, ["check-cfg", "--syntax", str(file), *options]).exit_code == 0


def test_files_of_the_distribution_are_judged_as_by_kamailio(parsed: Callable[..., bool | None]) -> None:
    said = {file: parsed(file) for file in FILES}
    assert {file for file, taken in said.items() if taken is not None and taken != well_formed(file)} == set()
    assert {True, False} <= set(said.values())


def test_programs_are_judged_as_by_kamailio(parsed: Callable[..., bool | None], shared: Callable[[str], Path]) -> None:
    wrong = []
    for file in sorted(shared("kamailio/cfglang").glob("*.cfg")):
        options = json.loads(file.with_suffix(".expected").read_text())["args"]
        if parsed(file, *options) is (not well_formed(file, *options)):
            wrong.append(file.stem)
    assert wrong == []


def slips() -> list[str]:
    """Each behind the usual modules."""
    statements = [f"request_route {{ {one} }}" for one in parts(STATEMENTS)]
    return [
        f"{HEAD}{one}\n" for one in (*statements, *(f"{one}\nrequest_route {{ exit; }}" for one in parts(DECLARATIONS)))
    ]


def parts(text: str) -> list[str]:
    return [one.strip() for line in text.strip().splitlines() for one in line.split(" | ")]


def test_slips_are_judged_as_by_kamailio(parsed: Callable[..., bool | None], tmp_path: Path) -> None:
    file, wrong = tmp_path / "slip.cfg", []
    for text in slips():
        file.write_text(text)
        if parsed(file) is (not well_formed(file)):
            wrong.append(text.removeprefix(HEAD))
    assert wrong == []


def test_without_the_mark_of_kamailio_an_unknown_name_is_one_of_avp(
    parsed: Callable[..., bool | None], tmp_path: Path
) -> None:
    file = tmp_path / "old.cfg"
    file.write_text(HEAD.removeprefix("#!KAMAILIO\n") + "request_route { $nosuch = 1; }\n")
    assert parsed(file)
    assert well_formed(file)
