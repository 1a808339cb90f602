"""The commands of auth, said to a real Kamailio and to us: credentials are made for each one's own challenge."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from labsip.proxy.script import Routes
from labsip.sip.digest import Challenge, answer, ha1
from labsip.sip.message import Response, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import Ksr, build_proxy
from tests.kamailio.engine import HOST, free_port, kamailio

CFG = """
loadmodule "auth.so"
modparam("auth", "nonce_expire", 300)
request_route {
	$var(flags) = $(hdr(X-Flags){s.int});
	if ($hdr(X-Word) == "auth_challenge") { auth_challenge("lab", "$var(flags)"); exit; }
	if ($hdr(X-Word) == "www_challenge") { www_challenge("lab", "$var(flags)"); exit; }
	if ($hdr(X-Word) == "proxy_challenge") { proxy_challenge("lab", "$var(flags)"); exit; }
	if ($hdr(X-Word) == "check") {
		pv_auth_check("lab", "$hdr(X-Password)", "$var(flags)", "1");
		$var(rc) = $rc;
		consume_credentials();
		sl_send_reply("299", "rc=$var(rc) $rc");
		exit;
	}
	sl_send_reply("200", "ready");
}
"""


def route(ksr: Ksr) -> None:
    """The same script in Python."""
    command, flags = str(ksr["$hdr(X-Word)"]), str(ksr["$hdr(X-Flags)"])
    if command == "check":
        code = int(ksr.pv_auth_check("lab", str(ksr["$hdr(X-Password)"]), flags, "1"))
        ksr.sl_send_reply(299, f"rc={code} {int(ksr.consume_credentials())}")
    else:
        getattr(ksr, command)("lab", flags)


@dataclass(frozen=True)
class Try:
    """Credentials, and what is made of them."""

    name: str
    change: dict[str, str] = field(default_factory=dict)
    """What is written in the place of what is right."""
    instead: str | None = ""
    """The whole header, None for none, "" for the credentials."""
    user: str = "106"
    password: str = "secret"
    """What the phone thinks it is."""
    known: str = "secret"
    """What the script gives to pv_auth_check."""
    flags: str = "0"
    method: str = "MESSAGE"
    to: str = "106"


# fmt: off
TRIES = (
    Try("right"),
    Try("none at all",              instead=None),
    Try("none, a CANCEL's",         instead=None, method="CANCEL"),
    Try("wrong password",           password="guess"),
    Try("another realm",            {"realm": "elsewhere"}),
    Try("another scheme",           instead="Basic MTA2OnNlY3JldA=="),
    Try("unreadable",               instead="Digest x"),
    Try("another user's",           user="108"),
    Try("a hash for a password",    known=ha1("106", "lab", "secret"), flags="1"),
    Try("a hash without flag",      known=ha1("106", "lab", "secret")),
    Try("a nonce made up",          {"nonce": "x" * 32}),
    Try("another cnonce",           {"cnonce": "other"}),
    Try("another method's",         method="INFO"),
    Try("a REGISTER",               method="REGISTER"),
    Try("a REGISTER for another",   method="REGISTER", to="108"),
)
# fmt: on


class Side:
    """A Kamailio, or our proxy, to which requests are sent."""

    def __init__(self, ask: Callable[[bytes], bytes], port: int, client: int) -> None:
        self.ask, self.port, self.client, self.count = ask, port, client, 0

    def send(self, method: str, to: str = "106", **headers: str) -> Response:
        """A request with these headers; returns its response."""
        self.count += 1
        lines = [
            f"{method} sip:{HOST} SIP/2.0",
            f"Via: SIP/2.0/UDP {HOST}:{self.client};rport;branch=z9hG4bKauth{self.count}",
            f"From: <sip:106@{HOST}>;tag=f",
            f"To: <sip:{to}@{HOST}>",
            f"Call-ID: auth{self.count}",
            f"CSeq: 1 {method}",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
            "Content-Length: 0",
        ]
        response = parse_message(self.ask("\r\n".join([*lines, "", ""]).encode()))
        assert isinstance(response, Response)
        return response

    def challenge(self, command: str, flags: str, method: str = "MESSAGE") -> tuple[int, str, str]:
        """Status, header and value of a challenge, the nonce left out."""
        response = self.send(method, X_Word=command, X_Flags=flags)
        (line,) = response.find("WWW-Authenticate", "Proxy-Authenticate")
        return response.status, line.name, re.sub(r'nonce="[^"]+"', 'nonce="N"', line.value)

    def check(self, one: Try) -> str:
        """What the commands returned."""
        asked = self.send("MESSAGE", X_Word="auth_challenge", X_Flags="1").get("Proxy-Authenticate")
        method = "MESSAGE" if one.method == "INFO" else one.method
        right = answer(Challenge.parse(asked or ""), one.user, one.password, method, f"sip:{HOST}", cnonce="c")
        shown = str(replace(right, **one.change)) if one.instead == "" else one.instead  # type: ignore[arg-type]
        header = "Authorization" if one.method == "REGISTER" else "Proxy_Authorization"
        headers = {} if shown is None else {header: shown}
        return self.send(one.method, one.to, X_Word="check", X_Password=one.known, X_Flags=one.flags, **headers).reason


@pytest.fixture(scope="module")
def sides(need: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Side]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        client, port = sock.getsockname()[1], free_port()

        def theirs(data: bytes) -> bytes:
            sock.sendto(data, (HOST, port))
            return sock.recv(65535)

        proxy = build_proxy(Routes(route), [Address(HOST, port)], ids=Random(1))

        def ours(data: bytes) -> bytes:
            (out,) = proxy.receive(Datagram(data, Address(HOST, client), Address(HOST, port)), 0.0)
            return out.data

        with kamailio(need, CFG, port, sock, tmp_path_factory.mktemp("kamailio")):
            yield Side(theirs, port, client), Side(ours, port, client)
        assert not proxy.errors


@pytest.mark.parametrize("one", TRIES, ids=[one.name for one in TRIES])
def test_credentials_are_judged_as_kamailio_judges_them(one: Try, sides: tuple[Side, Side]) -> None:
    theirs, ours = (side.check(one) for side in sides)
    assert ours == theirs


@pytest.mark.parametrize("flags", ["0", "1", "2", "3", "16", "17"])
@pytest.mark.parametrize("command", ["auth_challenge", "www_challenge", "proxy_challenge"])
def test_challenges_read_as_kamailios(command: str, flags: str, sides: tuple[Side, Side]) -> None:
    for method in ("MESSAGE", "REGISTER"):
        theirs, ours = (side.challenge(command, flags, method) for side in sides)
        assert ours == theirs
