"""docs/kamailio-catalogue.md says what is here."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from tests.project import pages


def test_it_is_as_it_would_be_made_now() -> None:
    """If not: python tools/kamailio_catalogue.py"""
    place = Path(__file__).parents[2] / "tools" / "kamailio_catalogue.py"
    spec = spec_from_file_location("kamailio_catalogue", place)
    assert spec is not None
    assert spec.loader is not None
    tool = module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert pages.read("kamailio-catalogue.md") == tool.page()
