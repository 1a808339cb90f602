"""pv: the message through Kamailio's pseudo-variables, `ksr["$ru"]` (Kamailio's core and its module pv).

`access` reads and sets them by name and fills texts in, `pvtext` reads how they are written. The tables: those of the
message in `message_variables`, what a script keeps in `stores` (`$var`, `$avp`, `$xavp`, `$shv`), `$sel` in
`selects`, transformations in `transformations`. Routes that are functions and those of a kamailio.cfg share them all.
"""

from labsip.modules.pv.access import check, expand, filled, find, read, write
from labsip.modules.pv.message_variables import VARIABLES
from labsip.modules.pv.selects import SELECTS
from labsip.modules.pv.stores import STORES, ProcessVariables, PvParameters
from labsip.modules.pv.transformations import TRANSFORMATIONS
from labsip.proxy.exports import Module

__all__ = ["EXPORTS", "ProcessVariables", "check", "expand", "filled", "find", "read", "write"]

EXPORTS = Module(
    "pv",
    variables={**VARIABLES, **SELECTS, **STORES},
    transformations=TRANSFORMATIONS,
    parameters=PvParameters,
    state=ProcessVariables,
)
