"""KEMI's names and types, as a real Kamailio lists them."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from labsip.db.urls import open_file
from tests.kamailio.engine import HOST, free_port, kamailio
from tests.proxy.kemi import RETURNS

LOADED = """
    ctl pike permissions dialog dispatcher db_sqlite auth auth_db htable sqlops statistics acc alias_db speeddial domain
    counters debugger xhttp jsonrpcs path rtpproxy app_python3
"""
SCRIPT = """
modparam("ctl", "binrpc", "unix:{folder}/ctl")
modparam("auth_db|alias_db|speeddial|domain", "db_url", "sqlite:///{folder}/users.db")
modparam("rtpproxy", "rtpproxy_sock", "udp:127.0.0.1:9")
modparam("jsonrpcs", "transport", 1)
modparam("dispatcher", "list_file", "{folder}/dispatcher.list")
modparam("app_python3", "load", "{folder}/routes.py")
modparam("permissions", "address_file", "{folder}/address")
event_route[xhttp:request] {{ xhttp_reply("404", "No", "text/plain", ""); }}
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
    open_file(str(tmp_path / "users.db")).close()
    (tmp_path / "routes.py").write_text(PYTHON)
    script = "".join(f'loadmodule "{name}.so"\n' for name in LOADED.split()) + SCRIPT.format(folder=tmp_path)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind((HOST, 0))
        with kamailio(need, script, free_port(), peer, tmp_path):
            command = [need("kamcmd"), "-s", f"unix:{tmp_path}/ctl", "app_python.api_list"]
            listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout
    functions = {f"{of}.{name}".lstrip("."): type_ for type_, of, name in FUNCTION.findall(listed)}
    ours = {name: type_ for name, type_ in RETURNS.items() if not name.startswith("rtpengine.")}
    assert {name: functions.get(name) for name in ours} == ours  # rtpengine and rtpproxy can't be loaded together
