"""sipsak, the SIP Swiss army knife, against `labsip serve`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from labsip.sip.build import build_response
from labsip.sip.message import Request
from labsip.sip.transport import Address
from tests.cli.phone import Socket
from tests.processes import Process, Serve

DOMAIN = "--domain=lab.example"
# Without CR, which sipsak adds. A text of its own (-M) it can't send: it crashes before it has.
MESSAGE = """\
MESSAGE sip:108@lab.example SIP/2.0
From: <sip:106@lab.example>;tag=106
To: <sip:108@lab.example>
Call-ID: 1@sipsak
CSeq: 1 MESSAGE
Max-Forwards: 70
Content-Type: text/plain
Content-Length: 7

hello
"""


@pytest.fixture(autouse=True)
def _sipsak(need: Callable[[str], str]) -> None:
    need("sipsak")


def sipsak(proxy: Address, uri: str, *options: str) -> Process:
    """sipsak through the proxy to a URI; -vvv shows what it receives."""
    return Process("sipsak", "-vvv", *options, "-p", str(proxy), "-s", uri)


def test_the_proxy_says_that_it_is_there() -> None:
    with Serve(DOMAIN) as serve, sipsak(serve.address, "sip:lab.example") as ping:
        assert ping.finish() == 0
        assert "SIP/2.0 200 Keepalive" in ping.out


def test_the_proxy_says_so_over_tcp() -> None:
    with (
        Serve(DOMAIN, listen=("tcp:127.0.0.1:0",)) as serve,
        sipsak(serve.address, "sip:lab.example", "-E", "tcp") as ping,
    ):
        assert ping.finish() == 0
        assert "SIP/2.0 200 Keepalive" in ping.out


def test_a_flood_is_answered_and_passes() -> None:
    with Serve(DOMAIN) as serve:
        with sipsak(serve.address, "sip:lab.example", "-F", "-e", "1000") as flood:
            assert flood.finish() == 0
            assert "flood end reached" in flood.out
        with sipsak(serve.address, "sip:lab.example") as ping:  # repeats itself until somebody has time for it
            assert ping.finish() == 0
        assert serve.end() == 0
        assert serve.err == ""


def test_a_step_that_knows_no_options_says_so() -> None:
    with Serve("--step=not-registered") as serve, sipsak(serve.address, "sip:lab.example") as ping:
        assert ping.finish() == 1
        assert "SIP/2.0 501 Not Implemented" in ping.out


def test_a_registration_is_kept_and_can_be_asked_for() -> None:
    contact = "sip:106@127.0.0.1:5099"
    with Serve(DOMAIN) as serve:
        with sipsak(serve.address, "sip:106@lab.example", "-U", "-C", contact, "-x", "600") as register:
            assert register.finish() == 0
        with sipsak(serve.address, "sip:106@lab.example", "-U", "-C", "empty") as query:
            assert query.finish() == 0
            assert re.search(rf"^Contact: <{contact}>;expires=(600|59\d)\s*$", query.out, re.MULTILINE), query.out


def test_a_trace_finds_the_proxy_as_the_first_hop() -> None:
    with Serve(DOMAIN) as serve, sipsak(serve.address, "sip:109@lab.example", "-T") as trace:
        trace.finish()
        assert re.findall(r"SIP/2.0 (\d{3} [\w ]+)", trace.out) == ["483 Too Many Hops", "404 Not Found"]


def test_a_trace_goes_on_to_the_phone() -> None:
    with Serve(DOMAIN) as serve, Socket("108", serve.address) as phone:
        phone.register()
        with sipsak(serve.address, "sip:108@lab.example", "-T") as trace:
            asked = phone.hear()
            assert isinstance(asked, Request)
            assert (asked.summary, asked.get("Max-Forwards")) == ("OPTIONS", "0")
            phone.send(build_response(asked, 200, "OK", to_tag="108").raw)
            assert trace.finish() == 0
            assert re.findall(r"SIP/2.0 (\d{3} [\w ]+)", trace.out) == ["483 Too Many Hops", "200 OK"]


def test_a_text_reaches_its_user_and_the_answer_comes_back(tmp_path: Path) -> None:
    text = tmp_path / "text.sip"
    text.write_text(MESSAGE)
    with Serve(DOMAIN) as serve, Socket("108", serve.address) as phone:
        phone.register()
        with sipsak(serve.address, "sip:108@lab.example", "-f", str(text)) as sender:
            message = phone.hear()
            assert isinstance(message, Request)
            assert message.body == b"hello\r\n"
            phone.send(build_response(message, 200, "OK", to_tag="108").raw)
            assert sender.finish() == 0


@pytest.mark.parametrize("options", [("--step=auth",), ("--users=106:secret106",)])
@pytest.mark.parametrize(("password", "registered"), [("secret106", True), ("guess", False)])
def test_it_registers_with_its_password_alone(options: tuple[str, ...], password: str, registered: bool) -> None:
    who = ("-U", "-C", "sip:106@127.0.0.1:5099", "-x", "600", "-u", "106", "-a", password, "-i")
    with Serve(DOMAIN, *options) as serve, sipsak(serve.address, "sip:106@lab.example", *who) as phone:
        assert (phone.finish() == 0) is registered, phone.out
