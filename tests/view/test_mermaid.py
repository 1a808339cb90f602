"""The ladder as a Mermaid diagram."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pandas as pd

from labsip.view.ladder import Ladder


def test_each_kind_of_message_has_its_arrow(told: Callable[..., pd.DataFrame]) -> None:
    flow = told("""
        0.000  106   -> proxy  INVITE
        0.001  proxy -> 106    100 trying
        0.002  proxy -> 108    INVITE (lost)
        0.502  proxy -> 108    INVITE (again)
        0.503  108   -> proxy  200 OK
        0.504  proxy -> 106    503 a;b #1 (lost)
    """)
    assert Ladder(flow).mermaid() + "\n" == dedent("""\
        sequenceDiagram
            participant p0 as 106
            participant p1 as proxy
            participant p2 as 108
            p0->>p1: INVITE
            p1--)p0: 100 trying
            p1-xp2: INVITE (lost)
            Note over p0,p2: 0.500 s
            p1->>p2: INVITE (again)
            p2-->>p1: 200 OK
            p1--xp0: 503 a#59;b #35;1 (lost)
    """)
