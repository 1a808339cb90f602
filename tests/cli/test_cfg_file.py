"""The kamailio.cfg of a server: read, and read again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labsip.cli.cfg_file import CfgFile
from labsip.net.memory import MemoryNet
from labsip.trace import Trace
from labsip.vocabulary import build_proxy
from tests.dialects.cfg.plays import HEAD
from tests.ends import PROXY

ANSWER = HEAD + 'request_route {\n    sl_reply(480, "Not now");\n}\n'


def file_of(path: Path) -> CfgFile:
    return CfgFile(path, {}, (), {"domains": ("lab.example",)})


def test_one_with_a_fault_ends_the_process_and_tells_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "kamailio.cfg"
    path.write_text(ANSWER.replace("sl_reply", "sl_relpy"))
    with pytest.raises(SystemExit) as ended:
        file_of(path).begin()
    assert ended.value.code == 1
    assert f"{path}:13:5: no command sl_relpy" in capsys.readouterr().err


def test_reading_again_takes_the_new_route_or_keeps_the_old(tmp_path: Path) -> None:
    path = tmp_path / "kamailio.cfg"
    path.write_text(HEAD + 'alias="sip.example.org"\n' + ANSWER.removeprefix(HEAD))
    file, net = file_of(path), MemoryNet(Trace(), seed=1)
    script = file.begin()
    assert file.settings(script)["domains"] == ("lab.example", "sip.example.org")
    proxy = build_proxy(script.routes, [PROXY])
    path.write_text(ANSWER.replace("480", "481"))
    os.utime(path, (1, 1))
    assert file.has_changed
    assert file.renew(net, proxy) == f"{path}: read again"
    new = proxy.routes
    assert new is not script.routes
    assert not file.has_changed
    path.write_text("request_route {")
    assert file.renew(net, proxy).startswith(f"{path}: all stays as it was; {path}:1:")
    assert proxy.routes is new


def test_another_address_to_listen_on_has_to_wait_for_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "kamailio.cfg"
    path.write_text("listen=udp:127.0.0.1:5060\n" + ANSWER)
    file, net = file_of(path), MemoryNet(Trace(), seed=1)
    proxy = build_proxy(file.begin().routes, [PROXY])
    path.write_text("listen=udp:127.0.0.1:5070\n" + ANSWER)
    assert file.renew(net, proxy) == f"{path}: read again; what listen= says now holds from the next start"


@pytest.mark.parametrize(("head", "debug"), [("", 2), ("debug=3\n", 3), ("debug=0\n", 0)])
def test_a_server_logs_down_to_the_level_that_the_file_names(head: str, debug: int, tmp_path: Path) -> None:
    path = tmp_path / "kamailio.cfg"
    path.write_text(head + ANSWER)
    file = file_of(path)
    assert file.settings(file.begin())["debug"] == debug
