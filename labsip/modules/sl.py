"""sl: stateless replies, and the ACKs they bring back (Kamailio's module of that name)."""

from __future__ import annotations

from labsip.modules.tm import Tm, reply
from labsip.modules.tm.reply import FIRST_TAGGED, Lines
from labsip.proxy.arguments import checked_reason, checked_status
from labsip.proxy.command import command
from labsip.proxy.forward import request_tag
from labsip.proxy.limits import OVERLOAD, STRAY_ACK
from labsip.proxy.module import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.route import FAILURE, ONREPLY, REQUEST, Routing
from labsip.sip.headers import PHRASES

ACK_WAIT = 2.0
"""For how long after a stateless reply ACKs to it are swallowed, in seconds."""

SERVED = ("ACK", "CANCEL", "OPTIONS")
"""Methods that are not refused before the script: they end something, or wait for nobody."""
ERROR = "I'm terribly sorry, server error occurred (1/SL)"
"""What sl_reply_error says if no command told of an error."""


class Sl(Module):
    """sl's state in one proxy: when it last sent something."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.tag = f"{proxy.ids.getrandbits(128):032x}"
        """What the To-tags of stateless replies begin with."""
        self.until = 0.0

    def before_request(self, ksr: Routing) -> bool:
        """The ACK for a reply of ours ends here: the script never sees it (RFC 3261 §8.2.7).

        And what would begin one too many gets its 503 (§21.5.4): calls that are up, and their ends, go on.
        """
        if self._overloaded(ksr):
            refuse(ksr)
            return True
        if ksr._now >= self.until or ksr._request.method != "ACK":
            return False
        return ksr._request.to.tag == to_tag(ksr)

    def _overloaded(self, ksr: Routing) -> bool:
        tm, request = self.proxy.module(Tm), ksr._request
        if not tm.taken.shared:
            return False
        if request.method in SERVED or not tm.taken.over(ksr, tm.size, tm.pending) or request.to.tag:
            return False
        return tm.find(request) is None  # a repeat is answered by its transaction

    def after_request(self, ksr: Routing) -> None:
        """No room for its transaction, and the script has not answered: it is told so. Kamailio says nothing."""
        if ksr._refused and not ksr._out and self.proxy.settings.shares:
            refuse(ksr)

    def on_error(self, ksr: Routing, status: int, reason: str) -> bool:
        """No transaction was at hand: answered statelessly."""
        return answer(ksr, status, reason) > 0


def to_tag(ksr: Routing) -> str:
    """The To-tag of a stateless reply: the same for the same request (RFC 3261 §8.2.7)."""
    return f"{ksr._proxy.module(Sl).tag}.{request_tag(ksr._request)}"


def answer(ksr: Routing, status: int, reason: str, headers: Lines = ()) -> int:
    """Send a response without a transaction. 1 sent · -1 nobody answers an ACK (RFC 3261 §17)."""
    request, proxy = ksr._request, ksr._proxy
    if request.method == "ACK":
        proxy.drop(ksr._now, STRAY_ACK, f"{status} {reason} not sent: an ACK never gets a reply")
        return -1
    tag = to_tag(ksr) if status >= FIRST_TAGGED else ""
    response = proxy.response(ksr, status, reason, to_tag=tag, headers=headers)
    proxy.module(Sl).until = ksr._now + ACK_WAIT
    ksr._send(response.raw, ksr._socket, proxy.reply_address(ksr))
    return 1


@command(REQUEST)
def sl_reply(ksr: Routing, /, code: int | str, reason: str = "") -> int:
    """Answer statelessly; to an ACK nothing is sent. 1 sent · -1 not.   Kamailio: sl/sl.c sl_send_reply"""
    status = checked_status(code)
    return answer(ksr, status, checked_reason(status, reason))


@command(REQUEST)
def sl_send_reply(ksr: Routing, /, code: int | str, reason: str = "") -> int:
    """The same as sl_reply. 1 sent · -1 not.   Kamailio: sl/sl.c sl_send_reply"""
    status = checked_status(code)
    return answer(ksr, status, checked_reason(status, reason))


@command(REQUEST, FAILURE, ONREPLY)
def send_reply(ksr: Routing, /, code: int | str, reason: str = "") -> int:
    """Answer from the transaction if there is one, else statelessly. 1 sent · -1 not.   Kamailio: sl/sl.c send_reply"""
    status = checked_status(code)
    return answer_as_known(ksr, status, checked_reason(status, reason))


@command(REQUEST)
def sl_reply_error(ksr: Routing, /) -> int:
    """Answer with the error the script met last: why t_relay failed, else 500. 1 sent · -1 not.

    What t_relay met is also answered by tm when the script is over, as in Kamailio.   Kamailio: sl/sl.c
    """
    if ksr._refused and ksr._proxy.settings.shares:
        return refuse(ksr)
    met = None if ksr._tm is None else ksr._tm.error
    status, reason = (500, ERROR) if met is None else (met.status, met.reason.replace("/TM)", "/SL)"))
    return answer(ksr, status, reason)


def refuse(ksr: Routing) -> int:
    """There is no room for what the request begins: 503, and when to try again (RFC 3261 §21.5.4). As `answer`."""
    proxy, method = ksr._proxy, ksr._request.method
    proxy.drop(ksr._now, OVERLOAD, f"503 to {method} from {ksr._datagram.src.host}: too many transactions are held")
    return answer(ksr, 503, PHRASES[503], (("Retry-After", str(proxy.settings.retry_after)),))


def answer_as_known(ksr: Routing, status: int, reason: str, headers: Lines = ()) -> int:
    """Send a response from the transaction at hand, or without one. 1 sent · -1 not."""
    if ksr._tm is not None:
        return reply.answer(ksr._proxy.module(Tm), ksr._tm, status, reason, ksr, headers)
    return answer(ksr, status, reason, headers)
