"""SIPp calls SIPp through `labsip serve`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labsip.sip.transport import bracketed
from tests.peers.baresip import Baresip
from tests.peers.sipp import Sipp, register
from tests.processes import Serve, free_address, needs_ipv6

CALLS = 50


@pytest.fixture(autouse=True)
def _sipp(need: Callable[[str], str]) -> None:
    need("sipp")


@pytest.mark.parametrize(
    ("step", "host"), [("cancel", "127.0.0.1"), ("full", "127.0.0.1"), pytest.param("full", "::1", marks=needs_ipv6)]
)
@pytest.mark.parametrize(
    ("caller", "callee"), [("call", "answer"), ("call_busy", "busy"), ("call_cancel", "ring")], ids=lambda name: name
)
def test_all_calls_go_as_both_ends_expect(step: str, host: str, caller: str, callee: str, tmp_path: Path) -> None:
    listen = f"udp:{bracketed(host)}:0"
    with (
        Serve(f"--step={step}", listen=(listen,)) as serve,
        Sipp(tmp_path, callee, CALLS, at=free_address(host)) as called,
    ):
        register(tmp_path, "108", called.at, serve.address)
        options = "-s", "108", str(serve.address)
        with Sipp(tmp_path, caller, CALLS, *options, at=free_address(host)) as calling:
            calling.check(CALLS)
        called.check(CALLS)
        assert serve.end() == 0
        assert serve.err == ""


@pytest.mark.parametrize("step", ["not-registered", "cancel", "full"])
def test_calls_to_who_is_not_registered_get_404(step: str, tmp_path: Path) -> None:
    with (
        Serve(f"--step={step}") as serve,
        Sipp(tmp_path, "call_unregistered", CALLS, "-s", "109", str(serve.address)) as sipp,
    ):
        sipp.check(CALLS)
        assert serve.end() == 0
        assert serve.err == ""


def test_sipp_s_own_caller_whose_ack_and_bye_have_no_route_is_served(tmp_path: Path) -> None:
    with Serve() as serve, Sipp(tmp_path, "uas", CALLS) as called:
        register(tmp_path, "service", called.at, serve.address)
        with Sipp(tmp_path, "uac", CALLS, str(serve.address)) as calling:
            calling.check(CALLS)
        called.check(CALLS)
        assert serve.end() == 0
        assert serve.err == ""


def test_a_caller_with_a_password_is_served_though_its_credentials_name_the_proxy_alone(
    need: Callable[[str], str], tmp_path: Path
) -> None:
    need("baresip")
    with (
        Serve("--users=106:secret106,108:secret108") as serve,
        Baresip(tmp_path, "108", serve.address, answers=True),
        Sipp(tmp_path, "call_with_password", 1, "-s", "108", str(serve.address)) as calling,
    ):
        calling.check(1)
        assert serve.end() == 0
