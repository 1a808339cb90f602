"""Where contacts outlive the process: what is written there, and the wait until it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from labsip.modules.usrloc.contact import Contact
from labsip.sip.transaction import Key
from labsip.sip.transport import Datagram

WAITING = 500
"""REGISTERs that may wait for a store at a time: fewer than the pending transactions that have calls refused."""

Act = Callable[[float], list[Datagram]]
"""What is done at some time; returns what goes out because of it."""
Report = Callable[[str, float], list[Datagram]]
"""The same, once it is known what went wrong with a change, "" for nothing."""


class Change(NamedTuple):
    """What is to become of some contacts, as a whole or not at all (RFC 3261 §10.3)."""

    kept: tuple[Contact, ...] = ()
    """New, or in the place of those with the same ruid."""
    gone: tuple[Contact, ...] = ()

    @property
    def aors(self) -> set[str]:
        """The users whose contacts these are."""
        return {contact.aor for contacts in self for contact in contacts}


class Store(Protocol):
    """Where contacts outlive the process. Whoever hears that a change was made can rely on it: it is written."""

    def load(self) -> Iterable[Contact]:
        """All contacts it holds."""

    def write(self, change: Change, told: Report) -> bool:
        """Keep a change. True: it is written. False: not yet, and `told` will hear, where the nodes live, how it went.

        Changes are written in the order they come. Raises LabError if it is known already that this one can't be.
        """


class WriteQueue:
    """The users whose contacts are being written, and what waits behind that.

    A user has one change under way at a time. Until it is written the table is as it was; whatever else would change
    this user's contacts comes after it.
    """

    def __init__(self) -> None:
        self.keys: set[Key] = set()
        """The transactions of the REGISTERs that wait to be answered, or to be looked at."""
        self._behind: dict[str, deque[Act]] = {}

    def __bool__(self) -> bool:
        return bool(self._behind)

    def __contains__(self, aor: str) -> bool:
        return aor in self._behind

    @property
    def full(self) -> bool:
        """Whether no other REGISTER may wait."""
        return len(self.keys) >= WAITING

    def begin(self, aors: Iterable[str]) -> None:
        """A change of these users' contacts is under way."""
        for aor in aors:
            self._behind[aor] = deque()

    def follow(self, aor: str, act: Act) -> None:
        """Do this when the change of that user is over."""
        self._behind[aor].append(act)

    def end(self, aors: Iterable[str], now: float) -> list[Datagram]:
        """The change is over: what has waited behind it has its turn, up to the next change of the same user."""
        out: list[Datagram] = []
        for aor in aors:
            behind = self._behind.pop(aor)
            while behind and aor not in self._behind:
                out += behind.popleft()(now)
            if behind:
                self._behind[aor].extend(behind)
        return out
