"""Requests that go out and belong to no call: MESSAGE (RFC 3428) and OPTIONS (RFC 3261 §11.1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from labsip.phone.agent import Lines, UserAgent, name_of
from labsip.sip.message import Response
from labsip.sip.transport import Datagram


@dataclass(eq=False)
class Sent:
    """A request outside a call, and what was answered."""

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


def message(ua: UserAgent, target: str, text: str, now: float) -> tuple[Sent, list[Datagram]]:
    """Send a text."""
    return _send(ua, "MESSAGE", target, now, headers=[("Content-Type", "text/plain")], body=text.encode())


def options(ua: UserAgent, target: str, now: float) -> tuple[Sent, list[Datagram]]:
    """Ask what the other can do, or whether it is there."""
    return _send(ua, "OPTIONS", target, now, contact=ua.contact)


def _send(
    ua: UserAgent, method: str, target: str, now: float, *, contact: str = "", headers: Lines = (), body: bytes = b""
) -> tuple[Sent, list[Datagram]]:
    uri = ua.uri_of(target)
    sent = Sent(ua.user, method, name_of(uri))
    heard = partial(_heard, sent)
    client = ua.request(ua.outside(uri), method, heard, now, contact=contact, headers=headers, body=body)
    return sent, client.start()


def _heard(sent: Sent, response: Response, now: float) -> list[Datagram]:  # noqa: ARG001
    sent.response = response
    return []
