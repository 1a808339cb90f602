"""What each variable and each transformation is, for a real Kamailio and for us: the same script runs on both."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from labsip.dialects.cfg import script_of
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import build_proxy, settings_of
from tests.kamailio.engine import HOST, MODULES, free_port, kamailio
from tests.kamailio.variables import ROWS, request, script

NUMBERS = range(len(ROWS))


def told(reply: bytes) -> str:
    """The text that a reply has in its first line."""
    return reply.decode("utf-8", "surrogateescape").partition(" =")[2].partition("=\r\nVia: ")[0]


def theirs(need: Callable[[str], str], peer: socket.socket, port: int, folder: Path) -> list[str]:
    client, found = peer.getsockname()[1], []
    with kamailio(need, script(HOST, port, client), port, peer, folder):
        for number in NUMBERS:
            peer.sendto(request(number, HOST, port, client), (HOST, port))
            found.append(told(peer.recv(65535)))
    return found


def ours(client: int, port: int) -> list[str]:
    loaded = "".join(f'loadmodule "{name}.so"\n' for name in MODULES.split())
    routes = script_of(f"#!KAMAILIO\n{loaded}{script(HOST, port, client)}").routes
    here, settings = Address(HOST, port), settings_of(routes)
    proxy = build_proxy(routes, [here], ids=Random(1), settings=settings, began=time.time())
    asked = [Datagram(request(number, HOST, port, client), Address(HOST, client), here) for number in NUMBERS]
    found = [told(proxy.receive(one, 0.0)[0].data) for one in asked]
    assert not proxy.errors
    return found


def test_each_is_what_it_is_in_kamailio(need: Callable[[str], str], tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind((HOST, 0))
        port = free_port()
        real, here = theirs(need, peer, port, tmp_path), ours(peer.getsockname()[1], port)
    others = {row for row, one, other in zip(ROWS, real, here, strict=True) if one != other}
    wrong = [
        (row.text, row.before, one, other)
        for row, one, other in zip(ROWS, real, here, strict=True)
        if (row in others) is not bool(row.differs[0])
    ]
    assert wrong == []
