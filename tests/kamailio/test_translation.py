"""A route of ours in Python, in a kamailio.cfg and in KEMI: a real Kamailio sends with both what we send."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest

from labsip.dialects.cfg import script_of
from labsip.dialects.kemi import load
from labsip.dialects.python import Python
from labsip.dialects.translation import cfg_text, kemi_cfg, kemi_text, script_of_routes
from labsip.modules.htable import HTableParameters
from labsip.proxy.happenings import run_start
from labsip.proxy.receive import Proxy
from labsip.proxy.script import Routes
from labsip.sip import digest
from labsip.sip.build import build_ack, build_cancel, build_request, build_response
from labsip.sip.message import Message, Request, Response, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.steps import STEPS
from labsip.steps.identity import USERS
from labsip.vocabulary import Ksr, build_proxy, settings_of
from tests.kamailio import captures, differences
from tests.kamailio.captures import KAMAILIO
from tests.kamailio.engine import HOST, free_port, kamailio_of, ping
from tests.kamailio.replay import NONCE, SEES, Replay, step_proxy
from tests.kamailio.test_commands import plain
from tests.lessons.solutions import SOLUTIONS

TRANSLATED = {name: routes for name, routes in STEPS.items() if name != "full"}
"""Step full asks for commands that Kamailio has not."""
ROUTES = TRANSLATED | {number: Routes(route) for number, route in SOLUTIONS.items()}
PLAYED = ("register", "cancel", "blocks", "blocks-voicemail", "auth")
PARTIES = ("106", "108")
Send = Callable[[str, bytes], list[tuple[str, bytes]]]
"""Sends it for a party; returns what each party heard because of it."""


@pytest.mark.parametrize("name", ROUTES)
def test_kamailio_takes_each_steps_and_each_exercises_route(
    name: str, need: Callable[[str], str], tmp_path: Path
) -> None:
    script = script_of_routes(ROUTES[name], {})
    (tmp_path / "route.cfg").write_text(cfg_text(script, [Address(HOST)]))
    (tmp_path / "route.py").write_text(kemi_text(script))
    (tmp_path / "kemi.cfg").write_text(kemi_cfg(script, str(tmp_path / "route.py"), [Address(HOST)]))
    for file in ("route.cfg", "kemi.cfg"):
        run = subprocess.run(
            [need("kamailio"), "-c", "-f", tmp_path / file], capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("language", ["cfg", "kemi"])
@pytest.mark.parametrize("step", PLAYED)
def test_a_real_kamailio_sends_what_our_route_sends(
    step: str, language: str, need: Callable[[str], str], tmp_path: Path
) -> None:
    with parties() as peers, theirs(step, language, need, peers, tmp_path) as (port, send):
        expected = Story(send, peers, port).played()
    assert Story(ours(step, peers, port), peers, port).played() == expected


@cache
def translated(step: str, language: str, folder: Path) -> Routes:
    """A step's route in another language, as labsip reads that."""
    script = script_of_routes(STEPS[step], {})
    if language == "cfg":
        return script_of(cfg_text(script, [captures.PROXY])).routes
    file = folder / f"{step.replace('-', '_')}.py"
    file.write_text(kemi_text(script))
    return load(file).routes


@pytest.mark.parametrize("language", ["cfg", "kemi"])
@pytest.mark.parametrize("name", [name for name in captures.names() if name not in differences.LEFT_OUT])
def test_the_captures_of_a_step_hold(name: str, language: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    capture = captures.read(name)
    replay = Replay(capture, replaying(capture, translated(capture.step, language, tmp_path_factory.getbasetemp())))
    done = replay.run()
    original = Replay(capture, step_proxy(capture)).run()
    assert not done.errors
    assert done.saw == original.saw
    sent = [[(one.dst, NONCE.sub(b"N", one.data)) for one in run.sent] for run in (done, original)]
    assert sent[0] == sent[1]


def replaying(capture: captures.Capture, routes: Routes) -> Proxy:
    """Ours with these routes and the capture's settings; the hash table of passwords is the routes' own."""
    tables = {HTableParameters: HTableParameters(htable=routes.settings.get("htable", ()))}
    settings = replace(capture.settings, modules={**capture.settings.modules, **tables})

    def watched(ksr: Ksr) -> object:
        ksr.xlog("L_NOTICE", f"{SEES}$rm $ru from $si:$sp\n")
        return routes.request_route(ksr)

    watching = replace(routes, request_route=watched)
    proxy = build_proxy(watching, [captures.PROXY], ids=Random(1), settings=settings, dialect=Python())
    run_start(proxy, 0.0)
    return proxy


@contextmanager
def parties() -> Iterator[dict[str, socket.socket]]:
    """Sockets for everybody, and one to ask Kamailio whether it is done."""
    peers = {name: socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for name in (*PARTIES, "pinger")}
    try:
        for peer in peers.values():
            peer.bind((HOST, 0))
        yield {name: _Known(peer) for name, peer in peers.items()}  # type: ignore[misc]
    finally:
        for peer in peers.values():
            peer.close()


class _Known:
    """A socket whose address is known when it is closed, too."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer, self._name = peer, peer.getsockname()

    def getsockname(self) -> tuple[str, int]:
        return self._name

    def __getattr__(self, name: str) -> object:
        return getattr(self._peer, name)


@contextmanager
def theirs(
    step: str, language: str, need: Callable[[str], str], peers: dict[str, socket.socket], folder: Path
) -> Iterator[tuple[int, Send]]:
    """A real Kamailio with that step's route."""
    port, pinger = free_port(), peers["pinger"]
    script = script_of_routes(STEPS[step], {})
    text = cfg_text(script, [Address(HOST, port)])
    if language == "kemi":
        (folder / "route.py").write_text(kemi_text(script))
        text = kemi_cfg(script, str(folder / "route.py"), [Address(HOST, port)])

    def send(party: str, data: bytes) -> list[tuple[str, bytes]]:
        peers[party].sendto(data, (HOST, port))
        mark = f"-{hash((party, data)):x}"
        ping(pinger, port, mark)
        while mark.encode() not in pinger.recv(65535):
            pass  # all that Kamailio, one process, sent before that answer is here already
        return [(name, data) for name in PARTIES for data in _waiting(peers[name])]

    with kamailio_of(need, text, port, pinger, folder):
        yield port, send


def _waiting(peer: socket.socket) -> Iterator[bytes]:
    peer.setblocking(False)
    try:
        while True:
            yield peer.recv(65535)
    except BlockingIOError:
        return


def ours(step: str, peers: dict[str, socket.socket], port: int) -> Send:
    """Our proxy with it."""
    names = {Address(*peers[name].getsockname()): name for name in PARTIES}
    at = {name: address for address, name in names.items()}
    settings = settings_of(STEPS[step], server=KAMAILIO)
    proxy = build_proxy(STEPS[step], [Address(HOST, port)], ids=Random(1), settings=settings)

    def send(party: str, data: bytes) -> list[tuple[str, bytes]]:
        out = proxy.receive(Datagram(data, at[party], proxy.addresses[0]), 0.0)
        assert not proxy.errors
        return sorted((names[one.dst], one.data) for one in out if one.dst in names)

    return send


class Story:
    """Registrations, calls that are taken, refused and given up, and what is no call."""

    def __init__(self, send: Send, peers: dict[str, socket.socket], port: int) -> None:
        self.send = send
        self.peers = peers
        self.port = port
        self.heard: list[tuple[str, str]] = []
        self.last: dict[str, Message] = {}
        self.sent = 0

    def played(self) -> list[tuple[str, str]]:
        """What everybody heard, in order."""
        for party in PARTIES:
            self.asks(party, "REGISTER", f"sip:{HOST}", to=party)
        self.asks("106", "INVITE", f"sip:109@{HOST}:{self.port}")
        for status in (486, 200):
            self.asks("106", "INVITE", f"sip:108@{HOST}:{self.port}")
            self.answers(180)
            self.answers(status)
        self.hangs_up()
        self.asks("106", "INVITE", f"sip:108@{HOST}:{self.port}")
        self.answers(180)
        self.gives_up()
        for method in ("MESSAGE", "SUBSCRIBE", "OPTIONS"):
            self.asks("106", method, f"sip:108@{HOST}:{self.port}")
        self.asks("106", "OPTIONS", f"sip:{HOST}:{self.port}")
        return self.heard

    def says(self, party: str, message: Message) -> None:
        """Send it; what comes of it is heard."""
        got = [(name, data) for name, data in self.send(party, bytes(message))]
        for name, data in sorted(got, key=lambda one: one[0]):
            self.last[name] = parse_message(data)
            self.heard.append((name, _without_nonce(plain(data))))

    def asks(self, party: str, method: str, uri: str, *, to: str = "") -> None:
        """A request; where somebody wants a password, once more with it; a refused INVITE is acknowledged."""
        self.last.pop("108", None)
        self.request = self._request(party, method, uri, to)
        self.says(party, self.request)
        challenge = self.last.get(party)
        if isinstance(challenge, Response) and challenge.status in (401, 407):
            self._acknowledge(party)
            self.request = self._request(party, method, uri, to, challenge)
            self.says(party, self.request)
        self._acknowledge(party)

    def _acknowledge(self, party: str) -> None:
        answer = self.last.get(party)
        refused = isinstance(answer, Response) and answer.status >= 300 and answer.cseq == self.request.cseq
        if isinstance(answer, Response) and refused and self.request.method == "INVITE":
            self.says(party, build_ack(self.request, answer))

    def answers(self, status: int) -> None:
        """108 answers the INVITE it has, if it has one."""
        call = self.call
        if call is not None:
            self.says("108", build_response(call, status, "Said", to_tag="b", headers=self._contact("108")))
            self.last["108"] = call
            self._acknowledge("106")

    @property
    def call(self) -> Request | None:
        got = self.last.get("108")
        return got if isinstance(got, Request) and got.method == "INVITE" else None

    def hangs_up(self) -> None:
        """106 acknowledges the 200 and ends the call."""
        answer = self.last.get("106")
        if isinstance(answer, Response) and answer.status == 200 and answer.cseq.method == "INVITE":
            routes = [("Route", line.value) for line in reversed(list(answer.find("Record-Route")))]
            uri = re.sub(r"[<>]", "", str(answer.get("Contact")))
            for method in ("ACK", "BYE"):
                self.says(
                    "106", self._request("106", method, uri, str(answer.get("To")), more=routes, call=self.request)
                )
            ended = self.last.get("108")
            if isinstance(ended, Request) and ended.method == "BYE":
                self.says("108", build_response(ended, 200, "OK"))

    def gives_up(self) -> None:
        """106 cancels; 108, if it hears that, ends the call."""
        call = self.call
        self.says("106", build_cancel(self.request))
        got = self.last.get("108")
        if call is not None and isinstance(got, Request) and got.method == "CANCEL":
            self.says("108", build_response(got, 200, "OK", to_tag="b"))
            self.says("108", build_response(call, 487, "Request Terminated", to_tag="b"))
            self._acknowledge("106")

    def _contact(self, party: str) -> list[tuple[str, str]]:
        host, port = self.peers[party].getsockname()
        return [("Contact", f"<sip:{party}@{host}:{port}>")]

    def _request(
        self, party: str, method: str, uri: str, to: str = "", challenge: Response | None = None,
        more: list[tuple[str, str]] | None = None, call: Request | None = None,
    ) -> Request:  # fmt: skip
        self.sent += 1
        host, port = self.peers[party].getsockname()
        to = to if to.startswith("<") else f"<sip:{to}@{HOST}>" if to else f"<{uri}>"
        lines = [
            ("Via", f"SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bKstory{self.sent}"),
            *(more or []),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{party}@{HOST}>;tag=f" if call is None else str(call.get("From"))),
            ("To", to),
            ("Call-ID", f"story{self.sent}" if call is None else call.call_id),
            ("CSeq", f"{self.sent} {method}"),
            *self._contact(party),
        ]
        if challenge is not None:
            asked = digest.Challenge.parse(
                str(challenge.get("WWW-Authenticate") or challenge.get("Proxy-Authenticate"))
            )
            given = digest.answer(asked, method, uri, party, USERS[party])
            name = "Authorization" if challenge.status == 401 else "Proxy-Authorization"
            lines.append((name, str(given)))
        return build_request(method, uri, lines)


def _without_nonce(text: str) -> str:
    return re.sub(r'nonce="[^"]*"', 'nonce="N"', text)
