"""The phones of a soak: each at its desk, until it crashes; then another comes to the same address, or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from random import Random

from labsip.net.network import Network
from labsip.phone import CallState, PhoneCall, Softphone, answering, busy_here, ignoring, rejecting, ringing
from labsip.sip.machines import State
from labsip.sip.transport import Address, Datagram

LINES = 1000
"""Nobody is busy but who says so."""
TWO = 5
"""Of so many users one has two phones; both ring."""


@dataclass(eq=False)
class Desk:
    """A place of one user with an address, and the phone that stands there now."""

    name: str
    user: str
    address: Address
    phone: Softphone | None = None
    lives: int = 0
    dead: list[tuple[float, float]] = field(default_factory=list)
    """From when until when there was none (seconds); inf: still."""

    def was_dead(self, since: float, until: float) -> bool:
        """Whether there was no phone at some time between."""
        return any(begin <= until and end >= since for begin, end in self.dead)


class Crowd:
    """Phones on a network. What they are, and which of them crash, comes from `luck`."""

    def __init__(
        self,
        net: Network,
        luck: Random,
        addresses: Iterable[Address],
        build: Callable[[Desk], Softphone],
        expires: int,
    ) -> None:
        self.net = net
        self.expires = expires
        self.luck = luck
        self.desks = [Desk(f"p{n}", _user(n), address) for n, address in enumerate(addresses, 100)]
        self.crashes: Counter[str] = Counter()
        """What phones were at when they crashed."""
        self._build = build
        self._absent: list[tuple[float, Desk]] = []
        for desk in self.desks:
            self.start(desk)

    @property
    def phones(self) -> list[Softphone]:
        """Those that have not crashed."""
        return [desk.phone for desk in self.desks if desk.phone is not None]

    def start(self, desk: Desk) -> None:
        """A phone is put on a desk, and registers."""
        desk.lives += 1
        desk.phone = phone = self._build(desk)
        phone.lines = LINES
        answers = answering(self.luck.uniform(0, 4), ring=self.luck.choice([0, 0.5]))
        no = [busy_here(), rejecting(603, after=2.0, ring=0.0), ignoring()]
        phone.behaviour = self.luck.choice([answers] * 8 + [ringing()] * 6 + no)
        phone.slow = self.luck.choice([0.0] * 8 + [0.3, 0.8])
        if desk.dead:
            desk.dead[-1] = desk.dead[-1][0], self.net.now
        self.net.attach(phone, desk.name)
        q = self.luck.choice([None, None, 0.5, 1.0])  # of two phones of a user that differ, one rings after the other
        self.net.do(lambda now: phone.register(now, expires=self.expires, q=q))

    def crash_one(self) -> None:
        """The phone of somebody who is at what phones have crashed in least so far."""
        at = self.net.ask(lambda _: self._at())
        if at:
            what = min(sorted(at), key=self.crashes.__getitem__)
            self._crash(self.luck.choice(at[what]), what)

    def _at(self) -> dict[str, list[Desk]]:
        """Who is at each thing."""
        at: dict[str, list[Desk]] = {}
        for desk in self.desks:
            for what in doing(desk.phone) if desk.phone is not None else ():
                at.setdefault(what, []).append(desk)
        return at

    def _crash(self, desk: Desk, what: str) -> None:
        """It is gone without a word; most come back, some at once, some crash as soon as they are back."""
        assert desk.phone is not None
        self.crashes[what] += 1
        self.net.detach(desk.phone)
        desk.phone = None
        desk.dead.append((self.net.now, inf))
        if self.luck.random() < 0.95:
            after = self.luck.choice([0, 2, self.luck.uniform(5, 60)])
            self._absent.append((self.net.now + after, desk))

    def leave(self, now: float) -> list[Datagram]:
        """Everybody who is there takes the binding of the phone back. Who says nothing to a call would for ever."""
        out: list[Datagram] = []
        for phone in self.phones:
            if phone.behaviour == ignoring():
                phone.behaviour = busy_here()
                out += [datagram for call in phone.calls for datagram in phone.hang_up(call, now)]
            out += phone.unregister(now)
        return out

    def come_back(self) -> None:
        """Those whose time it is."""
        now = self.net.now
        due = [desk for when, desk in self._absent if when <= now]
        self._absent = [each for each in self._absent if each[0] > now]
        for desk in due:
            self.start(desk)
            if self.luck.random() < 0.1:
                self._crash(desk, "registering")


def _user(number: int) -> str:
    return str(number - 1 if number % (TWO + 1) == TWO else number)


def doing(phone: Softphone) -> set[str]:
    """All a phone is at."""
    found = set(map(_call, phone.calls))
    for client, _ in phone.clients.values():
        if client.run.state is State.TRYING:
            found.add({"REGISTER": "registering", "BYE": "hanging up"}.get(client.request.method, ""))
    return found - {""} or {"idle"}


def _call(call: PhoneCall) -> str:
    if call.over:
        return ""
    if call.state is CallState.ANSWERED:
        return "answered, no ACK yet" if call.unacked else "changing a call" if call.reinviting else "in a call"
    if call.state is CallState.CANCELLING:
        return "giving up"
    if not call.outgoing:
        return "ringing"
    return "hearing it ring" if call.state is CallState.RINGING else "calling"


def left_in(phones: Iterable[Softphone]) -> Iterator[str]:
    """What phones still keep that should be over."""
    for phone in phones:
        yield from (f"{phone.user}: {client}" for client, _ in phone.clients.values())
        yield from (f"{phone.user}: {server}" for server in phone.servers.values())
        yield from (f"{phone.user}: a dialog of {call}" for call, _ in phone.dialogs.values())
        yield from (f"{phone.user}: {call}" for call in phone.calls if not call.over)
        if phone.agent.agenda.next_due is not None:
            yield f"{phone.user}: something to do at {phone.agent.agenda.next_due:.1f} s"
