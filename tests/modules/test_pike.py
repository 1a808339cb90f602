"""pike_check_req: who sends too much."""

from __future__ import annotations

from typing import Any

import pytest

from labsip.modules import pike
from labsip.modules.pike import Pike, Prefix
from labsip.sip.errors import LabError
from labsip.vocabulary import Ksr
from tests.ends import Bench

CHECK = {1: "+", -1: "-", -2: "!"}


class Watch:
    """A proxy that watches, and what it says to requests."""

    def __init__(self, **settings: Any) -> None:
        self.bench = Bench(lambda ksr: ksr, **settings)
        self.pike = self.bench.proxy.module(Pike)

    def says(self, host: str, count: int, at: float = 0.0) -> str:
        return "".join(CHECK[self.pike.hit(host, at)] for _ in range(count))


def test_an_address_nobody_knows_may_send_more_before_it_is_blocked() -> None:
    """The count Kamailio makes: each byte of the address must be hit before the next is looked at."""
    watch = Watch(reqs_density_per_unit=30)
    assert watch.says("10.0.0.1", 40) == "+" * 38 + "!-"
    assert watch.says("10.0.0.2", 32) == "+" * 30 + "!-"  # its neighbour's bytes are watched already
    assert watch.bench.notes[0] == "pike: 10.0.0.1 sends too much, blocked"


def test_the_command_counts_where_the_request_came_from() -> None:
    codes: list[int] = []
    bench = Bench(lambda ksr: codes.append(int(Ksr.pike_check_req(ksr))), reqs_density_per_unit=2)
    caller = bench.end("106")
    for _ in range(7):
        caller.send(caller.request("MESSAGE"))
    assert codes == [1, 1, 1, 1, 1, -2, -1]


def test_it_may_send_again_when_a_unit_had_fewer() -> None:
    watch = Watch(reqs_density_per_unit=4, sampling_time_unit=2)
    assert watch.says("10.0.0.1", 10).endswith("!--")
    assert watch.says("10.0.0.1", 1, at=2.0) == "-"  # the unit before had too many
    assert watch.says("10.0.0.1", 3, at=4.0) == "+++"
    assert watch.says("10.0.0.1", 1, at=5.0) == "!"
    assert watch.says("10.0.0.1", 1, at=60.0) == "+"


def test_who_sends_nothing_for_long_is_forgotten() -> None:
    watch = Watch(reqs_density_per_unit=4, sampling_time_unit=2, remove_latency=10)
    watch.says("10.0.0.1", 10)
    watch.says("11.0.0.1", 1)
    assert len(watch.pike.nodes) == 5
    for at in range(12, 80, 2):
        watch.says("12.0.0.1", 1, at=float(at))
    assert set(watch.pike.nodes) <= {b"\x0c", b"\x0c\0", b"\x0c\0\0", b"\x0c\0\0\1"}


def test_ipv6_is_watched_too() -> None:
    watch = Watch(reqs_density_per_unit=8)
    said = watch.says("2001:db8::1", 100)
    assert "!" in said
    assert 8 <= said.index("!") <= 9 * 8


def test_an_address_that_others_begin_with_is_forgotten_in_its_own_time() -> None:
    """10.0.0.1 is the first four bytes of IPv6 addresses, too; that one of those is forgotten gives it no more time."""
    watch = Watch(sampling_time_unit=2, remove_latency=100)
    watch.pike.nodes[b"\x0a\0\0\1"] = known = Prefix(whole=True, kids=1, expires_at=50.0)
    watch.pike.nodes[b"\x0a\0\0\1\0"] = Prefix(expires_at=10.0)
    watch.says("12.0.0.1", 1, at=12.0)
    assert (known.kids, known.expires_at) == (0, 50.0)


def test_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes when it is full is not watched, as in Kamailio."""
    monkeypatch.setattr(pike, "MOST", 50)
    watch = Watch(reqs_density_per_unit=1)
    for last in range(256):
        watch.says(f"10.0.{last}.{last}", 8)
    assert len(watch.pike.nodes) == 50
    assert watch.says("99.0.0.1", 10) == "+" * 10


def test_a_flood_from_everywhere_is_counted_in_no_time_to_speak_of() -> None:
    watch = Watch(reqs_density_per_unit=1)
    for number in range(0, 1 << 24, 1 << 9):
        watch.says(f"{number >> 16}.{number >> 8 & 255}.{number & 255}.9", 1, at=number / (1 << 20))
    assert len(watch.pike.nodes) <= pike.MOST


def test_settings_that_count_nothing_are_refused() -> None:
    with pytest.raises(LabError, match="must be more than 0"):
        Watch(sampling_time_unit=0)
