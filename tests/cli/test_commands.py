"""`labsip` itself: its help, its version, what it loads, how a mistake ends it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest
from click.testing import CliRunner

from labsip.cli.main import main

HEAVY = ("pandas", "numpy", "matplotlib", "IPython", "ipywidgets")


def test_it_knows_its_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.endswith(f", version {version('labsip')}\n")


def test_python_m_labsip_is_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "labsip", "--version"], check=True, capture_output=True, text=True)
    assert done.stdout.endswith(f", version {version('labsip')}\n")


@pytest.mark.parametrize("wish", [["-h"], ["--help"]])
def test_its_help_names_the_three_commands(wish: list[str]) -> None:
    done = CliRunner().invoke(main, wish)
    assert done.exit_code == 0
    assert all(f"\n  {command} " in done.output for command in ("serve", "demo", "lab"))


def test_it_starts_without_loading_what_only_pictures_need() -> None:
    look = f"import sys, labsip.cli.main; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("listen", "told"),
    [
        ("udp:localhost:5060", "'localhost' is no IP address; write one, for example 127.0.0.1"),
        ("udp:127.0.0.1:99999", "write HOST:PORT, for example 127.0.0.1:5060"),
        ("127.0.0.1:sip", "write HOST:PORT, for example 127.0.0.1:5060"),
        ("sctp:127.0.0.1:5060", "sctp is not spoken here; write udp:127.0.0.1:5060"),
        ("udp:0.0.0.0:5060", "0.0.0.0 is nowhere a phone could send to; name each address by itself"),
        ("udp:[::]:5060", ":: is nowhere a phone could send to"),
    ],
)
def test_an_address_that_can_not_be_says_how_to_write_one(listen: str, told: str) -> None:
    done = CliRunner().invoke(main, ["serve", "--listen", listen])
    assert done.exit_code == 2
    assert told in done.output


@pytest.mark.parametrize("option", ["--fr-timer=0", "--fr-inv-timer=x", "--min-expires=0", "--max-expires=-1"])
def test_a_time_that_can_not_be_is_refused(option: str) -> None:
    done = CliRunner().invoke(main, ["serve", option])
    assert done.exit_code == 2
    assert option.partition("=")[0] in done.output


def test_a_step_that_does_not_exist_is_refused_with_those_that_do() -> None:
    done = CliRunner().invoke(main, ["serve", "--step", "stub"])
    assert done.exit_code == 2
    for step in ("stub480", "register", "first-call", "not-registered", "cancel", "full"):
        assert f"'{step}'" in done.output
