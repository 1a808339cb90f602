"""Whom a real Kamailio pings, and with what: so do we. Each is given a second or two, so it is one program alone."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

from labsip.dialects.cfg import script_of
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import build_proxy, settings_of
from tests.kamailio.engine import HOST, MODULES, free_port, kamailio

FLAGS = {"plain": "", "nat": "nat", "request": "nat,sip", "no nat": "sip", "never": "nat,off"}
"""Phones, and the flags their REGISTER asks for."""
SCRIPT = """
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
modparam("usrloc", "nat_bflag", 6)
modparam("nathelper", "natping_interval", 1)
modparam("nathelper", "ping_nated_only", 1)
modparam("nathelper", "natping_disable_bflag", 8)
modparam("nathelper", "sipping_bflag", 7)
modparam("nathelper", "sipping_from", "sip:pinger@lab.example")
request_route {
    if (!is_method("REGISTER")) { sl_send_reply("200", "ready"); exit; }
    fix_nated_register();
    if ($hdr(X-Flags) =~ "nat") { setbflag(6); }
    if ($hdr(X-Flags) =~ "sip") { setbflag(7); }
    if ($hdr(X-Flags) =~ "off") { setbflag(8); }
    save("location");
}
"""


def register(number: int, flags: str, port: int) -> bytes:
    """A REGISTER of a phone that says it is elsewhere."""
    lines = (
        f"REGISTER sip:{HOST} SIP/2.0",
        f"Via: SIP/2.0/UDP {HOST}:{port};rport;branch=z9hG4bKp{number}",
        f"From: <sip:{number}@{HOST}>;tag=f",
        f"To: <sip:{number}@{HOST}>",
        f"Call-ID: p{number}",
        "CSeq: 1 REGISTER",
        f"Contact: <sip:{number}@10.1.1.1:7000;x=y>",
        f"X-Flags: {flags}",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()


def shape(data: bytes) -> list[str]:
    """A ping without what depends on chance; its lines, each up to where that begins."""
    text = data.decode("latin-1").replace("labsip", "")
    return [line.partition("branch=")[0].partition("tag=")[0].partition("Call-ID: ")[0] for line in text.split("\r\n")]


@contextmanager
def phones() -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        made = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in FLAGS]
        for one in made:
            one.bind((HOST, 0))
        yield made


def theirs(need: Callable[[str], str], port: int, of: Sequence[socket.socket], folder: Path) -> list[list[str] | None]:
    """The first ping of each phone, None where none comes until all that are pinged were pinged twice."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
        kamailio(need, SCRIPT, port, peer, folder),
    ):
        for number, (one, flags) in enumerate(zip(of, FLAGS.values(), strict=True)):
            one.sendto(register(number, flags, one.getsockname()[1]), (HOST, port))
            one.settimeout(10)
            one.recv(65535)
        heard: dict[socket.socket, list[bytes]] = {one: [] for one in of}
        end = time.monotonic() + 20
        while sum(len(pings) > 1 for pings in heard.values()) < 2 and time.monotonic() < end:
            for one in select.select(of, [], [], 1)[0]:
                heard[one].append(one.recv(65535))
    return [shape(pings[0]) if pings else None for pings in heard.values()]


def ours(port: int, of: Sequence[socket.socket]) -> list[list[str] | None]:
    loaded = "".join(f'loadmodule "{name}.so"\n' for name in MODULES.split())
    routes = script_of(f"#!KAMAILIO\n{loaded}{SCRIPT}").routes
    here = Address(HOST, port)
    proxy = build_proxy(routes, [here], ids=Random(1), settings=settings_of(routes))
    places = [Address(HOST, one.getsockname()[1]) for one in of]
    for number, (place, flags) in enumerate(zip(places, FLAGS.values(), strict=True)):
        proxy.receive(Datagram(register(number, flags, place.port), place, here), 0.0)
    assert proxy.next_wake() == 1.0
    pings = {ping.dst: shape(ping.data) for ping in proxy.wake(1.0)}
    return [pings.get(place) for place in places]


def test_the_same_contacts_are_pinged_with_the_same(need: Callable[[str], str], tmp_path: Path) -> None:
    port = free_port()
    with phones() as of:
        assert theirs(need, port, of, tmp_path) == ours(port, of)
