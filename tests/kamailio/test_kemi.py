"""KEMI's names and types, as a real Kamailio lists them."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.kamailio.engine import HOST, free_port, kamailio
from tests.proxy.kemi import RETURNS

LOADED = "ctl pike permissions dialog dispatcher db_sqlite auth auth_db htable sqlops statistics app_python3"
SCRIPT = """
modparam("ctl", "binrpc", "unix:{folder}/ctl")
modparam("auth_db", "db_url", "sqlite:///{folder}/users.db")
modparam("dispatcher", "list_file", "{folder}/dispatcher.list")
modparam("app_python3", "load", "{folder}/routes.py")
modparam("permissions", "address_file", "{folder}/address")
request_route {{ sl_send_reply("200", "OK"); }}
"""
PYTHON = """
class Routes:
    def child_init(self, rank):
        return 0

def mod_init():
    return Routes()
"""
FUNCTION = re.compile(r"ret: (\w+)\s+module: (\w*)\s+name: (\w+)")


def test_a_real_kamailio_has_the_same(need: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "dispatcher.list").write_text("1 sip:127.0.0.1:5080\n")
    (tmp_path / "address").touch()
    (tmp_path / "routes.py").write_text(PYTHON)
    script = "".join(f'loadmodule "{name}.so"\n' for name in LOADED.split()) + SCRIPT.format(folder=tmp_path)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind((HOST, 0))
        with kamailio(need, script, free_port(), peer, tmp_path):
            command = [need("kamcmd"), "-s", f"unix:{tmp_path}/ctl", "app_python.api_list"]
            listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout
    functions = {f"{of}.{name}".lstrip("."): type_ for type_, of, name in FUNCTION.findall(listed)}
    assert {name: functions.get(name) for name in RETURNS} == RETURNS
