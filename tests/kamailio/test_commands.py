"""Each command's return codes and answers, from a real Kamailio and from us."""

from __future__ import annotations

import functools
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from labsip.modules.sqlops import SqlOpsParameters
from labsip.proxy.receive import Proxy
from labsip.proxy.settings import Settings
from labsip.sip.build import build_response
from labsip.sip.message import Request, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import build_proxy, settings_of
from tests.conftest import missing
from tests.kamailio import commands, kept, sql
from tests.kamailio.captures import KAMAILIO
from tests.kamailio.case import Case, config, request, routes
from tests.kamailio.engine import HOST, free_port, kamailio, ping
from tests.kamailio.replay import MADE_UP


@pytest.fixture(scope="module")
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        sock.settimeout(5)
        yield sock


@dataclass(frozen=True)
class Suite:
    """Cases, played to one Kamailio and to one proxy with the same parameters."""

    cases: Sequence[Case]
    parameters: str
    settings: Callable[[int, Path], Settings]
    """For the port requests come from, and the folder."""
    prepare: Callable[[int, Path], None] = lambda client, folder: None  # noqa: ARG005
    """Puts into the folder what Kamailio reads."""
    driver: str = ""
    """A module of Kamailio that may be missing."""


SUITES = {
    "commands": Suite(commands.CASES, commands.CONTACTS, lambda *_: settings_of(None, server=KAMAILIO)),
    "kept": Suite(kept.CASES, kept.PARAMETERS, lambda client, _: kept.settings(KAMAILIO, client), kept.prepare),
    "sql": Suite(
        sql.CASES,
        sql.PARAMETERS,
        lambda _, folder: sql.settings(KAMAILIO, folder),
        lambda _, folder: sql.prepare(folder),
        sql.DRIVER,
    ),
}
ALL = [(name, number) for name, suite in SUITES.items() for number in range(len(suite.cases))]
Answers = tuple[list[list[bytes]], list[list[bytes]]]


@pytest.fixture(scope="module")
def answers(
    need: Callable[[str], str], peer: socket.socket, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Answers]:
    """What Kamailio and we said to the request of each case of a suite, in order."""

    @functools.cache
    def answers_of(name: str) -> Answers:
        return _played(SUITES[name], need, peer, tmp_path_factory.mktemp("kamailio"))

    return answers_of


def _played(suite: Suite, need: Callable[[str], str], peer: socket.socket, folder: Path) -> Answers:
    client, port, cases = peer.getsockname()[1], free_port(), suite.cases
    requests = [request(number, HOST, port, client, cases) for number in range(len(cases))]
    if suite.driver and not list(Path("/usr/lib").glob(f"*/kamailio/modules/{suite.driver}.so")):
        missing(f"Kamailio has no {suite.driver}: apt install kamailio-sqlite-modules")
    suite.prepare(client, folder)
    parameters = suite.parameters.replace("FOLDER", str(folder))
    with kamailio(need, config(HOST, port, client, cases, parameters), port, peer, folder):
        theirs = [ask(peer, port, case, data) for case, data in zip(cases, requests, strict=True)]
    settings = suite.settings(client, folder)
    proxy = build_proxy(routes(cases), [Address(HOST, port)], ids=Random(1), settings=settings)
    ours = [heard_from(proxy, Address(HOST, client), data) for data in requests]
    for connection in settings.of(SqlOpsParameters).sqlcon.values():
        connection.close()
    assert not proxy.errors
    return theirs, ours


def ask(peer: socket.socket, port: int, case: Case, data: bytes) -> list[bytes]:
    """Send a request; what comes back before the answer to a ping sent behind it is the answer to the request.

    What a slow machine makes Kamailio send again is passed over: of other cases, and of this one if it is forwarded.
    """
    call, heard = parse_message(data).call_id, list[bytes]()

    def hear(got: bytes) -> None:
        if parse_message(got).call_id == call and not (case.forwards and got in heard):
            heard.append(got)

    peer.sendto(data, (HOST, port))
    while case.forwards and not any(is_final(got, case) for got in heard):
        hear(got := peer.recv(65535))
        if heard[-1:] == [got] and not got.startswith(b"SIP/"):
            peer.sendto(ok(got), (HOST, port))
    mark = f"-{hash(data):x}"
    ping(peer, port, mark)
    while (got := peer.recv(65535)).find(mark.encode()) < 0:
        hear(got)
    return heard


def heard_from(proxy: Proxy, client: Address, data: bytes) -> list[bytes]:
    """The same from our proxy."""
    heard = [out.data for out in proxy.receive(Datagram(data, client, proxy.addresses[0]), 0.0)]
    for got in [got for got in heard if not got.startswith(b"SIP/")]:
        heard += [out.data for out in proxy.receive(Datagram(ok(got), client, proxy.addresses[0]), 0.0)]
    return heard


def ok(request: bytes) -> bytes:
    """The 200 to a request that was forwarded."""
    message = parse_message(request)
    assert isinstance(message, Request)
    return build_response(message, 200, "OK", to_tag="t").raw


def is_final(data: bytes, case: Case) -> bool:
    return data.startswith(b"SIP/2.0 200 ") and f" {case.method}\r\n".encode() in data


def plain(data: bytes) -> str:
    """A response without what depends on chance: ids, and seconds of the clock."""
    text = MADE_UP.sub(lambda match: b"BRANCH" if b"z9" in match[0] else b"TAG" + match[0][32:33], data).decode()
    text = re.sub(r"\b(\d+)s\b", lambda seconds: f"{round(int(seconds[1]), -2)}s", text)
    return re.sub(r"Max-Forwards: +", "Max-Forwards: ", re.sub(r"expires=\d+", "expires=N", text))


@pytest.mark.parametrize(("suite", "number"), ALL, ids=[SUITES[name].cases[number].name for name, number in ALL])
def test_a_command_returns_what_it_returns_in_kamailio_and_answers_the_same(
    suite: str, number: int, answers: Callable[[str], Answers]
) -> None:
    theirs, ours = ([plain(data) for data in side[number]] for side in answers(suite))
    if SUITES[suite].cases[number].differs[0]:
        assert ours != theirs
    else:
        assert ours == theirs
