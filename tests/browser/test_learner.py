"""The first minutes of a learner in JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Open
from tests.browser.page import LessonPage

pytestmark = pytest.mark.timeout(300)  # seconds; JupyterLab is slow where the machine is busy

SOLUTION = """@lab.request_route
def request_route(ksr):
    if ksr.is_method("INVITE"):
        ksr.sl_reply(486, "Busy Here")"""


@pytest.fixture(scope="module")
def start(open_lesson: Open) -> Iterator[LessonPage]:
    """Lesson 00, all of it run."""
    lesson = open_lesson("00_start")
    lesson.run_all()
    yield lesson
    lesson.page.close()


def test_a_lesson_shows_its_ladders_before_it_is_run(open_lesson: Open) -> None:
    lesson = open_lesson("00_start", outputs=True)
    assert lesson.pictures
    assert lesson.draws(lesson.pictures)
    lesson.page.close()


def test_an_exercise_says_in_words_what_is_wrong_until_it_is_solved(start: LessonPage) -> None:
    assert start.shows("106 should have received 486 Busy Here from proxy")
    start.run('sl_reply(480, "Temporarily Unavailable")', SOLUTION)
    start.run('lab.check("00.1")')
    assert start.shows("00.1 solved.")


def test_what_a_phone_can_do_completes_with_tab(start: LessonPage) -> None:
    start.write("lab.close()", "alice.reg")
    start.page.keyboard.press("Tab")
    assert start.offers("register")
    assert start.offers("registered")
