"""tm: transactions, as Kamailio's module of that name keeps them (RFC 3261 §16.7 to §16.10, §17).

`cell` is what is kept of a request, `taken` who holds how much of that, `lookup` finds it, `fwd` opens branches (`loop`
and `breadth` say where it must not), `cancel` ends them, `reply` takes their responses and picks the best, `events` is
what happens from outside, `commands` what a route says, `branches` what it says of its branches, `serial` in which
order contacts are called. Each sees those before it. The machines under it are in `sip.machines`.
"""

from labsip.modules.tm.branches import t_cancel_branches, t_drop_replies, t_release, t_replicate
from labsip.modules.tm.commands import (
    t_check_status,
    t_check_trans,
    t_is_canceled,
    t_newtran,
    t_on_branch,
    t_on_failure,
    t_on_reply,
    t_precheck_trans,
    t_relay,
    t_reply,
    t_set_fr,
)
from labsip.modules.tm.events import Tm
from labsip.modules.tm.serial import t_load_contacts, t_next_contacts

__all__ = [
    "Tm",
    "t_cancel_branches",
    "t_check_status",
    "t_check_trans",
    "t_drop_replies",
    "t_is_canceled",
    "t_load_contacts",
    "t_newtran",
    "t_next_contacts",
    "t_on_branch",
    "t_on_failure",
    "t_on_reply",
    "t_precheck_trans",
    "t_relay",
    "t_release",
    "t_replicate",
    "t_reply",
    "t_set_fr",
]
