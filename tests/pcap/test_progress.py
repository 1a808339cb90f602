"""A bar for who waits longer than a second, and for nobody else."""

from __future__ import annotations

import io
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import tqdm

from labsip.pcap import read, read_pcap
from tests.pcap import wire


class Terminal(io.StringIO):
    """An error stream somebody looks at."""

    def isatty(self) -> bool:
        return True


class Bar:
    """Stands in for tqdm's, and remembers."""

    made: ClassVar[list[Bar]] = []

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.told = 0
        self.made.append(self)

    def update(self, count: int) -> None:
        self.told += count

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> list[Bar]:
    monkeypatch.setattr(read, "sys", SimpleNamespace(stderr=Terminal(), modules={}))
    monkeypatch.setattr(tqdm, "tqdm", Bar)
    monkeypatch.setattr(Bar, "made", [])
    return Bar.made


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.pcap"
    path.write_bytes(wire.pcap([bytes(50_000)] * 100))
    assert path.stat().st_size > read.WORTH_A_BAR
    return path


def test_the_bar_is_told_every_byte_and_waits_a_second(large: Path, bars: list[Bar]) -> None:
    read_pcap(large)
    (bar,) = bars
    assert bar.told == bar.options["total"] == large.stat().st_size
    assert bar.options["delay"] == 1


def test_a_small_file_has_no_bar(tmp_path: Path, bars: list[Bar]) -> None:
    path = tmp_path / "small.pcap"
    path.write_bytes(wire.pcap([]))
    read_pcap(path)
    assert not bars


def test_a_pipe_has_no_bar_for_nobody_knows_its_end(bars: list[Bar]) -> None:
    reading, writing = os.pipe()
    os.write(writing, wire.pcap([]))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        read_pcap(pipe)
    assert not bars


def test_where_nobody_looks_there_is_no_bar(large: Path, bars: list[Bar], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read.sys, "stderr", io.StringIO())
    read_pcap(large)
    assert not bars
    read.sys.modules["ipykernel"] = read  # a notebook's error stream is no terminal, and is looked at
    read_pcap(large)
    assert len(bars) == 1
