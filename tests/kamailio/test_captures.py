"""What our proxy sends where Kamailio was recorded: the same messages to the same parties in the same order.

It runs our route for the step, and the configuration that Kamailio ran.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.kamailio import captures, differences
from tests.kamailio.captures import Capture, Seen
from tests.kamailio.replay import LATE, NONCE, PROXIES, Played, Replay

NAMES = captures.names()
REPLAYED = [name for name in NAMES if name not in differences.LEFT_OUT]
DUMPED = [name for name in REPLAYED if captures.read(name).location]
PAGE = Path(__file__).parents[2] / "docs" / "kamailio-differences.md"


on_both = pytest.mark.parametrize("runs", PROXIES)


@cache
def played(name: str, runs: str) -> tuple[Capture, Played, list[Seen]]:
    """The capture, what we did with it, and what we are to send."""
    capture = captures.read(name)
    replay = Replay(capture, PROXIES[runs](capture))
    done = replay.run()
    expected = replay.expected
    for difference in differences.DIFFERENCES:
        if name in difference.captures:
            expected = difference.expect(expected)
    return capture, done, [seen._replace(data=replay.translate(seen.data)) for seen in expected]


def test_the_captures_are_there(shared: Callable[[str], Path]) -> None:
    assert shared("captures").is_dir()
    assert len(NAMES) > 90


@on_both
@pytest.mark.parametrize("name", REPLAYED)
def test_the_same_messages_go_to_the_same_parties_in_the_same_order(name: str, runs: str) -> None:
    _, done, expected = played(name, runs)
    assert not done.errors
    assert [told(seen) for seen in done.sent] == [told(seen) for seen in expected]


@on_both
@pytest.mark.parametrize("name", REPLAYED)
def test_each_message_is_the_same_byte_for_byte(name: str, runs: str) -> None:
    _, done, expected = played(name, runs)
    for ours, theirs in zip(done.sent, expected, strict=True):
        mine, its = (NONCE.sub(b"NONCE", seen.data) for seen in (ours, theirs))
        assert mine == its, difference(its, mine)


@on_both
@pytest.mark.parametrize("name", REPLAYED)
def test_each_message_goes_out_when_kamailio_sent_it(name: str, runs: str) -> None:
    _, done, expected = played(name, runs)
    late = [(told(ours), ours.t, theirs.t) for ours, theirs in zip(done.sent, expected, strict=True)
            if abs(ours.t - theirs.t) > LATE]  # fmt: skip
    assert not late


@on_both
@pytest.mark.parametrize("name", REPLAYED)
def test_the_script_sees_the_requests_kamailios_script_saw(name: str, runs: str) -> None:
    capture, done, _ = played(name, runs)
    assert done.saw == list(capture.script_saw)


@on_both
@pytest.mark.parametrize("name", REPLAYED)
def test_ids_are_made_as_kamailio_makes_them(name: str, runs: str) -> None:
    """A To-tag of sl has a dot, one of tm a dash; a branch ends with its number; what was one id is one id."""
    _, done, _ = played(name, runs)
    assert len(set(done.ids.values())) == len(done.ids)
    for theirs, ours in done.ids.items():
        place = -1 if theirs.startswith(b"z9hG4bK") else 32
        assert theirs[place] == ours[place]
    starts = {(theirs[:33], ours[:33]) for theirs, ours in done.ids.items() if b"z9hG4bK" not in theirs}
    assert len(starts) == len({theirs for theirs, _ in starts}) == len({ours for _, ours in starts})


@on_both
@pytest.mark.parametrize("name", DUMPED)
def test_the_location_table_is_the_same(name: str, runs: str) -> None:
    capture, done, _ = played(name, runs)
    for label, theirs in capture.location.items():
        ours = done.dumps[label]
        assert [row["Address"] for row in ours] == [row["Address"] for row in theirs], label
        for mine, row in zip(ours, theirs, strict=True):
            assert list(mine) == list(row)
            assert [shown(name, value) for name, value in mine.items()] == [shown(name, row[name]) for name in row]


@on_both
def test_ruids_stay_with_their_contacts(runs: str, shared: Callable[[str], Path]) -> None:
    shared("captures")
    capture, done, _ = played("step2_register_refresh", runs)
    assert len({row["Ruid"] for rows in capture.location.values() for row in rows}) == 1
    assert len({row["Ruid"] for rows in done.dumps.values() for row in rows}) == 1


@pytest.mark.parametrize("difference", differences.DIFFERENCES, ids=lambda difference: difference.labsip)
def test_each_difference_is_one(difference: differences.Difference, shared: Callable[[str], Path]) -> None:
    """What is no difference any more must not stay in the table."""
    shared("captures")
    for name in difference.captures:
        sent = [seen for seen in captures.read(name).seen if seen.src == captures.PROXY]
        assert difference.expect(sent) != sent


def test_the_page_says_what_the_table_says() -> None:
    assert PAGE.read_text() == differences.page()


def told(seen: Seen) -> str:
    """Where a message goes and how it begins."""
    start_line, _, _ = seen.data.partition(b"\r\n")
    return f"-> {seen.dst}  {start_line.decode()}"


def difference(theirs: bytes, ours: bytes) -> str:
    """The lines of a message that differ."""
    before, after = (data.decode().split("\r\n") for data in (theirs, ours))
    return "\n".join(difflib.unified_diff(before, after, "kamailio", "labsip", lineterm=""))


def shown(name: str, value: object) -> str:
    """A field of the location table as `kamcmd ul.dump` prints it; what depends on the hour or the process left out."""
    if name in ("Ruid", "Last-Keepalive", "Last-Modified"):
        return name
    if name == "Expires" and str(value).isdigit():  # Kamailio counts whole seconds of its clock
        return f"about {round(int(str(value)) / 10)}0" if int(str(value)) else "expired"
    return re.sub(r"(\.\d)0+$", r"\1", str(value))
