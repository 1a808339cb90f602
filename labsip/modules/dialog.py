"""dialog: how the requests of a dialog are known again, and where they may lead (RFC 3261 §12, §16.12).

Our Record-Route bears a mark: an expiry, and a signature of it, the Call-ID and the caller's tag. Nobody else can make
one, but all who see the message can copy it. So as long as a dialog is remembered, the mark opens the way only from one
of its two ends, and only towards the other. A dialog that is over is remembered, too: its mark opens nothing. Where
nothing is remembered (after a restart, or beyond the limits below), the signed part alone counts.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from hashlib import blake2b
from hmac import compare_digest
from typing import NamedTuple, TypeVar

from labsip.modules.tm import Tm
from labsip.modules.tm.reply import CHALLENGING
from labsip.proxy.module import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.route import Routing
from labsip.sip.errors import BadMessage
from labsip.sip.exchange import client_key
from labsip.sip.headers import NameAddr
from labsip.sip.message import Message, Request, Response
from labsip.sip.timing import RFC
from labsip.sip.uri import SipUri

T = TypeVar("T")

Key = tuple[str, str]
"""Call-ID, and the tag of whoever began."""
Place = tuple[str, int]
"""Host and port."""
_HEX = re.compile(r"[0-9a-f]{1,16}\Z")

REMEMBERED, BURIED = 50_000, 200_000
"""Dialogs remembered, and dialogs that are over; beyond that the oldest are forgotten."""
MOST = 16
"""Places of an end, and tags, that are remembered of a dialog."""
RINGING = 600.0
"""For how long a request that may begin a dialog is remembered since it was answered last, in seconds."""
LINGER = 64 * RFC.T1
"""For how long the requests of a dialog may follow its BYE, in seconds: one that crossed it, and repeats."""
REFRESHING = ("INVITE", "UPDATE", "SUBSCRIBE")
"""Methods whose 2xx says that a dialog goes on (RFC 3261 §12.2, RFC 3311, RFC 6665)."""
OPEN_ENDED = ("SUBSCRIBE", "REFER")
"""Methods whose dialogs begin with a NOTIFY, and there are as many as there are notifiers (RFC 6665 §4.4.1)."""


class Stage(Enum):
    """How far a dialog is."""

    EARLY = "early"
    UP = "up"
    OVER = "over"


class Recent(dict[T, None]):
    """The last `MOST` things that were added."""

    def add(self, thing: T) -> None:
        self.pop(thing, None)
        self[thing] = None
        if len(self) > MOST:
            del self[next(iter(self))]


@dataclass(slots=True)
class End:
    """One end of a dialog: the hosts its requests come from, and the places requests for it go to next."""

    hosts: Recent[str] = field(default_factory=Recent)
    places: Recent[Place] = field(default_factory=Recent)

    def is_at(self, place: Place) -> None:
        """It is there as well."""
        self.hosts.add(place[0])
        self.places.add(place)


@dataclass(slots=True)
class Dialog:
    """What is remembered of a dialog, or of the request that may begin one or, forked, several."""

    since: float
    """When its stage began, in seconds."""
    open_ended: bool = False
    stage: Stage = Stage.EARLY
    caller: End = field(default_factory=End)
    callee: End = field(default_factory=End)
    early: Recent[str] = field(default_factory=Recent)
    """Tags of callees that ring."""
    tags: Recent[str] = field(default_factory=Recent)
    """Tags of callees that answered with 2xx."""

    def has(self, tag: str) -> bool:
        """Whether a callee has that tag: from the first 2xx on, only one that said so itself."""
        return self.open_ended or tag in (self.tags or self.early)


class Way(NamedTuple):
    """A request of a dialog, on its way from one end towards the other; None where the other is not known."""

    other: End | None = None

    def leads_to(self, uri: str) -> bool:
        """Whether that is a place of the other end."""
        return self.other is None or not self.other.places or place_of(uri) in self.other.places


class Dialogs(Module):
    """The dialogs of one proxy that have a Record-Route of it."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self._stages: dict[Stage, OrderedDict[Key, Dialog]] = {stage: OrderedDict() for stage in Stage}
        """Of each stage, the one that has been in it longest first."""
        self._buried: OrderedDict[int, None] = OrderedDict()
        """Hashes of the keys of those that are over."""

    def mark(self, ksr: Routing) -> str:
        """The mark for the Record-Route of the request at hand; the request is remembered."""
        request = ksr._request
        self._tidy(ksr._now)
        key, dialog = self._of(request)
        if dialog is None or (dialog.stage is Stage.OVER and not request.to.tag):
            dialog = self._begun(key, request, ksr._now)
        sender = dialog.caller if request.from_.tag == key[1] else dialog.callee
        if not sender.hosts or request.to.tag or self._is_end(ksr, sender):  # else someone who copied Call-ID and tag
            self._seen(sender, request, ksr)
        expires = int(self.proxy.began + ksr._now + self.proxy.settings.dialog_timeout)
        return f"{expires:x}.{self._sign(key, expires)}"

    def _begun(self, key: Key, request: Request, now: float) -> Dialog:
        dialog = Dialog(now, request.method in OPEN_ENDED)
        if tag := request.to.tag:  # a dialog older than our memory
            dialog.tags.add(tag)
        self._put(key, dialog, Stage.UP if tag else Stage.EARLY, now)
        return dialog

    def way(self, ksr: Routing) -> Way | None:
        """The way of the request at hand; None if it is of no dialog of ours, or does not come from one of its ends.

        Asked before loose_route uses up the Route it reads.
        """
        request = ksr._request
        self._tidy(ksr._now)
        key, dialog = self._of(request)
        if request.count("Route") or dialog is None:  # who has no Route is believed only as far as is remembered
            signed = self._signed(ksr, whenever=dialog is not None)
            if signed is None or (dialog is None and hash(signed) in self._buried):
                return None
        if dialog is None:
            return Way()
        tags = request.from_.tag or "", request.to.tag or ""
        sender, other, tag = dialog.caller, dialog.callee, tags[1]
        if tags[0] != key[1]:
            sender, other, tag = other, sender, tags[0]
        return Way(other) if dialog.has(tag) and (not sender.hosts or self._is_end(ksr, sender)) else None

    def on_response(self, ksr: Routing) -> bool:
        """Notice what an answer tells of its sender and of how far the dialog is; it goes on as any other."""
        response = ksr._message
        if not isinstance(response, Response) or response.status <= 100 or not any(self._stages.values()):
            return False
        # one that fits no request of ours, anybody may have made up
        if response.to.tag and client_key(response) in self.proxy.module(Tm).clients:
            self._answered(response, ksr)
        return False

    def _answered(self, response: Response, ksr: Routing) -> None:
        key, dialog = self._of(response)
        method, success = response.cseq.method, 200 <= response.status < 300
        if dialog is None:
            if method == "INVITE" and success:
                self._buried.pop(hash(key), None)  # it rang for so long that it had been given up
        elif method == "BYE":
            if response.status >= 200 and response.status not in CHALLENGING:
                self._put(key, dialog, Stage.OVER, ksr._now)
        elif dialog.stage is not Stage.OVER and (method in REFRESHING or method in OPEN_ENDED):
            self._refreshed(key, dialog, response, ksr)

    def _refreshed(self, key: Key, dialog: Dialog, response: Response, ksr: Routing) -> None:
        """RFC 3261 §12.2.1.2: a 2xx says where its sender is from now on; a provisional, where it is for now."""
        by_callee, tag = (response.from_.tag or "") == key[1], response.to.tag or ""
        success = 200 <= response.status < 300
        if response.status < 300 or not self._end(dialog, by_callee).hosts:
            self._seen(self._end(dialog, by_callee), response, ksr)
        if by_callee and response.cseq.method == "INVITE" and response.status < 300:
            (dialog.tags if success else dialog.early).add(tag)
        if success and (response.cseq.method in REFRESHING or dialog.open_ended):
            self._put(key, dialog, Stage.UP if dialog.tags or dialog.open_ended else dialog.stage, ksr._now)
        elif dialog.stage is Stage.EARLY:
            self._put(key, dialog, Stage.EARLY, ksr._now)

    # --- the two ends -------------------------------------------------------------------------------------------------

    def _end(self, dialog: Dialog, callee: bool) -> End:
        return dialog.callee if callee else dialog.caller

    def _is_end(self, ksr: Routing, end: End) -> bool:
        """Whether the message comes from there, or has been here before (a spiral, RFC 3261 §6)."""
        src = ksr._datagram.src
        return src.host.lower() in end.hosts or self.proxy.is_own(src.host, src.port)

    def _seen(self, end: End, message: Request | Response, ksr: Routing) -> None:
        """The end sent this: what comes next for it goes there, to its Contact, or to a proxy it is behind."""
        src = ksr._datagram.src
        end.is_at((src.host.lower(), src.port))
        for name in ("Contact", "Record-Route"):
            for value in message.values(name):
                with suppress(BadMessage):
                    place = place_of(NameAddr.parse(value).uri)
                    if place is not None and not self.proxy.is_own(*place):
                        end.is_at(place)

    # --- what is remembered -------------------------------------------------------------------------------------------

    def _of(self, message: Message) -> tuple[Key, Dialog | None]:
        """The dialog of a message, whichever end it comes from, and its key; that of its sender if there is none."""
        call_id, tags = message.call_id, (message.from_.tag or "", message.to.tag or "")
        for tag in tags:
            for dialogs in self._stages.values():
                if (dialog := dialogs.get((call_id, tag))) is not None:
                    return (call_id, tag), dialog
        return (call_id, tags[0]), None

    def _put(self, key: Key, dialog: Dialog, stage: Stage, now: float) -> None:
        """The dialog is at that stage from now on. Where there are too many, one that matters less is forgotten."""
        for dialogs in self._stages.values():
            dialogs.pop(key, None)
        self._buried.pop(hash(key), None)
        dialog.stage, dialog.since = stage, now
        self._stages[stage][key] = dialog
        if sum(map(len, self._stages.values())) > REMEMBERED:
            if self._stages[Stage.OVER]:
                self._bury(self._stages[Stage.OVER])
            else:
                (self._stages[Stage.EARLY] or self._stages[Stage.UP]).popitem(last=False)

    def _tidy(self, now: float) -> None:
        """Bury the dialogs whose time is over."""
        lives = {Stage.EARLY: RINGING, Stage.UP: self.proxy.settings.dialog_timeout, Stage.OVER: LINGER}
        for stage, dialogs in self._stages.items():
            while dialogs and next(iter(dialogs.values())).since + lives[stage] <= now:
                self._bury(dialogs)

    def _bury(self, dialogs: OrderedDict[Key, Dialog]) -> None:
        key, _ = dialogs.popitem(last=False)
        self._buried[hash(key)] = None
        if len(self._buried) > BURIED:
            self._buried.popitem(last=False)

    # --- what is signed -----------------------------------------------------------------------------------------------

    def _signed(self, ksr: Routing, *, whenever: bool) -> Key | None:
        """The key that a mark in the request's Route was made for, by us; unless `whenever`, it has to hold still."""
        request = ksr._request
        for uri in (SipUri.parse(request.uri, any_scheme=True), *(route.sip_uri for route in request.routes)):
            text, _, signature = (uri.param("mark") or "").partition(".")
            if not (signature and _HEX.match(text) and self.proxy.is_own(uri.host, uri.port)):
                continue
            expires = int(text, 16)
            if not whenever and expires <= self.proxy.began + ksr._now:
                continue
            for tag in (request.from_.tag or "", request.to.tag or ""):
                key = request.call_id, tag
                if compare_digest(self._sign(key, expires).encode(), _bytes(signature)):
                    return key
        return None

    def _sign(self, key: Key, expires: int) -> str:
        """16 hex that only somebody who knows the proxy's secret can compute."""
        call_id, tag = key
        known = f"{expires:x} {len(tag)} {tag} {call_id}"
        return blake2b(_bytes(known), digest_size=8, key=_bytes(self.proxy.seed)).hexdigest()


def place_of(uri: str) -> Place | None:
    """Host and port that a URI names; None if it can't be read, or names none."""
    try:
        address = SipUri.parse(uri, any_scheme=True).address
    except BadMessage:
        return None
    return (address.host.lower(), address.port) if address.host else None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
