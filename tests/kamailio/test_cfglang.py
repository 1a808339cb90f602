"""Small programs in Kamailio's language, and what a real Kamailio did with them: `labsip serve --cfg` does the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

DIFFERENT = {
    "065_forward_forms": "Kamailio says -1 for forward(127.0.0.1, 5060) though it sends",
    "066_reply_words": "labsip refuses a status beyond 699",
}
"""Programs that end otherwise on purpose, and why."""


@pytest.mark.timeout(900)
def test_they_end_as_in_kamailio(shared: Callable[[str], Path], tmp_path: Path) -> None:
    found, labsip = tmp_path / "found.json", Path(sys.executable).with_name("labsip")
    launch = f"{labsip} serve --cfg {{cfg}} --listen udp:{{host}}:{{port}} {{args}}"
    judge = [sys.executable, str(shared("kamailio/cfglang") / "judge.py"), "--launch", launch, "--json", str(found)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([*judge, "--patience", "2", "--jobs", "6"], env=environment, check=False, capture_output=True)
    failed = {one["name"]: one["why"] for one in json.loads(found.read_text()) if not one["pass"]}
    assert {name: why for name, why in failed.items() if name not in DIFFERENT} == {}
