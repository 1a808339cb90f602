"""xhttp: HTTP on the port of SIP over TCP or TLS (Kamailio's module of that name).

A request runs `event_route[xhttp:request]`; without that block no connection takes HTTP. To the route it is a message
as any other: `$rm` is its method, `$hu` its URL, `$hdr(Host)`, `$rb`, `$si` are as usual, and nothing of SIP is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from labsip.modules import pv
from labsip.proxy.command import command
from labsip.proxy.exports import Module, Variable
from labsip.proxy.receive import HTTP_EVENT
from labsip.proxy.script import EVENT, REQUEST, Drop
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.framing import HTTP_LINE
from labsip.sip.message import Request
from labsip.sip.transport import Datagram


@dataclass(slots=True)
class HttpRequest:
    """A note on a turn: what its message asks of us, by HTTP."""

    url: str = ""
    version: str = ""
    answered: bool = False
    closes: bool = False
    """The connection ends behind the answer (set_reply_close)."""


class XHttp(ModuleState):
    """What comes by HTTP to one proxy."""

    def on_other(self, datagram: Datagram, now: float) -> list[Datagram] | None:
        """An HTTP request, if there is a block for it.

        Not by UDP, where a request may bear anybody's address: the block goes by that.
        """
        line = HTTP_LINE.match(datagram.data) if datagram.dst.reliable else None
        if line is None or HTTP_EVENT not in self.proxy.routes.event_routes:
            return None
        method, url, version = (part.decode("utf-8", "surrogateescape") for part in line.groups())
        request = Request(datagram.data, f"{method} {url} {version}", line.end(), method, "")
        turn = Turn(self.proxy, request, datagram, now)
        note = turn.note(HttpRequest)
        note.url, note.version = url, version
        try:
            self.proxy.run(turn, EVENT, HTTP_EVENT)
        except Drop:
            return []
        return turn.outbox

    def on_error(self, turn: Turn, status: int, reason: str) -> bool:
        """The block failed: whoever asked hears of it in the way they asked."""
        return turn.find_note(HttpRequest) is not None and answer(turn, status, reason) > 0


def answer(turn: Turn, status: int, reason: str, kind: str = "", body: bytes = b"") -> int:
    """Answer an HTTP request. 1 sent · -1 it has been answered, or that is no answer."""
    request = turn.find_note(HttpRequest)
    if request is None or request.answered or not reason or not 100 <= status <= 699:
        return -1
    request.answered = True
    lines = [("Content-Type", kind)] if kind else []
    lines += [*turn.reply_headers, ("Server", turn.proxy.settings.server), ("Content-Length", str(len(body)))]
    head = f"{request.version} {status} {reason}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines)
    data = head.encode("utf-8", "surrogateescape") + b"\r\n" + body
    turn.outbox.append(Datagram(data, turn.socket, turn.datagram.src, turn.command, request.closes))
    return 1


@command(REQUEST)
def xhttp_reply(turn: Turn, /, code: int | str, reason: str, type: str, body: str) -> int:
    """Answer the HTTP request at hand. 1 sent · -1 there is none, or it has been answered.   Kamailio: xhttp"""
    status = int(code) if str(code).isdecimal() and str(code).isascii() else 0
    safe = re.sub(r"[\r\n]+", " ", reason)
    return answer(turn, status, safe, re.sub(r"[\r\n]+", " ", type), body.encode("utf-8", "surrogateescape"))


def _url(turn: Turn) -> str | None:
    request = turn.find_note(HttpRequest)
    return getattr(turn.message, "uri", None) if request is None else request.url


EXPORTS = Module(
    "xhttp",
    commands=(xhttp_reply,),
    variables={"$hu": Variable("URL of an HTTP request; of SIP, the Request-URI as it came", _url)},
    transformations=pv.URLS,
    state=XHttp,
    hooks=(XHttp.on_other, XHttp.on_error),
    events=(HTTP_EVENT,),
)
