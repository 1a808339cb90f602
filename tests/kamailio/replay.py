"""A capture played to our proxy in virtual time: the phones say what they said to Kamailio, to whom we say the rest.

What a phone says may hold what Kamailio made up: the branch of a forwarded INVITE in its response, the To-tag in its
ACK. Each such id is replaced by ours, learned from the message of ours that stands in the same place. Credentials are
made anew for our nonce where they were right for Kamailio's; wrong ones stay wrong.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from random import Random

from labsip.dialects.cfg import script_of
from labsip.modules.auth import AuthParameters
from labsip.proxy.happenings import run_start
from labsip.proxy.receive import Proxy
from labsip.sip.digest import Credentials, ha1, response
from labsip.sip.transport import Address, Datagram
from labsip.steps import STEPS
from labsip.vocabulary import Ksr, build_proxy, location, settings_of
from tests.kamailio.captures import KAMAILIO, PROXY, Capture, Seen

TICK = 1 / 16
"""Resolution of Kamailio's timers, in seconds; they fire up to half of it early."""
LATE = 2 * TICK
"""How much later than Kamailio's ours may fire."""
MADE_UP = re.compile(rb"z9hG4bK[0-9a-f]{4}\.[0-9a-f]{32}\.\d+|[0-9a-f]{32}[.-][0-9a-f]{8}")
"""What Kamailio makes up: branches, and To-tags in the two flavours of sl (a dot) and tm (a dash)."""
NONCE = re.compile(rb'(?<=nonce=")[^"]+')
"""Kamailio's are the same for everybody within a second, ours never."""
SEES = "script sees "
"""How the line begins that each configuration's xlog prints for a request."""


@dataclass
class Played:
    """What our proxy did with a capture."""

    sent: list[Seen] = field(default_factory=list)
    saw: list[str] = field(default_factory=list)
    """The requests its script ran for, as Kamailio's xlog writes them."""
    dumps: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    """Its location table at the moments Kamailio's was dumped."""
    ids: dict[bytes, bytes] = field(default_factory=dict)
    """Ours for each id Kamailio made up."""
    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def step_proxy(capture: Capture) -> Proxy:
    """Ours, with our route for the step."""
    routes = STEPS[capture.step]

    def watched(ksr: Ksr) -> object:
        ksr.xlog("L_NOTICE", f"{SEES}$rm $ru from $si:$sp\n")
        return routes.request_route(ksr)

    return build_proxy(replace(routes, request_route=watched), [PROXY], ids=Random(1), settings=capture.settings)


def cfg_proxy(capture: Capture) -> Proxy:
    """Ours, with the configuration that Kamailio ran."""
    routes = script_of(capture.config, capture.defines).routes
    proxy = build_proxy(routes, [PROXY], ids=Random(1), settings=settings_of(routes, server=KAMAILIO))
    run_start(proxy, 0.0)
    return proxy


PROXIES = {"step": step_proxy, "cfg": cfg_proxy}


class Replay:
    """One run through one capture."""

    def __init__(self, capture: Capture, proxy: Proxy) -> None:
        self.capture = capture
        self.played = Played()
        self.now = 0.0
        self.proxy = proxy
        self.expected = [seen for seen in capture.seen if seen.src == PROXY]
        self._heard_of: defaultdict[Address, list[bytes]] = defaultdict(list)
        self._learned: Counter[Address] = Counter()
        self._nonces: dict[tuple[Address, bytes], bytes] = {}
        self._credentials: dict[bytes, bytes] = {}

    def run(self) -> Played:
        """Play it to its end."""
        heard: Counter[Address] = Counter()
        dumps = sorted((*_moment(label, self.capture), label) for label in self.capture.location)
        for place, seen in enumerate(self.capture.seen):
            while dumps and dumps[0][0] <= place:
                self._dump(*dumps.pop(0)[1:])
            if seen.src == PROXY:
                heard[seen.dst] += 1
            elif seen.dst == PROXY:
                self._advance(seen.t)
                self._catch_up(seen.src, heard[seen.src], seen.t)
                self._say(seen)
        end = self.capture.seen[-1].t
        self._advance(end)
        while len(self.played.sent) < len(self.expected) and self._due(end + LATE):
            self._fire()
        for _, t, label in dumps:
            self._dump(t, label)
        texts = [row.text.strip() for row in self.proxy.trace.commands]
        self.played.saw = [text.removeprefix(SEES) for text in texts if text.startswith(SEES)]
        self.played.notes = [text for _, text in self.proxy.trace.notes]
        self.played.errors = [error.text for error in self.proxy.errors]
        return self.played

    # --- time -------------------------------------------------------------------------------------------------

    def _due(self, until: float) -> bool:
        due = self.proxy.next_wake()
        return due is not None and due <= until

    def _fire(self) -> None:
        self.now = max(self.now, self.proxy.next_wake() or 0.0)
        self._send(self.proxy.wake(self.now))

    def _advance(self, until: float) -> None:
        while self._due(until):
            self._fire()
        self.now = max(self.now, until)

    def _catch_up(self, phone: Address, heard: int, t: float) -> None:
        """A phone speaks only when it has heard all it heard in the capture; our timers may be a tick later."""
        while len(self._heard_of[phone]) < heard and self._due(t + LATE):
            self._fire()

    # --- messages ---------------------------------------------------------------------------------------------

    def _say(self, seen: Seen) -> None:
        data = self._with_our_nonce(self.translate(seen.data), seen.src)
        self._send(self.proxy.receive(Datagram(data, seen.src, PROXY), self.now))

    def _send(self, datagrams: list[Datagram]) -> None:
        for datagram in datagrams:
            self.played.sent.append(Seen(self.now, datagram.src, datagram.dst, datagram.data))
            self._heard_of[datagram.dst].append(datagram.data)
            self._learn(datagram.dst)

    def _learn(self, phone: Address) -> None:
        place = self._learned[phone]
        self._learned[phone] += 1
        theirs = [seen.data for seen in self.expected if seen.dst == phone][place : place + 1]
        if theirs and _first_words(theirs[0]) == _first_words(self._heard_of[phone][place]):
            pairs = zip(MADE_UP.findall(theirs[0]), MADE_UP.findall(self._heard_of[phone][place]), strict=False)
            for kamailio, ours in pairs:
                self.played.ids.setdefault(kamailio, ours)
            for kamailio, ours in zip(
                NONCE.findall(theirs[0]), NONCE.findall(self._heard_of[phone][place]), strict=False
            ):
                self._nonces[phone, kamailio] = ours

    def translate(self, data: bytes) -> bytes:
        """A captured message with our ids, and credentials for our nonces, for Kamailio's."""
        data = MADE_UP.sub(lambda match: self.played.ids.get(match[0], match[0]), data)
        for theirs, ours in self._credentials.items():
            data = data.replace(theirs, ours)
        return data

    def _with_our_nonce(self, data: bytes, phone: Address) -> bytes:
        """A phone's request with the credentials it would have made for our challenge."""
        found = re.search(rb"(?m)^(?:Proxy-)?Authorization: (Digest .*?)\r$", data)
        if found is None:
            return data
        given = Credentials.parse(found[1].decode())
        nonce = self._nonces.get((phone, given.nonce.encode()))
        if nonce is None:  # the same credentials again: they are ours already
            return data
        method, password = (
            data.split(b" ")[0].decode(),
            self.capture.settings.of(AuthParameters).users.get(given.username, ""),
        )
        known = ha1(given.username, given.realm, password)
        ours = replace(given, nonce=nonce.decode())
        if given.proves(known, method):
            ours = replace(ours, response=response(ours, known, method))
        self._credentials[found[1]] = str(ours).encode()
        return self.translate(data)

    def _dump(self, t: float, label: str) -> None:
        self._advance(t)
        self.played.dumps[label] = location(self.proxy, self.now)


def _first_words(data: bytes) -> list[bytes]:
    return data.split(b"\r\n")[0].split()[:2]


def _moment(label: str, capture: Capture) -> tuple[int, float]:
    """Before which datagram of the capture a dump was made, and when."""
    seen = capture.seen
    requests = [place for place, one in enumerate(seen) if one.dst == PROXY and _starts_something(one.data)]
    calls = [
        place
        for place, one in enumerate(seen)
        if not (one.data.startswith(b"REGISTER") or b" REGISTER\r\n" in one.data)
    ]
    place = len(seen)
    if label.startswith("t="):
        t = float(label[2:-1])
        return next((place for place, one in enumerate(seen) if one.t > t), place), t
    if label.startswith("after request "):
        place = [*requests, place][int(label.split()[-1])]
    elif label == "after the call":
        place = calls[-1] + 1
    elif label.startswith("before"):
        place = requests[-1]
    return place, seen[min(place, len(seen) - 1)].t


def _starts_something(data: bytes) -> bool:
    return not data.startswith((b"SIP/2.0 ", b"ACK "))
