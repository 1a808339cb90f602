"""What may stall is written by a thread nobody waits for."""

from __future__ import annotations

import errno
from threading import Event

from labsip.net.outlet import Outlet
from tests.processes import PATIENCE


class Gate:
    """A sink that stalls until it is opened, and fails while it is told to."""

    def __init__(self) -> None:
        self.open, self.closed = Event(), Event()
        self.error: OSError | None = None
        self.came: list[bytes] = []

    def write(self, chunk: bytes, /) -> None:
        """Take it, some time."""
        assert self.open.wait(PATIENCE)
        if self.error is not None:
            raise self.error
        self.came.append(chunk)

    def close(self) -> None:
        """It was closed."""
        self.closed.set()


def test_nobody_waits_for_a_sink_that_stalls_and_what_finds_no_room_is_counted() -> None:
    gate = Gate()
    outlet = Outlet(gate, 20)
    taken = [outlet.put(b"x" * 10, count) for count in range(1, 6)]
    assert taken == [True, True, True, False, False]
    assert outlet.take_lost() == 4 + 5
    assert outlet.take_lost() == 0
    assert outlet.end(0.0) == 1 + 2 + 3
    assert not gate.closed.is_set()
    gate.open.set()


def test_one_that_was_full_takes_nothing_before_half_of_it_is_written() -> None:
    gate = Gate()
    outlet = Outlet(gate, 20)
    while outlet.put(b"x" * 10):
        pass
    assert outlet.full
    gate.open.set()
    assert outlet.end(PATIENCE) == 1
    assert not outlet.full


def test_what_was_taken_is_written_in_order_and_then_the_sink_is_closed() -> None:
    gate = Gate()
    gate.open.set()
    outlet = Outlet(gate, 1000)
    for number in range(100):
        outlet.put(b"%d" % number)
    assert outlet.end(PATIENCE) == 0
    assert gate.came == [b"%d" % number for number in range(100)]
    assert gate.closed.is_set()
    assert not outlet.put(b"late")


def test_what_fails_is_counted_and_the_next_is_tried() -> None:
    gate = Gate()
    gate.open.set()
    gate.error = OSError(errno.ENOSPC, "No space left on device")
    outlet = Outlet(gate, 1000)
    outlet.put(b"lost", 3)
    assert outlet.end(PATIENCE) == 3
    assert outlet.error is gate.error
