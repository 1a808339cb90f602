"""`$ulc(exp=>addr)`: the contact that `event_route[usrloc:contact-expired]` is about (Kamailio's registrar/regpv.c)."""

from __future__ import annotations

from collections.abc import Callable

from labsip.modules.usrloc import Contact, ExpiredContact
from labsip.proxy.exports import NamedVariable
from labsip.proxy.turn import Turn
from labsip.sip.errors import NoSuchName

UNSAID = 2**32 - 1
"""Kamailio's mask of methods where the phone named none."""

# fmt: off
PARTS: dict[str, Callable[[Contact], object]] = {
    "aor": lambda c: c.aor, "addr": lambda c: c.uri, "path": lambda c: c.path, "received": lambda c: c.received,
    "q": lambda c: -1 if c.q is None else round(c.q * 1000), "callid": lambda c: c.call_id, "cseq": lambda c: c.cseq,
    "flags": lambda _: 0, "cflags": lambda c: c.flags, "user_agent": lambda c: c.user_agent, "ruid": lambda c: c.ruid,
    "socket": lambda c: c.socket.with_proto, "methods": lambda c: UNSAID if c.methods < 0 else c.methods,
}
# fmt: on
PLACED = ("domain", "expires", "modified", "count")
"""What is not the contact's own: its table, the time of day, and how many there are."""


def _read(turn: Turn, inner: str) -> object:
    profile, _, part = (piece.strip() for piece in inner.partition("=>"))
    if part not in (*PARTS, *PLACED):
        raise NoSuchName("part of $ulc", part, (*PARTS, *PLACED), hint="write it as in $ulc(exp=>addr)")
    gone = turn.find_note(ExpiredContact)
    if gone is None or profile != "exp":
        return None
    if part in PARTS:
        return PARTS[part](gone.contact)
    began, contact = turn.proxy.began or 0.0, gone.contact
    placed = (gone.table, round(began + contact.expires_at), round(began + contact.modified), 1)
    return placed[PLACED.index(part)]


VARIABLES = {"$ulc": NamedVariable("the contact that has expired: $ulc(exp=>addr), aor, ruid and so on", _read)}
