"""A lesson in a page of JupyterLab: what a learner does with it, and what there is to see."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, TimeoutError

from tests.chromium import PATIENCE

WIDE, NARROW, HIGH = 1280, 640, 2000
"""Pixels: across a laptop's window, across one of two side by side; and high enough for any cell."""
BARS = 150
"""Pixels that menus and status bar take."""

RUN_ALL = "jupyterapp.commands.execute('notebook:run-all-cells')"
NOTEBOOK = "jupyterapp.shell.currentWidget.content.model.toJSON()"
THEME = "jupyterapp.commands.execute('apputils:change-theme', {{theme: 'JupyterLab {}'}})"
HEIGHT = "document.querySelector('.jp-WindowedPanel-viewport').scrollHeight"
TOP = "document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0"
ALL_RAN = r"""[...document.querySelectorAll(".jp-CodeCell .jp-InputArea-prompt")]
    .every(prompt => /^\[\d+\]:$/.test(prompt.innerText))"""
DRAWN = """[...document.querySelectorAll(".jp-OutputArea-output")]
    .map(output => output.querySelector("img, .labsip"))
    .filter(it => it && it.offsetWidth && it.complete !== false && it.naturalWidth !== 0).length"""
OFFERED = "[...document.querySelectorAll('.jp-Completer-match')].map(it => it.innerText)"
CUT = """[...document.querySelectorAll(".jp-OutputArea-output :is(img, pre)")]
    .filter(it => it.scrollWidth > it.clientWidth
        || it.getBoundingClientRect().right > it.closest(".jp-OutputArea").getBoundingClientRect().right + 1)
    .map(it => it.innerText || it.outerHTML.slice(0, 80))"""
FAINT = """() => {
    const ink = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const light = (colour) => {
        ink.fillStyle = colour;
        ink.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...ink.getImageData(0, 0, 1, 1).data].map(x => x / 255)
            .map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    const paper = light(getComputedStyle(document.querySelector(".jp-Notebook")).backgroundColor);
    return [...document.querySelectorAll(".jp-RenderedHTML pre span")]
        .map(it => [it.innerText, light(getComputedStyle(it).color)])
        .filter(([, text]) => Math.max(text, paper) / Math.min(text, paper) < 4.5)
        .map(([text]) => text);
}"""
"""Coloured text that falls short of the contrast WCAG 2 asks for (§1.4.3)."""


class LessonPage:
    """One lesson, open in a page of its own; `asked_outside` and `complaints` should stay empty."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.asked_outside: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._note_request)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.set_default_timeout(PATIENCE)
        page.set_viewport_size({"width": WIDE, "height": HIGH})
        page.goto(url)
        page.get_by_text("| Idle").wait_for()  # what is run before the kernel is connected is lost
        page.keyboard.press("Control+b")  # the list of files away

    def _note_request(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme not in ("data", "blob") and where.hostname != "127.0.0.1":
            self.asked_outside.append(request.url)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    # --- what a learner does --------------------------------------------------------------------------------------

    def run_all(self) -> None:
        """Run All Cells, and wait for the last; which did not run is in `code_cells`."""
        self.page.evaluate(RUN_ALL)  # returns at a cell that fails; after one that may, the rest goes on
        self._comes(ALL_RAN)

    def run(self, line: str, instead: str = "") -> None:
        """Run the cell that has this line, with other text in it if there is one."""
        self.write(line, instead)
        self.page.keyboard.press("Shift+Enter")

    def write(self, line: str, instead: str) -> None:
        """Go into the cell that has this line, and write something else into it, unless it is nothing."""
        self.page.locator(".jp-CodeCell .cm-content", has_text=line).click()
        if instead:
            self.page.keyboard.press("Control+a")
            self.page.keyboard.insert_text(instead)

    def wear(self, theme: str) -> None:
        """Change the theme: Light or Dark."""
        self.page.evaluate(THEME.format(theme))
        self._comes(f"document.body.dataset.jpThemeLight == '{str(theme == 'Light').lower()}'")
        self._comes("!document.querySelector('#jupyterlab-splash')")

    def resize(self, width: int) -> None:
        """Make the window that wide, and as high as the whole lesson."""
        self.page.set_viewport_size({"width": width, "height": HIGH})
        self.page.set_viewport_size({"width": width, "height": int(self.page.evaluate(HEIGHT)) + BARS})
        self.page.evaluate(TOP)

    # --- what there is to see -------------------------------------------------------------------------------------

    @property
    def code_cells(self) -> list[dict[str, Any]]:
        """The code cells as a notebook's file has them, with what came out."""
        return [cell for cell in self.page.evaluate(NOTEBOOK)["cells"] if cell["cell_type"] == "code"]

    @property
    def pictures(self) -> int:
        """How many outputs are pictures, or alive."""
        outputs = [out.get("data", {}) for cell in self.code_cells for out in cell["outputs"]]
        return sum("image/png" in data for data in outputs)

    def draws(self, pictures: int) -> bool:
        """Whether so many pictures and widgets come to be seen."""
        return self._comes(f"{DRAWN} == {pictures}")

    def shows(self, text: str) -> bool:
        """Whether that text comes to be seen."""
        return self._comes(f"document.body.innerText.includes({text!r})")

    def offers(self, name: str) -> bool:
        """Whether that name comes to be among those that would complete what was written."""
        return self._comes(f"{OFFERED}.includes({name!r})")

    def cut(self) -> list[str]:
        """Pictures and texts that are wider than their place."""
        return self.page.evaluate(CUT)

    def faint(self) -> list[str]:
        """Coloured lines that are hard to read on their ground."""
        return self.page.evaluate(FAINT)

    def shoot(self, file: Path) -> None:
        """A picture of the page, for a person to look at."""
        self.page.screenshot(path=file)

    def _comes(self, condition: str) -> bool:
        try:
            self.page.wait_for_function(condition)
        except TimeoutError:
            return False
        return True
