"""The thread of the real network, and what happens when it does not answer, or nobody ends it."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from labsip.net.loop import Loop
from labsip.sip.errors import LabError

LAB = """
from labsip.net.sockets import SocketNet
from labsip.sip.transport import Address, Datagram
network = SocketNet()
address = network.reserve(Address("127.0.0.1", 0))
class Node:
    addresses = (address,)
    def receive(self, datagram, now):
        while True:
            pass
    def wake(self, now): return []
    def next_wake(self): return None
network.attach(Node(), "node")
"""


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


def test_a_loop_that_does_not_answer_is_told_with_the_line_it_is_in(loop):
    go = threading.Event()
    loop.asyncio.call_soon_threadsafe(go.wait)
    ran: list[str] = []
    with pytest.raises(LabError, match=r"does not answer. It is in wait, line \d+ of .*threading.py"):
        loop.call(lambda: ran.append("given up"), patience=0.05)
    go.set()
    loop.call(lambda: ran.append("answered"))
    assert ran == ["answered"]


def test_a_timeout_that_a_question_raised_is_its_own(loop):
    def question() -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        loop.call(question)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(LAB, id="nobody closed it"),
        pytest.param(
            LAB + "network.do(lambda now: [Datagram(b'x', address, address)])\n"
            "import labsip.net.loop; labsip.net.loop.Loop.call.__defaults__ = (0.5,)\n"
            "try: network.settle(timeout=0.1)\n"
            "except Exception as error: assert 'receive, line' in str(error), error\n"
            "else: print('settled')\n",
            id="a node never ends",
        ),
        pytest.param("from labsip.net.sockets import SocketNet\nnetwork = SocketNet()\nraise SystemExit(0)", id="exit"),
    ],
)
def test_python_ends_quietly_with_a_network_open(script):
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", script], capture_output=True, text=True, timeout=60
    )
    # in dev mode asyncio says so where the machine is slow: Executing <Task …> took 0.103 seconds
    said = [line for line in done.stderr.splitlines() if not re.fullmatch(r"Executing <.*> took [\d.]+ seconds", line)]
    assert (done.returncode, done.stdout, said) == (0, "", [])
