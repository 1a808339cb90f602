"""One dialog as it is remembered: its two ends, where each is, and what it is called."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import NamedTuple, TypeVar

from labsip.modules.dialog.mark import DialogKey
from labsip.proxy.listening import Listening
from labsip.sip.errors import BadMessage
from labsip.sip.headers import NameAddr, split_list
from labsip.sip.message import Message, Request, Response
from labsip.sip.transport import Address, plain
from labsip.sip.uri import SipUri


@dataclass(frozen=True)
class DialogParameters:
    """Parameters of dialog."""

    dialog_timeout: float = 86_400.0
    """For how long a dialog's Record-Route is believed; each re-INVITE and UPDATE renews it (dialog)."""
    default_timeout: float = 43_200.0
    """How long a call that dlg_manage looks after may last (dialog)."""


T = TypeVar("T")
HostPort = tuple[str, int]
"""Host and port."""

MOST = 16
"""Places of an end, tags, and headers not read yet, that are remembered of a dialog."""


class Stage(Enum):
    """How far a dialog is."""

    EARLY = "early"
    UP = "up"
    OVER = "over"


def recent(known: tuple[T, ...], thing: T) -> tuple[T, ...]:
    """The last `MOST` things, this one behind those that were known."""
    return (*(other for other in known if other != thing), thing)[-MOST:]


@dataclass(slots=True)
class End:
    """One end of a dialog: the hosts its requests come from, and the places requests for it go to next."""

    hosts: tuple[str, ...] = ()
    places: tuple[HostPort, ...] = ()
    unread: tuple[str, ...] = ()
    """Contacts and Record-Routes it sent: read if it is neither where its messages came from, nor sends from there."""

    def sent(self, message: Message, src: Address) -> None:
        """It sent this: it is where that came from, at its Contact, and behind the proxies in the path."""
        self._is_at((plain(src.host).lower(), src.port))
        self.unread = (*self.unread, *message.get_all("Contact"), *message.get_all("Record-Route"))[-MOST:]

    def sends_from(self, host: str, listening: Listening) -> bool:
        """Whether its requests come from that host; from any, as long as nothing is known of it."""
        return not self.hosts or host in self.hosts or (self._read(listening) and host in self.hosts)

    def is_reached_at(self, place: HostPort | None, listening: Listening) -> bool:
        """Whether requests for it go there next; anywhere, as long as nothing is known of it."""
        return not self.places or place in self.places or (self._read(listening) and place in self.places)

    def _read(self, listening: Listening) -> bool:
        lines, self.unread = self.unread, ()
        for value in chain.from_iterable(map(split_list, lines)):
            with suppress(BadMessage):
                place = host_port_of(NameAddr.parse(value).uri)
                if place is not None and not listening.is_own(*place):
                    self._is_at(place)
        return True

    def _is_at(self, place: HostPort) -> None:
        self.hosts, self.places = recent(self.hosts, place[0]), recent(self.places, place)


class Passage(NamedTuple):
    """A request of a dialog, on its way from one end towards the other; None where the other is not known."""

    listening: Listening
    other: End | None = None

    def leads_to(self, uri: str) -> bool:
        """Whether that is a place of the other end."""
        return self.other is None or self.other.is_reached_at(host_port_of(uri), self.listening)


@dataclass(slots=True, eq=False)
class DialogCell:
    """What is remembered of a dialog, or of the request that may begin one or, forked, several."""

    key: DialogKey
    since: float
    """When its stage began, in seconds."""
    open_ended: bool = False
    """It began with SUBSCRIBE or REFER: whoever notifies has a tag of their own (RFC 6665 §4.4.1)."""
    stage: Stage = Stage.EARLY
    caller: End = field(default_factory=End)
    callee: End = field(default_factory=End)
    early: tuple[str, ...] = ()
    """Tags of callees that ring."""
    tags: tuple[str, ...] = ()
    """Tags of callees that answered with 2xx."""

    def sender(self, message: Message) -> End:
        """The end whose From a message has."""
        return self.caller if (message.from_.tag or "") == self.key[1] else self.callee

    def passage(self, request: Request, host: str, listening: Listening, *, is_ours: bool) -> Passage | None:
        """The passage of a request to the other end; None if its host or its tags are not those of the two ends.

        is_ours: the request comes from ourselves, for it has been here before (a spiral, RFC 3261 §6).
        """
        sender = self.sender(request)
        other, tag = (self.callee, request.to.tag) if sender is self.caller else (self.caller, request.from_.tag)
        known = self.open_ended or (tag or "") in (self.tags or self.early)
        return Passage(listening, other) if known and (is_ours or sender.sends_from(host, listening)) else None

    def answered(self, response: Response, src: Address) -> None:
        """A 2xx says where its sender is from now on (RFC 3261 §12.2.1.2), a provisional for now."""
        asked_by_caller = self.sender(response) is self.caller
        end = self.callee if asked_by_caller else self.caller
        if response.status < 300 or not end.hosts:
            end.sent(response, src)
        if asked_by_caller and response.status < 300 and response.cseq.method == "INVITE":
            tag = response.to.tag or ""
            if response.status < 200:
                self.early = recent(self.early, tag)
            else:
                self.tags = recent(self.tags, tag)


@dataclass(slots=True)
class Membership:
    """Which dialog a request belongs to, None if it is not remembered: dialog's note on a turn."""

    dialog: DialogCell | None = None
    passage: Passage | None = None


def host_port_of(uri: str) -> HostPort | None:
    """Host and port that a URI names; None if it can't be read, or names none."""
    try:
        address = SipUri.parse(uri, any_scheme=True).address
    except BadMessage:
        return None
    return (address.host.lower(), address.port) if address.host else None
