"""A lab in virtual time with two registered phones, and what a view tells its page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labsip import Lab
from labsip.live.view import View


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(seed=1, net="memory", name="live") as lab:
        lab.use("cancel")
        for name in ("106", "108"):
            lab.phone(name).register()
        yield lab


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The outputs of a cell, as data by MIME type; what is updated is changed in place."""
    outputs: list[Any] = []

    class Handle:
        def __init__(self, data: dict[str, Any]) -> None:
            self.place = len(outputs)
            outputs.append(data)

        def update(self, data: dict[str, Any], **_: object) -> None:
            outputs[self.place] = data

    monkeypatch.setattr("IPython.display.display", lambda data, **_: Handle(data))
    return outputs


class Page:
    """What a browser would have been told, in order."""

    def __init__(self, view: View, monkeypatch: pytest.MonkeyPatch) -> None:
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
