"""SIPp calls SIPp, and one message in ten is lost on its way to or from either: what SIP repeats saves every call.

The proxy is that of `labsip serve`, but in this process, where it can be asked what it still holds.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from labsip.modules.tm import Tm
from labsip.net.sockets import SocketNet
from labsip.proxy.receive import Proxy
from labsip.sip.transport import Address
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy
from tests.peers.sipp import SCENARIOS, Sipp, register

CALLS = 20
LOSS = ("-lost", "10", "-max_invite_retrans", "8", "-timeout", "100s")
"""A message and its answer get through in 81 of 100 tries: nine of them fail for one call in three million."""
STAY = ("-default_behaviors", "all,-abortunexp")
"""For a callee: SIPp knows a repeated INVITE no more when it has answered twice (180, 200), and would end the call."""
LONGEST = 40.0
"""Seconds after which no transaction waits any more for a repeat of anything: 64*T1, and some."""


def patient(folder: Path, scenario: str) -> str:
    """The scenario of a callee who knows that messages get lost.

    The ACK comes once for each 200; the BYE may be here before the next 200 asks for it again, and ends the call all
    the same. And the callee stays until nobody asks for its last answer again: 64*T1 (Timer J, RFC 3261 §17.2.2).
    """
    text = (SCENARIOS / f"{scenario}.xml").read_text()
    text = text.replace('"ACK"/>\n  <recv', '"ACK" optional="true"/>\n  <recv')
    path = folder / f"{scenario}.xml"
    path.write_text(text.replace("</scenario>", '  <timewait milliseconds="32000"/>\n</scenario>'))
    return str(path.with_suffix(""))


@pytest.mark.parametrize(("caller", "callee"), [("call", "answer"), ("call_busy", "busy")], ids=lambda name: name)
def test_every_call_goes_as_it_should_and_nothing_is_left_over(
    caller: str, callee: str, need: Callable[[str], str], tmp_path: Path
) -> None:
    need("sipp")
    with SocketNet() as net:
        address = net.reserve(Address("127.0.0.1", 0))
        proxy = build_proxy(STEPS["full"], [address], ids=Random(1), trace=net.trace)
        net.attach(proxy, "proxy")
        with Sipp(tmp_path, patient(tmp_path, callee), CALLS, *LOSS, *STAY) as called:
            register(tmp_path, "108", called.at, address)
            with Sipp(tmp_path, caller, CALLS, *LOSS, "-s", "108", str(address)) as calling:
                calling.check(CALLS, 100)
        assert net.ask(lambda _: proxy.module(Tm).pending) == 0
        assert net.ask(lambda now: left_over(proxy, now)) == 0
        assert (proxy.stats, list(proxy.errors)) == ({}, [])


def left_over(proxy: Proxy, now: float) -> int:
    """Transactions that are there although all timers have fired."""
    proxy.wake(now + LONGEST)
    tm = proxy.module(Tm)
    return len(tm.cells) + len(tm.clients) + tm.size
