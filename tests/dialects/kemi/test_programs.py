"""KEMI programs that a real Kamailio ran: the same lines in the log, the same answers, the same messages sent on."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from labsip.dialects.kemi import load
from labsip.dialects.python import Python
from labsip.proxy.receive import Proxy
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import build_proxy, settings_of

PROGRAMS = (
    "k01_lesson",
    "k02_pv",
    "k03_tests",
    "k04_hdr",
    "k05_failure",
    "k06_slips",
    "k07_state",
    "k08_log",
)
PROXY = Address("127.0.10.1")
SETTINGS: dict[str, Any] = {"htable": "t=>size=4;", "debug": 2}
"""What all of their kamailio.cfg say."""


@pytest.fixture(scope="module")
def programs(shared: Callable[[str], Path]) -> Path:
    return shared("kamailio") / "cfglang"


@pytest.fixture(scope="module")
def play(programs: Path) -> ModuleType:
    """The player that noted what Kamailio did."""
    spec = spec_from_file_location("play", programs / "play.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_does_what_it_does_in_kamailio(name: str, programs: Path, play: ModuleType) -> None:
    expected = json.loads((programs / f"{name}.expected").read_text())
    sent = play.directives(programs / f"{name}.cfg")["send"]
    program = load(programs / f"{name}.py", settings=SETTINGS)
    settings = settings_of(program.routes, **SETTINGS)
    proxy = build_proxy(program.routes, [PROXY], ids=Random(1), settings=settings, dialect=Python())
    assert [told(play, proxy, request, number) for number, request in enumerate(sent, 1)] == expected["runs"]


def told(play: ModuleType, proxy: Proxy, name: str, number: int) -> dict[str, Any]:
    """What came of one request, as the recordings have it."""
    parties = {Address(*place): party for party, place in play.PARTIES.items()}
    names = {party: address for address, party in parties.items()}
    messages: dict[str, list[Any]] = {}
    queue = deque([Datagram(play.request(name, number), names["106"], PROXY)])
    seen: set[tuple[str, bytes]] = set()
    while queue:
        datagram = queue.popleft()
        if datagram.dst == PROXY:
            queue += proxy.receive(datagram, float(number))
            continue
        party = parties[datagram.dst]
        if (party, datagram.data) in seen:
            continue
        seen.add((party, datagram.data))
        messages.setdefault(f"to {party}", []).append(play.told(datagram.data))
        answer = play.answer(datagram.data) if party != "106" else None
        if answer:
            queue.append(Datagram(answer, datagram.dst, PROXY))
    log = play.printed("\n".join(row.text for row in sorted(proxy.trace.commands) if row.text))
    proxy.trace.commands.clear()
    return {"send": name, "log": log, **{party: messages[party] for party in sorted(messages)}}
