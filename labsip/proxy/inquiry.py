"""One command of Kamailio's RPC, asked of a proxy: looked up, allowed, noted in the log if it changes something."""

from __future__ import annotations

from collections.abc import Sequence

from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import RpcFault, UnknownRpc, Value


def answer(
    proxy: Proxy, now: float, name: str, arguments: Sequence[object], *, who: str, writes: bool = True
) -> list[Value]:
    """What the proxy answers, asked where it lives. Raises RpcFault.

    who: asks, for the log, which has a line for each command that changes something. writes: whether one may.
    """
    command = proxy.exports.rpcs.get(name)
    if command is None:
        raise UnknownRpc(name)
    if command.writes and not writes:
        proxy.trace.note(now, f"rpc: {name} of {who} refused: it changes something")
        raise RpcFault(403, f"{name} changes something, and here is only answered what reads: --ctl-write")
    values = command(proxy, now, arguments)
    if command.writes:
        proxy.trace.note(now, f"rpc: {' '.join(map(str, (name, *arguments)))[:200]} ({who})")
    return values
