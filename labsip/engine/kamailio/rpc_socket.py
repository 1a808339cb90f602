"""Kamailio's RPC commands, asked over two sockets in its folder.

JSON-RPC over the datagram socket of jsonrpcs, a request and an answer a datagram each: easiest to read. binrpc over
the stream of ctl, as kamcmd does: the answer is what kamcmd prints.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from labsip.modules.ctl import FAULT, REPLY, PacketReader, binrpc
from labsip.proxy.rpc import RpcFault, Value
from labsip.sip.errors import LabError

PATIENCE = 2.0
"""Seconds an answer may take."""
LARGEST = 1 << 20


class RpcError(LabError):
    """A command that Kamailio refused, in its words."""


class RpcSocket:
    """A socket in Kamailio's folder to ask from."""

    def __init__(self, folder: Path) -> None:
        self.theirs = folder / "rpc.sock"
        """Where Kamailio listens: jsonrpcs' `dgram_socket`."""
        self.control = folder / "ctl.sock"
        """Where it listens for kamcmd: ctl's `binrpc`."""
        self._ours = folder / "lab.sock"
        self._numbers = count(1)

    def ask(self, method: str, *params: object) -> Any:
        """The result of a command. Raises RpcError if it is refused, LabError if nobody answers."""
        number = next(self._numbers)
        request = {"jsonrpc": "2.0", "method": method, "params": params, "id": number}
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asking:
            asking.settimeout(PATIENCE)
            try:
                asking.bind(str(self._ours))
                asking.sendto(json.dumps(request).encode(), str(self.theirs))
                answer = asking.recv(LARGEST)
            except OSError as error:
                raise LabError(f"Kamailio does not answer {method}: {error.strerror or error}") from None
            finally:
                with suppress(OSError):
                    self._ours.unlink()
        return _result(answer, method)

    def ask_as_kamcmd(self, name: str, arguments: Sequence[Value]) -> Sequence[Value]:
        """The values of an answer. Raises RpcFault if it is refused, LabError if nobody answers."""
        reader = PacketReader(LARGEST)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.settimeout(PATIENCE)
            try:
                asking.connect(str(self.control))
                asking.sendall(binrpc.request(name, arguments))
                while not (packets := reader.feed(data := asking.recv(LARGEST), REPLY, FAULT)):
                    if not data or reader.fault:
                        raise LabError(f"Kamailio's answer to {name} can't be read")
            except OSError as error:
                raise LabError(f"Kamailio does not answer {name}: {error.strerror or error}") from None
        values = binrpc.decoded(packets[0].body)
        if packets[0].kind == FAULT:
            code, reason = [*values, "", ""][:2]
            raise RpcFault(code if isinstance(code, int) else 500, str(reason))
        return values


def _result(answer: bytes, method: str) -> Any:
    try:
        said = json.loads(answer.decode("utf-8", "replace"))
        error = said.get("error")
    except (ValueError, AttributeError):
        raise LabError(f"Kamailio's answer to {method} can't be read: {answer[:80]!r}") from None
    if error is not None:
        raise RpcError(f"Kamailio refuses {method}: {error.get('message', error)}")
    return said.get("result")
