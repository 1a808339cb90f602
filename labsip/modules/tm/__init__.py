"""tm: transactions, as Kamailio's module of that name keeps them (RFC 3261 §16.7 to §16.10, §17).

`lookup` finds the transaction of a message, `fwd` opens branches, `reply` takes their responses and picks the best,
`cancel` ends them, `words` is what a route says. The machines under it are in `sip.transaction`.
"""

from labsip.modules.tm.lookup import Tm
from labsip.modules.tm.words import (
    t_check_trans,
    t_is_canceled,
    t_newtran,
    t_on_branch,
    t_on_failure,
    t_on_reply,
    t_relay,
    t_reply,
    t_set_fr,
)

__all__ = [
    "Tm",
    "t_check_trans",
    "t_is_canceled",
    "t_newtran",
    "t_on_branch",
    "t_on_failure",
    "t_on_reply",
    "t_relay",
    "t_reply",
    "t_set_fr",
]
