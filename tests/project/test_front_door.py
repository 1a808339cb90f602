"""What `import labsip` gives, and what it does not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

import labsip

NAMES = [
    "Lab", "Phone", "Call", "STEPS", "Ksr", "Request", "Response", "parse_message", "SipUri", "LabError", "BadMessage",
    "read_pcap", "write_pcap", "Ladder", "calls", "explain", "compare", "PCAPS",
    "Module", "Turn", "command",
]  # fmt: skip
HEAVY = {"IPython", "ipywidgets", "matplotlib", "numpy", "pandas"}
"""A second and more to import: they load when something is first drawn or shown as a table."""


def test_the_front_door_has_these_names_and_no_others() -> None:
    assert sorted(labsip.__all__) == sorted(NAMES)


def test_every_name_of_the_front_door_is_there_and_completes() -> None:
    assert all(getattr(labsip, name) is not None for name in labsip.__all__)
    assert dir(labsip) == sorted(labsip.__all__)


def test_importing_loads_nothing_of_ours_before_it_is_used() -> None:
    script = "import labsip, sys\nprint(*(name for name in sys.modules if name.startswith('labsip')))"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert loaded.split() == ["labsip"]


@pytest.mark.parametrize("statement", ["import labsip", "from labsip import Lab", "import labsip.cli.main"])
def test_importing_draws_in_nothing_heavy(statement: str) -> None:
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert not HEAVY & set(loaded.split())
