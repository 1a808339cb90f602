"""What a lab has recorded, as a cell sees it: tables, messages, a capture file. `Lab` and `Record` show them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from labsip.engine import TextEngine
from labsip.flow.files import writing
from labsip.flow.rows import Flow, FlowRow
from labsip.lab.inputs import row_of
from labsip.proxy.fault import RouteError
from labsip.sip.errors import LabError
from labsip.testbed import Testbed

if TYPE_CHECKING:
    import pandas as pd

    from labsip.view.before_after import BeforeAfter
    from labsip.view.listing import Changes, MessageView

ACC = ["method", "from_tag", "to_tag", "callid", "code", "reason", "time", "event"]
DIALOGS = [
    "h_entry", "h_id", "call-id", "from_uri", "to_uri", "from_tag", "to_tag", "state", "start_ts", "lifetime",
    "variables",
]  # fmt: skip
STEPS = ["request", "route", "line", "command", "result", "text"]


def flow(bed: Testbed) -> Flow:
    """Every message."""
    return bed.read(lambda _: Flow.of_trace(bed.trace))


def flow_table(bed: Testbed) -> pd.DataFrame:
    """Every message, a row each, oldest first; the index is its row in the record.

    Columns: t [s], src, dst (names), proto, method, status, summary, kind, call_id, cseq, branch, raw (bytes),
    repeat, lost, late [s], cause (row of the message that led to it), command (row of the command that sent it).
    """
    return flow(bed).table()


def calls(bed: Testbed) -> pd.DataFrame:
    """Who called whom, when, and how it went: a row a call, registration or other exchange (`labsip.calls`)."""
    from labsip.flow.calls import calls

    return calls(flow(bed))


def location(bed: Testbed) -> pd.DataFrame:
    """The location table: a row a contact, AoR first, then the fields of Kamailio's `ul.dump`."""
    from labsip.flow.tables import location_table

    return location_table(bed.read(lambda _: bed.engine.location()))


def acc(bed: Testbed) -> pd.DataFrame:
    """What calls came of: a row for each transaction that acc was told to account, oldest first.

    Columns: method, from_tag, to_tag, callid, code, reason, time [s since the record began], event (`transaction
    answered`, `call missed`, …), and those that `log_extra` names.
    """
    import pandas as pd

    rows = bed.read(lambda _: list(bed.engine.rows("acc")))
    extra = list(dict.fromkeys(name for row in rows for name in row if name not in ACC))
    return pd.DataFrame(rows, columns=[*ACC, *extra])


def dialogs(bed: Testbed) -> pd.DataFrame:
    """The calls that `dlg_manage` looks after: a row each, with the fields of Kamailio's `dlg.list`."""
    import pandas as pd

    return pd.DataFrame(bed.read(lambda _: list(bed.engine.rows("dialogs"))), columns=DIALOGS)


def steps(bed: Testbed, messages: Flow) -> pd.DataFrame:
    """The commands that routes ran for these messages: the columns of `Lab.steps`."""
    from labsip.flow.tables import steps_table

    if isinstance(bed.engine, TextEngine) and bed.engine.no_steps:
        raise LabError(f"there are no steps: {bed.engine.no_steps}")
    table = steps_table(bed.read(lambda _: list(bed.trace.commands)))
    requests = {one.row: f"{one.summary} from {one.src}" for one in messages}
    table = table[table["request"].isin(list(requests))]
    return table.assign(request=table["request"].map(requests))[STEPS]


def message(bed: Testbed, row: int) -> MessageView:
    """See `Lab.message`."""
    from labsip.view.listing import MessageView

    one = _found(bed, row)
    return MessageView(one.raw, f"{one.src} -> {one.dst}")


def changes(bed: Testbed, row: int, out: int) -> Changes:
    """See `Lab.changes`."""
    from labsip.view.listing import changes

    return changes(_found(bed, row).raw, _found(bed, out).raw)


def tables(bed: Testbed, row: int) -> BeforeAfter:
    """See `Lab.tables`."""
    from labsip.view.before_after import before_after

    number = row_of(row)
    return bed.read(lambda _: before_after(bed.trace, number))


def to_pcap(bed: Testbed, path: str | Path, messages: Flow, documentation_addresses: bool) -> None:
    """Write these messages to a capture file, in a `.pcapng` with the commands that ran for them."""
    from labsip.pcap import write_pcap

    commands = bed.read(lambda _: list(bed.trace.commands))
    with writing(path) as file:
        write_pcap(file, messages, commands=commands, documentation_addresses=documentation_addresses)


def log(bed: Testbed) -> pd.DataFrame:
    """What routes printed with xlog, and the proxy's own plain words about what went wrong: t [s], text."""
    import pandas as pd

    return pd.DataFrame(bed.read(lambda _: bed.engine.log), columns=["t", "text"])


def stats(bed: Testbed) -> pd.DataFrame:
    """What the proxy dropped or refused by itself, and how often: what (`too large`, `overload`, ...), count."""
    import pandas as pd

    return pd.DataFrame(sorted(bed.engine.stats.items()), columns=["what", "count"])


def errors(bed: Testbed) -> list[RouteError]:
    """Routes that raised: route, request, text (where, and the error)."""
    return list(bed.engine.errors)


def _found(bed: Testbed, row: int) -> FlowRow:
    number = row_of(row)
    found = flow(bed).where(lambda one: one.row == number)
    if not found:
        raise LabError(f"no message has row {number}; lab.flow has the rows there are")
    return found[0]
