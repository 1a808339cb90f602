"""Virtual time: no test here waits."""

from __future__ import annotations

import threading

import pytest

from labsip.net.memory import MemoryNet
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from tests.net.nodes import Talker, seen

ALICE, BOB = Address("127.0.10.11"), Address("127.0.10.12")


def two(network: MemoryNet, **answers) -> tuple[Talker, Talker]:
    alice, bob = Talker(ALICE), Talker(BOB, **answers)
    network.attach(alice, "alice")
    network.attach(bob, "bob")
    return alice, bob


def test_a_datagram_takes_the_latency(memory):
    alice, bob = two(memory, answer=lambda text: f"re {text}")
    memory.do(alice.says(BOB, "hello"))
    assert memory.settle()
    assert (bob.times, alice.times) == ([0.001], [0.002])
    assert [p.t for p in memory.trace.datagrams] == [0.0, 0.001]


def test_time_stands_still_between_calls_and_jumps_within(memory):
    alice, _ = two(memory)
    alice.timers.append((32.0, "B", BOB))
    memory.do(lambda _: [])
    assert memory.now == 0
    assert memory.wait(lambda: not alice.timers, 64)
    assert memory.now == 32
    memory.advance(3600)
    assert memory.now == 3632


def test_a_wait_that_nothing_can_end_ends_at_its_time(memory):
    assert not memory.wait(lambda: False, 10)
    assert memory.now == 10
    assert not memory.wait(lambda: False, float("inf"))
    assert memory.wait(lambda: memory.now >= 20, 10)


def test_a_datagram_comes_before_a_timer_of_the_same_moment(memory):
    alice, bob = two(memory)
    bob.timers.append((0.001, "tick", ALICE))
    memory.do(alice.says(BOB, "hello"))
    memory.advance(1)
    assert bob.heard == ["hello", "timer tick"]


def test_jitter_changes_the_order(memory):
    alice, bob = two(memory)
    memory.wire("alice", "bob").set(jitter=0.1)
    memory.do(alice.says(BOB, *"abcdefgh"))
    assert memory.settle()
    assert sorted(bob.heard) == list("abcdefgh")
    assert bob.heard != list("abcdefgh")


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    def run(seed: int) -> list[tuple[str, str, str]]:
        network = MemoryNet(seed=seed)
        alice, _ = two(network, answer=lambda text: f"re {text}")
        network.wire().set(loss=0.2, jitter=0.05, duplicate=0.2)
        network.do(alice.says(BOB, *map(str, range(50))))
        assert network.settle()
        return seen(network.trace)

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert any(text.endswith("(lost)") for _, _, text in run(1))


def test_a_wire_added_changes_no_other_wires_luck(memory):
    def delays(network: MemoryNet) -> list[tuple[float, ...]]:
        return [network.wire("alice", "bob").set(loss=0.5).delays(b"x") for _ in range(50)]

    other = MemoryNet()
    other.wire("bob", "alice").set(loss=0.5).delays(b"x")
    assert delays(memory) == delays(other)


def test_what_is_sent_to_nobody_is_lost(memory):
    alice, _ = two(memory)
    memory.do(alice.says(Address("127.0.10.99"), "hello"))
    assert memory.settle()
    assert seen(memory.trace) == [("alice", "outside", "hello (lost)")]


def test_two_nodes_that_never_stop_talking_end_with_the_wait(memory):
    alice, _ = two(memory, answer=lambda text: text)
    alice.answer = lambda text: text
    memory.do(alice.says(BOB, "echo"))
    assert not memory.settle(timeout=1)
    assert memory.now == 1
    assert len(memory.trace.datagrams) == pytest.approx(1000, abs=2)


def test_a_latency_of_nothing_is_refused():
    with pytest.raises(LabError, match="latency"):
        MemoryNet(latency=0)


def test_another_thread_waits_for_its_turn(memory):
    alice, bob = two(memory)
    other = threading.Thread(target=lambda: memory.do(alice.says(BOB, "from a thread")))

    def question(_: float) -> bool:
        other.start()
        other.join(0.05)
        return bool(memory.trace.datagrams)

    assert not memory.ask(question)
    other.join()
    assert memory.settle()
    assert bob.heard == ["from a thread"]
