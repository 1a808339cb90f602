"""The thread that writes: what comes together is written together, and the node hears how it went."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import pytest

from labsip.modules.usrloc import Change, Contact
from labsip.net.sockets import SocketNet
from labsip.net.writer import Writer
from labsip.sip.transport import Address, Datagram
from tests.net.nodes import Talker, attached, seen

PATIENCE = 30.0
"""Seconds to wait for another thread, on a machine that is busy."""


class Waits(Talker):
    """A node that has something written."""

    def __init__(self, *addresses: Address) -> None:
        super().__init__(*addresses)
        self.outcomes: list[tuple[str, str]] = []
        self.threads: set[int] = set()

    def ask(self, writer: Writer, *names: str) -> None:
        """Have the writer write a change for each name."""
        for name in names:
            assert not writer.write(Change(), partial(self._told, name))

    def _told(self, name: str, error: str, now: float) -> list[Datagram]:  # noqa: ARG002
        self.outcomes.append((name, error))
        self.threads.add(threading.get_ident())
        return []


class Disk:
    """A file that takes as long as a test has it wait, and refuses what it is told to."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.writes, self.may = threading.Event(), threading.Event()
        self.fault: Exception | None = None

    def load(self) -> Iterable[Contact]:
        return []

    def write_all(self, changes: Sequence[Change]) -> list[str]:
        self.batches.append(len(changes))
        self.writes.set()
        assert self.may.wait(PATIENCE)
        if self.fault is not None:
            raise self.fault
        return ["refused" if number == 1 else "" for number in range(len(changes))]


@pytest.fixture
def net() -> Iterator[SocketNet]:
    with SocketNet() as made:
        yield made


@pytest.fixture
def node(net: SocketNet) -> Waits:
    made = Waits(net.reserve(Address("127.0.0.1", 0)))
    net.attach(made, "node")
    return made


def test_what_comes_while_it_writes_is_written_together_and_told_in_order(net: SocketNet, node: Waits) -> None:
    disk = Disk()
    writer = Writer(disk, net, node)
    node.ask(writer, "a")
    assert disk.writes.wait(PATIENCE)
    node.ask(writer, "b", "c", "d")
    assert net.ask(lambda _: node.outcomes) == []
    disk.may.set()
    assert net.wait(lambda: len(node.outcomes) == 4, PATIENCE)
    assert node.outcomes == [("a", ""), ("b", ""), ("c", "refused"), ("d", "")]
    assert disk.batches == [1, 3]
    assert node.threads == {net.ask(lambda _: threading.get_ident())}
    writer.close()


def test_closing_writes_what_has_come(net: SocketNet, node: Waits) -> None:
    disk = Disk()
    disk.may.set()
    writer = Writer(disk, net, node)
    node.ask(writer, *"abc")
    writer.close()
    assert sum(disk.batches) == 3
    assert net.ask(lambda _: [name for name, _ in node.outcomes]) == ["a", "b", "c"]


def test_a_file_that_raises_what_nobody_thought_of_is_told_of_too(net: SocketNet, node: Waits) -> None:
    disk = Disk()
    disk.fault = ZeroDivisionError("oh")
    disk.may.set()
    writer = Writer(disk, net, node)
    node.ask(writer, "a")
    assert net.wait(lambda: bool(node.outcomes), PATIENCE)
    assert node.outcomes == [("a", "the location table can't be written: ZeroDivisionError('oh')")]
    writer.close()


def test_what_a_node_sends_when_it_hears_of_it_goes_out(net: SocketNet, node: Waits) -> None:
    other = attached(net, "other")
    net.tell(node, node.says(other.addresses[0], "done"))
    assert net.wait(lambda: other.heard == ["done"], PATIENCE)
    assert seen(net.trace) == [("node", "other", "done")]


def test_what_a_node_raises_when_it_hears_of_it_is_raised_by_the_next_call(net: SocketNet, node: Waits) -> None:
    def fault(_: float) -> list[Datagram]:
        raise ValueError("of the node's own")

    net.tell(node, fault)
    with pytest.raises(ValueError, match="of the node's own"):
        net.settle()


def test_a_node_that_is_gone_hears_nothing_and_neither_does_a_network_that_has_ended(
    net: SocketNet, node: Waits
) -> None:
    other = attached(net, "other")
    net.detach(node)
    net.tell(node, node.says(other.addresses[0], "too late"))
    net.settle()
    assert other.heard == []
    net.close()
    net.tell(node, node.says(other.addresses[0], "much too late"))
