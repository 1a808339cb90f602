"""A part of what a lab has recorded, a call or one request, and all there is to see of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labsip.flow.rows import Flow, FlowRow
from labsip.lab import views
from labsip.lab.inputs import party_of, summary_of
from labsip.phone.phone_call import CallState, PhoneCall
from labsip.sip.errors import LabError
from labsip.sip.message import Response
from labsip.testbed import Testbed, Trail
from labsip.trace import PROXY

if TYPE_CHECKING:
    import pandas as pd

    from labsip.findings import Explanation
    from labsip.lab.phone import Phone
    from labsip.live import Explorer
    from labsip.live.transactions import Transactions
    from labsip.view.before_after import BeforeAfter
    from labsip.view.ladder import Ladder
    from labsip.view.listing import Changes, MessageView


class Record:
    """The messages of a call, or of one request."""

    def __init__(self, bed: Testbed, trail: Trail) -> None:
        self.testbed = bed
        self.trail = trail

    @property
    def call_id(self) -> str:
        """The Call-ID of its messages."""
        return self.trail.call_id

    @property
    def messages(self) -> Flow:
        """Its messages, a row each, without pandas."""
        return self.trail.in_flow(self.whole)

    @property
    def whole(self) -> Flow:
        """Every message its lab has recorded: what went wrong in it may have begun elsewhere."""
        return views.flow(self.testbed)

    @property
    def flow(self) -> pd.DataFrame:
        """Its messages, a row each: the columns of `lab.flow`."""
        return self.messages.table()

    def ladder(self, *, times: bool = True, fold: bool = True, sdp: bool = False) -> Ladder:
        """Its messages as a sequence plot, the first at 0.000 s.

        times: seconds in the margin; fold: long runs of repeats as one arrow; sdp: the media below the arrow.
        """
        from labsip.view.ladder import Ladder

        return Ladder(self.messages.from_zero(), times=times, fold=fold, sdp=sdp)

    def explain(self) -> Explanation:
        """What went wrong in it, in plain words, each tied to the messages that show it."""
        from labsip.findings import explain

        return explain(self.whole, self.call_id)

    def to_pcap(self, path: str | Path, *, documentation_addresses: bool = False) -> None:
        """Write its messages to a `.pcap` or `.pcapng` file. Raises LabError for another suffix."""
        views.to_pcap(self.testbed, path, self.messages, documentation_addresses)

    def watch(self) -> Explorer:
        """Its messages to walk through, each with the lines of the route that ran for it."""
        from labsip.live import watch

        return watch(self.testbed, self.trail)

    def transactions(self) -> Transactions:
        """The transactions behind it, at every party: the RFC's figure, and the way each took."""
        from labsip.live.transactions import transactions

        return transactions(self.testbed, self.trail)

    def steps(self) -> pd.DataFrame:
        """The commands a route ran for its requests, in order.

        Columns: request (`INVITE from 106`), route, line (in it), command, result (Kamailio's return code), text
        (xlog). The index is the command's row in the record, which a message names that was sent by it
        (`flow["command"]`).
        """
        return views.steps(self.testbed, self.messages)

    @property
    def responses(self) -> list[Response]:
        """The responses in it, in order; those that can't be read are left out."""
        return [one.message for one in self.messages if isinstance(one.message, Response)]

    def message(self, summary: str, *, src: str | None = None, dst: str | None = None) -> MessageView:
        """The first message of that summary, or of its first words (`180`), whole; src and dst narrow it down.

        Raises LabError with what there is if there is none.
        """
        return views.message(self.testbed, self._first(summary, src, dst).row)

    def changes(self, summary: str, *, dst: str | None = None) -> Changes:
        """What the proxy changed: the first such message that came in beside the one that went out because of it.

        dst: to whom, where there are several. Raises LabError if nothing like it went out.
        """
        flow = self.messages
        summary, dst = summary_of(summary), party_of(dst, self._parties(flow))
        for came in flow.like(summary, dst=PROXY):
            for went in flow.caused_by(came.row).like(came.summary, src=PROXY, dst=dst):
                return views.changes(self.testbed, came.row, went.row)
        to = f" to {dst}" if dst else ""
        raise LabError(f"the proxy passed no {summary} on{to}; it carried {', '.join(flow.summaries) or 'nothing'}")

    def tables(self, summary: str, *, src: str | None = None, dst: str | None = None) -> BeforeAfter:
        """The proxy's location table and its transactions before and after that message, which `message` would give.

        Raises LabError with what there is if there is none.
        """
        return views.tables(self.testbed, self._first(summary, src, dst).row)

    def _first(self, summary: object, src: object, dst: object) -> FlowRow:
        flow = self.messages
        parties = self._parties(flow)
        return flow.first(summary_of(summary), src=party_of(src, parties), dst=party_of(dst, parties))

    def _parties(self, flow: Flow) -> Sequence[str]:
        """Who can be meant: those there are, and those from outside who are in it."""
        return list(dict.fromkeys([*self.testbed.parties, *flow.parties]))


class Exchange(Record):
    """One request of a phone and what came of it; its `repr` is the outcome.

    A request that was challenged is sent again under the next CSeq number: both belong to it.
    """

    def __repr__(self) -> str:
        last = self.responses[-1:]
        outcome = f"{last[0].status} {last[0].reason}" if last else "no answer"
        return f"<{self.trail.title}: {outcome}>"


class Call(Record):
    """A call; its `repr` tells how far it is. All its messages are in `flow`, whoever sent them."""

    def __init__(self, phone: Phone, call: PhoneCall) -> None:
        super().__init__(phone.handset.testbed, Trail(call.call_id))
        self.phone = phone
        self._call = call

    def __repr__(self) -> str:
        return repr(self._call)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and self._call is other._call

    def __hash__(self) -> int:
        return hash(self._call)

    @property
    def state(self) -> CallState:
        """calling, trying, ringing, cancelling, answered, ended, cancelled or failed."""
        return self._call.state

    @property
    def status(self) -> int | None:
        """Of the last response to its INVITE, None before the first."""
        return self._call.status

    def cancel(self) -> None:
        """Give up before the other end answers; if it has, hang up."""
        self.phone.handset.cancel(self._call)

    def hang_up(self) -> None:
        """End it: BYE if it is answered, else CANCEL."""
        self.phone.handset.hang_up(self._call)

    def hold(self) -> None:
        """Put the other end on hold."""
        handset = self.phone.handset
        handset.do(partial(handset.node.hold, self._call))

    def resume(self) -> None:
        """Take the other end back from hold."""
        handset = self.phone.handset
        handset.do(partial(handset.node.resume, self._call))
