"""acc: what calls came of, a row each (Kamailio's module of that name). `lab.acc` shows the rows.

Which transactions are told of, flags say that a route sets: `log_flag` for those that are answered, `log_missed_flag`
for calls nobody took. A line in the log goes with each row, and where `acc_db_url` is set, a row of the table `acc`
or `missed_calls`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from labsip.modules import pv
from labsip.modules.databases import Databases, insert
from labsip.proxy.command import command
from labsip.proxy.exports import Ending, Module
from labsip.proxy.receive import Proxy
from labsip.proxy.script import ANY
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import PHRASES
from labsip.sip.message import Message, Response, parse_message

KEPT = 10_000
"""Rows kept; the oldest fall out."""
ANSWERED, MISSED, ACKED, REQUESTED = "transaction answered", "call missed", "request acknowledged", "request accounted"
"""What a row tells of."""


@dataclass(frozen=True)
class AccParameters:
    """Parameters of acc; a flag of -1 is none."""

    log_flag: int = -1
    """Transactions of requests with this flag leave a row when they are answered."""
    log_missed_flag: int = -1
    """INVITEs with this flag do when all they were sent to refuse."""
    failed_transaction_flag: int = -1
    """Only with this flag a negative answer leaves one, too."""
    log_extra: str = ""
    """More columns: "src_user=$fU;src_ip=$si"."""
    early_media: bool = False
    """183 leaves a row, too; no lab sends one late enough to matter."""
    report_ack: bool = False
    """ACKs with log_flag leave one."""
    db_flag: int = -1
    """As log_flag, for a row in the database."""
    db_missed_flag: int = -1
    """As log_missed_flag."""
    db_extra: str = ""
    """As log_extra."""
    acc_db_url: str = ""
    """Where the tables `acc` and `missed_calls` are (acc's db_url)."""
    db_table_acc: str = "acc"
    db_table_missed_calls: str = "missed_calls"


class AccRow(NamedTuple):
    """What a call came of."""

    event: str
    """`ANSWERED`, `MISSED`, `ACKED` or `REQUESTED`."""
    time: float
    """Seconds since the record began."""
    method: str
    from_tag: str
    to_tag: str
    callid: str
    code: str
    """Status, three digits; "" where a route gave none."""
    reason: str
    extra: tuple[tuple[str, str], ...] = ()
    """Columns that log_extra adds."""


@dataclass(slots=True)
class Missed:
    """acc's note on a request's turn: its call has been told of as missed."""

    told: bool = False


class Acc(ModuleState):
    """The rows of one proxy."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.rows: deque[AccRow] = deque(maxlen=KEPT)
        if self.parameters.acc_db_url:
            proxy.module(Databases).at(self.parameters.acc_db_url, "acc")  # refused at once, not at the first call

    @property
    def parameters(self) -> AccParameters:
        """Those of the proxy now."""
        return self.proxy.settings.of(AccParameters)

    def shown(self) -> list[dict[str, object]]:
        """The rows as `lab.acc` shows them."""
        fields = AccRow._fields[:-1]
        return [dict(zip(fields, row, strict=False)) | dict(row.extra) for row in self.rows]

    def on_failure(self, turn: Turn, outcome: Ending) -> None:
        """A call was missed, whatever a failure_route finds for it."""
        told = turn.note(Missed)
        if turn.request.method == "INVITE" and not told.told:
            told.told = True
            given = self.parameters
            self._write(MISSED, turn, outcome, given.log_missed_flag, given.db_missed_flag)

    def on_final(self, turn: Turn, outcome: Ending) -> None:
        """A transaction was answered."""
        given = self.parameters
        if outcome.status >= 300:
            self.on_failure(turn, outcome)
            if not _has(turn, given.failed_transaction_flag):
                return
        if turn.request.method != "CANCEL":
            self._write(ANSWERED, turn, outcome, given.log_flag, given.db_flag)

    def after_request(self, turn: Turn) -> None:
        """An ACK went by."""
        given = self.parameters
        if given.report_ack and turn.request.method == "ACK" and turn.outbox:
            self._write(ACKED, turn, Ending(turn.now, 200, None, False), given.log_flag, given.db_flag)

    def _write(self, event: str, turn: Turn, outcome: Ending, log_flag: int, db_flag: int) -> None:
        logs, keeps = _has(turn, log_flag), _has(turn, db_flag)
        if logs or keeps:
            reason, to_tag = _told(turn, outcome)
            if logs:
                self.log(event, turn, outcome.now, str(outcome.status), reason, to_tag)
            if keeps:
                missed = event is MISSED
                table = self.parameters.db_table_missed_calls if missed else self.parameters.db_table_acc
                self.keep(table, turn, outcome.now, str(outcome.status), reason, to_tag)

    def log(self, event: str, turn: Turn, now: float, code: str, reason: str, to_tag: str) -> None:
        """A row, and a line in the log."""
        request, trace = turn.request, self.proxy.trace
        extra = _extra(turn, self.parameters.log_extra)
        ids = request.method, request.from_.tag or "", to_tag, request.call_id
        self.rows.append(AccRow(event, now - trace.start, *ids, code, reason, extra))
        names = ("timestamp", "method", "from_tag", "to_tag", "call_id", "code", "reason")
        values = (str(int(self.proxy.began + now)), *ids, code, reason)
        pairs = [*zip(names, values, strict=True), *extra]
        trace.note(now, f"ACC: {event}: " + ";".join(f"{name}={value}" for name, value in pairs))

    def keep(self, table: str, turn: Turn, now: float, code: str, reason: str, to_tag: str) -> None:
        """A row in the database; where that can't be, the log says so."""
        request = turn.request
        row: dict[str, str | int | None] = {
            "method": request.method,
            "from_tag": request.from_.tag or "",
            "to_tag": to_tag,
            "callid": request.call_id,
            "sip_code": code,
            "sip_reason": reason,
            "time": datetime.fromtimestamp(self.proxy.began + now, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        }
        try:
            database = self.proxy.module(Databases).at(self.parameters.acc_db_url, "acc")
            database.query(insert(table, row | dict(_extra(turn, self.parameters.db_extra))))
        except LabError as error:
            self.proxy.trace.note(now, f"acc: no row of {request.call_id} was written: {error}")


def _has(turn: Turn, flag: int) -> bool:
    return flag >= 0 and bool(turn.flags.message >> flag & 1)


def _told(turn: Turn, outcome: Ending) -> tuple[str, str]:
    """Reason and To-tag of an outcome; of a response made here the RFC's phrase, as in Kamailio."""
    message: Message = turn.request
    if outcome.response is not None:
        try:
            message = parse_message(outcome.response)
        except BadMessage:
            return PHRASES.get(outcome.status, ""), ""
    relayed = isinstance(message, Response) and outcome.relayed
    reason = message.reason if relayed and isinstance(message, Response) else PHRASES.get(outcome.status, "")
    return reason, message.to.tag or ""


def _extra(turn: Turn, text: str) -> tuple[tuple[str, str], ...]:
    """Columns of "name=$variable;…", what is $null empty."""
    parts = [part.partition("=") for part in text.split(";") if part.strip()]
    return tuple((name.strip(), _filled(turn, value.strip())) for name, _, value in parts)


def _filled(turn: Turn, text: str) -> str:
    return (
        "" if text.startswith("$") and " " not in text and pv.expand(turn, text) == "<null>" else pv.expand(turn, text)
    )


@command(*ANY)
def acc_log_request(turn: Turn, /, comment: str) -> int:
    """Leave a row of the request at hand: "404 Nobody" has a code, "Nobody" none. 1.   Kamailio: acc"""
    code, reason = _comment(comment)
    turn.module(Acc).log(REQUESTED, turn, turn.now, code, reason, turn.message.to.tag or "")
    return 1


@command(*ANY)
def acc_db_request(turn: Turn, /, comment: str, table: str) -> int:
    """Leave a row of it in a table of the database. 1 · -1 there is no database.   Kamailio: acc"""
    acc, (code, reason) = turn.module(Acc), _comment(comment)
    if not acc.parameters.acc_db_url:
        return -1
    acc.keep(table, turn, turn.now, code, reason, turn.message.to.tag or "")
    return 1


def _comment(text: str) -> tuple[str, str]:
    code, _, reason = text.partition(" ")
    return (code, reason.strip()) if len(code) == 3 and code.isascii() and code.isdigit() else ("", text)


EXPORTS = Module(
    "acc",
    commands=(acc_log_request, acc_db_request),
    parameters=AccParameters,
    state=Acc,
    hooks=(Acc.on_failure, Acc.on_final, Acc.after_request),
)
