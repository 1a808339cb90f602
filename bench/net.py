"""What our loop costs beside plain ones: CPU time of an echo server for each datagram, in and out.

    python bench/net.py [datagrams]

Each server runs in a process of its own; rounds alternate, and the medians are compared within this run only.
*single*: one datagram at a time, the server sleeps in between. *burst*: 64 outstanding. *tcp*: one message at a time
over a connection. *nagle*: how long a client waits for an answer that obeys Nagle's algorithm (RFC 896) and writes
each request in two pieces, of which the second leaves when the first is acknowledged.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import socket
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from statistics import median
from time import perf_counter

import labsip.net.connection
from labsip.net.sockets import SocketNet
from labsip.sip.transport import Address, Datagram

PAYLOAD = b"x" * 700
STOP = b"stop"
MESSAGE = b"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 700\r\n\r\n" + PAYLOAD
LAST = MESSAGE.replace(b"x" * 4, STOP, 1)
ROUNDS = 5


class Echo:
    """The smallest node."""

    def __init__(self, address: Address, done: Callable[[], object]) -> None:
        self.addresses: tuple[Address, ...] = (address,)
        self.done = done

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:  # noqa: ARG002
        if STOP in datagram.data:
            self.done()
        return [Datagram(datagram.data, datagram.dst, datagram.src)]

    def wake(self, now: float) -> list[Datagram]:  # noqa: ARG002
        return []

    def next_wake(self) -> float | None:
        return 3600.0


def ours(tell: Callable[[int], None], *, record: bool = False, proto: str = "udp") -> None:
    """labsip's loop."""
    stopped = threading.Event()
    with SocketNet(record=record) as network:
        address = network.reserve(Address("127.0.0.1", 0, proto))
        network.attach(Echo(address, stopped.set), "echo")
        tell(address.port)
        stopped.wait()


def recorded(tell: Callable[[int], None]) -> None:
    """The same, each datagram in a trace."""
    ours(tell, record=True)


def at_once(tell: Callable[[int], None]) -> None:
    """labsip's loop over TCP."""
    ours(tell, proto="tcp")


def delayed(tell: Callable[[int], None]) -> None:
    """The same, where the system acknowledges when it likes."""
    labsip.net.connection.QUICKACK = None
    ours(tell, proto="tcp")


def blocking(tell: Callable[[int], None]) -> None:
    """The shortest there is in Python."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        tell(sock.getsockname()[1])
        data = b""
        while data != STOP:
            data, sender = sock.recvfrom(65535)
            sock.sendto(data, sender)


def endpoint(tell: Callable[[int], None]) -> None:
    """asyncio's own datagrams."""

    async def main() -> None:
        stopped = asyncio.Event()

        class Protocol(asyncio.DatagramProtocol):
            def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
                self.transport = transport

            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                self.transport.sendto(data, addr)
                if data == STOP:
                    stopped.set()

        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Protocol, ("127.0.0.1", 0))
        tell(transport.get_extra_info("sockname")[1])
        await stopped.wait()
        transport.close()

    asyncio.run(main())


def serve(server: Callable[[Callable[[int], None]], None], pipe: Connection) -> None:
    """Run a server until it is told to stop; send its port, then the CPU seconds it used from there."""
    begun = 0.0

    def tell(port: int) -> None:
        nonlocal begun
        begun = cpu()
        pipe.send(port)

    server(tell)
    pipe.send(cpu() - begun)


def cpu() -> float:
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(server: Callable[[Callable[[int], None]], None], client: Callable[[int], None]) -> float:
    """CPU seconds a server needs for what a client does at its port; the client stops it."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(server, there))
    process.start()
    client(here.recv())
    seconds: float = here.recv()
    process.join()
    return seconds


def measure(server: Callable[[Callable[[int], None]], None], outstanding: int, datagrams: int) -> float:
    """Microseconds of CPU time the server needs for a datagram."""

    def client(port: int) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", port))
            sock.settimeout(10)
            for _ in range(outstanding):
                sock.send(PAYLOAD)
            for _ in range(datagrams - outstanding):
                sock.recv(65535)
                sock.send(PAYLOAD)
            for _ in range(outstanding):
                sock.recv(65535)
            sock.send(STOP)

    return run(server, client) / datagrams * 1e6


def measure_tcp(server: Callable[[Callable[[int], None]], None], messages: int, *, pieces: int) -> tuple[float, float]:
    """Microseconds of CPU time for a message, and milliseconds until it is answered."""
    waited = 0.0

    def client(port: int) -> None:
        nonlocal waited
        with socket.create_connection(("127.0.0.1", port), 10) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, pieces == 1)
            begun = perf_counter()
            for n in range(1, messages + 1):
                message = MESSAGE if n < messages else LAST
                size = len(message) // pieces
                for at in range(0, pieces * size, size):
                    sock.send(message[at : at + size] if at < (pieces - 1) * size else message[at:])
                left = len(message)
                while left:
                    left -= len(sock.recv(left))
            waited = perf_counter() - begun

    return run(server, client) / messages * 1e6, waited / messages * 1e3


def main() -> None:
    """Print a table: microseconds of CPU time for a datagram, and how many times the blocking socket's that is."""
    datagrams = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    servers = [blocking, ours, recorded, endpoint]
    for name, outstanding in (("single", 1), ("burst", 64)):
        rounds = [[measure(server, outstanding, datagrams) for server in servers] for _ in range(ROUNDS)]
        for server, *times in zip(servers, *rounds, strict=True):
            ratio = median(t / r[0] for t, r in zip(times, rounds, strict=True))
            print(f"{name:7} {server.__name__:9} {median(times):6.1f} µs  × {ratio:.1f}   {server.__doc__}")
    pair = [delayed, at_once]
    costs = [[measure_tcp(server, datagrams, pieces=1)[0] for server in pair] for _ in range(ROUNDS)]
    waits = [[measure_tcp(server, 100, pieces=2)[1] for server in pair] for _ in range(ROUNDS)]
    for name, unit, rounds in (("tcp", "µs", costs), ("nagle", "ms", waits)):
        for server, *times in zip(pair, *rounds, strict=True):
            ratio = median(t / r[0] for t, r in zip(times, rounds, strict=True))
            print(f"{name:7} {server.__name__:9} {median(times):6.1f} {unit}  × {ratio:.2f}  {server.__doc__}")


if __name__ == "__main__":
    main()
