"""One JupyterLab and one headless Chromium for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.page import LessonPage
from tests.browser.server import TOKEN, copy_lesson, jupyterlab


class Open(Protocol):
    """Opens a copy of a lesson in a page of its own, without outputs unless they are asked for."""

    def __call__(self, stem: str, *, outputs: bool = False) -> LessonPage: ...


@pytest.fixture(scope="session")
def browser(chromium: Browser) -> BrowserContext:
    """Its pages share a cache: JupyterLab is large."""
    return chromium.new_context()


@pytest.fixture(scope="session")
def open_lesson(browser: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    home, number = tmp_path_factory.mktemp("jupyter"), count(1)
    with jupyterlab(home) as server:

        def open_lesson(stem: str, *, outputs: bool = False) -> LessonPage:
            folder = str(next(number))  # JupyterLab has one kernel for each path
            copy_lesson(stem, home / "lessons" / folder, outputs=outputs)
            return LessonPage(browser.new_page(), f"{server}/lab/tree/{folder}/{stem}.ipynb?reset&token={TOKEN}")

        yield open_lesson


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the pages go: the folder LABSIP_SCREENSHOTS names, or one that is thrown away."""
    folder = Path(os.environ.get("LABSIP_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
