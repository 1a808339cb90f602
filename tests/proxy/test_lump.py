"""Changes to a message: kept apart, and made when it leaves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labsip.proxy.lump import Lumps
from labsip.sip.build import build_request

MESSAGE = build_request("INVITE", "sip:a@b", [("Via", "SIP/2.0/UDP a"), ("To", "<sip:a@b>"), ("X", "1"), ("x", "2")])


def lines(lumps: Lumps) -> list[str]:
    return lumps.apply(MESSAGE.raw).decode().split("\r\n")[1:-2]


def test_nothing_changed_is_the_bytes_that_came() -> None:
    assert Lumps().apply(MESSAGE.raw) is MESSAGE.raw


def test_headers_go_on_top_and_behind_in_the_order_they_are_asked_for() -> None:
    lumps = Lumps()
    for name in ("A: 1", "B: 2"):
        lumps.prepend_header(MESSAGE, name)
        lumps.append_header(MESSAGE, name.lower())
    assert lines(lumps)[:2] == ["A: 1", "B: 2"]
    assert lines(lumps)[-2:] == ["a: 1", "b: 2"]


def test_all_lines_of_a_header_are_taken_out() -> None:
    lumps = Lumps()
    assert lumps.remove_header(MESSAGE, "X") == 2
    assert lines(lumps) == ["Via: SIP/2.0/UDP a", "To: <sip:a@b>", "Content-Length: 0"]
    assert lumps.remove_header(MESSAGE, "Route") == 0


def test_what_is_put_in_a_place_takes_the_place_of_what_was_put_there_before() -> None:
    lumps, line = Lumps(), MESSAGE.first("To")
    lumps.replace(line.start, line.stop, "To: 1\r\n")
    lumps.replace(line.start, line.stop, "To: 2\r\n")
    assert lines(lumps)[1] == "To: 2"
    lumps.remove_header(MESSAGE, "To")
    assert lines(lumps)[1] == "X: 1"


def test_a_header_put_before_a_line_that_goes_stays() -> None:
    lumps, line = Lumps(), MESSAGE.first("Via")
    lumps.replace(line.start, line.stop, "Via: other\r\n")
    lumps.prepend_header(MESSAGE, "A: 1")
    assert lines(lumps)[:2] == ["A: 1", "Via: other"]


def test_a_header_put_into_what_goes_brings_none_of_it_back() -> None:
    lumps, line = Lumps(), MESSAGE.first("To")
    lumps.replace(line.start, line.stop)
    lumps.insert_at(line.start + 1, "A: 1")
    assert lines(lumps)[1:3] == ["A: 1", "X: 1"]


@given(st.lists(st.tuples(st.sampled_from(MESSAGE.lines), st.sampled_from(["", "Y: 1\r\n"])), max_size=6))
def test_the_lines_nobody_changed_stay_byte_for_byte(changes: list[tuple[object, str]]) -> None:
    lumps, last = Lumps(), dict(changes)
    for line, text in changes:
        lumps.replace(line.start, line.stop, text)  # type: ignore[attr-defined]
    expected = "".join(last.get(line, f"{line.name}: {line.value}\r\n") for line in MESSAGE.lines)
    assert lumps.apply(MESSAGE.raw) == f"{MESSAGE.start_line}\r\n{expected}\r\n".encode()
