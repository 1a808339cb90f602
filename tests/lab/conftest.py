"""A lab with the route of lesson 05 and two registered phones: in virtual time, and once more on a real Kamailio.

A test that can't run there says why: `@pytest.mark.labsip_only("it counts virtual seconds")`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labsip import Lab

KINDS: dict[str, dict[str, Any]] = {"labsip": {"net": "memory"}, "kamailio": {"engine": "kamailio"}}
"""What makes a lab of each engine."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that takes a lab, or an engine, on both."""
    if "engine" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("labsip_only")
        metafunc.parametrize("engine", ["labsip"] if only else list(KINDS))


@pytest.fixture
def made_with(engine: str, need: Callable[[str], str]) -> dict[str, Any]:
    """Arguments of a lab on that engine: `Lab(name="mine", **made_with)`."""
    if engine == "kamailio":
        need("kamailio")
    return KINDS[engine]


@pytest.fixture
def lab(made_with: dict[str, Any]) -> Iterator[Lab]:
    with Lab(seed=1, name="test", **made_with) as lab:
        lab.use("cancel")
        for name in ("106", "108"):
            lab.phone(name).register()
        yield lab
