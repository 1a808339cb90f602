"""sl: stateless replies, and the ACKs they bring back (Kamailio's module of that name)."""

from __future__ import annotations

from collections import Counter

from labsip.modules import xhttp
from labsip.modules.tm import Tm, reply
from labsip.modules.tm.cell import Plan, cell_of
from labsip.modules.tm.reply import FIRST_TAGGED, Lines
from labsip.proxy.arguments import checked_reason, checked_status
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.forward import request_tag
from labsip.proxy.limits import OVERLOAD, STRAY_ACK
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import Value, rpc
from labsip.proxy.script import FAILURE, ONREPLY, REQUEST
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.headers import PHRASES
from labsip.sip.transport import Datagram

ACK_WAIT = 2.0
"""For how long after a stateless reply ACKs to it are swallowed, in seconds."""

FILTERED_ACK, LOCAL_RESPONSE = "sl:filtered-ack", "sl:local-response"
SERVED = ("ACK", "CANCEL", "OPTIONS")
"""Methods that are not refused before the script: they end something, or wait for nobody."""
ERROR = "I'm terribly sorry, server error occurred (1/SL)"
"""What sl_reply_error says if no command told of an error."""


class Sl(ModuleState):
    """sl's state in one proxy: when it last sent something."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.tag = f"{proxy.ids.getrandbits(128):032x}"
        """What the To-tags of stateless replies begin with."""
        self.until = 0.0
        self.sent: Counter[int] = Counter()
        """How many replies of each status."""
        self.acks = 0
        """How many ACKs ended here."""

    def before_request(self, turn: Turn) -> bool:
        """The ACK for a reply of ours ends here: the script never sees it (RFC 3261 §8.2.7).

        And what would begin one too many gets its 503 (§21.5.4): calls that are up, and their ends, go on.
        """
        if self._overloaded(turn):
            refuse(turn)
            return True
        if turn.now >= self.until or turn.request.method != "ACK" or turn.request.to.tag != to_tag(turn):
            return False
        self.acks += 1
        self.proxy.happens(turn, FILTERED_ACK)
        return True

    def _overloaded(self, turn: Turn) -> bool:
        tm, request = self.proxy.module(Tm), turn.request
        if not tm.taken.shared:
            return False
        if request.method in SERVED or not tm.taken.over(turn, tm.size, tm.pending) or request.to.tag:
            return False
        return tm.find(request) is None  # a repeat is answered by its transaction

    def after_request(self, turn: Turn) -> None:
        """No room for its transaction, and the script has not answered: it is told so. Kamailio says nothing."""
        if self.proxy.settings.shares and not turn.outbox and turn.note(Plan).refused:
            refuse(turn)

    def on_error(self, turn: Turn, status: int, reason: str) -> bool:
        """No transaction was at hand: answered statelessly."""
        return answer(turn, status, reason) > 0


def to_tag(turn: Turn) -> str:
    """The To-tag of a stateless reply: the same for the same request (RFC 3261 §8.2.7)."""
    return f"{turn.module(Sl).tag}.{request_tag(turn.request)}"


def answer(turn: Turn, status: int, reason: str, headers: Lines = ()) -> int:
    """Send a response without a transaction. 1 sent · -1 nobody answers an ACK (RFC 3261 §17)."""
    request, proxy = turn.request, turn.proxy
    if turn.find_note(xhttp.HttpRequest) is not None:
        return xhttp.answer(turn, status, reason)
    if request.method == "ACK":
        proxy.drop(turn.now, STRAY_ACK, f"{status} {reason} not sent: an ACK never gets a reply")
        return -1
    tag = to_tag(turn) if status >= FIRST_TAGGED else ""
    response = proxy.response(turn, status, reason, to_tag=tag, headers=headers)
    sl = proxy.module(Sl)
    sl.until = turn.now + ACK_WAIT
    sl.sent[status] += 1
    dst = proxy.reply_address(turn)
    turn.send(response.raw, turn.socket, dst)
    if LOCAL_RESPONSE in proxy.routes.event_routes:  # it sees the response
        proxy.happens(Turn(proxy, response, Datagram(response.raw, turn.socket, dst), turn.now), LOCAL_RESPONSE)
    return 1


@command(REQUEST, kemi="")
def sl_reply(turn: Turn, /, code: int | str, reason: str = "") -> int:
    """Answer statelessly; to an ACK nothing is sent. 1 sent · -1 not.   Kamailio: sl/sl.c sl_send_reply"""
    status = checked_status(code)
    return answer(turn, status, checked_reason(status, reason))


@command(REQUEST)
def sl_send_reply(turn: Turn, /, code: int | str, reason: str = "") -> int:
    """The same as sl_reply. 1 sent · -1 not.   Kamailio: sl/sl.c sl_send_reply"""
    status = checked_status(code)
    return answer(turn, status, checked_reason(status, reason))


@command(REQUEST, FAILURE, ONREPLY, strict=True)
def send_reply(turn: Turn, /, code: int | str, reason: str = "") -> int:
    """Answer from the transaction if there is one, else statelessly. 1 sent · -1 not.   Kamailio: sl/sl.c send_reply"""
    status = checked_status(code)
    return answer_as_known(turn, status, checked_reason(status, reason))


@command(REQUEST)
def sl_reply_error(turn: Turn, /) -> int:
    """Answer with the error the script met last: why t_relay failed, else 500. 1 sent · -1 not.

    What t_relay met is also answered by tm when the script is over, as in Kamailio.   Kamailio: sl/sl.c
    """
    if turn.note(Plan).refused and turn.proxy.settings.shares:
        return refuse(turn)
    cell = cell_of(turn)
    met = None if cell is None else cell.error
    status, reason = (500, ERROR) if met is None else (met.status, met.reason.replace("/TM)", "/SL)"))
    return answer(turn, status, reason)


def refuse(turn: Turn) -> int:
    """There is no room for what the request begins: 503, and when to try again (RFC 3261 §21.5.4). As `answer`."""
    proxy, method = turn.proxy, turn.request.method
    proxy.drop(turn.now, OVERLOAD, f"503 to {method} from {turn.datagram.src.host}: too many transactions are held")
    return answer(turn, 503, PHRASES[503], (("Retry-After", str(proxy.settings.retry_after)),))


def answer_as_known(turn: Turn, status: int, reason: str, headers: Lines = ()) -> int:
    """Send a response from the transaction at hand, or without one. 1 sent · -1 not."""
    cell = cell_of(turn)
    if cell is not None:
        return reply.answer(turn.module(Tm), cell, status, reason, turn, headers)
    return answer(turn, status, reason, headers)


COUNTED = "200 202 2xx 300 301 302 3xx 400 401 403 404 407 408 483 4xx 500 5xx 6xx"
"""What Kamailio counts by itself; the others of a class go together."""


def _figures(proxy: Proxy) -> dict[str, int]:
    figures = dict.fromkeys(("1xx", *COUNTED.split(), "xxx"), 0)
    for status, number in proxy.module(Sl).sent.items():
        figures[str(status) if str(status) in figures else f"{status // 100}xx"] += number
    return figures


@rpc("sl.stats")
def sl_stats(proxy: Proxy, _: float) -> Value:
    """How many stateless replies were sent, by status."""
    figures = _figures(proxy)
    del figures["1xx"]
    return figures


def statistics(proxy: Proxy, _: float) -> dict[str, int]:
    """The same for `stats.get_statistics`."""
    sl = proxy.module(Sl)
    replies = {f"{name}_replies": number for name, number in _figures(proxy).items()}
    sent = sum(sl.sent.values())
    return {**replies, "failures": 0, "received_ACKs": sl.acks, "sent_err_replies": 0, "sent_replies": sent}


EXPORTS = Module(
    "sl",
    commands=(sl_reply, sl_send_reply, send_reply, sl_reply_error),
    state=Sl,
    hooks=(Sl.before_request, Sl.after_request, Sl.on_error),
    rpcs=(sl_stats,),
    statistics=statistics,
    events=(FILTERED_ACK, LOCAL_RESPONSE),
)
