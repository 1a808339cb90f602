"""What a lab has seen, as tables and pictures: the location table, the flow, the commands, the log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from labsip.flow.files import writing
from labsip.lab.exchange import Record
from labsip.lab.given import row_of
from labsip.net.network import Network
from labsip.proxy.fault import RouteError
from labsip.proxy.receive import Proxy
from labsip.sip.errors import LabError
from labsip.vocabulary import location

if TYPE_CHECKING:
    import pandas as pd

    from labsip.findings import Explanation
    from labsip.view.before_after import BeforeAfter
    from labsip.view.ladder import Ladder
    from labsip.view.listing import Changes, MessageView


class Seen:
    """The record of a network with a proxy on it."""

    _net: Network
    _proxy: Proxy

    @property
    def location(self) -> pd.DataFrame:
        """The location table: a row a contact, AoR first, then the fields of Kamailio's `ul.dump`."""
        from labsip.flow.tables import location_table

        return location_table(self._net.ask(lambda now: location(self._proxy, now)))

    @property
    def flow(self) -> pd.DataFrame:
        """Every message, a row each, oldest first; the index is its row in the record.

        Columns: t [s], src, dst (names), proto, method, status, summary, kind, call_id, cseq, branch, raw (bytes),
        repeat, lost, late [s], cause (row of the message that led to it), command (row of the command that sent it).
        """
        from labsip.flow.tables import flow_table

        trace = self._net.trace
        return flow_table(self._net.ask(lambda _: list(trace.datagrams)), trace.names, trace.marks)

    def ladder(self, *, times: bool = True, fold: bool = True, sdp: bool = False) -> Ladder:
        """Every message as a sequence plot.

        times: seconds in the margin; fold: long runs of repeats as one arrow; sdp: the media below the arrow.
        """
        from labsip.view.ladder import Ladder

        return Ladder(self.flow, times=times, fold=fold, sdp=sdp)

    def steps(self, of: Record | int | None = None) -> pd.DataFrame:
        """The commands routes said, in order; `of`: for a call, for the message of one row, None: for all.

        Columns: request (`INVITE from 106`), route, line (in it), command, result (its return code), text (xlog).
        """
        from labsip.flow.tables import steps_table

        flow = self.flow if not isinstance(of, Record) else of.flow
        row = None if of is None or isinstance(of, Record) else row_of(of)
        trace = self._net.trace
        steps = steps_table(self._net.ask(lambda _: list(trace.commands)))
        steps = steps[steps["request"].isin(flow.index if row is None else [row])]
        told = flow["summary"] + " from " + flow["src"]
        return steps.assign(request=steps["request"].map(told))[
            ["request", "route", "line", "command", "result", "text"]
        ]

    def message(self, row: int) -> MessageView:
        """The message of that row of `flow`, whole."""
        from labsip.view.listing import MessageView

        return MessageView(*self._told_of(row))

    def changes(self, row: int, out: int) -> Changes:
        """The message of one row beside that of another, header by header: what was added, removed, changed."""
        from labsip.view.listing import changes

        return changes(self._told_of(row)[0], self._told_of(out)[0])

    def tables(self, row: int) -> BeforeAfter:
        """The proxy's location table and its transactions before and after the message of that row."""
        from labsip.view.before_after import before_after

        number = row_of(row)
        return self._net.ask(lambda _: before_after(self._net.trace, number))

    def _told_of(self, row: int) -> tuple[bytes, str]:
        trace, row = self._net.trace, row_of(row)
        one = self._net.ask(lambda _: next((one for one in trace.datagrams if one.row == row), None))
        if one is None:
            raise LabError(f"no message has row {row}; lab.flow has the rows there are")
        src, dst = (trace.names.get(address) or str(address) for address in (one.src, one.dst))
        return one.raw, f"{src} -> {dst}"

    @property
    def calls(self) -> pd.DataFrame:
        """Who called whom, when, and how it went: a row a call, registration or other exchange (`labsip.calls`)."""
        from labsip.flow.calls import calls

        return calls(self.flow)

    def explain(self) -> Explanation:
        """What went wrong, in plain words, each tied to the messages that show it."""
        from labsip.findings import explain

        return explain(self.flow)

    def to_pcap(self, path: str | Path, *, documentation_addresses: bool = False) -> None:
        """Write every message to a `.pcap` or `.pcapng` file, as `lab.capture` does while they happen.

        Raises LabError for another suffix.
        """
        self._to_pcap(path, self.flow, documentation_addresses)

    def _to_pcap(self, path: str | Path, flow: pd.DataFrame, documentation_addresses: bool) -> None:
        from labsip.pcap import write_pcap

        commands = self._net.ask(lambda _: list(self._net.trace.commands))
        with writing(path) as file:
            write_pcap(file, flow, commands=commands, documentation_addresses=documentation_addresses)

    @property
    def log(self) -> pd.DataFrame:
        """What routes printed with xlog, and the proxy's own plain words about what went wrong: t [s], text."""
        import pandas as pd

        trace = self._net.trace
        lines = self._net.ask(lambda _: [*trace.notes, *((one.t, one.text) for one in trace.commands if one.text)])
        return pd.DataFrame(sorted(lines), columns=["t", "text"])

    @property
    def stats(self) -> pd.DataFrame:
        """What the proxy dropped or refused by itself, and how often: what (`too large`, `overload`, ...), count."""
        import pandas as pd

        return pd.DataFrame(sorted(self._proxy.stats.items()), columns=["what", "count"])

    @property
    def errors(self) -> list[RouteError]:
        """Routes that raised: route, request, text (where, and the error)."""
        return list(self._proxy.errors)

    def clear(self) -> None:
        """Forget the record and begin a new one, at 0 s; numbering goes on."""
        self._net.ask(self._net.trace.clear)
