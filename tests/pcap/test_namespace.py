"""Real traffic in a network namespace of its own, captured as Ethernet, cooked v1 and cooked v2 at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from labsip.pcap import Capture
from tests.conftest import missing
from tests.pcap import judges, traffic


class Captured(NamedTuple):
    folder: Path
    sent: list[bytes]


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory, need: Callable[[str], str]) -> Captured:
    for program in ("unshare", "dumpcap", "tshark"):
        need(program)
    folder = tmp_path_factory.mktemp("captured")
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    run = subprocess.run(
        [*alone, sys.executable, traffic.__file__, folder], capture_output=True, text=True, check=False
    )
    if run.returncode:
        missing(f"capturing in a network namespace is not permitted: {run.stderr.strip().splitlines()[-1]}")
    return Captured(folder, [bytes.fromhex(line) for line in run.stdout.splitlines()])


@pytest.mark.parametrize("name", traffic.CAPTURES)
def test_all_that_was_sent_is_found_and_tshark_finds_no_more(captured: Captured, name: str) -> None:
    file = captured.folder / f"{name}.pcapng"
    with file.open("rb") as opened:
        capture = Capture(opened)
        found = [row.raw for row in capture]
    assert found == captured.sent
    assert not capture.left_out
    assert judges.messages(file) == found


@pytest.mark.parametrize("kind", ["ip.flags.mf == 1", "ipv6.fraghdr.more == 1", "icmp && sip", "icmpv6 && sip"])
def test_the_captures_have_fragments_and_quotes_in_them(captured: Captured, kind: str) -> None:
    assert judges.tshark(captured.folder / "ethernet.pcapng", "-Y", kind)
