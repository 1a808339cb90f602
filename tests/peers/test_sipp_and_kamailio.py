"""The same SIPp calls through a real Kamailio and through the same step of labsip end the same way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labsip.sip.transport import Address
from tests.peers.kamailio import Kamailio
from tests.peers.sipp import Outcome, Sipp, register
from tests.processes import Serve

CALLS = 10


@pytest.fixture(autouse=True)
def _programs(need: Callable[[str], str]) -> None:
    need("sipp")
    need("kamailio")


@pytest.mark.parametrize(
    ("caller", "callee", "from_step_4"),
    [
        ("call", "answer", False),  # SIPp sends all it sends to the proxy, and that answers a BYE with 501
        ("call_busy", "busy", True),
        ("call_cancel", "ring", False),
        ("call_unregistered", None, True),
    ],
    ids=["answered", "busy", "cancelled", "unregistered"],
)
@pytest.mark.parametrize(
    ("step", "config"), [("not-registered", "step4_not_registered.cfg"), ("cancel", "step5_cancel.cfg")]
)
def test_calls_end_as_they_do_through_kamailio(
    step: str,
    config: str,
    caller: str,
    callee: str | None,
    from_step_4: bool,
    shared: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    with Kamailio(tmp_path, shared("kamailio") / config) as kamailio:
        theirs = outcome(kamailio.address, caller, callee, tmp_path)
    with Serve(f"--step={step}") as serve:
        ours = outcome(serve.address, caller, callee, tmp_path)
    assert ours == theirs
    assert theirs == (Outcome(CALLS, 0, 0) if from_step_4 or step == "cancel" else Outcome(0, CALLS, 0))


def outcome(proxy: Address, caller: str, callee: str | None, folder: Path) -> Outcome:
    """How the calls went for the caller."""
    with Sipp(folder, callee or "answer", CALLS) as called:
        register(folder, "108", called.at, proxy)
        with Sipp(folder, caller, CALLS, "-s", "108" if callee else "109", str(proxy)) as calling:
            return calling.outcome()
