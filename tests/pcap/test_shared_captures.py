"""The 150 captures beside the clone: what is read of each is what its JSON says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from labsip.pcap import Capture, read_pcap


def test_the_150_captures_give_the_messages_of_their_json(shared: Callable[[str], Path]) -> None:
    files = sorted(shared("captures").glob("*.pcap"))
    assert len(files) == 150
    for file in files:
        told = json.loads(file.with_suffix(".json").read_text())["messages"]
        with file.open("rb") as opened:
            capture = Capture(opened)
            rows = list(capture)
        assert not capture.left_out, file.name
        first_lines = [row.raw.partition(b"\r\n")[0].decode("utf-8", "replace") for row in rows]
        found = [(round(row.t, 6), str(row.src), str(row.dst), len(row.raw)) for row in rows]
        assert found == [(m["time"], m["src_addr"], m["dst_addr"], m["size"]) for m in told], file.name
        assert first_lines == [m["start_line"] for m in told], file.name


def test_the_table_of_a_capture_says_what_its_json_says(shared: Callable[[str], Path]) -> None:
    file = shared("captures") / "step5_fork.pcap"
    told = json.loads(file.with_suffix(".json").read_text())["messages"]
    flow = read_pcap(file, {m["src_addr"]: m["src"] for m in told})
    columns = ["src", "dst", "cseq", "call_id", "branch", "repeat"]
    said = [(m["src"], m["dst"], m["cseq"], m["call_id"], m["branch"], m["retransmission"]) for m in told]
    assert list(flow[columns].itertuples(index=False, name=None)) == said
