"""The four machines: every row of every table is fired by a named scenario, and does what the RFC says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from labsip.sip.machines import MACHINES, Do, Move, Row, timers_of
from labsip.sip.run import Run, status_class
from labsip.sip.timing import RFC, Timing, reliable


@dataclass(frozen=True)
class Scenario:
    """What happens to one transaction: events, and `... 32` for waiting 32 seconds; the state it leads to each time."""

    name: str
    machine: str
    story: str
    """A line an event: `event -> state: what is done`."""
    timing: Timing = RFC


SCENARIOS = (
    Scenario(
        "a callee that never answers is called again and again, then given up",
        "INVITE client",
        """
        ... 0.5  -> Calling: resend
        ... 1    -> Calling: resend
        ... 2    -> Calling: resend
        ... 28.5 -> Terminated: resend, resend, resend, tell timeout
        """,
    ),
    Scenario(
        "a callee that rings and answers; its 200s are all passed up",
        "INVITE client",
        """
        1xx    -> Proceeding: pass up
        1xx    -> Proceeding: pass up
        2xx    -> Accepted: pass up
        2xx    -> Accepted: pass up
        ... 32 -> Terminated:
        """,
    ),
    Scenario(
        "a callee that answers at once", "INVITE client", "2xx -> Accepted: pass up \n ... 32 -> Terminated:"
    ),
    Scenario(
        "a callee that is busy; each copy of its answer is acknowledged, one is passed up",
        "INVITE client",
        """
        1xx     -> Proceeding: pass up
        3xx-6xx -> Completed: send ACK, pass up
        3xx-6xx -> Completed: send ACK
        ... 32  -> Terminated:
        """,
    ),
    Scenario(
        "a callee that refuses without ringing", "INVITE client", "3xx-6xx -> Completed: send ACK, pass up"
    ),
    Scenario(
        "an INVITE that can't be sent",
        "INVITE client",
        "transport error -> Terminated: tell transport error",
    ),
    Scenario(
        "an ACK that can't be sent",
        "INVITE client",
        """
        3xx-6xx         -> Completed: send ACK, pass up
        transport error -> Terminated: tell transport error
        """,
    ),
    Scenario(
        "a callee that rings too long for the proxy's timer C",
        "INVITE client",
        """
        1xx    -> Proceeding: pass up
        ... 60 -> Proceeding: tell timeout
        """,
        Timing(C=60.0),
    ),
    Scenario(
        "a cancelled callee that says nothing any more",
        "INVITE client",
        """
        1xx    -> Proceeding: pass up
        cancel -> Proceeding:
        ... 32 -> Terminated: tell timeout
        """,
    ),
    Scenario(
        "a request nobody answers",
        "client",
        """
        ... 0.5  -> Trying: resend
        ... 1    -> Trying: resend
        ... 30.5 -> Terminated: resend, resend, resend, resend, resend, resend, resend, resend, tell timeout
        """,
    ),
    Scenario(
        "a request answered provisionally, then by nobody",
        "client",
        """
        1xx    -> Proceeding: pass up
        1xx    -> Proceeding: pass up
        ... 8  -> Proceeding: resend, resend
        ... 24 -> Terminated: resend, resend, resend, resend, resend, resend, tell timeout
        """,
    ),
    Scenario("a request answered 200", "client", "2xx -> Completed: pass up \n ... 5 -> Terminated:"),
    Scenario("a request answered 404", "client", "3xx-6xx -> Completed: pass up \n ... 5 -> Terminated:"),
    Scenario(
        "a request answered 100 and 200", "client", "1xx -> Proceeding: pass up \n 2xx -> Completed: pass up"
    ),
    Scenario(
        "a request answered 100 and 500", "client", "1xx -> Proceeding: pass up \n 3xx-6xx -> Completed: pass up"
    ),
    Scenario(
        "a request that can't be sent", "client", "transport error -> Terminated: tell transport error"
    ),
    Scenario(
        "a request that can't be sent again",
        "client",
        "1xx -> Proceeding: pass up \n transport error -> Terminated: tell transport error",
    ),
    Scenario(
        "an INVITE answered 180 and 200; its repeat is answered from memory, and ACKs go up",
        "INVITE server",
        """
        send 1xx -> Proceeding: send
        INVITE   -> Proceeding: resend
        send 2xx -> Accepted: send
        send 2xx -> Accepted: send
        ACK      -> Accepted: pass up
        INVITE   -> Accepted:
        ... 32   -> Terminated:
        """,
    ),
    Scenario(
        "an INVITE refused; the answer is repeated until it is acknowledged",
        "INVITE server",
        """
        send 3xx-6xx -> Completed: send
        ... 0.5      -> Completed: resend
        INVITE       -> Completed: resend
        ... 1        -> Completed: resend
        ACK          -> Confirmed:
        ACK          -> Confirmed:
        INVITE       -> Confirmed:
        ... 5        -> Terminated:
        """,
    ),
    Scenario(
        "an INVITE refused, and nobody acknowledges",
        "INVITE server",
        """
        send 3xx-6xx -> Completed: send
        ... 3.5      -> Completed: resend, resend, resend
        ... 28.5     -> Terminated: resend, resend, resend, resend, resend, resend, resend, tell timeout
        """,
    ),
    Scenario(
        "an INVITE whose 180 can't be sent",
        "INVITE server",
        "send 1xx -> Proceeding: send \n transport error -> Terminated: tell transport error",
    ),
    Scenario(
        "an INVITE whose 486 can't be sent",
        "INVITE server",
        "send 3xx-6xx -> Completed: send \n transport error -> Terminated: tell transport error",
    ),
    Scenario(
        "a BYE answered 200; its repeat is answered from memory",
        "server",
        """
        request  -> Trying:
        send 2xx -> Completed: send
        request  -> Completed: resend
        send 2xx -> Completed:
        ... 32   -> Terminated:
        """,
    ),
    Scenario(
        "a request answered 100 twice, then 200",
        "server",
        """
        send 1xx -> Proceeding: send
        request  -> Proceeding: resend
        send 1xx -> Proceeding: send
        send 2xx -> Completed: send
        """,
    ),
    Scenario("a request refused", "server", "send 3xx-6xx -> Completed: send"),
    Scenario("a request refused late", "server", "send 1xx -> Proceeding: send \n send 3xx-6xx -> Completed: send"),
    Scenario(
        "a request whose 100 can't be sent",
        "server",
        "send 1xx -> Proceeding: send \n transport error -> Terminated: tell transport error",
    ),
    Scenario(
        "a request whose 200 can't be sent",
        "server",
        "send 2xx -> Completed: send \n transport error -> Terminated: tell transport error",
    ),
)  # fmt: skip


class Watched(dict[str, Move]):
    """The moves from one state of a machine; which were taken is remembered."""

    def __init__(self, moves: dict[str, Move]) -> None:
        super().__init__(moves)
        self.taken: set[str] = set()

    def get(self, event: str, default: Move | None = None) -> Move | None:  # type: ignore[override]
        if event in self:
            self.taken.add(event)
        return super().get(event, default)


def play(scenario: Scenario) -> tuple[list[str], list[str], set[Row]]:
    """Expected lines, lines that happened, rows taken."""
    machine = replace(MACHINES[scenario.machine])
    watched = {state: Watched(place.moves) for state, place in machine.places.items()}
    for state, place in machine.places.items():
        place.moves = watched[state]
    transaction, now = Run(machine, 0.0, scenario.timing), 0.0
    expected, happened = [], []
    for line in filter(None, map(str.strip, scenario.story.splitlines())):
        event = line.partition("->")[0].strip()
        if event.startswith("..."):
            done, now = wait(transaction, now, float(event[3:]))
        else:
            done = list(transaction.fire(event, now))
        expected.append(" ".join(line.split()))
        happened.append(f"{event} -> {transaction.state}: {', '.join(done)}".strip())
    return expected, happened, {row for row in machine.rows if row.event in watched[row.state].taken}


def wait(transaction: Run, now: float, seconds: float) -> tuple[list[Do], float]:
    """Let time pass, each timer fired when it is due."""
    done: list[Do] = []
    while transaction.next_due is not None and transaction.next_due <= now + seconds:
        done += [do for _, does in transaction.wake(transaction.next_due) for do in does]
    return done, now + seconds


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_transaction_goes_the_way_of_the_rfc(scenario: Scenario) -> None:
    expected, happened, _ = play(scenario)
    assert [" ".join(line.split()) for line in happened] == expected


def rows() -> Iterator[tuple[str, Row]]:
    return ((name, row) for name, machine in MACHINES.items() for row in machine.rows)


@pytest.mark.parametrize(("name", "row"), list(rows()), ids=lambda item: getattr(item, "event", item))
def test_every_row_is_fired_by_a_scenario(name: str, row: Row) -> None:
    assert any(row in play(scenario)[2] for scenario in SCENARIOS if scenario.machine == name)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda machine: machine.name)
def test_a_table_has_one_row_for_a_state_and_an_event(machine: object) -> None:
    table = MACHINES[machine.name]  # type: ignore[attr-defined]
    assert sum(len(place.moves) for place in table.places.values()) == len(table.rows)
    assert all(row.rfc for row in table.rows)


def test_a_timer_that_has_no_row_in_the_new_state_stops() -> None:
    call = Run(MACHINES["INVITE client"], 0.0)
    assert set(call.due) == {"A", "B"}
    call.fire("1xx", 1.0)
    assert call.due == {}
    assert call.next_due is None


def test_timer_a_doubles_for_ever_unless_capped_as_in_kamailio() -> None:
    def repeats(timing: Timing) -> list[float]:
        call, at = Run(MACHINES["INVITE client"], 0.0, timing), []
        while not call.over and call.next_due is not None:
            now = call.next_due
            at += [now for timer, _ in call.wake(now) if timer == "A"]
        return at

    assert repeats(RFC) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert repeats(Timing(cap_A=True)) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]


def test_over_a_reliable_transport_nothing_is_sent_again_and_nobody_waits_for_it() -> None:
    """RFC 3261 table 4."""
    for name in ("INVITE client", "client"):
        request = Run(MACHINES[name], 0.0, reliable(RFC))
        assert list(request.due.values()) == [32.0]
        request.fire("1xx", 0.5)
        request.fire("3xx-6xx", 1.0)
        assert request.next_due == 1.0
    response = Run(MACHINES["INVITE server"], 0.0, reliable(RFC))
    response.fire("send 3xx-6xx", 1.0)
    assert response.due == {"H": 33.0}


def test_a_machine_woken_late_does_not_make_up_for_the_repeats_it_missed() -> None:
    request = Run(MACHINES["client"], 0.0)
    assert [timer for timer, _ in request.wake(10.0)] == ["E"]
    assert [timer for timer, _ in request.wake(100.0)] == ["E", "F"]
    assert request.over


def test_a_timer_of_another_length_begins_again() -> None:
    call = Run(MACHINES["INVITE client"], 0.0, Timing(C=60.0))
    call.fire("1xx", 1.0)
    call.retime(Timing(C=10.0), 5.0)
    assert call.due == {"C": 15.0}
    call.retime(Timing(C=10.0), 9.0)
    assert call.due == {"C": 15.0}


def test_a_timer_of_no_length_does_not_run() -> None:
    call = Run(MACHINES["INVITE client"], 0.0, Timing(C=None))
    call.fire("1xx", 1.0)
    assert call.next_due is None


def test_names_print_as_the_rfc_writes_them() -> None:
    assert repr(Run(MACHINES["client"], 0.0)) == "<client transaction: Trying>"
    assert [status_class(status) for status in (100, 199, 200, 299, 300, 699)] == ["1xx", "1xx", "2xx", "2xx"] + [
        "3xx-6xx"
    ] * 2
    assert timers_of(MACHINES["INVITE server"].rows) == ["G", "H", "I", "L"]
    assert math.isclose(RFC.T1, 0.5)
