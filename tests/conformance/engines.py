"""The proxies the cases are played to: labsip serve, a real Kamailio, and three that no case may be content with."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer, ThreadingTCPServer, UDPServer
from threading import Thread
from typing import NamedTuple

from tests.conformance.agent import DOMAIN, host_port
from tests.conformance.case import MEMBERS, Proxy
from tests.conformance.message import Message, cut, name_of, write
from tests.peers.kamailio import Kamailio
from tests.processes import Serve, free_address

CONFIG = Path(__file__).with_name("kamailio.cfg")


class Variant(NamedTuple):
    """What a proxy is told besides where to listen; Kamailio by definitions its configuration reads."""

    labsip: tuple[str, ...] = ()
    kamailio: tuple[str, ...] = ()


USERS = "--users=" + ",".join(f"{name}:{password}" for name, password in MEMBERS.items())
VARIANTS = {
    "full": Variant(),
    "users": Variant((USERS,), ("WITH_USERS",)),
    "hasty": Variant(
        ("--fr-timer=2", "--fr-inv-timer=2", "--min-expires=1"),
        ("FR_TIMER=2000", "FR_INV_TIMER=2000", "MIN_EXPIRES=1"),
    ),
    "sha256": Variant((USERS, "--auth-algorithm=SHA-256"), ("WITH_USERS", 'ALGORITHM="SHA-256"')),
    "fleeting": Variant((USERS, "--nonce-expire=1"), ("WITH_USERS", "NONCE_EXPIRE=1")),
}
"""By the name that a case gives as `on`."""


@contextmanager
def labsip(variant: Variant) -> Iterator[Proxy]:
    """`labsip serve`, step full."""
    listen = ("udp:127.0.0.1:0", "tcp:127.0.0.1:0", "udp:[::1]:0")
    with Serve(f"--domain={DOMAIN}", *variant.labsip, listen=listen) as serve:
        udp, tcp, udp6 = map(str, serve.addresses)
        yield Proxy(udp, tcp, udp6)


@contextmanager
def kamailio(variant: Variant, folder: Path) -> Iterator[Proxy]:
    """A real Kamailio, with kamailio.cfg. `folder`: for its runtime files."""
    tcp, udp6 = free_address(kind=socket.SOCK_STREAM), free_address("::1")
    defined = (f"LISTEN_TCP=tcp:{tcp}", f"LISTEN_6=udp:{udp6}", *variant.kamailio)
    with Kamailio(folder, CONFIG, *(part for name in defined for part in ("-A", name))) as process:
        yield Proxy(str(process.address), str(tcp), str(udp6))


ANYWHERE = ("127.0.0.1", 0)
Says = Callable[[Message], str]
POOR: dict[str, Says] = {
    "says nothing": lambda _: "",
    "refuses everything": lambda _: "501 Not Implemented",
    "says yes to everything": lambda _: "200 OK",
}
"""Proxies that do no work, by the status they answer requests with."""


@contextmanager
def poor(says: Says) -> Iterator[Proxy]:
    """One of POOR; it lets the scene be set, and answers when asked whether it is there."""

    class Udp(BaseRequestHandler):
        def handle(self) -> None:
            raw, sock = self.request
            if answer := _answer(raw, says):
                sock.sendto(answer, self.client_address)

    class Tcp(BaseRequestHandler):
        def handle(self) -> None:
            stream = b""
            with suppress(ConnectionError):  # the case is over
                while data := self.request.recv(65535):
                    whole, stream = cut(stream + data)
                    while whole:
                        self.request.sendall(_answer(whole, says))
                        whole, stream = cut(stream)

    class Udp6(UDPServer):
        address_family = socket.AF_INET6

    with ExitStack() as stack:
        servers = UDPServer(ANYWHERE, Udp), ThreadingTCPServer(ANYWHERE, Tcp), Udp6(("::1", 0), Udp)
        udp, tcp, udp6 = (stack.enter_context(_serving(server)) for server in servers)
        yield Proxy(udp, tcp, udp6, pace=0.1)  # they answer at once or never


@contextmanager
def _serving(server: TCPServer) -> Iterator[str]:
    with server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield host_port(server.socket)
        finally:
            server.shutdown()
            thread.join()


def _answer(raw: bytes, says: Says) -> bytes:
    request = Message(raw)
    if request.status or request.method == "ACK":
        return b""
    status = "200 OK" if re.match(r"(ping|setup)-", request.get("Call-ID")) else says(request)
    copied = [line for line in request.lines if name_of(line) in ("via", "from", "to", "call-id", "cseq", "contact")]
    return write(f"SIP/2.0 {status}", copied, (), b"") if status else b""
