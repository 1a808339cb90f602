"""What both kinds of network do, and do alike."""

from __future__ import annotations

import math
import os
import signal
from asyncio import CancelledError

import pytest

from labsip.net.address import PortInUse
from labsip.net.memory import LARGEST
from labsip.net.network import Network
from labsip.sip.errors import LabError
from labsip.sip.transport import Datagram
from tests.net.nodes import ANY, Talker, attached, seen


@pytest.fixture
def alice(network: Network) -> Talker:
    return attached(network, "alice")


@pytest.fixture
def bob(network: Network) -> Talker:
    return attached(network, "bob", answer=lambda text: f"re {text}")


# --- carrying and recording -------------------------------------------------------------------------------------------


def test_a_datagram_is_recorded_once_and_the_answer_names_its_cause(network, alice, bob):
    network.do(alice.says(bob.addresses[0], "hello"))
    assert network.settle()
    assert seen(network.trace) == [("alice", "bob", "hello"), ("bob", "alice", "re hello")]
    assert [p.cause for p in network.trace.datagrams] == [None, 0]
    assert (bob.heard, alice.heard) == (["hello"], ["re hello"])


def test_what_was_sent_first_is_handled_first_whoever_it_is_for(network, alice, bob):
    carol = attached(network, "carol", answer=lambda text: f"re {text}")
    receivers = [bob if n % 3 else carol for n in range(20)]
    network.do(lambda _: [d for n, to in enumerate(receivers) for d in alice.says(to.addresses[0], f"{n}")(0)])
    assert network.settle()
    assert alice.heard == [f"re {n}" for n in range(20)]
    assert [p.cause for p in network.trace.datagrams] == [None] * 20 + list(range(20))


def test_a_timer_causes_what_it_sends_but_no_datagram_does(network, alice, bob):
    bob.timers.append((network.now + 0.02, "tick", alice.addresses[0]))
    network.do(alice.says(bob.addresses[0], "hello"))
    assert network.wait(lambda: "tick" in alice.heard, 5)
    assert [(p.raw, p.cause) for p in network.trace.datagrams] == [(b"hello", None), (b"re hello", 0), (b"tick", None)]


def test_timers_of_all_nodes_fire_in_time_order(network):
    order: list[str] = []
    nodes = {t: attached(network, f"{t}", answer=order.append) for t in (0.03, 0.01, 0.02, 0.04)}

    def begin(now: float) -> list[Datagram]:
        for t, node in nodes.items():
            node.timers.append((now + t, f"{t}", node.addresses[0]))
        return []

    network.do(begin)  # all at once, however slow the machine
    assert network.wait(lambda: len(order) == 4, 30)
    assert order == ["0.01", "0.02", "0.03", "0.04"]


def test_a_node_that_always_wants_to_be_woken_does_not_stop_time(network, alice, bob):
    alice.next_wake = lambda: 0.0
    network.do(lambda _: [])
    network.advance(0.02)
    network.do(alice.says(bob.addresses[0], "still there"))
    assert network.settle()
    assert bob.heard == ["still there"]


def test_without_recording_all_goes_on_but_the_trace_stays_empty(network):
    with type(network)(record=False) as quiet:
        alice, bob = attached(quiet, "alice"), attached(quiet, "bob", answer=lambda text: f"re {text}")
        quiet.do(alice.says(bob.addresses[0], "hello"))
        assert quiet.settle()
        assert alice.heard == ["re hello"]
        assert not quiet.trace.datagrams


# --- the calls of a cell ----------------------------------------------------------------------------------------------


def test_ask_brings_back_the_answer_or_what_was_raised(network):
    assert network.ask(lambda now: now >= 0)
    with pytest.raises(ZeroDivisionError):
        network.ask(lambda _: 1 / 0)
    assert network.ask(lambda _: "still here") == "still here"


def test_wait_says_whether_the_condition_held_before_the_time_was_over(network, alice, bob):
    assert not network.wait(lambda: bool(bob.heard), 0.01)
    network.do(alice.says(bob.addresses[0], "hello"))
    assert network.wait(lambda: bool(bob.heard), 5)
    with pytest.raises(ZeroDivisionError):
        network.wait(lambda: bool(1 / 0), 5)


def test_settle_waits_for_who_is_busy(network, alice, bob):
    bob.timers.append((network.now + 0.02, "at last", alice.addresses[0]))
    network.do(lambda _: [])
    assert network.settle(busy=lambda: bool(bob.timers))
    assert alice.heard == ["at last"]
    assert not network.settle(busy=lambda: True, timeout=0.01)


def test_advance_lets_so_much_time_pass(network):
    before = network.now
    network.advance(0.02)
    assert network.now >= before + 0.02


def test_calls_from_inside_the_lab_are_refused_except_a_question(network, alice, bob):
    told: list[str] = []

    def answer(text: str) -> None:
        told.append(f"{network.ask(lambda _: text)} asked")
        for call in (lambda: network.settle(), lambda: network.do(lambda _: []), lambda: network.detach(alice)):
            with pytest.raises(LabError, match="inside it"):
                call()
            told.append("refused")

    bob.answer = answer
    network.do(alice.says(bob.addresses[0], "hello"))
    assert network.settle()
    assert told == ["hello asked", "refused", "refused", "refused"]


def test_a_condition_of_wait_may_ask(network, alice, bob):
    network.do(alice.says(bob.addresses[0], "hello"))
    assert network.wait(lambda: network.ask(lambda _: bool(bob.heard)), 5)


def test_closing_twice_is_fine_and_calls_after_that_say_so(network):
    network.close()
    network.close()
    with pytest.raises(LabError, match="closed"):
        network.ask(lambda now: now)


# --- nodes that fail --------------------------------------------------------------------------------------------------


def test_of_several_faults_the_first_comes_out(network):
    class Broken(Talker):
        def wake(self, _now):
            self.timers = []
            raise KeyError("the first")

        def next_wake(self):
            if not self.timers:
                raise IndexError("the second")
            return super().next_wake()

    node = Broken(network.reserve(ANY))
    node.timers.append((0.0, "", node.addresses[0]))
    network.attach(node, "broken")
    with pytest.raises(KeyError, match="the first"):
        network.wait(lambda: False, 5)
    assert [text for _, text in network.trace.notes][:2] == [
        "broken raised KeyError: 'the first'",
        "broken raised IndexError: the second",
    ]


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (KeyError("oops"), KeyError),
        (SystemExit(), LabError),
        (KeyboardInterrupt(), LabError),
        (GeneratorExit(), LabError),
        (CancelledError(), LabError),
    ],
)
def test_what_a_node_raises_comes_out_at_the_next_call_and_others_go_on(network, alice, bob, error, raised):
    def answer(text: str) -> str:
        if text == "bad":
            raise error
        return f"re {text}"

    bob.answer = answer
    network.do(alice.says(bob.addresses[0], "bad", "good"))
    with pytest.raises(raised):
        network.settle()
    assert network.settle()
    assert alice.heard == ["re good"]
    assert any("bob raised" in text for _, text in network.trace.notes)


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, SystemExit, CancelledError])
def test_what_a_condition_of_wait_raises_comes_to_the_cell_and_the_network_lives(network, alice, bob, error):
    def until() -> bool:
        if bob.heard:
            raise error
        return False

    network.do(alice.says(bob.addresses[0], "hello"))
    with pytest.raises(error):
        network.wait(until, 5)
    network.do(alice.says(bob.addresses[0], "again"))
    assert network.settle()
    assert bob.heard == ["hello", "again"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_a_timer_that_raises_what_ends_python_is_kept_as_any_fault(network, alice, bob, error):
    def wake(_: float) -> list[Datagram]:
        bob.timers.clear()
        raise error

    bob.wake = wake
    network.ask(lambda now: bob.timers.append((now, "late", alice.addresses[0])))
    with pytest.raises(LabError, match=f"bob raised {error.__name__}"):
        network.wait(lambda: False, 5)
    network.do(alice.says(bob.addresses[0], "hello"))
    assert network.settle()
    assert bob.heard == ["hello"]


def test_ctrl_c_interrupts_the_cell_and_leaves_the_network_usable(network, alice, bob):
    def answer(text: str) -> None:
        if text == "hello":
            os.kill(os.getpid(), signal.SIGINT)  # to the thread of the cell, wherever this runs

    def cell() -> None:
        network.do(alice.says(bob.addresses[0], "hello"))
        network.wait(lambda: False, 60)

    bob.answer = answer
    with pytest.raises(KeyboardInterrupt):
        cell()
    network.do(alice.says(bob.addresses[0], "again"))
    assert network.settle()
    assert bob.heard == ["hello", "again"]
    assert not network.trace.notes


def test_a_datagram_too_long_to_send_goes_back_to_its_node(network, alice, bob):
    carol = attached(network, "carol")
    bob.answer = lambda _: "x" * (LARGEST + 1)
    bob.send_failed = lambda datagram, _: [Datagram(b"477", datagram.src, carol.addresses[0])]
    network.do(alice.says(bob.addresses[0], "hello", "y" * LARGEST))
    assert network.settle()
    assert carol.heard == ["477", "477"]
    assert [p.cause for p in network.trace.datagrams if p.raw == b"477"] == [0, 1]
    assert any("bob could not send 65508 bytes" in text for _, text in network.trace.notes)


def test_what_send_failed_raises_is_kept_too(network, alice, bob):
    alice.send_failed = lambda *_: 1 / 0
    network.do(alice.says(bob.addresses[0], "x" * (LARGEST + 1), "hello"))
    with pytest.raises(ZeroDivisionError):
        network.settle()
    assert network.settle()
    assert bob.heard == ["hello"]


# --- coming and going -------------------------------------------------------------------------------------------------


def test_what_is_on_its_way_to_a_node_that_goes_is_lost_even_if_it_comes_back(network, alice, bob):
    there = bob.addresses[0]
    wire = network.wire(dst="bob").set(delay=0.05)
    network.do(alice.says(there, "one"))
    network.detach(bob)
    network.attach(bob, "bob")
    wire.clear()
    network.do(alice.says(there, "two"))
    assert network.settle()
    network.advance(0.06)
    assert bob.heard == ["two"]
    assert seen(network.trace)[:2] == [("alice", "bob", "one (lost)"), ("alice", "bob", "two")]


def test_what_is_sent_to_a_node_that_went_is_lost(network, alice, bob):
    network.detach(bob)
    network.do(alice.says(bob.addresses[0], "one"))
    assert network.settle()
    network.attach(bob, "bob")
    network.do(alice.says(bob.addresses[0], "two"))
    assert network.settle()
    assert bob.heard == ["two"]
    assert seen(network.trace)[:2] == [("alice", "bob", "one (lost)"), ("alice", "bob", "two")]


def test_a_node_that_is_not_attached_can_send_nothing(network, alice, bob):
    network.detach(bob)
    network.detach(bob)  # it is gone already
    with pytest.raises(LabError, match="bob is not attached"):
        network.do(bob.says(alice.addresses[0], "hello"))


def test_a_node_with_several_addresses_is_attached_to_all_or_none(network, alice):
    free = network.reserve(ANY)
    with pytest.raises(PortInUse, match="by alice"):
        network.attach(Talker(free, alice.addresses[0]), "carol")
    carol = Talker(free, network.reserve(ANY))
    network.attach(carol, "carol")
    network.do(alice.says(free, "first"))
    network.do(alice.says(carol.addresses[1], "second"))
    assert network.settle()
    assert carol.heard == ["first", "second"]
    assert repr(network).endswith(f"carol on {free}, {carol.addresses[1]}>")


def test_an_address_the_system_picks_must_be_reserved_first(network):
    with pytest.raises(LabError, match="reserve it"):
        network.attach(Talker(ANY), "alice")


# --- wires ------------------------------------------------------------------------------------------------------------


def test_a_wire_loses_delays_and_doubles_what_goes_its_way(network, alice, bob):
    network.wire("alice", "bob").drop(times=1)
    network.wire("bob", "alice").set(duplicate=1)
    network.do(alice.says(bob.addresses[0], "one", "two"))
    assert network.settle()
    assert seen(network.trace) == [
        ("alice", "bob", "one (lost)"),
        ("alice", "bob", "two"),
        ("bob", "alice", "re two"),
        ("bob", "alice", "re two"),
    ]
    assert alice.heard == ["re two", "re two"]


def test_a_delay_holds_back_one_way_only_and_wires_add_up(network, alice, bob):
    network.wire("alice").set(delay=0.02)
    network.wire("alice", "bob").set(delay=0.02)
    network.do(alice.says(bob.addresses[0], "hello"))
    assert network.settle()
    assert bob.times[0] - network.trace.datagrams[0].t >= 0.04
    assert alice.times[0] - bob.times[0] < 0.04 or math.isclose(alice.times[0], bob.times[0])
