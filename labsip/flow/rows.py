"""A flow: the messages of a record as rows, in order of time. Everything that reads a record reads these rows.

A flow comes from a trace (`Flow.of_trace`, `Flow.of_datagrams`), from a capture file (`pcap.read_flow`), or from a
table that somebody has filtered or edited (`Flow.of`). Its own table, a pandas DataFrame, is made when somebody asks
for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from labsip.flow.files import short
from labsip.flow.skim import fields_of
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.message import Message, parse_message
from labsip.sip.transport import Address
from labsip.trace import DatagramRow, Trace

if TYPE_CHECKING:
    import pandas as pd


RUNS = 12
"""Runs of numbers that `ranges` writes out."""


class FlowRow(NamedTuple):
    """One message."""

    row: int
    """Its row in the trace."""
    t: float
    """When it was sent: seconds since the trace began."""
    src: str
    dst: str
    """Parties by name; by address where they have none."""
    proto: str = "udp"
    """What carried it: `udp`, `tcp`, `tls`, ..."""
    method: str = ""
    """Of the request, or of a response's CSeq."""
    status: int | None = None
    """None for a request."""
    summary: str = ""
    """What a ladder writes on the arrow: `INVITE`, `180 Ringing`, `200 OK (BYE)`."""
    kind: str = "other"
    """`request`, `provisional`, `success`, `failure`, or `other`: no SIP message."""
    call_id: str = ""
    cseq: str = ""
    """`1 INVITE`."""
    branch: str = ""
    raw: bytes = b""
    repeat: bool = False
    """The same bytes went the same way before."""
    lost: bool = False
    late: float = 0.0
    """Seconds a wire held it back."""
    cause: int | None = None
    """Row of the message that made its sender send it; None for a timer, a person or a phone."""
    command: int | None = None
    """Row of the command that sent it."""

    @property
    def message(self) -> Message | None:
        """The message itself, None if it can't be read."""
        return _parsed(self.raw)

    @property
    def line(self) -> str:
        """Its method, or its status and reason: the summary without the method of a response."""
        return self.summary if self.status is None else self.summary.removesuffix(f" ({self.method})")

    @property
    def in_dialog(self) -> bool:
        """Whether its To has a tag: of a request, that it is sent within a dialog (RFC 3261 §12.2)."""
        try:
            return bool(self.message and self.message.to.tag)
        except BadMessage:
            return False

    @property
    def final(self) -> bool:
        """A response of 200 or higher."""
        return self.status is not None and self.status >= 200


# fmt: off
FLOW = {
    "t": "float64", "src": "str", "dst": "str", "proto": "str", "method": "str", "status": "Int64", "summary": "str",
    "kind": "str", "call_id": "str", "cseq": "str", "branch": "str", "raw": "object", "repeat": "bool", "lost": "bool",
    "late": "float64", "cause": "Int64", "command": "Int64",
}
# fmt: on
"""The columns of a flow's table and their types; its index is `row`."""
NEEDED = tuple(name for name in FLOW if name not in ("proto", "late", "cause", "command"))
"""Columns without which a table is no flow, unless somebody needs fewer."""
OPTIONAL = {name: FlowRow._field_defaults[name] for name in FLOW if name in FlowRow._field_defaults}
"""What a row has where a table lacks the column."""


class Flow(Sequence[FlowRow]):
    """Messages in order of time, and what is known about all of them."""

    def __init__(
        self,
        rows: Iterable[FlowRow],
        *,
        names: Mapping[str, str] | None = None,
        marks: Mapping[int, str] | None = None,
        left_out: Sequence[str] | None = None,
        start: float | None = None,
        frame: pd.DataFrame | None = None,
    ) -> None:
        self.rows = list(rows)
        self.names = names
        """host:port → party; None if that is unknown."""
        self.marks = marks or {}
        """Row → what was done to the proxy before it."""
        self.left_out = left_out
        """A line for each reason for which packets of a capture are not among the rows; None if it is no capture."""
        self.start = start
        """Seconds since 1970 at t = 0; None if unknown."""
        self._frame = frame

    @classmethod
    def of(cls, flow: Any, needs: Collection[str] = NEEDED, reason: str = "") -> Flow:
        """A flow, the table of one, or whatever has one as its `flow`: a lab, a call, a ladder.

        needs: columns a table must have; for the others, rows have the default. Raises LabError for anything else, and,
        beginning with `reason`, for a table that lacks a column.
        """
        found = flow if isinstance(flow, Flow) or _is_table(flow) else getattr(flow, "flow", None)
        if isinstance(found, Flow):
            found.check(needs, reason)
            return found
        if found is None or not _is_table(found):
            name = repr(str(flow)) if isinstance(flow, (str, Path)) else "FILE"
            raise LabError(
                f"this needs a flow, not {short(flow)}; give it a lab, a call, lab.flow or read_pcap({name})"
            )
        _check(found, needs, reason)
        attrs = {key: found.attrs.get(key) for key in ("names", "marks", "left_out", "start")}
        return cls(_rows(found), frame=found, **attrs)

    @classmethod
    def of_trace(cls, trace: Trace) -> Flow:
        """The flow of a trace as it is now; of one that grows in another thread, give `of_datagrams` a copy."""
        return cls.of_datagrams(list(trace.datagrams), trace.names, list(trace.marks))

    @classmethod
    def of_datagrams(
        cls,
        datagrams: Iterable[DatagramRow],
        names: Mapping[Address, str],
        marks: Iterable[tuple[int, str]] = (),
        *,
        left_out: Sequence[str] | None = None,
        start: float | None = None,
    ) -> Flow:
        """The flow of rows of a trace, or of a capture: each message read as far as it can be."""
        known = {str(address): name for address, name in names.items()}
        return cls(_read(datagrams, names), names=known, marks=dict(marks), left_out=left_out, start=start)

    @overload
    def __getitem__(self, place: int) -> FlowRow: ...
    @overload
    def __getitem__(self, place: slice) -> Flow: ...
    def __getitem__(self, place: int | slice) -> FlowRow | Flow:
        return self.rows[place] if isinstance(place, int) else self._with(self.rows[place])

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[FlowRow]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"<Flow of {len(self)} messages>"

    @property
    def lacks(self) -> set[str]:
        """Columns that the table it was made from did not have."""
        return set() if self._frame is None else FLOW.keys() - set(self._frame.columns)

    @property
    def media(self) -> list[str]:
        """What to write below each arrow: the column `media` of the table it was made from, else nothing."""
        frame = self._frame
        return frame["media"].tolist() if frame is not None and "media" in frame else [""] * len(self)

    @property
    def parties(self) -> list[str]:
        """Everyone who sent or received something, in order of first appearance, senders first."""
        return list(dict.fromkeys([*(one.src for one in self.rows), *(one.dst for one in self.rows)]))

    @property
    def summaries(self) -> list[str]:
        """What it carried, each summary once: `INVITE`, `100 Trying`, `180 Ringing`."""
        return list(dict.fromkeys(one.summary for one in self.rows))

    def where(self, fits: Callable[[FlowRow], bool]) -> Flow:
        """The messages for which that holds."""
        return self._with(filter(fits, self.rows))

    def of_call(self, call_id: str, cseqs: Collection[str] | None = None) -> Flow:
        """The messages of a Call-ID; with `cseqs` (`1 INVITE`), those of these requests."""
        return self.where(lambda one: one.call_id == call_id and (cseqs is None or one.cseq in cseqs))

    def like(self, summary: str, *, src: str | None = None, dst: str | None = None) -> Flow:
        """The messages with that summary, or whose summary begins with these words (`180`); from src, to dst."""
        begins = f"{summary} "
        return self.where(
            lambda one: (
                (one.summary == summary or one.summary.startswith(begins))
                and src in (None, one.src)
                and dst in (None, one.dst)
            )
        )

    def first(self, summary: str, *, src: str | None = None, dst: str | None = None) -> FlowRow:
        """The first message that `like` finds. Raises LabError, with what there is, if there is none."""
        found = self.like(summary, src=src, dst=dst)
        if not found:
            ends = (f" from {src}" if src else "") + (f" to {dst}" if dst else "")
            raise LabError(f"there is no {summary}{ends} in it, only {', '.join(self.summaries) or 'nothing'}")
        return found[0]

    def caused_by(self, row: int) -> Flow:
        """The messages that were sent because of the one of that row."""
        return self.where(lambda one: one.cause == row)

    def from_zero(self) -> Flow:
        """The same messages, the first of them at 0 s."""
        begin = min((one.t for one in self.rows), default=0.0)
        return self._with(one._replace(t=one.t - begin) for one in self.rows)

    def check(self, needs: Collection[str], reason: str = "") -> None:
        """Raise LabError if the table it was made from lacks one of these columns."""
        if self._frame is not None:
            _check(self._frame, needs, reason)

    def table(self) -> pd.DataFrame:
        """The flow as a DataFrame, a row a message: columns as in FLOW, index `row`; `attrs` has what is known of it.

        Of a flow that was made from a table: that table.
        """
        if self._frame is not None:
            return self._frame
        import pandas as pd

        index = pd.Index([one.row for one in self.rows], name="row", dtype="int64")
        frame = pd.DataFrame([one[1:] for one in self.rows], columns=list(FLOW), index=index).astype(FLOW)
        known = {"names": self.names, "marks": dict(self.marks), "left_out": self.left_out, "start": self.start}
        frame.attrs |= {key: value for key, value in known.items() if value is not None}
        return frame

    def _with(self, rows: Iterable[FlowRow]) -> Flow:
        return Flow(rows, names=self.names, marks=self.marks, left_out=self.left_out, start=self.start)


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as people write them: `3, 7-9`; of more than RUNS runs, the first ones, `...` and the last."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] + 1 == number:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    texts = ["-".join(map(str, run)) for run in runs]
    return ", ".join(texts if len(texts) <= RUNS else [*texts[: RUNS - 1], "...", texts[-1]])


def _read(datagrams: Iterable[DatagramRow], names: Mapping[Address, str]) -> Iterator[FlowRow]:
    seen = set()
    new = tuple.__new__
    for row, t, src, dst, raw, cause, command, lost, proto, late in datagrams:
        way = (src, dst, raw)
        ends = (names.get(src) or str(src), names.get(dst) or str(dst))
        yield new(FlowRow, (row, t, *ends, proto, *fields_of(raw), raw, way in seen, lost, late, cause, command))
        seen.add(way)


def _rows(frame: pd.DataFrame) -> Iterator[FlowRow]:
    columns = [_values(frame, name) for name in FLOW]
    return map(FlowRow, frame.index.tolist(), *columns)


def _values(frame: pd.DataFrame, name: str) -> list[Any]:
    if name not in frame:
        return [OPTIONAL.get(name, "")] * len(frame)
    column = frame[name]
    if name in ("status", "cause", "command"):
        column = column.astype(object).where(column.notna(), None)
    values: list[Any] = column.tolist()
    return values


def _check(frame: pd.DataFrame, needs: Collection[str], reason: str) -> None:
    if missing := [name for name in needs if name not in frame]:
        reason = reason or "this needs a flow, such as lab.flow or read_pcap gives; no column"
        raise LabError(f"{reason} {', '.join(missing)}")


def _is_table(value: object) -> bool:
    return hasattr(value, "itertuples") and hasattr(value, "columns")


@lru_cache(maxsize=8192)
def _parsed(raw: bytes) -> Message | None:
    try:
        message = parse_message(raw)
        message.line_count  # noqa: B018 - read now: a message with damaged headers can't be read
    except BadMessage:
        return None
    return message
