"""The UAC core (RFC 3261 §8.1): requests that go out, and go out again with credentials if they are challenged (§22).

MESSAGE (RFC 3428) and OPTIONS (RFC 3261 §11.1) belong to no call and are sent from here, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from labsip.phone.agent import UserAgent, name_of
from labsip.phone.layer import Lines, Listener
from labsip.phone.phone_call import PhoneCall
from labsip.sip.build import build_request
from labsip.sip.dialog import Dialog
from labsip.sip.digest import Challenge, answer
from labsip.sip.errors import BadMessage
from labsip.sip.headers import canonical
from labsip.sip.message import Request, Response
from labsip.sip.transaction import ClientTransaction, client_key
from labsip.sip.transport import Address, Datagram

CREDENTIALS = {"WWW-Authenticate": "Authorization", "Proxy-Authenticate": "Proxy-Authorization"}
"""The header that answers each header of a challenge."""


def request(
    ua: UserAgent,
    dialog: Dialog,
    method: str,
    listener: Listener,
    now: float,
    *,
    call: PhoneCall | None = None,
    contact: str = "",
    headers: Lines = (),
    body: bytes = b"",
) -> ClientTransaction:
    """The dialog's next request, its transaction begun; `start()` gives the datagram.

    `call`: the one that it makes. If it is challenged, it is sent again, and `listener` hears of the last answer only.
    """
    lines = [("User-Agent", ua.user_agent), *headers]
    built = dialog.build_request(method, ua.layer.new_via(), contact=contact, headers=lines, body=body)
    return Delivery(ua, dialog, listener, call).send(built, now)


def next_hop(ua: UserAgent, dialog: Dialog) -> Address:
    """Where a request goes: to the proxy outside a dialog, by the dialog's own way within it (§8.1.2)."""
    if dialog.remote.tag is None or (ua.outbound and not dialog.route_set):
        return ua.proxy
    return dialog.next_hop


# --- challenges ---------------------------------------------------------------------------------------------------


class Delivery:
    """One request on its way: sent, and sent again with credentials; its listener hears of the last answer only."""

    def __init__(self, ua: UserAgent, dialog: Dialog, listener: Listener, call: PhoneCall | None) -> None:
        self.ua = ua
        self.dialog = dialog
        self.call = call
        """The call that it makes, None if it makes none."""
        self._listener = listener
        self._challenges: dict[tuple[str, str], Challenge] = {}
        """Those answered so far, by header of the credentials and realm: each of several proxies may ask."""
        self._renewed = False
        """Whether a nonce was too old once; twice would be no accident."""

    def send(self, request: Request, now: float) -> ClientTransaction:
        """Begin a transaction for it; `start()` gives the datagram."""
        client = self.ua.layer.begin(request, next_hop(self.ua, self.dialog), self._receive, now)
        self._request = request
        if self.call is not None:
            self.call.client = client
        return client

    def _receive(self, response: Response, now: float) -> list[Datagram]:
        """A challenge that can be answered is answered; all else is for the listener."""
        if response.status in (401, 407) and self._accepts(response):
            return self.send(self._again(), now).start()
        return self._listener(response, now)

    def _accepts(self, response: Response) -> bool:
        """Whether its challenges are worth another try; then they are kept."""
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
        new = {"via": self.ua.layer.new_via(), "cseq": f"{self.dialog.local_cseq} {request.method}"}
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


def credentials_for(ua: UserAgent, response: Response) -> Lines:
    """The credentials that the ACK for this 2xx repeats: those of its INVITE (§13.2.2.4, §22.1)."""
    found = ua.layer.clients.get(client_key(response))
    return [(line.name, line.value) for line in found[0].request.find(*CREDENTIALS.values())] if found else []


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


# --- requests of no call ------------------------------------------------------------------------------------------


@dataclass(eq=False)
class LoneRequest:
    """A request outside a call, and its answer."""

    user: str
    method: str
    peer: str
    response: Response | None = None
    """The last one, None before the first."""

    def __repr__(self) -> str:
        said = "no answer yet" if self.response is None else self.response.summary
        return f"<{self.method} {self.user} → {self.peer}: {said}>"

    @property
    def status(self) -> int | None:
        """Of the last response."""
        return None if self.response is None else self.response.status

    @property
    def reason(self) -> str:
        """Of the last response."""
        return "" if self.response is None else self.response.reason


def message(ua: UserAgent, target: str, text: str, now: float) -> tuple[LoneRequest, list[Datagram]]:
    """Send a text."""
    return _send(ua, "MESSAGE", target, now, headers=[("Content-Type", "text/plain")], body=text.encode())


def options(ua: UserAgent, target: str, now: float) -> tuple[LoneRequest, list[Datagram]]:
    """Ask what the other can do, or whether it is there."""
    return _send(ua, "OPTIONS", target, now, contact=ua.contact)


def _send(
    ua: UserAgent, method: str, target: str, now: float, *, contact: str = "", headers: Lines = (), body: bytes = b""
) -> tuple[LoneRequest, list[Datagram]]:
    uri = ua.uri_of(target)
    sent = LoneRequest(ua.user, method, name_of(uri))
    listener = partial(_answered, sent)
    client = request(ua, ua.new_dialog(uri), method, listener, now, contact=contact, headers=headers, body=body)
    return sent, client.start()


def _answered(sent: LoneRequest, response: Response, now: float) -> list[Datagram]:  # noqa: ARG001
    sent.response = response
    return []
