"""Where `labsip serve` is asked from outside."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from labsip.modules.ctl import binrpc
from tests.dialects.cfg.plays import HEAD
from tests.processes import LABSIP, PATIENCE, Process, Serve

BLOCK = 'request_route {\n    sl_reply(480, "Not now");\n}\n'


def asked(path: Path) -> bytes:
    """What comes back for core.echo."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(str(path))
        sock.sendall(binrpc.request("core.echo", ["a"], b"\1"))
        return sock.recv(100)


def test_it_says_where_it_is_asked_and_takes_the_sockets_away_again(tmp_path: Path) -> None:
    ctl, rpc = tmp_path / "ctl", tmp_path / "rpc.sock"
    with Serve(f"--ctl=unix:{ctl}", f"--ctl=jsonrpc:{rpc}") as serve:
        serve.wait_until("word of its sockets", lambda: "JSON-RPC" in serve.out)
        assert f"labsip answers kamcmd at unix:{ctl}\nlabsip answers JSON-RPC at jsonrpc:{rpc}\n" in serve.out
        assert asked(ctl) == binrpc.reply(["a"], b"\1")
        assert serve.end() == 0
        assert serve.err == ""
    assert not ctl.exists()
    assert not rpc.exists()


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("tcp:192.0.2.1:2046", "binrpc knows no passwords"),
        ("udp:127.0.0.1:2046", "is no address to be asked at; write unix:PATH"),
        ("unix:/none/such/ctl", "no socket can be made at /none/such/ctl: No such file or directory"),
    ],
)
def test_a_place_where_it_can_not_be_asked_ends_it(option: str, words: str) -> None:
    with Process(LABSIP, "serve", "--listen=udp:127.0.0.1:0", f"--ctl={option}") as serve:
        assert serve.finish() != 0
        assert words in serve.err


def test_a_configuration_names_its_sockets_and_a_bad_one_is_a_warning(tmp_path: Path) -> None:
    ctl, rpc, file = tmp_path / "ctl", tmp_path / "rpc.sock", tmp_path / "kamailio.cfg"
    file.write_text(
        f'{HEAD}loadmodule "ctl.so"\nloadmodule "jsonrpcs.so"\nmodparam("ctl", "binrpc", "unix:{ctl}")\n'
        f'modparam("ctl", "binrpc", "unix:/none/such/ctl")\nmodparam("jsonrpcs", "dgram_socket", "{rpc}")\n{BLOCK}'
    )
    with Serve("--cfg", str(file)) as serve:
        serve.wait_until("warning", lambda: "WARNING" in serve.err)
        assert "WARNING: labsip: no socket can be made at /none/such/ctl: No such file" in serve.err
        assert asked(ctl) == binrpc.reply(["a"], b"\1")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(PATIENCE)
            sock.bind(str(tmp_path / "mine"))
            sock.sendto(b'{"jsonrpc": "2.0", "method": "core.echo", "params": ["a"]}', str(rpc))
            assert json.loads(sock.recv(1000)) == {"jsonrpc": "2.0", "result": ["a"]}


def test_transports_that_leave_datagrams_out_open_no_socket(tmp_path: Path) -> None:
    rpc, file = tmp_path / "rpc.sock", tmp_path / "kamailio.cfg"
    file.write_text(
        f'{HEAD}loadmodule "jsonrpcs.so"\nmodparam("jsonrpcs", "transport", 1)\n'
        f'modparam("jsonrpcs", "dgram_socket", "{rpc}")\n{BLOCK}'
    )
    with Serve("--cfg", str(file)) as serve:
        assert serve.end() == 0
        assert "JSON-RPC" not in serve.out
