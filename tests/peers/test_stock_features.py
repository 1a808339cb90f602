"""Each WITH_ of the stock kamailio.cfg on labsip and on a real Kamailio: phones hear the same from both."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from labsip.net.tls import Tls
from labsip.phone import Behaviour, answering, busy_here, rejecting
from labsip.sip.build import build_request
from labsip.sip.transport import Address
from tests.certificate import Certificate
from tests.conftest import missing
from tests.peers import stock
from tests.peers.phones import Phones
from tests.peers.stock import MYSQL
from tests.processes import free_address

ELSEWHERE = rejecting(302, contact="sip:108@127.0.0.9")

LOGGED = ("NOTICE: ", "DEBUG: <script>: ", "ERROR: <script>: SCRIPT: ", f"{stock.STOCK}:956:1: warning: ", "  ")
"""How lines of the log begin where nothing is wrong; a warning says that no HTTP request will come."""


@dataclass(frozen=True)
class Feature:
    """What is defined, what stands in the tables, and what 106 dials; 108 answers unless told otherwise."""

    defines: tuple[str, ...]
    ends: str = "< 200 OK (BYE)"
    """What 106 hears at the end of its call."""
    rows: tuple[str, ...] = ()
    """Statements that insert them; {server} is its address."""
    dials: str = "108"
    callee: Behaviour = field(default_factory=answering)
    natted: tuple[str, ...] = ()
    domain: str = ""
    log: str = ""
    """What labsip's log says then, besides."""


FEATURES = {
    "nothing": Feature(()),
    "AUTH": Feature((MYSQL, "WITH_AUTH")),
    "USRLOCDB": Feature((MYSQL, "WITH_USRLOCDB")),
    "IPAUTH": Feature(
        (MYSQL, "WITH_AUTH", "WITH_IPAUTH"),
        rows=("INSERT INTO address (grp, ip_addr, mask) VALUES (1, '127.0.0.0', 8)",),
    ),
    "NAT": Feature(("WITH_NAT",), natted=("106", "108"), log="there is no media relay"),
    "ANTIFLOOD": Feature(("WITH_ANTIFLOOD",)),
    "PSTN": Feature(("WITH_PSTN",), log="PSTN routing enabled but pstn.gw_ip not defined"),
    "VOICEMAIL": Feature(
        ("WITH_VOICEMAIL",), "> ACK", callee=busy_here(), log="VoiceMail routing enabled but IP not defined"
    ),
    "ALIASDB": Feature(
        (MYSQL, "WITH_ALIASDB"),
        dials="boss",
        rows=("INSERT INTO dbaliases (alias_username, username, domain) VALUES ('boss', '108', '{server}')",),
    ),
    "SPEEDDIAL": Feature(
        (MYSQL, "WITH_SPEEDDIAL"),
        dials="22",
        rows=("INSERT INTO speed_dial (username, sd_username, new_uri) VALUES ('106', '22', 'sip:108@{server}')",),
    ),
    "MULTIDOMAIN": Feature(
        (MYSQL, "WITH_MULTIDOMAIN"), domain="lab.example", rows=("INSERT INTO domain (domain) VALUES ('lab.example')",)
    ),
    "BLOCK3XX": Feature(("WITH_BLOCK3XX",), "> ACK", callee=ELSEWHERE),
    "BLOCK401407": Feature(("WITH_BLOCK401407",), "> ACK", callee=rejecting(407)),
    "DEBUG": Feature(("WITH_DEBUG",), log="DEBUG: <script>: new branch [0] to sip:108@127.0.0.1:"),
    "JSONRPC": Feature(("WITH_JSONRPC",)),
    "ACCDB": Feature((MYSQL, "WITH_ACCDB")),
}


@pytest.fixture(autouse=True)
def _kamailio(need: Callable[[str], str]) -> None:
    need("kamailio")
    if not stock.STOCK.exists():
        missing(f"{stock.STOCK} is not there")


def played(feature: Feature, server: Address, tls: Tls | None = None) -> dict[str, list[str]]:
    """Both register, 106 asks whether the server is there, calls, and hangs up: what each of them said and heard."""
    with Phones(server, "106", "108", natted=feature.natted, domain=feature.domain, tls=tls) as phones:
        alice = phones["106"]
        phones["108"].behaviour = feature.callee
        phones.register()
        phones.do("106", lambda now: alice.options(f"sip:{feature.domain or server}", now)[1])
        phones.until("106", "< 200 Keepalive (OPTIONS)")
        call = phones.call("106", feature.dials)
        phones.until("106", "> ACK")
        phones.until("108", "< ACK")
        phones.do("106", lambda now: alice.hang_up(call, now))
        phones.until("106", feature.ends)
        return {user: phones.told(user) for user in ("106", "108")}


@pytest.mark.parametrize("name", FEATURES)
def test_phones_hear_from_labsip_what_they_hear_from_kamailio(name: str, tmp_path: Path) -> None:
    feature, at = FEATURES[name], free_address()
    rows = [row.format(server=at) for row in feature.rows]
    with stock.kamailio(tmp_path, stock.tables(tmp_path / "theirs.db", *rows), *feature.defines, at=at):
        theirs = played(feature, at)
    with stock.labsip(stock.tables(tmp_path / "ours.db", *rows), *feature.defines, at=at) as labsip:
        ours = played(feature, at)
        assert labsip.end() == 0
        log = labsip.err
    assert ours == theirs
    assert feature.log in log
    assert [line for line in log.splitlines() if not line.startswith(LOGGED)] == []


def test_phones_call_each_other_over_tls(certificate: Certificate, tmp_path: Path) -> None:
    options = f"--tls-cert={certificate.file}", f"--tls-key={certificate.key}"
    at = Address("127.0.0.1", 0, "tls")
    with stock.labsip(stock.tables(tmp_path / "ours.db"), "WITH_TLS", at=at, options=options) as labsip:
        alice, bob = played(Feature(()), labsip.address, Tls.load(certificate.file, certificate.key)).values()
        assert labsip.end() == 0
    assert alice[-2:] == ["> BYE", "< 200 OK (BYE)"]
    assert bob[-2:] == ["< BYE", "> 200 OK (BYE)"]


def test_a_flood_is_stopped_and_a_call_is_not(tmp_path: Path) -> None:
    """Both let 21 requests of somebody else through, unless the two seconds that they count in end just then."""
    table = stock.tables(tmp_path / "users.db")
    for server in (stock.kamailio(tmp_path, table, "WITH_ANTIFLOOD"), stock.labsip(table, "WITH_ANTIFLOOD")):
        with server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.2", 0))
            for number in range(90):
                stranger.sendto(ping(number, server.address), server.address[:2])
            server.wait_until("ban", lambda server=server: "ALERT: pike blocking OPTIONS" in server.err)
            played(Feature(()), server.address)  # and all that was answered is here by then
            stranger.setblocking(False)
            assert 16 <= sum(1 for _ in heard(stranger)) < 90


def ping(number: int, to: Address) -> bytes:
    """An OPTIONS of somebody at 127.0.0.2."""
    lines = [
        ("Via", f"SIP/2.0/UDP 127.0.0.2;branch=z9hG4bK{number};rport"),
        ("From", "<sip:1@lab.example>;tag=1"),
        ("To", f"<sip:{to}>"),
        ("Call-ID", f"{number}"),
        ("CSeq", "1 OPTIONS"),
        ("Max-Forwards", "70"),
    ]
    return build_request("OPTIONS", f"sip:{to}", lines).raw


def heard(sock: socket.socket) -> Iterator[bytes]:
    """What has come."""
    with suppress(BlockingIOError):
        while True:
            yield sock.recv(65_535)
