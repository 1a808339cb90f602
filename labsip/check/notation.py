"""Flows in one notation, for checks, tests and docs: a line a message, `106 -> proxy  INVITE`.

Names are those of a flow's src and dst; what follows them is the summary, or its beginning up to a whole word:
`404` fits `404 User not Registered`. `#` begins a remark.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from labsip.flow.rows import Flow
from labsip.sip.errors import LabError

_LINE = re.compile(r"(\S+)\s*->\s*(\S+)\s+(.+)")


class Hop(NamedTuple):
    """One message between two parties."""

    src: str
    dst: str
    summary: str

    def __str__(self) -> str:
        return f"{self.src} -> {self.dst}  {self.summary}"

    def fits(self, other: Hop) -> bool:
        """Whether `other` is such a message: same parties, and its summary begins with this one's."""
        same = self.summary == other.summary or other.summary.startswith(f"{self.summary} ")
        return same and (self.src, self.dst) == (other.src, other.dst)


def parse_flow(text: str) -> list[Hop]:
    """The lines of a flow. Raises LabError naming the line that is none."""
    hops = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition("#")[0].strip()
        if not said:
            continue
        match = _LINE.fullmatch(said)
        if match is None:
            raise LabError(f'line {number} is no message: {line.strip()!r}; write "106 -> proxy  INVITE"')
        hops.append(Hop(*match.groups()))
    return hops


def hops_of(flow: Flow, *, repeats: bool = True) -> list[Hop]:
    """The messages of a flow in order, those that were sent again only if `repeats`."""
    return [Hop(one.src, one.dst, one.summary) for one in flow if repeats or not one.repeat]
