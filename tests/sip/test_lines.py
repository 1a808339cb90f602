"""The scanner beside its slow twin, on every message that the tests, the captures and hypothesis have."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labsip import PCAPS, read_pcap
from labsip.sip import lines
from labsip.sip.errors import BadMessage
from labsip.sip.head import index, legible
from labsip.sip.headers import COMPACT, USUAL
from labsip.sip.message import parse_message
from tests.sip import slow_lines

TESTS = Path(__file__).parents[1]

names = st.sampled_from([*USUAL, *(name.encode() for name in COMPACT)]) | st.sampled_from(
    [b"", b"CSEQ", b"V", b"content-length", b"X-Own", b"X:Y", b"no name", b"\0", b"Via ", b"\xff", b"L\t", b"Cseq\x0b"]
)
values = st.binary(max_size=12) | st.sampled_from([b"", b" 5", b"\t1 INVITE", b"a:b", b"\0", b"\r", b" a\r\n b", b":"])
line_ends = st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r", b"\r\r\n", b"", b"\r\n ", b"\n\t", b"\r\n \r\n", b"\n\n"])
header_lines = st.builds(
    b"".join, st.tuples(names, st.sampled_from([b":", b":", b" :", b"", b"::"]), values, line_ends)
)
heads = st.lists(header_lines, max_size=8).map(b"".join)
blanks = st.sampled_from([b"\r\n", b"\r\n", b"\n", b"", b"\r", b"\n\n", b" \r\n"])
invented = st.builds(
    b"".join,
    st.tuples(
        st.sampled_from([b"INVITE sip:a@b SIP/2.0\r\n", b"SIP/2.0 200 OK\n", b"\n"]),
        heads,
        blanks,
        st.binary(max_size=8),
    ),
)


def agree(raw: bytes) -> None:
    """Play one message through both scanners."""
    if b"\n" not in raw:
        return
    first = raw.index(b"\n") + 1
    assert lines.blank_line(raw, 0) == slow_lines.blank_line(raw, 0)
    assert lines.blank_line(raw, first - 1) == slow_lines.blank_line(raw, first - 1)
    end = lines.blank_line(raw, first - 1)[0]
    end = len(raw) if end < 0 else end
    found = lines.header_lines(raw, first, end, USUAL)
    assert found == slow_lines.header_lines(raw, first, end, USUAL)
    assert [list(part) for part in found] == [list(part) for part in slow_lines.header_lines(raw, first, end, USUAL)]
    assert lines.header_lines(raw, first, end, {}) == slow_lines.header_lines(raw, first, end, {})
    for start, _, stop in slow_lines.spans_in_order(raw, first, end):
        assert lines.line_end(raw, start, end) == slow_lines.line_end(raw, start, end) == stop
    for forms in [(b"content-length", b"l"), (b"via", b"v"), (b"x-own", b"x")]:
        named = lines.named_lines(raw, first, end, *forms)
        assert named == slow_lines.named_lines(raw, first, end, *forms)
    for name in [*USUAL, b"l", b"X-Own", *found[1]]:
        assert lines.find_line(raw, first, end, name) == slow_lines.find_line(raw, first, end, name)


def constants() -> set[bytes]:
    """What the tests have for messages, with the line ends as written, and with those of the wire."""
    found = set()
    for path in TESTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                text = node.value.encode("utf-8", "surrogatepass") if isinstance(node.value, str) else node.value
                if b"SIP/2.0" in text and b"\n" in text:
                    found |= {text, text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")}
    return found


def test_both_scanners_agree_on_the_messages_of_the_tests() -> None:
    found = constants()
    assert len(found) > 20
    for raw in found:
        agree(raw)


@pytest.mark.parametrize("path", sorted((TESTS / "torture").glob("*.dat")), ids=lambda path: path.stem)
def test_both_scanners_agree_on_the_torture_messages(path: Path) -> None:
    agree(path.read_bytes())


@pytest.mark.parametrize("path", sorted(PCAPS.glob("*.pcap")), ids=lambda path: path.stem)
def test_both_scanners_agree_on_the_captures(path: Path) -> None:
    datagrams = list(read_pcap(path)["raw"])
    assert datagrams
    for raw in datagrams:
        agree(raw)


@given(invented | st.binary(max_size=60) | st.text("a: \t\r\nV").map(str.encode))
@example(b"\n\r\n")
@example(b"\n\r\n\r\n")
@example(b"x\n folded at once\r\n:nothing\r\n\r\n")
@example(b"x\nVia: no line end")
@example(b"x\nVia: folded\r\n ")
def test_both_scanners_agree_on_inventions(raw: bytes) -> None:
    agree(raw)


@given(invented)
def test_a_header_is_found_by_any_of_its_names_in_the_order_of_its_lines(raw: bytes) -> None:
    try:
        message = parse_message(raw)
        found = message.index
    except BadMessage:
        return
    spans = slow_lines.spans_in_order(message.raw, message.head_start, message.head_end)
    assert sorted(span for each in found.values() for span in each) == spans
    assert message.line_count == len(spans)
    for name, each in found.items():
        assert each == sorted(each)
        forms = [name.encode(), *(short.encode() for short, full in COMPACT.items() if full == name)]
        assert lines.named_lines(message.raw, message.head_start, message.head_end, *forms) == each


@given(invented)
def test_what_is_legible_of_a_head_can_be_read(raw: bytes) -> None:
    first = raw.index(b"\n") + 1
    kept = raw[:first] + legible(raw, first)
    index(kept, first, lines.blank_line(kept, first - 1)[0])
