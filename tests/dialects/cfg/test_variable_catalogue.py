"""Kamailio's variables and transformations: which of them are here, and what is said of the others."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from labsip.dialects.cfg import BadCfg, script_of
from labsip.dialects.cfg.variable_catalogue import TRANSFORMATIONS, VARIABLES
from labsip.vocabulary import EXPORTS

_NAMED = """
    C K T T_branch T_inv T_req T_rpl TV _s af avp branch ccp cnt def defn dlg dlg_ctx dlg_var env envn expires
    hdr hdrc hfl hflc ksr msg msgbuf nh rcv rdir rpl sbranch sel shv snd sndfrom sndto stat time timef utime
    utimef var version via0 via1 viaZ vn vz xavi xavp xavu Bf Mf Sf cfg blitval hfitbody hfitname pcv ulc sht
    shtcn shtcv shtdec shtex shtinc shtitkey shtitval shtrecord dbr sqlrows jsonrpl dns naptrquery srvquery HN
    sdp mq_size mqk mqv async tcp uac_req uuid evr lsock ltt x_hdr
"""
NAMED = _NAMED.split()
"""Those that need a name in brackets."""
LOADED = "pv xlog tm tmx sl rr corex nathelper"


def said(text: str) -> str:
    with pytest.raises(BadCfg) as caught:
        script_of(f'loadmodule "pv.so"\nloadmodule "xlog.so"\nrequest_route {{ xlog("{text}"); }}\n')
    return str(caught.value).splitlines()[0].partition(": ")[2]


def test_all_that_are_here_are_kamailios() -> None:
    assert {name.removeprefix("$") for name in EXPORTS.variables} <= VARIABLES.keys()
    assert EXPORTS.transformations.keys() <= TRANSFORMATIONS.keys()


def test_one_that_kamailio_has_is_told_from_one_that_nobody_has() -> None:
    assert said("$msgbuf(1)") == "labsip does not have $msgbuf, a variable of pv"
    assert said("$dns(x=>ip)") == "labsip does not have $dns, a variable of ipops"
    assert said("$nope") == "no variable $nope"
    assert said("$(ru{s.rafter,x})") == "labsip does not have {s.rafter}, a transformation of pv"
    assert said("$(ru{s.nope})") == "no transformation {s.nope}"


def test_kamailio_has_them(need: Callable[[str], str], tmp_path: Path) -> None:
    plain = [name for name, of in VARIABLES.items() if of in LOADED.split() and name not in NAMED]
    lines = "".join(f"    $var(x) = $({name});\n" for name in plain)
    loaded = "".join(f'loadmodule "{name}.so"\n' for name in LOADED.split())
    file = tmp_path / "variables.cfg"
    file.write_text(f"#!KAMAILIO\n{loaded}request_route {{\n{lines}}}\n")
    checked = subprocess.run([need("kamailio"), "-c", "-f", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert len(plain) > 140
