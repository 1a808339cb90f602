"""`labsip demo`: a table, three ladders, and a picture if one is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes import LABSIP, Process


@pytest.mark.parametrize("engine", ["labsip", "kamailio"])
def test_it_shows_the_location_table_and_three_calls(engine: str, need: Callable[[str], str]) -> None:
    if engine == "kamailio":
        need("kamailio")
    with Process(LABSIP, "demo", "--engine", engine) as demo:
        assert demo.finish() == 0, demo.err
        table, answered, unregistered, given_up = re.split(r"\n106 calls ", demo.out)
        assert re.search(r"^ *106 +sip:106@127\.0\.\d+\.\d+:\d+ +3[56]\d\d +labsip$", table, re.MULTILINE)
        assert answered.startswith("108, who answers; 106 hangs up: ended\n")
        assert messages(answered)[-3:] == ["BYE", "200 OK (BYE)", "200 OK (BYE)"]
        assert unregistered.startswith("109, whom nobody registered: failed\n")
        assert messages(unregistered) == ["INVITE", "404 User not Registered", "ACK"]
        assert given_up.startswith("108 and gives up while it rings: cancelled\n")
        assert messages(given_up).count("487 Request Terminated") == 2
        assert demo.err == ""


def messages(ladder: str) -> list[str]:
    """What the arrows of a text ladder say."""
    return re.findall(r"\|<?[-=~ ]*([A-Z\d][^|]*?)[-=~ ]*>?\|", ladder)


def test_the_picture_goes_into_the_file_it_is_asked_for_in(tmp_path: Path) -> None:
    with Process(LABSIP, "demo", "--png", "call.png", cwd=tmp_path) as demo:
        assert demo.finish() == 0, demo.err
        assert demo.out.endswith("The picture is in call.png\n")
    assert (tmp_path / "call.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_that_can_not_be_written_says_why(tmp_path: Path) -> None:
    with Process(LABSIP, "demo", "--png", "nowhere/call.png", cwd=tmp_path) as demo:
        assert demo.finish() == 2
        assert demo.out == ""
        assert demo.err.endswith("there is no folder nowhere; make it, or name a file elsewhere\n")
