"""tm: transactions, as Kamailio's module of that name keeps them (RFC 3261 §16.7 to §16.10, §17).

`cell` is what is kept of a request, `ledger` who holds how much of that, `table` finds it and has its timers, `fwd`
opens branches (`amplification` says where it must not), `cancel` ends them, `reply` takes their responses and picks
the best, `events` is what happens from outside, `commands` what a route says, `branches` what it says of its branches,
`questions` what it asks, `tm_rpcs` what is asked from outside. `local_requests` are those that the proxy makes itself.
Each sees those before it. The machines under it are in `sip.machines`.
"""

from zlib import crc32

from labsip.modules.tm.branches import (
    t_cancel_branches,
    t_drop_replies,
    t_load_contacts,
    t_next_contacts,
    t_release,
    t_replicate,
)
from labsip.modules.tm.cell import TmParameters, cell_of
from labsip.modules.tm.commands import (
    t_check_status,
    t_check_trans,
    t_is_canceled,
    t_newtran,
    t_on_branch,
    t_on_branch_failure,
    t_on_failure,
    t_on_reply,
    t_precheck_trans,
    t_relay,
    t_reply,
    t_set_fr,
)
from labsip.modules.tm.events import after_request, on_error, on_response, send_failed, wake
from labsip.modules.tm.local_requests import LOCAL_REQUEST, LocalRequests
from labsip.modules.tm.questions import COMMANDS as QUESTIONS
from labsip.modules.tm.reply import BRANCH_FAILURE
from labsip.modules.tm.table import Tm
from labsip.modules.tm.tm_rpcs import tm_list, tm_stats
from labsip.proxy.exports import Module, NamedVariable, Variable
from labsip.proxy.turn import Turn
from labsip.sip.errors import NoSuchName
from labsip.sip.message import Response, parse_message


def _reply_code(turn: Turn) -> int:
    if isinstance(turn.message, Response):
        return turn.message.status
    return 0 if turn.transaction is None else turn.transaction.best or turn.transaction.status


def _reply_reason(turn: Turn) -> str:
    if isinstance(turn.message, Response):
        return turn.message.reason
    cell = cell_of(turn)
    picked = [uac.response for uac in cell.branches if uac.status == cell.best] if cell is not None else []
    message = parse_message(picked[-1]) if picked and picked[-1] else None
    return message.reason if isinstance(message, Response) else ""


def _of_transaction(turn: Turn, name: str) -> int | None:
    """$T(id_index): a number of the transaction at hand, None where there is none (tmx)."""
    if name != "id_index":
        raise NoSuchName("part of $T", name, ("id_index",))
    cell = cell_of(turn)
    return None if cell is None else crc32(cell.branch.encode()) & 0xFFFF


EXPORTS = Module(
    "tm",
    commands=(
        t_relay,
        t_check_trans,
        t_precheck_trans,
        t_check_status,
        t_newtran,
        t_load_contacts,
        t_next_contacts,
        t_reply,
        t_on_failure,
        t_on_reply,
        t_on_branch,
        t_on_branch_failure,
        t_is_canceled,
        t_set_fr,
        t_replicate,
        t_cancel_branches,
        t_drop_replies,
        t_release,
        *QUESTIONS,
    ),
    variables={
        "$T_reply_code": Variable("status tm deals with now", _reply_code),
        "$T_reply_reason": Variable("reason of the reply tm deals with now, empty without one", _reply_reason),
        "$T": NamedVariable("$T(id_index): a number of the transaction at hand", _of_transaction),
    },
    parameters=TmParameters,
    state=Tm,
    hooks=(after_request, on_response, on_error, send_failed, wake, Tm.next_wake, Tm.held),
    rpcs=(tm_list, tm_stats),
    events=(BRANCH_FAILURE,),
)

LOCAL_EXPORTS = Module(
    "tm",
    state=LocalRequests,
    hooks=(LocalRequests.on_response, LocalRequests.wake, LocalRequests.next_wake),
    events=(LOCAL_REQUEST,),
)
"""Another state of the same module."""

__all__ = ["EXPORTS", "LOCAL_EXPORTS", "LocalRequests", "Tm", "TmParameters"]
