"""A lab in virtual time, with the route of lesson 05 and two registered phones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labsip import Lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(seed=1, net="memory", name="test") as lab:
        lab.use("cancel")
        for name in ("106", "108"):
            lab.phone(name).register()
        yield lab
