"""A real Kamailio, started with a script of ours and ended again."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import free_address

HOST = "127.0.0.1"
MODULES = "kex corex pv xlog tm tmx sl rr siputils textops textopsx maxfwd sanity usrloc registrar nathelper"
PING = (
    "OPTIONS sip:{0} SIP/2.0\r\nVia: SIP/2.0/UDP {0}:{1};rport;branch=z9hG4bKping{2}\r\nFrom: <sip:p@{0}>;tag=p\r\n"
    "To: <sip:p@{0}>\r\nCall-ID: ping{2}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


def free_port() -> int:
    """A port nobody has, over UDP or TCP."""
    return free_address(HOST).port


@contextmanager
def kamailio(need: Callable[[str], str], script: str, port: int, peer: socket.socket, folder: Path) -> Iterator[None]:
    """Run Kamailio with all modules loaded and `script` behind, which must answer OPTIONS; it is ready when entered.

    `peer`: a socket to ask it from; it waits 5 s for answers afterwards.
    """
    head = "#!KAMAILIO\ndebug=0\nlog_stderror=yes\nchildren=1\ndisable_tcp=yes\nauto_aliases=no\ndns=no\nrev_dns=no\n"
    loaded = "".join(f'loadmodule "{name}.so"\n' for name in MODULES.split())
    with kamailio_of(need, f"{head}listen=udp:{HOST}:{port}\n{loaded}{script}", port, peer, folder):
        yield


@contextmanager
def kamailio_of(need: Callable[[str], str], text: str, port: int, peer: socket.socket, folder: Path) -> Iterator[None]:
    """The same with a whole configuration."""
    (folder / "kamailio.cfg").write_text(text)
    command = [need("kamailio"), "-f", str(folder / "kamailio.cfg"), "-DD", "-E", "-Y", str(folder)]
    with subprocess.Popen(
        [*command, "-P", str(folder / "pid")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            _wait_until_ready(process, peer, port)
            yield
        finally:
            process.terminate()
            process.communicate(timeout=20)


def ping(peer: socket.socket, port: int, name: object) -> None:
    """Send an OPTIONS whose answer has `name` in its Call-ID."""
    peer.sendto(PING.format(HOST, peer.getsockname()[1], name).encode(), (HOST, port))


def _wait_until_ready(process: subprocess.Popen[str], peer: socket.socket, port: int) -> None:
    peer.settimeout(0.1)
    for attempt in range(100):
        ping(peer, port, attempt)
        try:
            peer.recv(65535)
        except TimeoutError:
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
        except ConnectionError:  # nobody listens yet
            time.sleep(0.05)
        else:
            break
    while _drain(peer):
        pass
    peer.settimeout(5)


def _drain(peer: socket.socket) -> bool:
    try:
        return bool(peer.recv(65535))
    except TimeoutError:
        return False
