"""Captures beside the clone, read without labsip."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dpkt
import pytest

from labsip.sip.transport import Address
from labsip.trace import DatagramRow


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
