"""A caller and two phones: what each of them hears from a real Kamailio, and from us."""

from __future__ import annotations

import re
import socket
from collections import deque
from collections.abc import Callable, Iterator
from random import Random

import pytest

from labsip.proxy.receive import Proxy
from labsip.sip.build import build_ack, build_request, build_response
from labsip.sip.message import Message, Request, Response, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import build_proxy, settings_of
from tests.kamailio import scenes
from tests.kamailio.captures import KAMAILIO
from tests.kamailio.engine import HOST, free_port, kamailio, ping
from tests.kamailio.test_commands import plain

PARTIES = ("caller", "one", "two")
Sent = tuple[str, bytes]
Send = Callable[[str, bytes], list[Sent]]
"""Sends it for a party; returns what each party heard because of it."""


@pytest.fixture(scope="module")
def peers() -> Iterator[dict[str, socket.socket]]:
    socks = {name: socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for name in (*PARTIES, "pinger")}
    for sock in socks.values():
        sock.bind((HOST, 0))
    yield socks
    for sock in socks.values():
        sock.close()


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def theirs(
    need: Callable[[str], str], peers: dict[str, socket.socket], port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Send]:
    pinger = peers["pinger"]
    config = scenes.config(uri(peers["one"]), uri(peers["two"]))

    def send(party: str, data: bytes) -> list[Sent]:
        peers[party].sendto(data, (HOST, port))
        mark = f"-{hash((party, data)):x}"
        ping(pinger, port, mark)
        while mark.encode() not in pinger.recv(65535):
            pass  # all that Kamailio, one process, sent before that answer is here already
        return [(name, got) for name in PARTIES for got in _waiting(peers[name])]

    with kamailio(need, config, port, pinger, tmp_path_factory.mktemp("kamailio")):
        yield send


def _waiting(sock: socket.socket) -> Iterator[bytes]:
    sock.setblocking(False)
    try:
        while True:
            yield sock.recv(65535)
    except BlockingIOError:
        return


def ours(scene: scenes.Scene, peers: dict[str, socket.socket], port: int) -> tuple[Proxy, Send]:
    """Our proxy with that scene's script."""
    at = {name: Address(*peers[name].getsockname()) for name in PARTIES}
    names = {address: name for name, address in at.items()}
    settings = settings_of(None, server=KAMAILIO)
    proxy = build_proxy(scenes.routes(scene), [Address(HOST, port)], ids=Random(1), settings=settings)

    def send(party: str, data: bytes) -> list[Sent]:
        out = proxy.receive(Datagram(data, at[party], proxy.addresses[0]), 0.0)
        return [(names[datagram.dst], datagram.data) for datagram in out]

    return proxy, send


def uri(sock: socket.socket) -> str:
    return f"sip:108@{HOST}:{sock.getsockname()[1]}"


def played(number: int, send: Send, peers: dict[str, socket.socket]) -> dict[str, list[str]]:
    """What each party heard in a scene; who hears a CANCEL ends its call, and negative answers are acknowledged.

    What a slow machine sends again, or sends of a scene before, is passed over.
    """
    scene = scenes.SCENES[number]
    request = _request(scene.method, number, peers)
    heard: dict[str, list[str]] = {name: [] for name in PARTIES}
    all_heard: set[Sent] = set()
    calls: dict[str, Request] = {}
    reactions: deque[tuple[str, Message]] = deque()

    def happens(party: str, message: Message) -> None:
        for name, data in send(party, bytes(message)):
            got = parse_message(data)
            if (name, data) in all_heard or got.call_id != request.call_id:
                continue
            all_heard.add((name, data))
            heard[name].append(_reason_above_length(plain(data)))
            if isinstance(got, Request) and got.method == scene.method:
                calls[name] = got
            reactions.extend((name, reaction) for reaction in _reactions(got, request, calls.get(name)))

    happens("caller", request)
    for step in scene.steps.split(", "):
        party, status = step.split()
        happens(party, build_response(calls[party], int(status), "Said", to_tag=party))
        while reactions:
            happens(*reactions.popleft())
    return heard


def _reactions(got: Message, request: Request, call: Request | None) -> list[Message]:
    """What somebody who hears that sends at once."""
    if isinstance(got, Request) and got.method == "CANCEL" and call is not None:
        ended = build_response(call, 487, "Request Terminated", to_tag="ended")
        return [build_response(got, 200, "OK", to_tag="ended"), ended]
    if isinstance(got, Response) and got.status >= 300 and request.method == "INVITE":
        return [build_ack(request, got)]
    return []


def _reason_above_length(text: str) -> str:
    """Where Kamailio writes it does not matter (differences)."""
    return re.sub(r"(Content-Length: 0\r\n)(Reason: .*\r\n)", r"\2\1", text)


def _request(method: str, number: int, peers: dict[str, socket.socket]) -> Request:
    lines = [
        ("Via", f"SIP/2.0/UDP {HOST}:{peers['caller'].getsockname()[1]};rport;branch=z9hG4bKscene{number}"),
        ("From", f"<sip:106@{HOST}>;tag=f"),
        ("To", f"<sip:108@{HOST}>"),
        ("Call-ID", f"scene{number}"),
        ("CSeq", f"1 {method}"),
        ("X-Scene", str(number)),
        ("X-One", uri(peers["one"])),
        ("X-Two", uri(peers["two"])),
    ]
    return build_request(method, f"sip:108@{HOST}", lines)


@pytest.mark.parametrize("number", range(len(scenes.SCENES)), ids=[scene.name for scene in scenes.SCENES])
def test_everybody_hears_what_they_hear_from_kamailio(
    number: int, theirs: Send, peers: dict[str, socket.socket], port: int
) -> None:
    expected = played(number, theirs, peers)
    proxy, send = ours(scenes.SCENES[number], peers, port)
    heard = played(number, send, peers)
    assert not proxy.errors
    if scenes.SCENES[number].differs[0]:
        assert heard != expected
    else:
        assert heard == expected
