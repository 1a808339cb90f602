"""For how long a real Kamailio takes a contact, and we: as long as its numbers don't run over."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from labsip.proxy.script import Routes
from labsip.sip.message import parse_message
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import build_proxy
from tests.kamailio.engine import HOST, free_port, kamailio

SCRIPT = 'request_route { if (is_method("REGISTER")) { save("location"); exit; } sl_send_reply("200", "ready"); }\n'
USUAL = ("0", "59", "86400", "2147483647", "9" * 30, "-1", "1e5", "3600x", "soon")
ASKED = [("Expires: {}", "", text) for text in (*USUAL, "2147483648", "4294967295")]
ASKED += [("X: {}", ";expires={}", text) for text in (*USUAL, "4294967296", "9999999999", "")]
"""Of a header Kamailio counts in 32 bits beyond 2**32-1, of a parameter it adds what has no room in its 31: -1 s for
4294967295. There we give the default too, as it does for what it can't read."""


def register(number: int, client: int) -> bytes:
    """A REGISTER that asks for so long."""
    header, param, text = ASKED[number]
    lines = (
        f"REGISTER sip:{HOST} SIP/2.0",
        f"Via: SIP/2.0/UDP {HOST}:{client};rport;branch=z9hG4bKe{number}",
        f"From: <sip:{number}@{HOST}>;tag=f",
        f"To: <sip:{number}@{HOST}>",
        f"Call-ID: e{number}",
        "CSeq: 1 REGISTER",
        header.format(text),
        f"Contact: <sip:{number}@{HOST}:{client}>{param.format(text)}",
        "Content-Length: 0",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def granted(data: bytes) -> list[str | None]:
    """How long each contact of a 200 has."""
    response = parse_message(data)
    assert response.start_line == "SIP/2.0 200 OK"
    return [contact.param("expires") for contact in response.contacts]


@pytest.fixture(scope="module")
def theirs(need: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[list[str | None]]]:
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind((HOST, 0))
        with kamailio(need, SCRIPT, port, peer, tmp_path_factory.mktemp("kamailio")):
            answers = []
            for number in range(len(ASKED)):
                peer.sendto(register(number, peer.getsockname()[1]), (HOST, port))
                answers.append(granted(peer.recv(65535)))
            yield answers


@pytest.mark.parametrize("number", range(len(ASKED)), ids=[f"{header[0]}{text}" for header, _, text in ASKED])
def test_a_contact_is_kept_as_long_as_a_real_kamailio_keeps_it(number: int, theirs: list[list[str | None]]) -> None:
    proxy = build_proxy(Routes(lambda ksr: ksr.save("location")), [Address(HOST)])
    (answer,) = proxy.receive(Datagram(register(number, 5070), Address(HOST, 5070), Address(HOST)), 0.0)
    assert granted(answer.data) == theirs[number]
