"""A flow is a sequence of rows: to read one takes no pandas, to draw it in characters no matplotlib."""

from __future__ import annotations

import subprocess
import sys

import pytest

BLOCKED = """
import sys
sys.modules["pandas"] = sys.modules["numpy"] = sys.modules["matplotlib"] = None
from labsip import PCAPS
from labsip.pcap import read_flow
file = str(PCAPS / "05_cancelled.pcap")
flow = read_flow(file)
"""
"""Whoever imports one of these three gets an ImportError."""
# fmt: off
READERS = {
    "ladder": """
from labsip import Ladder
ladder = Ladder(flow, sdp=True)
assert "INVITE" in ladder.text() and "CANCEL" in ladder.mermaid() and repr(ladder)
""",
    "explain": """
from labsip import explain
assert repr(explain(flow))
""",
    "calls": """
from labsip.flow.calls import call_rows
assert "cancelled" in [one.result for one in call_rows(flow)]
""",
    "compare": """
from labsip import compare
assert len(compare(flow, flow)) == 0 and "INVITE" in repr(compare(flow, flow[1:]))
""",
    "changes": """
from labsip.view.listing import MessageView, changes
first = flow.first("INVITE", dst="127.0.10.1")
assert "Via" in repr(changes(first.raw, flow.first("INVITE", src="127.0.10.1").raw)) and repr(MessageView(first.raw))
""",
    "replay": """
from labsip.flow.replay import runs_of
from labsip.sip.timing import RFC
assert "Calling" in "".join("".join(map(str, run.steps)) for run in runs_of(flow, lambda *_: [(0.0, RFC)], 60.0))
""",
    "before and after": """
from labsip.flow.rows import Flow
from labsip.sip.transport import Address, Datagram
from labsip.trace import Tables, Trace
from labsip.view.before_after import before_after
trace = Trace(tables=Tables())
trace.datagram(Datagram(flow[0].raw, Address("192.0.2.6"), Address("192.0.2.1")), 0.0)
assert "transactions" in repr(before_after(trace, 0)) and Flow.of_trace(trace)[0].summary == flow[0].summary
""",
    "state diagram": """
from labsip.sip.machines import MACHINES
from labsip.view.states import StateDiagram
assert "Proceeding" in StateDiagram(MACHINES["INVITE client"]).text()
""",
    "write_pcap": """
from pathlib import Path
from tempfile import TemporaryDirectory
from labsip import write_pcap
with TemporaryDirectory() as folder:
    write_pcap(Path(folder) / "again.pcapng", flow)
    assert len(read_flow(Path(folder) / "again.pcapng")) == len(flow)
""",
    "calls in a lab": """
from labsip import Lab
with Lab(net="memory", seed=1, step="cancel", name="rows") as lab:
    alice, bob = lab.phone("106"), lab.phone("108")
    assert "200" in repr(alice.register()) and "200" in repr(bob.register())
    call = alice.call("108")
    assert "INVITE" in repr(call.ladder()) and repr(call) and repr(call.explain()) and repr(lab.ladder())
    assert repr(call.message("INVITE")) and repr(call.changes("INVITE")) and repr(call.tables("INVITE"))
    assert call.responses[0].status == 100
""",
    "commands of the shell": """
from labsip.cli.main import main
for arguments in ("calls", file), ("calls", "--csv", file), ("ladder", file), ("explain", file):
    main(arguments, standalone_mode=False)
""",
}
# fmt: on


@pytest.mark.parametrize("reader", READERS)
def test_what_reads_a_flow_needs_no_pandas(reader: str) -> None:
    done = subprocess.run([sys.executable, "-c", BLOCKED + READERS[reader]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_file_that_draws_in_characters_imports_pandas_or_matplotlib() -> None:
    rooms = "before_after, ladder, listing, page, side_by_side, states, text"
    check = f"import sys; from labsip.view import {rooms}; print({{'pandas', 'matplotlib'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
