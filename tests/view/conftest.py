"""Flows for pictures, written as a story."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

Told = Callable[..., pd.DataFrame]
KINDS = {"1": "provisional", "2": "success"}


@pytest.fixture(scope="session")
def told() -> Told:
    """A flow from lines such as `0.500  106 -> proxy  INVITE (again)`; `(lost)` and `(again)` are its flags."""

    def flow(story: str, call_id: str = "a") -> pd.DataFrame:
        rows = []
        for line in story.strip().splitlines():
            t, src, _, dst, summary = line.split(maxsplit=4)
            commands = summary.replace(" (again)", "").replace(" (lost)", "").strip()
            kind = KINDS.get(commands[0], "failure") if commands[0].isdigit() else "request"
            rows.append((float(t), src, dst, commands, kind, call_id, "(again)" in summary, "(lost)" in summary))
        return pd.DataFrame(rows, columns=["t", "src", "dst", "summary", "kind", "call_id", "repeat", "lost"])

    return flow
