"""sl: stateless replies, and the ACKs they bring back (Kamailio's module of that name)."""

from __future__ import annotations

from labsip.modules.tm import Tm, reply
from labsip.modules.tm.reply import checked_status, tag_suffix
from labsip.proxy.receive import Module, Proxy
from labsip.proxy.route import FAILURE, REQUEST, Routing, word
from labsip.sip.headers import PHRASES

ACK_WAIT = 2.0
"""For how long after a stateless reply its ACK is swallowed, in seconds."""


class Sl(Module):
    """sl's state in one proxy: when it last sent something that will be acknowledged."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.until = 0.0

    def before_request(self, ksr: Routing) -> bool:
        """The ACK for a reply of ours ends here: the script never sees it (RFC 3261 §8.2.7)."""
        if ksr._request.method != "ACK" or ksr._now >= self.until:
            return False
        return ksr._request.to.tag == to_tag(ksr)

    def on_error(self, ksr: Routing) -> bool:
        """The route raised and no transaction was at hand: 500, statelessly."""
        return answer(ksr, 500, "Internal Server Error") > 0


def to_tag(ksr: Routing) -> str:
    """The To-tag of a stateless reply: the same for the same request (RFC 3261 §8.2.7)."""
    return f"{ksr._proxy.tag_seed}.{tag_suffix(ksr)}"


def answer(ksr: Routing, status: int, reason: str, headers: tuple[tuple[str, str], ...] = ()) -> int:
    """Send a response without a transaction. 1 sent · -1 nobody answers an ACK (RFC 3261 §17)."""
    request, proxy = ksr._request, ksr._proxy
    if request.method == "ACK":
        proxy.trace.note(ksr._now, f"{status} {reason} not sent: an ACK never gets a reply")
        return -1
    response = proxy.response(ksr, status, reason, to_tag=to_tag(ksr) if status > 100 else "", headers=headers)
    if request.method == "INVITE" and status >= 200:
        proxy.module(Sl).until = ksr._now + ACK_WAIT
    ksr._send(response.raw, ksr._socket, proxy.reply_address(ksr))
    return 1


@word(REQUEST)
def sl_reply(ksr: Routing, /, code: int | str, reason: str = "") -> int:
    """Answer statelessly; to an ACK nothing is sent. 1 sent · -1 not.   Kamailio: sl/sl.c sl_send_reply"""
    status = checked_status(code)
    return answer(ksr, status, reason or PHRASES.get(status, "Unknown"))


@word(REQUEST)
def sl_send_reply(ksr: Routing, /, code: int | str, reason: str = "") -> int:
    """The same as sl_reply. 1 sent · -1 not.   Kamailio: sl/sl.c sl_send_reply"""
    status = checked_status(code)
    return answer(ksr, status, reason or PHRASES.get(status, "Unknown"))


@word(REQUEST, FAILURE)
def send_reply(ksr: Routing, /, code: int | str, reason: str = "") -> int:
    """Answer from the transaction if there is one, else statelessly. 1 sent · -1 not.   Kamailio: sl/sl.c send_reply"""
    status = checked_status(code)
    return answer_as_known(ksr, status, reason or PHRASES.get(status, "Unknown"))


def answer_as_known(ksr: Routing, status: int, reason: str, headers: tuple[tuple[str, str], ...] = ()) -> int:
    """Send a response from the transaction at hand, or without one. 1 sent · -1 not."""
    if ksr._tm is None:
        return answer(ksr, status, reason, headers)
    return reply.answer(ksr._proxy.module(Tm), ksr._tm, status, reason, ksr, headers)
