"""Every lesson in a real JupyterLab: opened, run, looked at in both themes and in a narrow window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.browser.page import NARROW, WIDE, LessonPage
from tests.browser.server import LESSONS

pytestmark = pytest.mark.timeout(300)  # seconds; JupyterLab is slow where the machine is busy


@pytest.fixture(scope="module", params=LESSONS)
def lesson(request: pytest.FixtureRequest, open_lesson: Open) -> Iterator[LessonPage]:
    """Run once, looked at by several tests."""
    lesson = open_lesson(request.param)
    lesson.run_all()
    yield lesson
    lesson.page.close()


def test_every_cell_runs_and_none_fails_but_those_that_should(lesson: LessonPage) -> None:
    cells = lesson.code_cells
    failed = {cell["source"]: out for cell in cells for out in cell["outputs"] if out["output_type"] == "error"}
    meant = {cell["source"] for cell in cells if "raises-exception" in cell["metadata"].get("tags", ())}
    assert {source: out["evalue"] for source, out in failed.items() if source not in meant} == {}
    assert failed.keys() == meant
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))


def test_a_mistake_of_the_learner_is_told_in_a_line_or_two(lesson: LessonPage) -> None:
    errors = [out for cell in lesson.code_cells for out in cell["outputs"] if out["output_type"] == "error"]
    assert [out["traceback"] for out in errors if len("\n".join(out["traceback"])) > 200] == []


def test_every_ladder_is_drawn(lesson: LessonPage) -> None:
    assert lesson.pictures
    assert lesson.draws(lesson.pictures)


@pytest.mark.parametrize(("theme", "width"), [("Light", WIDE), ("Dark", NARROW)])
def test_it_is_readable_in_both_themes_and_in_a_narrow_window(
    lesson: LessonPage, theme: str, width: int, screenshots: Path, request: pytest.FixtureRequest
) -> None:
    lesson.wear(theme)
    lesson.resize(width)
    lesson.shoot(screenshots / f"{request.node.callspec.params['lesson']}-{theme.lower()}-{width}.png")
    assert lesson.faint() == []
    assert lesson.cut() == []


def test_a_hint_is_folded_until_it_is_asked_for(lesson: LessonPage) -> None:
    hints = lesson.page.locator("details").all()
    assert hints
    for hint in hints:
        folded = hint.bounding_box()
        hint.locator("summary").click()
        unfolded = hint.bounding_box()
        assert folded is not None
        assert unfolded is not None
        assert unfolded["height"] > folded["height"]


def test_nothing_is_asked_for_outside_this_machine(lesson: LessonPage) -> None:
    assert lesson.asked_outside == []


def test_the_browser_has_nothing_to_complain_about(lesson: LessonPage) -> None:
    assert lesson.complaints == []
