"""What a phone did, and all there is to see of it: its flow, its ladder, its messages, the commands said for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from labsip.lab.given import PROXY, party_of, summary_of
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.message import Response, parse_message

if TYPE_CHECKING:
    import pandas as pd

    from labsip.findings import Explanation
    from labsip.lab.lab import Lab
    from labsip.live import Explorer
    from labsip.live.transactions import Transactions
    from labsip.view.before_after import BeforeAfter
    from labsip.view.ladder import Ladder
    from labsip.view.listing import Changes, MessageView


class Record:
    """A part of a lab's record; which rows of the flow belong to it, a subclass says."""

    def __init__(self, lab: Lab, call_id: str) -> None:
        self.lab = lab
        self.call_id = call_id
        """The Call-ID of its messages."""

    def _belongs(self, flow: pd.DataFrame) -> pd.Series[bool]:
        raise NotImplementedError

    @property
    def flow(self) -> pd.DataFrame:
        """Its messages, a row each: the columns of `lab.flow`."""
        flow = self.lab.flow
        return flow[self._belongs(flow)]

    def ladder(self, *, times: bool = True, fold: bool = True, sdp: bool = False) -> Ladder:
        """Its messages as a sequence plot, the first at 0.000 s.

        times: seconds in the margin; fold: long runs of repeats as one arrow; sdp: the media below the arrow.
        """
        from labsip.view.ladder import Ladder

        flow = self.flow
        return Ladder(flow.assign(t=flow["t"] - flow["t"].min()), times=times, fold=fold, sdp=sdp)

    def explain(self) -> Explanation:
        """What went wrong in it, in plain words, each tied to the messages that show it."""
        from labsip.findings import explain

        return explain(self.lab.flow, self.call_id)

    def to_pcap(self, path: str | Path, *, documentation_addresses: bool = False) -> None:
        """Write its messages to a `.pcap` or `.pcapng` file. Raises LabError for another suffix."""
        self.lab._to_pcap(path, self.flow, documentation_addresses)

    def watch(self) -> Explorer:
        """Its messages to walk through, each with the lines of the route that ran for it."""
        from labsip.live import watch

        return watch(self)

    def transactions(self) -> Transactions:
        """The transactions behind it, at every party: the RFC's figure, and the way each took."""
        from labsip.live.transactions import transactions

        return transactions(self)

    def steps(self) -> pd.DataFrame:
        """The commands a route said for its requests, in order.

        Columns: request (`INVITE from 106`), line (of the route), said, result (Kamailio's return code), text (xlog).
        The index is the command's row in the record, which a message names that was sent by it (`flow["command"]`).
        """
        return self.lab.steps(self)

    @property
    def responses(self) -> list[Response]:
        """The responses in it, in order; those that can't be read are left out."""
        found = []
        for raw in self.flow["raw"]:
            try:
                message = parse_message(raw)
            except BadMessage:
                continue
            if isinstance(message, Response):
                found.append(message)
        return found

    def message(self, summary: str, *, src: str | None = None, dst: str | None = None) -> MessageView:
        """The first message of that summary, or of its first words (`180`), whole; src and dst narrow it down.

        Raises LabError with what there is if there is none.
        """
        return self.lab.message(self._row(summary, src, dst))

    def changes(self, summary: str, *, dst: str | None = None) -> Changes:
        """What the proxy changed: the first such message that came in beside the one that went out because of it.

        dst: to whom, where there are several. Raises LabError if nothing like it went out.
        """
        flow, summary, dst = self.flow, summary_of(summary), party_of(dst, self._parties)
        for row in self._rows(flow, summary, None, "proxy"):
            out = flow[(flow["cause"] == row) & (flow["src"] == "proxy") & _is(flow, str(flow.loc[row, "summary"]))]
            if dst is not None:
                out = out[out["dst"] == dst]
            if len(out):
                return self.lab.changes(row, int(out.index[0]))
        raise LabError(f"the proxy passed no {summary} on{_narrowed(None, dst)}; it carried {_listed(flow)}")

    def tables(self, summary: str, *, src: str | None = None, dst: str | None = None) -> BeforeAfter:
        """The proxy's location table and its transactions before and after that message, which `message` would give.

        Raises LabError with what there is if there is none.
        """
        return self.lab.tables(self._row(summary, src, dst))

    @property
    def _parties(self) -> list[str]:
        """Who can be meant: those there are, and those from outside who are in it."""
        flow = self.flow
        names = [PROXY, *(phone.name for phone in self.lab.phones), *flow["src"], *flow["dst"]]
        return list(dict.fromkeys(names))

    def _row(self, summary: object, src: object, dst: object) -> int:
        return self._found(summary_of(summary), party_of(src, self._parties), party_of(dst, self._parties))

    def _found(self, summary: str, src: str | None, dst: str | None) -> int:
        flow = self.flow
        rows = self._rows(flow, summary, src, dst)
        if not rows:
            raise LabError(f"there is no {summary}{_narrowed(src, dst)} in it, only {_listed(flow)}")
        return rows[0]

    @staticmethod
    def _rows(flow: pd.DataFrame, summary: str, src: str | None, dst: str | None) -> list[int]:
        fits = _is(flow, summary)
        if src is not None:
            fits &= flow["src"] == src
        if dst is not None:
            fits &= flow["dst"] == dst
        return [int(row) for row in flow.index[fits]]


class Exchange(Record):
    """One request of a phone and what came of it; its `repr` is the outcome.

    A request that was challenged is sent again under the next CSeq number: both belong to it.
    """

    def __init__(self, lab: Lab, title: str, call_id: str, cseqs: set[str]) -> None:
        super().__init__(lab, call_id)
        self.title = title
        self.cseqs = cseqs

    def __repr__(self) -> str:
        last = self.responses[-1:]
        return f"<{self.title}: {last[0].status} {last[0].reason}>" if last else f"<{self.title}: no answer>"

    def _belongs(self, flow: pd.DataFrame) -> pd.Series[bool]:
        return (flow["call_id"] == self.call_id) & flow["cseq"].isin(self.cseqs)


def _is(flow: pd.DataFrame, summary: str) -> pd.Series[bool]:
    return (flow["summary"] == summary) | flow["summary"].str.startswith(f"{summary} ")


def _narrowed(src: str | None, dst: str | None) -> str:
    return (f" from {src}" if src else "") + (f" to {dst}" if dst else "")


def _listed(flow: pd.DataFrame) -> str:
    return ", ".join(dict.fromkeys(flow["summary"])) or "nothing"
