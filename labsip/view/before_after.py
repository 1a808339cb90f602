"""The proxy's tables before and after one message, below each other, as text and as a page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from labsip.flow.history import COLUMNS, LOCATION, TRANSACTIONS, TableRow, moment_of
from labsip.trace import Trace
from labsip.view.listing import LEGEND, TextLine, as_html, as_text

if TYPE_CHECKING:
    import pandas as pd

TITLES = {LOCATION: ("location table", "nobody is registered"), TRANSACTIONS: ("transactions", "none")}
"""The title of each table, and the text where it is empty."""


class BeforeAfter:
    """The location table and the transactions of the proxy, with a mark where one message changed them."""

    def __init__(self, title: str, note: str, tables: Mapping[str, Sequence[TableRow]]) -> None:
        """As a `flow.history.Moment` has them."""
        self.title = title
        self.note = note
        self.tables = tables

    @property
    def location(self) -> pd.DataFrame:
        """A row a contact: mark, AoR, Address, Expires (seconds left then), Q, CSeq. All text."""
        return self._frame(LOCATION)

    @property
    def transactions(self) -> pd.DataFrame:
        """A row a transaction: mark, Transaction, State, Last (status), Timers (seconds left then). All text."""
        return self._frame(TRANSACTIONS)

    def _frame(self, table: str) -> pd.DataFrame:
        import pandas as pd

        rows = [(row.mark, *row.cells) for row in self.tables.get(table, ())]
        return pd.DataFrame(rows, columns=["mark", *COLUMNS[table]], dtype="str")

    def __repr__(self) -> str:
        return as_text(self.lines())

    def _repr_html_(self) -> str:
        return as_html(self.lines())

    def lines(self) -> Iterator[TextLine]:
        """The two tables below each other, changed rows with marks; at the end what the marks mean."""
        yield TextLine(self.title)
        if self.note:
            yield TextLine(self.note)
        for table, rows in self.tables.items():
            title, nothing = TITLES[table]
            yield TextLine("")
            yield TextLine(title)
            yield from _columns([TableRow(" ", COLUMNS[table]), *rows] if rows else [TableRow(" ", (nothing,))])
        if not self.tables:
            return
        yield TextLine("")
        changed = any(row.mark != " " for rows in self.tables.values() for row in rows)
        yield TextLine(LEGEND if changed else "nothing changed", mark=":")


def before_after(trace: Trace, row: int) -> BeforeAfter:
    """The proxy's tables before and after the message of that row; call it where the nodes live.

    Raises LabError if there is no such message, or tables are not recorded.
    """
    return BeforeAfter(*moment_of(trace, row))


def _columns(rows: Sequence[TableRow]) -> Iterator[TextLine]:
    wide = [max(map(len, column)) for column in zip(*(row.cells for row in rows), strict=True)]
    for mark, cells in rows:
        padded = (cell.ljust(width) for cell, width in zip(cells, wide, strict=True))
        yield TextLine("  ".join(padded).rstrip(), mark=mark)
