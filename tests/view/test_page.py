"""The ladder as a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pandas as pd
import pytest

from labsip.sip.errors import LabError
from labsip.view.ladder import Ladder
from tests.story import Story

VOID = {"meta", "rect", "line", "polyline", "path"}


class Checked(HTMLParser):
    """Reads a page, and sees that what is opened is closed in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def story() -> Story:
    """A call through the proxy; the INVITE is sent twice, the second time half a second later."""
    story = Story()
    first = story.request("106", "proxy", "INVITE", headers=[("Subject", "<b>&amp;</b>")])
    onward = story.request("proxy", "108", "INVITE", over=first)
    story.wait(0.5)
    story.again(onward)
    story.passed("proxy", "proxy", onward.raw, lost=True)
    story.response(onward, 486)
    return story


def test_each_arrow_is_a_row_that_unfolds_into_its_message(story: Story) -> None:
    page = Checked(Ladder(story.flow).html("A <call>"))
    assert page.open == []
    rows = [attrs["aria-label"] for tag, attrs in page.seen if tag == "svg" and "aria-label" in attrs]
    assert rows == [
        "0.001 s, 106 to proxy: INVITE",
        "0.002 s, proxy to 108: INVITE",
        "0.501 s",
        "0.503 s, proxy to 108: INVITE (again)",
        "0.504 s, proxy to proxy: INVITE (lost)",
        "0.505 s, 108 to proxy: 486 Busy Here",
    ]
    assert "A <call>" in page.text
    assert "Subject: <b>&amp;</b>" in page.text


def test_what_a_hop_changed_is_folded_below_the_message(story: Story) -> None:
    text = Checked(Ladder(story.flow).html()).text
    assert text.count("what was changed on the way") == 3
    assert "the way back: the response comes here first" in text


def test_it_needs_nothing_from_outside_and_no_script(story: Story) -> None:
    page = Ladder(story.flow).html()
    assert not re.search(r"<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|\bon\w+=", page)
    assert "default-src 'none'" in page


def test_it_lets_the_browser_say_whether_it_is_dark(story: Story) -> None:
    page = Ladder(story.flow).html()
    assert "color-scheme: light dark" in page
    assert "background: Canvas; color: CanvasText" in page


def test_a_run_of_repeats_is_one_row_that_says_which(story: Story) -> None:
    one = story.request("106", "proxy", "OPTIONS")
    story.again(*[one] * 12)
    text = Checked(Ladder(story.flow[5:]).html()).text
    assert "OPTIONS (again) ×12 in 0.011 s" in text
    assert "rows 6-17: the first of them" in text


def test_a_flow_without_bytes_has_no_page(told: Callable[..., pd.DataFrame]) -> None:
    with pytest.raises(LabError, match="no column raw"):
        Ladder(told("0 106 -> proxy INVITE")).html()


def test_no_messages_are_a_page_that_says_nothing() -> None:
    assert Checked(Ladder(Story().flow).html()).open == []
