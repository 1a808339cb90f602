"""What a soak's trace tells: the messages of each call, kept until it is judged, and how the wires treated them all."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Set
from itertools import islice

from labsip.sip.transport import Address
from labsip.trace import DatagramRow, Trace

_CALL_ID = re.compile(rb"\r\nCall-ID: ([^\r]+)")


class Record:
    """A trace, read before its ring turns over."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.counts: Counter[str] = Counter()
        """`messages` sent; of those `lost` by a wire, sent to a phone that `crashed`, `repeated` by who sent them,
        `duplicated` by a wire, `overtaken` by one that was sent later."""
        self._read = trace.next_datagram
        self._calls: dict[str, list[DatagramRow]] = {}
        self._sent: OrderedDict[tuple[Address, Address, bytes], float] = OrderedDict()
        self._arrived: dict[tuple[Address, Address], float] = {}

    def keep(self, call_id: str) -> None:
        """From now on the messages of this call are kept."""
        self._calls.setdefault(call_id, [])

    def take(self, call_id: str) -> list[DatagramRow]:
        """Its messages, which are kept no longer."""
        return self._calls.pop(call_id)

    def read(self, absent: Set[Address]) -> None:
        """Read the rows that are new; `absent`: where no phone has been meanwhile."""
        new = self.trace.next_datagram - self._read
        passed = self.trace.datagrams
        assert new <= len(passed), f"{new} rows since the last look, the ring has {len(passed)}"
        self._read += new
        for row in islice(passed, len(passed) - new, None):
            self._count(row, absent)
            found = _CALL_ID.search(row.raw)
            if found and (rows := self._calls.get(found[1].decode())) is not None:
                rows.append(row)

    def _count(self, row: DatagramRow, absent: Set[Address]) -> None:
        way, counts = (row.src, row.dst), self.counts
        before = self._sent.pop((*way, row.raw), None)
        self._sent[*way, row.raw] = row.t
        if len(self._sent) > self.trace.rows:
            self._sent.popitem(last=False)
        counts["messages"] += before != row.t
        counts["repeated"] += before is not None and before != row.t
        counts["duplicated"] += before == row.t
        if row.lost:
            counts["crashed" if row.dst in absent else "lost"] += 1
            return
        arrives = row.t + row.late
        counts["overtaken"] += arrives < self._arrived.get(way, 0.0)
        self._arrived[way] = max(arrives, self._arrived.get(way, 0.0))
