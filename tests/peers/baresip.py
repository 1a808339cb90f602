"""baresip as a phone without a head: its sound comes from nowhere, its buttons are pressed over TCP."""

from __future__ import annotations

import json
import re
import shutil
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from labsip.sip.transport import Address
from tests.peers.sipp import brief
from tests.processes import Process, free_address

CONFIG = """\
sip_listen {host}:0
net_interface {host}
ctrl_tcp_listen {control}
call_max_calls {lines}
audio_source aubridge,{user}
audio_player aubridge,{user}
audio_alert aubridge,{user}
module_path {modules}
module g711.so
module aubridge.so
module_tmp account.so
module_app ctrl_tcp.so
module_app debug_cmd.so
module_app menu.so
"""
UNFINISHED = re.compile(r"TRYING|CALLING|PROCEEDING|server transactions:.* INVITE +COMPLETED", re.DOTALL)
"""Transactions in which something is still to come: an answer, or the ACK to its own."""
TRACED = re.compile(r"(?m)^(?:UDP|TCP) (\S+) -> \S+\r?\n((?:[^\r\n]+\r?\n)+)")
"""A message as it prints it: where it came from, its lines down to the empty one."""


class Baresip(Process):
    """A phone, as soon as it is registered, or refused where that is expected; over the transport of `proxy`.

    lines: how many calls it has at a time. password: what it says if it is asked for one; secret106 for 106. traced:
    `told` has what it said and heard.
    """

    def __init__(
        self,
        folder: Path,
        user: str,
        proxy: Address,
        *,
        answers: bool = False,
        password: str | None = None,
        refused: bool = False,
        lines: int = 1,
        traced: bool = False,
    ) -> None:
        home = folder / user
        home.mkdir()
        self._at = free_address(kind=socket.SOCK_STREAM)
        modules = Path(str(shutil.which("baresip"))).parents[1] / "lib" / "baresip" / "modules"
        (home / "config").write_text(
            CONFIG.format(host=self._at.host, control=self._at, user=user, modules=modules, lines=lines)
        )
        account = f"<sip:{user}@{proxy};transport={proxy.proto}>;regint=600;auth_pass={password or f'secret{user}'}"
        account += ";answermode=auto" if answers else ""
        (home / "accounts").write_text(account + "\n")
        (home / "contacts").touch()
        program = ("stdbuf", "-oL", "baresip", "-s") if traced else ("baresip",)
        super().__init__(*program, "-f", home, cwd=home)
        self._proxy = proxy
        self._outcome = "ERR" if refused else "OK"
        self._heard = b""
        self._events: list[dict[str, Any]] = []
        self._replies: list[dict[str, Any]] = []
        self._control = socket.socket()

    def get_ready(self) -> None:
        self.wait_until("control", self._connect)
        self._control.setblocking(False)
        self.wait_until("registration", lambda: self._outcome in self.say("reginfo"))

    def __exit__(self, *raised: object) -> None:
        if raised == (None, None, None) and self.runs:
            self.rest()  # quitting waits for nothing but the registration, and nobody should speak to one that is gone
            self.say("quit")
            self.finish()
        self._control.close()
        super().__exit__(*raised)

    def rest(self) -> None:
        """Wait until no answer is to come any more."""
        self.wait_until("end of its transactions", lambda: not UNFINISHED.search(self.say("sipstat")))

    def dial(self, user: str) -> None:
        """Call a user of the proxy."""
        self.say("dial", f"sip:{user}@{self._proxy}")

    def transfer(self, user: str) -> None:
        """Ask the other end of the call to call somebody else instead (REFER)."""
        self.say("transfer", f"sip:{user}@{self._proxy};transport={self._proxy.proto}")

    def say(self, command: str, params: str = "") -> str:
        """Say a command of baresip's menu; what it answers."""
        told = json.dumps({"command": command, "params": params}).encode()
        self._control.send(b"%d:%s," % (len(told), told))
        self.wait_until(f"answer to {command}", lambda: self._listen() or self._replies)
        return str(self._replies.pop(0)["data"])

    def hears(self, event: str) -> dict[str, Any]:
        """Wait for an event of that type; those before it are forgotten."""
        self.wait_until(event, lambda: self._listen() or any(one["type"] == event for one in self._events))
        while (one := self._events.pop(0))["type"] != event:
            pass
        return one

    @property
    def told(self) -> list[str]:
        """What it sent and heard, without repeats: `> INVITE`, `< 200 OK (BYE)`."""
        found: dict[tuple[str, str], str] = {}
        for source, text in TRACED.findall(self.out):
            way = "<" if source == str(self._proxy) else ">"
            found[way, text] = brief(way, text.split("\n")[0], re.findall(r"(?m)^CSeq: \d+ (\w+)", text)[0])
        return list(found.values())

    def _connect(self) -> bool:
        self._control.close()
        self._control = socket.socket()
        return self._control.connect_ex(self._at[:2]) == 0

    def _listen(self) -> None:
        """Take in what has come from the control connection: netstrings of JSON."""
        with suppress(BlockingIOError):
            self._heard += self._control.recv(65536)
        while found := re.match(rb"(\d+):", self._heard):
            end = found.end() + int(found[1])
            if len(self._heard) <= end:
                return
            message = json.loads(self._heard[found.end() : end])
            self._heard = self._heard[end + 1 :]
            (self._events if message.get("event") else self._replies).append(message)
