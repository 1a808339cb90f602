"""Run in a network namespace of its own: `traffic.py FOLDER` sends SIP over loopback in all the ways there are.

Three dumpcaps record it, each in another link type, as FOLDER/NAME.pcapng. Prints what was sent, a message a line, in
hex.
"""

from __future__ import annotations

import fcntl
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from struct import pack

CAPTURES = {"ethernet": ("lo", "EN10MB"), "cooked": ("any", "LINUX_SLL"), "cooked2": ("any", "LINUX_SLL2")}
HOSTS = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
PATIENCE = 30.0
_SIOCSIFFLAGS, _SIOCSIFMTU, _IFF_UP = 0x8914, 0x8922, 1


def bring_up_loopback() -> None:
    """With the MTU of Ethernet, so that what is large goes in fragments."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFMTU, pack("16si12x", b"lo", 1500))
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, pack("16sh14x", b"lo", _IFF_UP))


def message(name: str, size: int) -> bytes:
    lines = (
        "MESSAGE sip:bob@localhost SIP/2.0",
        f"Via: SIP/2.0/UDP localhost;branch=z9hG4bK{name}",
        "From: <sip:alice@localhost>;tag=a",
        "To: <sip:bob@localhost>",
        f"Call-ID: {name}",
        "CSeq: 1 MESSAGE",
        f"Content-Length: {size}",
        "",
        "x" * size,
    )
    return "\r\n".join(lines).encode()


def over_udp(family: socket.AddressFamily, name: str) -> list[bytes]:
    """One to nobody, which ICMP quotes, one small, one in fragments."""
    sent = [message(f"{name}-{n}", size) for n, size in enumerate((10, 10, 6000))]
    with socket.socket(family, socket.SOCK_DGRAM) as here, socket.socket(family, socket.SOCK_DGRAM) as there:
        here.bind((HOSTS[family], 5060))
        there.bind((HOSTS[family], 5070))
        for raw, port in zip(sent, (5090, 5070, 5070), strict=True):
            here.sendto(raw, (HOSTS[family], port))
    return sent


def over_tcp(family: socket.AddressFamily, name: str) -> list[bytes]:
    """Two in one segment, one in several, one in a segment for each 40 bytes."""
    sent = [message(f"{name}-{n}", size) for n, size in enumerate((10, 10, 6000, 50))]
    parts = [sent[0] + sent[1], sent[2], *(sent[3][at : at + 40] for at in range(0, len(sent[3]), 40))]
    with socket.create_server((HOSTS[family], 5062), family=family) as server, socket.socket(family) as here:
        here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        here.connect((HOSTS[family], 5062))
        with server.accept()[0] as there:
            for part in parts:
                here.sendall(part)
                there.recv(len(part), socket.MSG_WAITALL)
    return sent


def wait_for(mark: bytes, files: list[Path]) -> None:
    """Until each file has it. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    while not all(file.exists() and mark in file.read_bytes() for file in files):
        if time.monotonic() > end:
            raise TimeoutError(f"the captures have no {mark!r}")
        time.sleep(0.05)


def main(folder: Path) -> None:
    bring_up_loopback()
    files = [folder / f"{name}.pcapng" for name in CAPTURES]
    captures = [
        subprocess.Popen(["dumpcap", "-q", "-i", interface, "-y", link, "-w", folder / f"{name}.pcapng"])
        for name, (interface, link) in CAPTURES.items()
    ]
    try:
        wait_for(b"Dumpcap", files)  # which names itself at the beginning of each file
        for family, version in ((socket.AF_INET, "v4"), (socket.AF_INET6, "v6")):
            for raw in over_udp(family, f"udp-{version}") + over_tcp(family, f"tcp-{version}"):
                print(raw.hex())
        wait_for(message("tcp-v6-3", 50)[-40:], files)
    finally:
        for capture in captures:
            capture.send_signal(signal.SIGINT)
            capture.wait(PATIENCE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
