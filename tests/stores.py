"""A store that says later how a change went, when a test has it say so."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from labsip.modules.usrloc import Change, Contact, Report, UsrLoc
from tests.ends import Bench


class Later:
    """What a bench's table `location` is kept in; it writes when `written` or `refused` is called, one by one."""

    def __init__(self, bench: Bench, known: Iterable[Contact] = ()) -> None:
        self.bench = bench
        self.wishes: deque[tuple[Change, Report]] = deque()
        self.contacts = {contact.ruid: contact for contact in known}
        bench.proxy.module(UsrLoc).keep("location", self, bench.now)

    def load(self) -> Iterable[Contact]:
        """All contacts it holds."""
        return list(self.contacts.values())

    def write(self, change: Change, told: Report) -> bool:
        """It will be written."""
        self.wishes.append((change, told))
        return False

    def written(self) -> None:
        """The oldest change is on disk."""
        change, told = self.wishes.popleft()
        self.contacts.update({contact.ruid: contact for contact in change.kept})
        for contact in change.gone:
            del self.contacts[contact.ruid]
        self.bench._carry(told("", self.bench.now))

    def refused(self, why: str = "the disk is full") -> None:
        """The oldest change could not be written."""
        _, told = self.wishes.popleft()
        self.bench._carry(told(why, self.bench.now))

    @property
    def uris(self) -> list[str]:
        """Where the contacts are that it holds."""
        return [contact.uri for contact in self.contacts.values()]
