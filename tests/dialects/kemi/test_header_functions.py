"""KSR.hdr: reading headers, and changing them in what is sent on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialects.kemi.scripts import value, with_route
from tests.ends import Bench

SEND = "KSR.pv.sets('$du', 'sip:127.0.10.108')\nKSR.tm.t_relay()\nreturn 1"


@pytest.mark.parametrize(
    ("expression", "is_"),
    [
        (
            "KSR.hdr.get('CSeq'), KSR.hdr.get('X-No'), KSR.hdr.gete('X-No'), KSR.hdr.getw('X-No')",
            "('1 MESSAGE', None, '', '<null>')",
        ),
        (
            "KSR.hdr.get_idx('CSeq', 0), KSR.hdr.get_idx('CSeq', -1), KSR.hdr.get_idx('CSeq', 1)",
            "('1 MESSAGE', '1 MESSAGE', None)",
        ),
        ("KSR.hdr.gete_idx('CSeq', 1), KSR.hdr.getw_idx('CSeq', 1)", "('', '<null>')"),
        ("KSR.hdr.is_present('cseq'), KSR.hdr.is_present('X-No'), KSR.hdr.remove('X-No')", "(1, -1, 1)"),
    ],
)
def test_what_they_give(expression: str, is_: str, tmp_path: Path) -> None:
    assert value(tmp_path, expression) == is_


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        ("KSR.hdr.append('X: 1\\r\\n')", ["A: 1", "B: 2", "X: 1"]),
        ("KSR.hdr.insert('X: 1\\r\\n')", ["X: 1", "A: 1", "B: 2"]),
        ("KSR.hdr.append_after('X: 1', 'A')", ["A: 1", "X: 1", "B: 2"]),
        ("KSR.hdr.insert_before('X: 1', 'B')", ["A: 1", "X: 1", "B: 2"]),
        ("KSR.hdr.append_after('X: 1', 'C')", ["A: 1", "B: 2", "X: 1"]),
        ("KSR.hdr.remove('A')", ["B: 2"]),
        ("KSR.hdr.rmappend('A', 'X: 1')", ["B: 2", "X: 1"]),
        ("KSR.hdr.rminsert('B', 'X: 1')", ["X: 1", "A: 1"]),
    ],
)
def test_what_is_sent_on(call: str, lines: list[str], tmp_path: Path) -> None:
    bench = Bench(with_route(tmp_path, f"{call}\n{SEND}").routes)
    callee, caller = bench.end("108"), bench.end("106")
    caller.send(caller.request("MESSAGE", headers=[("A", "1"), ("B", "2")]))
    sent = str(callee.hears("MESSAGE")).split("\r\n")
    assert [line for line in sent if line[:2] in ("A:", "B:", "X:")] == lines
