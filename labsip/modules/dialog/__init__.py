"""dialog: how the requests of a dialog are known again, and where they may lead (RFC 3261 §12, §16.12).

Our Record-Route bears a mark: an expiry, and a signature of it, the Call-ID and the caller's tag. Nobody else can make
one, but all who see the message can copy it. So as long as a dialog is remembered, the mark opens the way only from one
of its two ends, and only towards the other. A dialog that is over is remembered, too: its mark opens nothing. Where
nothing is remembered (after a restart, or beyond the limits), the signed part alone counts.

`mark` signs, `ends` is what is remembered of one dialog, `dialogs` all of them, `commands` what a route asks.

The calls a route looks after by itself, as in Kamailio, are in `dialog_table`; `words` is what it says to them, `bye`
ends them, `dlg_rpcs` is what is asked of them from outside.
"""

from labsip.modules.dialog.bye import dlg_bye
from labsip.modules.dialog.commands import dlg_keep_ends, is_known_dlg
from labsip.modules.dialog.dialog_table import DialogTable
from labsip.modules.dialog.dialogs import Dialogs
from labsip.modules.dialog.dlg_rpcs import RPCS, statistics
from labsip.modules.dialog.ends import DialogParameters, Passage
from labsip.modules.dialog.words import COMMANDS, VARIABLES
from labsip.proxy.exports import Module

EXPORTS = Module(
    "dialog",
    commands=(is_known_dlg, dlg_keep_ends, dlg_bye, *COMMANDS),
    variables=VARIABLES,
    parameters=DialogParameters,
    state=Dialogs,
    hooks=(Dialogs.on_response,),
)

TABLE_EXPORTS = Module(
    "dialog",
    state=DialogTable,
    hooks=(DialogTable.on_response, DialogTable.on_final, DialogTable.after_request),
    rpcs=RPCS,
    statistics=statistics,
    events=("dialog:start", "dialog:end", "dialog:failed"),
)
"""Another state of the same module."""

__all__ = ["EXPORTS", "TABLE_EXPORTS", "DialogParameters", "DialogTable", "Dialogs", "Passage"]
