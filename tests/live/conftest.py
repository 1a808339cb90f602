"""A lab in virtual time with two registered phones, and what a view tells its page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labsip import Lab
from labsip.live.living import Living


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(seed=1, net="memory", name="live") as lab:
        lab.use("cancel")
        for name in ("106", "108"):
            lab.phone(name).register()
        yield lab


class Page:
    """What a browser would have been told, in order."""

    def __init__(self, view: Living, monkeypatch: pytest.MonkeyPatch) -> None:
        self.view = view
        self.told: list[dict[str, Any]] = []
        monkeypatch.setattr(view._surface, "send", self.told.append)
        monkeypatch.setattr(view, "_begin", lambda: None)  # no beat: what is said is answered at once

    def say(self, do: str, **said: object) -> dict[str, Any]:
        """Press something; returns the last thing told because of it."""
        self.told.clear()
        self.view._heard({"do": do, **said})
        return self.told[-1] if self.told else {}


@pytest.fixture
def page_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda view: Page(view, monkeypatch)
