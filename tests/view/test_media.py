"""Media below the arrows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from labsip.flow.media import media_of, with_media
from labsip.view.ladder import Ladder
from tests.story import SDP, Story, sdp

Told = Callable[..., pd.DataFrame]


def test_a_stream_is_its_address_and_direction() -> None:
    story = Story()
    invite = story.request("106", "108", "INVITE", headers=[SDP], body=sdp("192.0.2.6", 4000, "a=sendonly"))
    story.response(invite, 200, headers=[SDP], body=sdp("2001:db8::8", 0, "m=video 5000 RTP/AVP 99"))
    story.request("106", "108", "ACK")
    assert list(with_media(story.flow).media) == [
        "audio 192.0.2.6:4000 sendonly",
        "audio refused, video [2001:db8::8]:5000 sendrecv",
        "",
    ]


@pytest.mark.parametrize("body", [b"v=1", b"nonsense", b"v=0\r\nm=audio x RTP/AVP 0\r\n"])
def test_a_body_that_can_not_be_read_asks_for_nothing(body: bytes) -> None:
    story = Story()
    assert media_of(story.request("106", "108", "INVITE", headers=[SDP], body=body).raw) == ""
    assert media_of(b"\r\n\r\n") == ""


def test_the_ladder_has_them_below_the_arrow(told: Told) -> None:
    flow = told("""
        0 106 -> proxy INVITE
        1 proxy -> 106 180 Ringing
        2 proxy -> proxy INVITE
    """)
    text = Ladder(flow.assign(media=["audio 192.0.2.6:4000 sendrecv", "", "audio 192.0.2.6:4000"]), pause=9).text()
    assert text == (
        "       106                            proxy\n"
        "0.000   |----------- INVITE ----------->|\n"
        "        | audio 192.0.2.6:4000 sendrecv |\n"
        "1.000   |< - - - - 180 Ringing - - - - -|\n"
        "2.000   |                               |--.  INVITE\n"
        "        |                               |<-'\n"
        "        |                               |    audio 192.0.2.6:4000"
    )


def test_they_are_asked_for_and_are_in_every_form(tmp_path: Path) -> None:
    story = Story()
    story.request("106", "108", "INVITE", headers=[SDP], body=sdp("192.0.2.6"))
    with_them, without = Ladder(story.flow, sdp=True), Ladder(story.flow)
    assert "INVITE<br/>audio 192.0.2.6:40000 sendrecv" in with_them.mermaid()
    assert "audio" not in without.mermaid() + without.text()
    assert with_them.save(tmp_path / "a.svg").stat().st_size > without.save(tmp_path / "b.svg").stat().st_size
