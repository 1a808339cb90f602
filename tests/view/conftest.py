"""Flows for pictures: written as a story, or read from the captures beside the clone."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dpkt
import pandas as pd
import pytest

from labsip.sip.transport import Address
from labsip.trace import DatagramRow

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


@pytest.fixture(scope="session")
def captured(shared: Callable[[str], Path]) -> Callable[[str], tuple[list[DatagramRow], list[dict[str, Any]]]]:
    """A capture by name: its datagrams, and what its JSON says of them."""
    folder = shared("captures")

    def read(name: str) -> tuple[list[DatagramRow], list[dict[str, Any]]]:
        passed: list[DatagramRow] = []
        with (folder / f"{name}.pcap").open("rb") as file:
            for row, (t, frame) in enumerate(dpkt.pcap.Reader(file)):
                ip = dpkt.ethernet.Ethernet(frame).data
                src = Address(socket.inet_ntoa(ip.src), ip.data.sport)
                dst = Address(socket.inet_ntoa(ip.dst), ip.data.dport)
                passed.append(DatagramRow(row, t, src, dst, bytes(ip.data.data), None, None))
        return passed, json.loads((folder / f"{name}.json").read_text())["messages"]

    return read
