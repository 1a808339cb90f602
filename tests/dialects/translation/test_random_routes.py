"""A random route does the same in Python, in a kamailio.cfg and in KEMI."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.dialects.translation.random_routes import done_by, in_cfg, in_kemi, in_python, routes


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(text=routes())
def test_a_route_does_the_same_in_each_language(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    expected = done_by(in_python(text))
    assert not expected[2]
    assert done_by(in_cfg(text)) == expected
    file: Path = tmp_path_factory.getbasetemp() / "route.py"
    assert done_by(in_kemi(text, file)) == expected
