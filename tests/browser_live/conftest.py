"""A notebook with live views, in JupyterLab in a headless Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

from tests.browser.server import TOKEN, jupyterlab
from tests.chromium import PATIENCE

PROJECT = Path(__file__).parents[2]
SCREENS = PROJECT / "build" / "screens"
"""Where pictures of the page are kept, for eyes."""
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


class Notebook:
    """A notebook open in a page, all its cells run; what the page complained of, and what it asked outside."""

    def __init__(self, page: Page, address: str, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.complaints: list[str] = []
        self.asked_outside: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        page.get_by_text("| Idle").wait_for()  # what is run before the kernel is connected is lost
        self.choose("Run", "Run All Cells")
        page.locator(".labsip").first.wait_for()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _see(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme not in ("data", "blob") and where.hostname != "127.0.0.1":
            self.asked_outside.append(request.url)

    def choose(self, menu: str, entry: str) -> None:
        """Go through the menus."""
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()

    def dark(self) -> None:
        """The dark theme."""
        self.page.get_by_role("menuitem", name="Settings", exact=True).click()
        self.page.locator(".lm-Menu-itemLabel").get_by_text("Theme", exact=True).hover()
        self.page.locator(".lm-Menu-itemLabel").get_by_text("JupyterLab Dark", exact=True).click()
        self.page.locator("body[data-jp-theme-light='false']").wait_for(state="attached")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def phone(self, name: str) -> Locator:
        """A phone's card."""
        return self.page.locator(f"[data-phone='{name}']").first

    def press(self, name: str, button: str) -> None:
        """Press a phone's button."""
        self.phone(name).get_by_role("button", name=button, exact=True).click()

    def arrows(self, text: str = "") -> Locator:
        """The arrows of the ladder, those whose label holds a text."""
        return self.page.locator(".labsip .arrow").filter(has_text=text)

    def keep(self, name: str) -> None:
        """A picture of the page as it is."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"live-{name}.png")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """JupyterLab's address, and the folder it serves."""
    folder = tmp_path_factory.mktemp("jupyter")
    with jupyterlab(folder) as address:
        yield address, folder / "lessons"


@pytest.fixture
def notebook(
    chromium: Browser, server: tuple[str, Path], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Notebook]]:
    """`notebook(cell, cell, ...)` opens a notebook of these cells and runs it; then nothing may have gone wrong."""
    address, folder = server
    opened: list[Notebook] = []

    def open_(*cells: str) -> Notebook:
        name = f"{request.node.name}.ipynb"
        written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata=KERNEL)
        nbformat.write(written, folder / name)
        page = chromium.new_page(viewport={"width": 1280, "height": 1500})
        opened.append(Notebook(page, f"{address}/lab/tree/{name}?reset&token={TOKEN}", folder))
        return opened[0]

    yield open_
    for one in opened:
        one.page.close()
        assert one.complaints == []
        assert one.asked_outside == []
