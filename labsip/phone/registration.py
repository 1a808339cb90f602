"""Registration (RFC 3261 §10.2): REGISTER, its refresh, and the end of a binding."""

from __future__ import annotations

from functools import partial

from labsip.phone.agent import UserAgent
from labsip.phone.layer import Listener
from labsip.phone.uac import request
from labsip.sip.dialog import Dialog
from labsip.sip.errors import BadMessage, LabError, parse_seconds
from labsip.sip.headers import NameAddr
from labsip.sip.message import Response
from labsip.sip.transport import Datagram

EARLY = 60.0
"""Seconds before its end at which a binding is refreshed; one shorter than twice that is refreshed at half time."""


class Registration:
    """Where a phone stands with its registrar."""

    def __init__(self, ua: UserAgent) -> None:
        self.ua = ua
        self.until: float | None = None
        """When the binding runs out (seconds), None if there is none."""
        self.status: int | None = None
        """Of the last response, None before the first."""
        self.reason = ""
        self._dialog: Dialog | None = None
        """One Call-ID and one sequence of CSeq numbers for all its REGISTERs (§10.2.4)."""

    def __repr__(self) -> str:
        said = "" if self.status is None else f", {self.status} {self.reason}"
        until = "not registered" if self.until is None else f"until {self.until:.3f}"
        return f"<registration of {self.ua.aor}: {until}{said}>"

    def register(self, now: float, expires: int, q: float | None) -> list[Datagram]:
        """Bind the phone's Contact to its address-of-record. Raises LabError for an `expires` or `q` out of range."""
        if expires < 0 or (q is not None and not 0 <= q <= 1):
            raise LabError(f"expires={expires}, q={q}: expires is in seconds, 0 or more; q is a number from 0 to 1")
        contact = self.ua.contact if q is None else f"{self.ua.contact};q={q:.3g}"
        return self._send(now, contact, expires, partial(self._heard, expires, q))

    def unregister(self, now: float, *, everything: bool = False) -> list[Datagram]:
        """Remove the binding (§10.2.2); with `everything`, those of all phones of this user."""
        self.ua.agenda.drop(self)
        if self.until is not None:
            self.ua.agenda.at(self.until, self._lapse, self)  # in case nobody answers
        return self._send(now, "*" if everything else self.ua.contact, 0, partial(self._heard, 0, None))

    def _send(self, now: float, contact: str, expires: int, listener: Listener) -> list[Datagram]:
        """A REGISTER. Only the last one counts: a late answer to an earlier one would undo what is wanted now."""
        for key in [key for key in self.ua.layer.clients if key[-1] == "REGISTER"]:
            del self.ua.layer.clients[key]
        if self._dialog is None:
            self._dialog = self.ua.new_dialog(self.ua.aor)
            self._dialog.remote_target = f"sip:{self.ua.domain}"
        headers = [("Expires", str(expires))]
        return request(self.ua, self._dialog, "REGISTER", listener, now, contact=contact, headers=headers).start()

    def _heard(self, asked: int, q: float | None, response: Response, now: float) -> list[Datagram]:
        self.status, self.reason = response.status, response.reason
        if response.status == 423 and (least := response.number("Min-Expires") or 0) > asked:
            return self.register(now, least, q)  # §10.2.8
        if 200 <= response.status < 300:
            self._bound(self._granted(response, asked), asked, q, now)
        return []

    def _granted(self, response: Response, asked: int) -> int:
        """For how many seconds the registrar keeps our Contact, 0 if it is not among those it lists (§10.2.4)."""
        mine = NameAddr.parse(self.ua.contact).sip_uri
        for contact in response.addresses("Contact"):
            if contact.sip_uri.same_as(mine):
                given = contact.param("expires") or response.get("Expires") or ""
                try:
                    return parse_seconds(given, "Expires")
                except BadMessage:
                    return asked
        return 0

    def _bound(self, granted: int, asked: int, q: float | None, now: float) -> None:
        self.ua.agenda.drop(self)
        self.until = now + granted if granted else None
        if granted:
            again = now + max(granted / 2, granted - EARLY)
            self.ua.agenda.at(again, lambda t: self.register(t, asked, q), self)
            self.ua.agenda.at(now + granted, self._lapse, self)

    def _lapse(self, now: float) -> list[Datagram]:  # noqa: ARG002
        self.until = None
        return []
