"""What the live views cost: from a datagram to the picture, the kernel's CPU, the page's frames.

    python bench/live.py

JupyterLab and Debian's Chromium run on this machine, without a graphics card, so frames are drawn by the same CPUs.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import nbformat
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser.server import TOKEN, jupyterlab
from tests.browser_live.conftest import KERNEL
from tests.chromium import FLAGS

LAB = """
import json, time
from pathlib import Path
from labsip import Lab
lab = Lab(seed=1)
lab.use("cancel")
a, b = lab.phone("106"), lab.phone("108")
a.register(); b.register()
def wait(name):
    while not Path(name).exists():
        time.sleep(0.02)
def cpu(what, seconds):
    wall, used = time.time(), time.process_time()
    what()
    return (time.process_time() - used) / (time.time() - wall)
"""
SENT = """
wait("go")
sent = []
for _ in range(40):
    time.sleep(0.15)
    sent.append(time.time() * 1000)
    lab.testbed.net.do(lambda now: a.handset.node.options("sip:127.0.10.1", now)[1])
    time.sleep(0.1)
Path("sent").write_text(json.dumps(sent))
"""
LOADED = """
wait("go")
found = cpu(lambda: lab.load(60, 4), 15)
Path("cpu").write_text(json.dumps(found))
"""
IDLE = """
wait("go")
found = cpu(lambda: time.sleep(5), 5)
Path("cpu").write_text(json.dumps(found))
"""
LONG = """
lab.load(39, 20)
from labsip.live import explore
explore(lab.flow)
"""
SEEN = """() => {
  window.seen = [];
  const known = new Set();
  const look = () => {
    for (const node of document.querySelectorAll(".labsip .arrow")) {
      if (known.has(node.dataset.row)) continue;
      known.add(node.dataset.row);
      if (node.textContent.endsWith("OPTIONS")) window.seen.push(Date.now());
    }
    requestAnimationFrame(look);
  };
  look();
}"""
FRAMES = """(seconds) => new Promise((done) => {
  const frames = [];
  let last = performance.now();
  const end = last + 1000 * seconds;
  const tick = (now) => {
    frames.push(now - last);
    last = now;
    now < end ? requestAnimationFrame(tick) : done(frames.slice(1));
  };
  requestAnimationFrame(tick);
})"""
SCROLL = """(seconds) => new Promise((done) => {
  const ladder = document.querySelector(".labsip .ladder");
  const frames = [];
  let last = performance.now();
  const end = last + 1000 * seconds;
  const tick = (now) => {
    frames.push(now - last);
    last = now;
    ladder.scrollTop += 60;
    if (ladder.scrollTop + ladder.clientHeight >= ladder.scrollHeight - 1) ladder.scrollTop = 0;
    now < end ? requestAnimationFrame(tick) : done(frames.slice(1));
  };
  ladder.scrollTop = 0;
  requestAnimationFrame(tick);
})"""


@contextmanager
def notebook(page: Page, address: str, folder: Path, name: str, *cells: str) -> Iterator[None]:
    """A notebook of these cells, open and running."""
    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata=KERNEL)
    nbformat.write(written, folder / name)
    for left in ("go", "cpu", "sent"):
        (folder / left).unlink(missing_ok=True)
    page.goto(f"{address}/lab/tree/{name}?reset&token={TOKEN}")
    page.get_by_text("| Idle").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True).click()
    yield


def wait_for(page: Page, file: Path) -> Any:
    """What the notebook wrote into a file."""
    for _ in range(600):
        if file.exists() and file.read_text():
            return json.loads(file.read_text())
        page.wait_for_timeout(100)
    raise SystemExit(f"the notebook never wrote {file.name}")


def told(frames: list[float]) -> str:
    """Frame times in short."""
    worst = sorted(frames)[int(0.99 * len(frames))]
    return f"half within {median(frames):.1f} ms, 99 of 100 within {worst:.1f} ms, {len(frames)} frames"


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright, jupyterlab(Path(place)) as address:
        folder = Path(place) / "lessons"
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        with notebook(page, address, folder, "sent.ipynb", LAB + "lab.panel()", SENT):
            page.locator(".labsip .arrow").first.wait_for(timeout=60_000)
            page.evaluate(SEEN)
            (folder / "go").touch()
            sent = wait_for(page, folder / "sent")
            page.wait_for_timeout(1000)
            seen = page.evaluate("window.seen")
            delays = sorted(there - here for here, there in zip(sent, seen, strict=False))
            print(
                f"datagram to picture: half within {median(delays):.0f} ms, all within {delays[-1]:.0f} ms", len(seen)
            )
        for name, first in (("without a panel", "lab"), ("with a panel", "lab.panel()"), ("with three", "THREE")):
            cells = ["lab.panel()"] * 3 if first == "THREE" else [first]
            with notebook(page, address, folder, "load.ipynb", LAB, *cells, LOADED):
                if first != "lab":
                    page.locator(".labsip .arrow").first.wait_for(timeout=60_000)
                (folder / "go").touch()
                page.wait_for_timeout(1500)
                frames = page.evaluate(FRAMES, 8)
                used = wait_for(page, folder / "cpu")
                print(f"50 messages a second, {name}: kernel {used:.1%} of a CPU; {told(frames)}")
        with notebook(page, address, folder, "idle.ipynb", LAB, "lab.panel()", IDLE):
            page.locator(".labsip .arrow").first.wait_for(timeout=60_000)
            (folder / "go").touch()
            print(f"nothing happens, with a panel: kernel {wait_for(page, folder / 'cpu'):.2%} of a CPU")
        with notebook(page, address, folder, "long.ipynb", LAB + LONG):
            page.locator(".labsip .arrow").first.wait_for(timeout=60_000)
            page.wait_for_timeout(2000)
            count = page.locator(".labsip .arrow").count()
            print(f"scrolling {count} messages: {told(page.evaluate(SCROLL, 5))}")
        browser.close()
    print("load average of the last 1, 5, 15 minutes:", *os.getloadavg(), "(above 1: others are at work, too)")


if __name__ == "__main__":
    main()
