"""SIPp calls SIPp through `labsip serve` where the two speak different transports, or different versions of IP."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from labsip.sip.transport import Address
from tests.peers.sipp import Sipp, register
from tests.processes import Serve, free_address

CALLS = 20
V4, V6 = "127.0.0.1", "::1"


@pytest.fixture(autouse=True)
def _sipp(need: Callable[[str], str]) -> None:
    need("sipp")


def end_of(serve: Serve, host: str, mode: str) -> tuple[Address, Address]:
    """Where a SIPp is that speaks so, `mode` as in its -t, and the address of ours it speaks to."""
    proto = {"u": "udp", "t": "tcp", "l": "tls"}[mode[0]]
    ours = next(a for a in serve.addresses if (a.proto, ":" in a.host) == (proto, ":" in host))
    kind = socket.SOCK_DGRAM if proto == "udp" else socket.SOCK_STREAM
    return free_address(host, kind)._replace(proto=proto), ours


@pytest.mark.parametrize(
    ("near", "near_mode", "far", "far_mode", "caller", "callee"),
    [
        (V4, "u1", V4, "t1", "call", "answer"),
        (V4, "t1", V4, "u1", "call", "answer"),
        (V4, "tn", V4, "t1", "call", "answer"),
        (V4, "u1", V6, "u1", "call", "answer"),
        (V6, "t1", V4, "u1", "call", "answer"),
        (V4, "u1", V4, "t1", "call_cancel", "ring"),
        (V4, "t1", V6, "t1", "call_cancel", "ring"),
    ],
)
def test_calls_go_from_one_transport_to_another(
    near: str, near_mode: str, far: str, far_mode: str, caller: str, callee: str, tmp_path: Path
) -> None:
    listen = tuple(f"{proto}:{host}:0" for proto in ("udp", "tcp") for host in (V4, "[::1]"))
    with Serve(listen=listen) as serve:
        at, ours = end_of(serve, far, far_mode)
        with Sipp(tmp_path, callee, CALLS, "-t", far_mode, at=at) as called:
            register(tmp_path, "108", at, serve.addresses[0])
            at, ours = end_of(serve, near, near_mode)
            with Sipp(tmp_path, caller, CALLS, "-t", near_mode, "-s", "108", str(ours), at=at) as calling:
                calling.check(CALLS)
            called.check(CALLS)
        assert serve.end() == 0
        assert serve.err == ""
