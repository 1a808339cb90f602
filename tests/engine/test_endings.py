"""However a lab with a real Kamailio ends, nothing of it is left: no process, no folder, no open address."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from labsip import Lab, LabError
from labsip.sip.transport import Address
from tests.engine import leftovers
from tests.engine.test_real_kamailio import CFG
from tests.processes import Process

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks at /proc")
PROGRAM = """
    import sys, time
    from labsip import Lab
    lab = Lab(engine="kamailio", name="child")
    lab.cfg(sys.argv[1])
    lab.phone("106").register()
    print(lab.address, flush=True)
"""


@pytest.fixture(autouse=True)
def _kamailio(need: Callable[[str], str]) -> None:
    need("kamailio")


def nothing_is_left(address: Address) -> bool:
    return not (leftovers.processes() or leftovers.folders()) and leftovers.is_free(address)


def test_nothing_is_left_of_a_lab_that_was_closed() -> None:
    with Lab(engine="kamailio", name="closed") as lab:
        lab.cfg(CFG)
        address = lab.address
        assert len(leftovers.kamailios()) > 1
        assert len(leftovers.folders()) == 1
        assert not leftovers.is_free(address)
    assert nothing_is_left(address)


def test_nothing_is_left_of_a_lab_whose_cell_raised() -> None:
    lab = Lab(engine="kamailio", name="raised")
    address = lab.address

    def cell() -> None:
        with lab:
            lab.cfg(CFG)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cell()
    assert nothing_is_left(address)


def test_nothing_is_left_of_a_route_it_refused() -> None:
    with Lab(engine="kamailio", name="refused") as lab:
        with pytest.raises(LabError):
            lab.cfg(CFG.replace("t_relay", "t_relya"))
        assert leftovers.processes() == []
        assert leftovers.folders() == []
    assert nothing_is_left(lab.address)


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("", 0),
        ("sys.exit(3)", 3),
        ("raise ValueError", 1),
        ("import os; os._exit(4)", 4),
        ("time.sleep(60)", -signal.SIGKILL),
        ("time.sleep(60)", -signal.SIGTERM),
    ],
)
def test_nothing_is_left_when_python_ends(ending: str, code: int, tmp_path: Path) -> None:
    cfg, program = tmp_path / "kamailio.cfg", tmp_path / "program.py"
    cfg.write_text(CFG)
    program.write_text(textwrap.dedent(PROGRAM) + ending)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with Process(sys.executable, program, cfg, env=environment) as python:
        if code < 0:
            python.wait_until("address", lambda: python.out)
            python.tell(signal.Signals(-code))
        assert python.finish() == code, python.err
        python_out = python.out
        address = Address.parse(python_out.strip())
        leftovers.wait_until(lambda: nothing_is_left(address))


def test_a_kamailio_whose_guardian_is_killed_ends_too() -> None:
    with Lab(engine="kamailio", name="unguarded") as lab:
        lab.cfg(CFG)
        os.kill(leftovers.guardians()[0], signal.SIGKILL)
        leftovers.wait_until(lambda: not leftovers.kamailios())
    assert nothing_is_left(lab.address)
