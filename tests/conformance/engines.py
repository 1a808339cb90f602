"""The proxies the cases are played to: labsip serve, a real Kamailio, and three that no case may be content with."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from tests.conformance.agent import DOMAIN
from tests.conformance.case import Proxy
from tests.conformance.message import Message
from tests.peers.kamailio import Kamailio
from tests.processes import Serve, free_address

CONFIG = Path(__file__).with_name("kamailio.cfg")


class Variant(NamedTuple):
    """What a proxy is told besides where to listen; Kamailio by definitions its configuration reads."""

    labsip: tuple[str, ...] = ()
    kamailio: tuple[str, ...] = ()


VARIANTS = {
    "full": Variant(),
    "users": Variant(("--users=106:secret106,108:secret108",), ("WITH_USERS",)),
    "hasty": Variant(("--fr-timer=2", "--fr-inv-timer=2"), ("FR_TIMER=2000", "FR_INV_TIMER=2000")),
}
"""By the name that a case gives as `on`."""


@contextmanager
def labsip(variant: Variant) -> Iterator[Proxy]:
    """`labsip serve`, step full."""
    listen = ("udp:127.0.0.1:0", "tcp:127.0.0.1:0")
    with Serve(f"--domain={DOMAIN}", *variant.labsip, listen=listen) as serve:
        udp, tcp = serve.addresses
        yield Proxy(f"{udp.host}:{udp.port}", f"{tcp.host}:{tcp.port}")


@contextmanager
def kamailio(variant: Variant, folder: Path) -> Iterator[Proxy]:
    """A real Kamailio, with kamailio.cfg. `folder`: for its runtime files."""
    tcp = free_address(kind=socket.SOCK_STREAM)
    defined = [part for name in (f"LISTEN_TCP=tcp:{tcp.host}:{tcp.port}", *variant.kamailio) for part in ("-A", name)]
    with Kamailio(folder, CONFIG, *defined) as process:
        udp = process.address
        yield Proxy(f"{udp.host}:{udp.port}", f"{tcp.host}:{tcp.port}")


Says = Callable[[Message], str]
POOR: dict[str, Says] = {
    "says nothing": lambda _: "",
    "refuses everything": lambda _: "501 Not Implemented",
    "says yes to everything": lambda _: "200 OK",
}
"""Proxies that do no work, by the status they answer requests with."""


@contextmanager
def poor(says: Says) -> Iterator[Proxy]:
    """One of POOR, on UDP; it lets the scene be set, and answers when asked whether it is there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        thread = Thread(target=_answer, args=(sock, says), daemon=True)
        thread.start()
        at = f"127.0.0.1:{sock.getsockname()[1]}"
        yield Proxy(at, at, pace=0.1)  # they answer at once or never
        sock.sendto(b"end", sock.getsockname())
        thread.join()


def _answer(sock: socket.socket, says: Says) -> None:
    while True:
        raw, back = sock.recvfrom(65535)
        if raw == b"end":
            return
        request = Message(raw)
        if request.status or request.method == "ACK":
            continue
        known = re.match(r"(ping|setup)-", request.get("Call-ID"))
        if status := "200 OK" if known else says(request):
            kept = [line for line in request.lines if re.match(r"(?i)(via|from|to|call-id|cseq|contact)\s*:", line)]
            sock.sendto("\r\n".join([f"SIP/2.0 {status}", *kept, "Content-Length: 0", "", ""]).encode(), back)
