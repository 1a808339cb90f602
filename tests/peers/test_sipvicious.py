"""sipvicious, which looks for SIP servers, their users and their passwords, against `labsip serve`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labsip.sip.build import build_response
from labsip.sip.message import Request
from labsip.sip.transport import Address
from tests.cli.phone import Socket
from tests.peers.baresip import Baresip
from tests.processes import Process, Serve, free_address

TOOLS = Path(sys.executable)
USERS = "--users=106:secret106,108:4711"
CUT = """\
SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bKcut;rport\r\n\r\nContent-Length: 0\r
From: <sip:100@lab.example>;tag=683a653a79\r\nTo: <sip:100@lab.example>\r\nCSeq: 1 REGISTER\r\nCall-ID: 1\r\n\r\n"""
"""What svcrash sends at a scanner to end it: the headers of a response are over before they have begun."""


RENAMED = """
import importlib, sys
from sipvicious.libs.svhelper import makeRequest
makeRequest.__defaults__ = tuple("phone" if it == "friendly-scanner" else it for it in makeRequest.__defaults__)
importlib.import_module(f"sipvicious.{sys.argv.pop(1)}").main()
"""
"""Starts a tool under another name than its own, which the proxy would not listen to."""


@pytest.fixture(autouse=True)
def _is_here(need: Callable[[str], str]) -> None:
    need("sipvicious_svmap")


def sipvicious(tool: str, proxy: Address, *options: str, renamed: bool = True) -> Process:
    """One of its tools at work on that proxy."""
    command = (sys.executable, "-c", RENAMED, tool) if renamed else (TOOLS.with_name(f"sipvicious_{tool}"),)
    own = str(free_address().port)
    return Process(*command, "-b", proxy.host, "-P", own, "-p", str(proxy.port), *options, proxy.host)


def test_a_scanner_that_gives_its_name_finds_nothing() -> None:
    with Serve() as serve, sipvicious("svmap", serve.address, renamed=False) as scan:
        assert scan.finish() == 30  # no answer at all
        assert "found nothing" in scan.err


@pytest.mark.parametrize("options", [(), (USERS,)], ids=["open to all", "with passwords"])
def test_svmap_finds_the_proxy_and_its_name(options: tuple[str, ...]) -> None:
    with Serve(*options) as serve, sipvicious("svmap", serve.address, "-v") as scan:
        scan.wait_until("device", lambda: scan.err.count("\t->\tlabsip\n"))


@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS"])
def test_svwar_can_not_tell_a_user_from_a_name_it_made_up(
    method: str, need: Callable[[str], str], tmp_path: Path
) -> None:
    need("baresip")
    with (
        Serve(USERS) as serve,
        Baresip(tmp_path, "106", serve.address) as phone,
        sipvicious("svwar", serve.address, "-m", method, "-e", "106", "--force") as scan,
    ):
        assert scan.finish() == 0
        assert "found nothing" in scan.err
        assert "Active calls (0)" in phone.say("listcalls")


def test_svwar_can_where_nobody_has_a_password() -> None:
    patient = "-t", "0.1"  # it waits 20 times that for the last answer
    options = "-m", "OPTIONS", "-e", "106", "--domain=lab.example", *patient
    with Serve("--domain=lab.example") as serve, Socket("106", serve.address) as phone:
        phone.register()
        with sipvicious("svwar", serve.address, *options) as scan:
            asked = phone.hear()
            assert isinstance(asked, Request)
            phone.send(build_response(asked, 200, "OK", to_tag="106").raw)
            assert scan.finish() == 40  # something found
            assert "| 106       | noauth         |" in scan.out


def test_calls_go_on_while_svcrack_guesses_a_password(need: Callable[[str], str], tmp_path: Path) -> None:
    need("baresip")
    with Serve(USERS) as serve:
        with (
            sipvicious("svcrack", serve.address, "-vv", "-u", "106", "-r", "1-1000000") as crack,
            Baresip(tmp_path, "106", serve.address) as alice,
            Baresip(tmp_path, "108", serve.address, answers=True, password="4711") as bob,
        ):
            crack.wait_until("guess", lambda: "trying 100" in crack.err)
            for _ in range(3):
                alice.dial("108")
                alice.hears("CALL_ESTABLISHED")
                alice.say("hangup")
                bob.hears("CALL_CLOSED")
            assert crack.runs
            assert "200 OK" not in crack.err
        assert serve.end() == 0
        assert serve.err == ""


def test_svcrack_finds_a_password_that_can_be_guessed() -> None:
    with Serve(USERS) as serve, sipvicious("svcrack", serve.address, "-u", "108", "-r", "4700-4720") as crack:
        assert crack.finish() == 40
        assert "| 108       | 4711     |" in crack.out


def test_what_svcrash_ends_scanners_with_ends_no_proxy() -> None:
    with Serve() as serve, Socket("106", serve.address) as phone:
        for end in range(0, len(CUT), 5):
            phone.send(CUT[:end].encode())
        phone.send(CUT.encode())
        assert phone.answer("OPTIONS") == "200 Keepalive"
        assert serve.end() == 0
