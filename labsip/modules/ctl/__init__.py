"""ctl: what kamcmd asks, in its own language (Kamailio's module of that name).

`binrpc` is that language as bytes, `kamcmd_text` what kamcmd reads and prints. `net.control` opens the sockets.
"""

from __future__ import annotations

from dataclasses import dataclass

from labsip.modules.ctl import binrpc
from labsip.modules.ctl.binrpc import FAULT, REPLY, REQUEST, Misread, Packet, PacketReader
from labsip.modules.ctl.kamcmd_text import arguments_of, text_of, text_of_fault
from labsip.proxy.exports import Module
from labsip.proxy.inquiry import answer
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import RpcFault


@dataclass(frozen=True)
class CtlParameters:
    """Parameters of ctl."""

    binrpc: str | tuple[str, ...] = ()
    """Where `labsip serve` is asked: `unix:PATH`, `tcp:127.0.0.1:2046`."""


CORRUPTED = RpcFault(400, "bad request: corrupted packet")


def answer_packet(proxy: Proxy, now: float, asked: Packet, *, who: str, writes: bool) -> tuple[bytes, bool]:
    """What goes back for a request, and whether the connection goes on behind it. Never raises."""
    try:
        name = binrpc.name_of(asked.body)
    except Misread as error:
        return binrpc.refusal(RpcFault(400, f"bad request method: {error}"), asked.cookie), False
    try:
        values = answer(proxy, now, name, binrpc.decoded(asked.body)[1:], who=who, writes=writes)
    except RpcFault as fault:
        return binrpc.refusal(fault, asked.cookie), True
    return binrpc.reply(values, asked.cookie), True


EXPORTS = Module("ctl", parameters=CtlParameters)

__all__ = [
    "CORRUPTED",
    "EXPORTS",
    "FAULT",
    "REPLY",
    "REQUEST",
    "CtlParameters",
    "PacketReader",
    "answer_packet",
    "arguments_of",
    "binrpc",
    "text_of",
    "text_of_fault",
]
