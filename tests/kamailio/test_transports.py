"""A request from one transport to another: what a real Kamailio writes into it, and what we write."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

from labsip.net.sockets import SocketNet
from labsip.proxy.script import Routes
from labsip.sip.build import build_request, build_response
from labsip.sip.framing import Framing
from labsip.sip.message import Request, parse_message
from labsip.sip.transport import Address
from labsip.vocabulary import Ksr, build_proxy
from tests.kamailio.engine import HOST, free_port, kamailio

SCRIPT = """
{parameters}
disable_tcp=no
tcp_children=1
listen=tcp:{host}:{port}
request_route {{
    if (is_method("OPTIONS")) {{ sl_reply("200", "OK"); exit; }}
    record_route();
    $du = $hdr(X-Next-Hop);
    t_relay();
}}
"""


def route(ksr: Ksr) -> None:
    """The same in our commands."""
    ksr.record_route()
    ksr["$du"] = ksr["$hdr(X-Next-Hop)"]
    ksr.t_relay()


@contextmanager
def theirs(need: Callable[[str], str], folder: Path, parameters: str = "") -> Iterator[int]:
    """A Kamailio with these parameters; its port."""
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind((HOST, 0))
        with kamailio(need, SCRIPT.format(host=HOST, port=port, parameters=parameters), port, peer, folder):
            yield port


@contextmanager
def ours(**settings: Any) -> Iterator[int]:
    """Our proxy with these settings; its port."""
    with SocketNet() as net:
        udp = net.reserve(Address(HOST, free_port()))
        tcp = net.reserve(udp._replace(proto="tcp"))
        routes = Routes(route, settings=settings)
        net.attach(build_proxy(routes, [udp, tcp], ids=Random(1), trace=net.trace), "proxy")
        yield udp.port


def relayed(port: int, near: str, far: str, *, size: int = 0) -> list[str]:
    """What the called end gets of a MESSAGE, and the calling end as its answer: Via and Record-Route, ports by name.

    With a body of that size it is sent as if the called end were on UDP.
    """
    kinds = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}
    with ExitStack() as stack:
        callee = stack.enter_context(socket.socket(socket.AF_INET, kinds[far]))
        callee.bind((HOST, 0))
        if far == "tcp":
            callee.listen()
        caller = stack.enter_context(socket.socket(socket.AF_INET, kinds[near]))
        caller.connect((HOST, port))
        for sock in (caller, callee):
            sock.settimeout(20)
        there, here = callee.getsockname()[1], caller.getsockname()[1]
        caller.sendall(message(near, f"sip:{HOST}:{there};transport={'udp' if size else far}", size).raw)
        called = stack.enter_context(callee.accept()[0]) if far == "tcp" else callee
        called.settimeout(20)
        data, back = called.recvfrom(65535)
        request = parse_message(data)
        assert isinstance(request, Request)
        answer = build_response(request, 200, "OK", to_tag="1", also=("Record-Route",)).raw
        called.sendall(answer) if far == "tcp" else called.sendto(answer, back)
        (response,) = Framing().feed(caller.recv(65535))
        lines = [line for text in (data, response) for line in said(text)]
    names = {str(port): "PROXY", str(there): "CALLEE", str(here): "CALLER"}
    return [re.sub(r"(?<=[:=])\d+", lambda found: names.get(found[0], found[0]), line) for line in lines]


def message(near: str, next_hop: str, size: int) -> Request:
    lines = [
        ("Via", f"SIP/2.0/{near.upper()} {HOST};rport;branch=z9hG4bK{near}{next_hop[-3:]}{size}"),
        ("Max-Forwards", "70"),
        ("From", f"<sip:106@{HOST}>;tag=106"),
        ("To", f"<sip:108@{HOST}>"),
        ("Call-ID", "1"),
        ("CSeq", "1 MESSAGE"),
        ("X-Next-Hop", next_hop),
    ]
    return build_request("MESSAGE", f"sip:108@{HOST}", lines, b"x" * size)


def said(data: bytes) -> list[str]:
    """Its first line, Vias and Record-Routes; without branches, and Kamailio's number of the connection."""
    text = parse_message(data)
    lines = [f"{line.name}: {line.value}" for line in text.find("Record-Route", "Via")]
    return [text.start_line, *(re.sub(r";branch=[^;]*|;i=[0-9a-f]+", "", line) for line in lines)]


def test_each_side_reads_what_kamailio_writes(need: Callable[[str], str], tmp_path: Path) -> None:
    ways = [("udp", "udp"), ("udp", "tcp"), ("tcp", "udp"), ("tcp", "tcp")]
    with theirs(need, tmp_path) as port:
        expected = {way: relayed(port, *way) for way in ways}
    with ours() as port:
        assert {way: relayed(port, *way) for way in ways} == expected
    assert "Record-Route: <sip:127.0.0.1:PROXY;transport=tcp;r2=on;lr;ftag=106>" in expected["udp", "tcp"]


def test_a_large_request_goes_over_tcp_if_told_so(need: Callable[[str], str], tmp_path: Path) -> None:
    with theirs(need, tmp_path, "udp_mtu=1300\nudp_mtu_try_proto=TCP") as port:
        expected = [relayed(port, "udp", "tcp", size=2000), relayed(port, "udp", "udp", size=500)]
    with ours(udp_mtu=1300, udp_mtu_try_proto="tcp") as port:
        assert [relayed(port, "udp", "tcp", size=2000), relayed(port, "udp", "udp", size=500)] == expected
    assert "Via: SIP/2.0/TCP 127.0.0.1:PROXY" in expected[0]
    assert "Record-Route: <sip:127.0.0.1:PROXY;lr;ftag=106>" in expected[0]
