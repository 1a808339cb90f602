"""A request that is asked who sends it: the same again, with credentials (RFC 3261 §22.2, §22.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labsip.sip.build import build_request
from labsip.sip.digest import Challenge, answer
from labsip.sip.errors import BadMessage
from labsip.sip.headers import canonical
from labsip.sip.message import Request, Response
from labsip.sip.transaction import ClientTransaction
from labsip.sip.transport import Datagram

if TYPE_CHECKING:
    from labsip.phone.agent import Heard, UserAgent
    from labsip.phone.call import Call
    from labsip.sip.dialog import Dialog

CREDENTIALS = {"WWW-Authenticate": "Authorization", "Proxy-Authenticate": "Proxy-Authorization"}
"""The header that answers each header of a challenge."""


class Nonces:
    """How often this phone has used each realm's last nonce (RFC 7616 §3.4: nc)."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[str, int]] = {}

    def use(self, realm: str, nonce: str) -> int:
        """Use a nonce once more; returns how often that makes."""
        last, count = self._last.get(realm, ("", 0))
        count = count + 1 if nonce == last else 1
        self._last[realm] = nonce, count
        return count


class Asking:
    """One request on its way, and what it was asked: the transaction user hears only the last word about it."""

    def __init__(self, ua: UserAgent, dialog: Dialog, heard: Heard, call: Call | None) -> None:
        self.ua = ua
        self.dialog = dialog
        self.call = call
        """The call it is to make, None for what makes none."""
        self._heard = heard
        self._challenges: dict[tuple[str, str], Challenge] = {}
        """Those answered so far, by header of the credentials and realm: each of several proxies may ask."""
        self._renewed = False
        """A nonce was too old once; twice would be no accident."""

    def send(self, request: Request, now: float) -> ClientTransaction:
        """Begin a transaction for it; `start()` gives the datagram."""
        client = self.ua.begin(request, self.ua.next_hop(self.dialog), self.heard, now)
        self._request = request
        if self.call is not None:
            self.call.client = client
        return client

    def heard(self, response: Response, now: float) -> list[Datagram]:
        """A response: a challenge that can be answered is, all else is for the transaction user."""
        if response.status in (401, 407) and self._takes(response):
            return self.send(self._again(), now).start()
        return self._heard(response, now)

    def _takes(self, response: Response) -> bool:
        """Whether its challenges are worth another try; if so they are kept."""
        if not self.ua.password or (self.call is not None and self.call.given_up):
            return False
        asked = _challenges(response)
        for key, challenge in asked.items():
            if key not in self._challenges:
                continue
            if not challenge.stale or self._renewed:  # the password is wrong, and would be again
                return False
            self._renewed = True
        self._challenges |= asked
        return bool(asked)

    def _again(self) -> Request:
        """The same request, with a branch and a CSeq number of its own (§8.1.3.5, §22.2)."""
        request = self._request
        self.dialog.local_cseq += 1
        new = {"via": self.ua.new_via(), "cseq": f"{self.dialog.local_cseq} {request.method}"}
        dropped = {canonical(name) for name in ("Content-Length", *CREDENTIALS.values())}
        lines = [
            (line.name, new.get(canonical(line.name), line.value))
            for line in request.lines
            if canonical(line.name) not in dropped
        ]
        return build_request(request.method, request.uri, [*lines, *self._credentials(request)], request.body)

    def _credentials(self, request: Request) -> list[tuple[str, str]]:
        ua = self.ua
        return [
            (name, str(answer(
                challenge, ua.user, ua.password, request.method, request.uri,
                cnonce=f"{ua.ids.getrandbits(64):016x}", nc=ua.nonces.use(realm, challenge.nonce),
            )))
            for (name, realm), challenge in self._challenges.items()
        ]  # fmt: skip


def credentials_of(request: Request) -> list[tuple[str, str]]:
    """The credentials in a request; the ACK for its 2xx brings the same (§22.1)."""
    return [(line.name, line.value) for line in request.find(*CREDENTIALS.values())]


def _challenges(response: Response) -> dict[tuple[str, str], Challenge]:
    """Those that can be answered; of several of one realm the first, which the server likes best (RFC 8760 §2.3)."""
    found: dict[tuple[str, str], Challenge] = {}
    for asks, answers in CREDENTIALS.items():
        for value in response.get_all(asks):
            try:
                challenge = Challenge.parse(value)
            except BadMessage:
                continue  # another scheme
            if challenge.known:
                found.setdefault((answers, challenge.realm), challenge)
    return found
