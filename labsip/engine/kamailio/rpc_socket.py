"""Kamailio's RPC commands, asked over its datagram socket: JSON-RPC, a request and an answer a datagram each."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

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


def _result(answer: bytes, method: str) -> Any:
    try:
        said = json.loads(answer.decode("utf-8", "replace"))
        error = said.get("error")
    except (ValueError, AttributeError):
        raise LabError(f"Kamailio's answer to {method} can't be read: {answer[:80]!r}") from None
    if error is not None:
        raise RpcError(f"Kamailio refuses {method}: {error.get('message', error)}")
    return said.get("result")
