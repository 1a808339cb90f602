"""Debian's Chromium, headless, under Playwright; one for all tests, for Playwright allows no second in a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

PATIENCE = 60_000
"""Milliseconds a page, a cell or whatever a test expects may take, on a machine that is busy with something else."""

FLAGS = [
    "--no-sandbox",  # CI is root, and Chromium's sandbox would refuse to work for it
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched(program: str) -> Iterator[Browser]:
    """A browser that asks nobody outside."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()
