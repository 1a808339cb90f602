"""Where `labsip serve` is asked from outside, by kamcmd and kamcli: its option --ctl, and what a kamailio.cfg says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing

import click

from labsip.modules.ctl import CtlParameters
from labsip.modules.jsonrpcs import DATAGRAM, JsonRpcsParameters
from labsip.net.control import Control, ControlAddress
from labsip.net.sockets import SocketNet
from labsip.proxy.receive import Proxy
from labsip.proxy.settings import Settings
from labsip.sip.errors import LabError


def control_address(text: str) -> ControlAddress:
    """What --ctl says. Raises BadParameter."""
    try:
        return ControlAddress.parse(text)
    except LabError as error:
        raise click.BadParameter(str(error)) from None


def _of(settings: Settings) -> Iterator[str]:
    """What a configuration says: ctl's `binrpc`, jsonrpcs' `dgram_socket`."""
    given = settings.of(CtlParameters).binrpc
    yield from (given,) if isinstance(given, str) and given else given
    json = settings.of(JsonRpcsParameters)
    if json.dgram_socket and (json.jsonrpc_transport == 0 or json.jsonrpc_transport & DATAGRAM):
        yield f"jsonrpc:{json.dgram_socket}"


def open_controls(
    opened: ExitStack, net: SocketNet, proxy: Proxy, asked: Sequence[ControlAddress], *, writes: bool
) -> Iterator[str]:
    """Open them; what to say of each. One that only the configuration asks for need not be possible. Raises LabError.

    writes: over TCP, too, commands are answered that change something.
    """
    for address in asked:
        yield _open(opened, net, proxy, address, writes)
    for text in _of(proxy.settings):
        try:
            address = ControlAddress.parse(text)
            if address not in asked:
                yield _open(opened, net, proxy, address, writes)
        except LabError as error:
            yield f"WARNING: labsip: {error}"


def _open(opened: ExitStack, net: SocketNet, proxy: Proxy, address: ControlAddress, writes: bool) -> str:
    may = writes or address.kind != "tcp"
    opened.enter_context(closing(Control(net, proxy, address, writes=may)))
    what = "JSON-RPC" if address.kind == "jsonrpc" else "kamcmd"
    return f"labsip answers {what} at {address}" + ("" if may else ", where it reads only")
