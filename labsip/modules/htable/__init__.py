"""htable: values kept between messages, by key, in tables the settings declare (Kamailio's module of that name).

A route reads and sets `ksr["$sht(a=>$si)"]`; None takes an item out. `sht_lock` and `sht_unlock`
have nothing to do: one message is dealt with at a time, so nobody else can write between a read and a write.

`hash_table` is one of them, `hash_tables` those of a proxy, `hash_rows` keep them in a database, `hash_words` is what
routes say of them, `hash_iterators` go through them.
"""

from labsip.modules.htable.hash_iterators import ITEMS, ITERATION
from labsip.modules.htable.hash_table import MOST, HTable, declare
from labsip.modules.htable.hash_tables import EXPIRED, HTableParameters, HTables
from labsip.modules.htable.hash_words import COMMANDS, VARIABLES
from labsip.proxy.exports import Module

EXPORTS = Module(
    "htable",
    commands=(*COMMANDS, *ITERATION),
    variables={**VARIABLES, **ITEMS},
    parameters=HTableParameters,
    state=HTables,
    hooks=(HTables.wake, HTables.next_wake, HTables.end),
    events=("htable:mod-init", EXPIRED),
)

__all__ = ["EXPORTS", "MOST", "HTable", "HTableParameters", "HTables", "declare"]
