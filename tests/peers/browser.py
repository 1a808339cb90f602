"""Phones in a page of headless Chromium: JsSIP as it is, but for its media (`page/phone.js`), and SIP.js."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from labsip.sip.transport import Address

if TYPE_CHECKING:  # without a browser its driver may be missing, too
    from playwright.sync_api import BrowserContext, ConsoleMessage

PROJECT = Path(__file__).parents[2]
SOURCE = Path(__file__).with_name("page")
BUILT = PROJECT / "build" / "phones"
PHONES = {"jssip.js": ("JsSIP", "jssip/lib/JsSIP.js"), "sip.js": ("SIP", "sip.js/lib/index.js")}
"""Scripts to be made: the name a page knows each by, and where npm puts it."""
LOOK = 20
"""Milliseconds between two looks at what the phone has heard."""
PATIENCE = 60_000
"""Milliseconds to wait for it, on a machine that is busy with something else."""


class NotBuilt(Exception):
    """npm could not do it; the text is what it said."""


def build(npm: str) -> None:
    """Make the page in BUILT, each phone one script, in the versions of `package-lock.json`. Raises NotBuilt.

    npm is asked the first time, and when the versions have changed.
    """
    scripts, lock = [BUILT / name for name in PHONES], BUILT / "package-lock.json"
    is_there = all(s.exists() for s in scripts) and lock.read_bytes() == (SOURCE / lock.name).read_bytes()
    shutil.copytree(SOURCE, BUILT, dirs_exist_ok=True)
    if is_there:
        return
    for script in scripts:
        script.unlink(missing_ok=True)
    _run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    for script, (name, source) in zip(scripts, PHONES.values(), strict=True):
        options = ["--bundle", "--format=iife", f"--global-name={name}", f"--outfile={script}", "--log-level=warning"]
        _run(BUILT / "node_modules" / ".bin" / "esbuild", *options, f"node_modules/{source}")


def _run(*command: str | Path) -> None:
    ended = subprocess.run(command, cwd=BUILT, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise NotBuilt(f"{command[0]} failed: {ended.stderr.strip() or ended.stdout.strip()}")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and prints nothing."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[str]:
    """The page's address. It comes from this machine: Chromium lets no page from elsewhere connect to the loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(BUILT))) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


class Page:
    """The page with the phones' scripts in it, just opened; `console` is what they said there."""

    def __init__(self, browser: BrowserContext, address: str) -> None:
        self.console: list[str] = []
        self.complaints: list[str] = []
        self._page = browser.new_page()
        self._page.set_default_timeout(PATIENCE)
        self._page.on("console", self._note)
        self._page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self._page.goto(address)

    def run(self, script: str, argument: Any = None) -> Any:
        """Run a function of JavaScript there; what it returns."""
        return self._page.evaluate(script, argument)

    def comes(self, condition: str, argument: Any = None) -> bool:
        """Whether a function there comes to be true."""
        from playwright.sync_api import TimeoutError

        try:
            self._page.wait_for_function(condition, arg=argument, polling=LOOK)
        except TimeoutError:
            return False
        return True

    def _note(self, message: ConsoleMessage) -> None:
        (self.complaints if message.type == "error" else self.console).append(message.text)


class BrowserPhone(Page):
    """JsSIP in a page of its own, as soon as its user is registered, or refused where that is expected."""

    def __init__(
        self,
        browser: BrowserContext,
        address: str,
        user: str,
        proxy: Address,
        *,
        password: str | None = None,
        until: str = "registered",
    ) -> None:
        super().__init__(browser, address)
        self.user = user
        told = {"url": f"{proxy.proto}://{proxy}", "user": user, "password": password}
        self.run("it => phone.start(it)", told)
        self.hears(until)

    def does(self, verb: str, *arguments: str) -> None:
        """Press one of its buttons: call, answer, end, hold, unhold, write, stop."""
        self.run("([verb, it]) => { phone[verb](...it); }", [verb, list(arguments)])

    def hears(self, event: str) -> None:
        """Wait until that happens; what happened before it is forgotten. Fails if it takes too long."""
        if not self.comes("event => phone.take(event)", event):
            heard = self.run("() => phone.heard")
            pytest.fail(f"{self.user} in the browser heard no {event!r}, but {heard}; complaints: {self.complaints}")
