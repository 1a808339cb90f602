"""The captures that come with labsip, and their index."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from labsip.pcap import Capture, read_pcap

FOLDER = Path(__file__).parents[2] / "data" / "pcaps"
LESSONS = {path.name[:2] for path in (FOLDER.parents[1] / "notebooks").glob("*.ipynb")}
LARGEST = 30_000
"""Bytes: they are there to be looked at."""


class Entry(NamedTuple):
    messages: int
    heard: list[str]


def index() -> dict[str, Entry]:
    """File → what the index says of it."""
    rows = re.findall(r"^\| \[(\S+)]\((\S+)\) \| (\d+) \| ([\d ]*)\|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert all(link == f"{name}.pcap" for name, link, _, _ in rows)
    return {link: Entry(int(messages), heard.split()) for _, link, messages, heard in rows}


def test_the_index_has_all_files_and_no_others() -> None:
    assert sorted(index()) == sorted(path.name for path in FOLDER.glob("*.pcap*"))


@pytest.mark.parametrize("name", sorted(index()))
def test_a_file_is_what_the_index_says(name: str) -> None:
    said = index()[name]
    flow = read_pcap(FOLDER / name, {"127.0.10.106": "106"})
    heard = flow[(flow.dst == "106") & flow.status.notna() & (flow.method != "REGISTER")]
    assert [str(status) for status in heard.status] == said.heard
    assert len(flow) == said.messages
    assert flow.attrs["left_out"] == []
    assert (FOLDER / name).stat().st_size < LARGEST
    assert name[:2] in LESSONS


def test_every_message_is_one_of_the_recorded_captures(shared: Callable[[str], Path]) -> None:
    recorded = set()
    for file in shared("captures").glob("step[1-5]_*.pcap"):
        recorded |= _rows(file)
    for name in index():
        assert _rows(FOLDER / name) <= recorded, name


def _rows(file: Path) -> set[tuple[object, ...]]:
    with file.open("rb") as opened:
        return {(row.src, row.dst, row.raw) for row in Capture(opened)}
