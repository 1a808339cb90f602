"""The self-relay of step 3: nobody is registered, the Request-URI leads back to the proxy, and it calls itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from labsip.dialects.cfg import script_of
from labsip.proxy.settings import MiB
from labsip.sip.message import Message, Response
from labsip.steps import STEPS
from tests.ends import LARGEST, Bench, End, told
from tests.kamailio import captures, differences

SDP = b"v=0\r\no=lab 1 1 IN IP4 127.0.10.106\r\ns=-\r\nc=IN IP4 127.0.10.106\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


@dataclass
class Loop:
    """106 has called somebody nobody registered, and a minute went by."""

    bench: Bench
    caller: End

    def relayed(self, *, until: float = 60.0) -> list[Message]:
        """What the proxy sent to itself."""
        return [m for t, src, dst, m in self.bench.passed if src == dst == "proxy" and t <= until]

    @property
    def invites(self) -> list[Message]:
        """Its INVITEs to itself, repeats left out."""
        return list({m.branch: m for m in self.relayed() if m.start_line.startswith("INVITE")}.values())

    def heard(self, *, until: float) -> list[str]:
        """What the caller was told."""
        return [told(m) for t, _, dst, m in self.bench.passed if dst == "106" and t <= until]


def looping(bench: Bench, uri: str = "sip:108@127.0.10.1") -> Loop:
    caller = bench.end("106")
    caller.invite(uri, body=SDP)
    return Loop(bench, caller)


@pytest.fixture(scope="module", params=["step", "cfg"])
def loop(request: pytest.FixtureRequest, shared: Callable[[str], Path]) -> Loop:
    """Through our route, and through the configuration that Kamailio ran."""
    config = Path("kamailio", "step3_first_call.cfg")
    routes = STEPS["first-call"] if request.param == "step" else script_of(shared(str(config))).routes
    started = looping(Bench(routes))
    started.bench.wait(60)
    return started


@pytest.fixture(scope="module")
def recorded(shared: Callable[[str], Path]) -> captures.Capture:
    shared("captures")
    return captures.read("step3_unregistered_loop_64mb")


def test_all_captures_left_out_are_loops(shared: Callable[[str], Path]) -> None:
    shared("captures")
    for name in differences.LEFT_OUT:
        assert captures.read(name).counts["proxy -> proxy INVITE"] > 400


def test_the_caller_hears_100_at_once_and_408_after_half_a_minute(loop: Loop, recorded: captures.Capture) -> None:
    assert loop.heard(until=29) == ["100 trying -- your call is important to us"]
    assert loop.heard(until=35)[1] == "408 Request Timeout"
    theirs = [seen.data.split(b"\r\n")[0] for seen in recorded.seen if seen.dst == loop.caller.address]
    assert theirs[1:3] == [b"SIP/2.0 100 trying -- your call is important to us", b"SIP/2.0 408 Request Timeout"]


def test_memory_stops_it_after_about_as_many_hops_as_in_kamailio(loop: Loop, recorded: captures.Capture) -> None:
    theirs = recorded.counts["proxy -> proxy 100"]  # the INVITE that finds no memory is not answered
    assert len(loop.invites) - 1 == pytest.approx(theirs, rel=0.05)
    assert len(loop.invites[-1].raw) == pytest.approx(recorded.biggest, rel=0.05)


def test_each_hop_adds_a_via_and_answers_100(loop: Loop) -> None:
    assert [m.count("Via") for m in loop.invites] == list(range(2, len(loop.invites) + 2))
    trying = [m for m in loop.relayed(until=0) if isinstance(m, Response)]
    assert [m.status for m in trying] == [100] * (len(loop.invites) - 1)


def test_a_plain_word_says_what_happened(loop: Loop) -> None:
    (command,) = [note for note in loop.bench.notes if note.startswith("no memory")]
    assert "hold 67.1 MB" in command or "hold 66.9 MB" in command
    assert "this INVITE came from the proxy itself: sip:108@127.0.10.1 leads back to it" in command


def test_the_last_hop_repeats_its_invite_until_it_gives_up(loop: Loop, recorded: captures.Capture) -> None:
    sent = Counter(m.branch for m in loop.relayed() if m.start_line.startswith("INVITE"))
    repeats = {branch: times - 1 for branch, times in sent.items() if times > 1}
    last = loop.invites[-1].branch
    assert repeats == {last: recorded.counts["proxy -> proxy INVITE"] - recorded.counts["proxy -> proxy 100"] - 1}


def test_the_408_travels_back_hop_by_hop_and_all_is_over(loop: Loop) -> None:
    finals = {m.branch for m in loop.relayed() if m.start_line.startswith("SIP/2.0 408")}
    assert finals == {m.branch for m in loop.invites[:-1]}
    assert loop.caller.response(408).count("Via") == 1
    assert loop.bench.proxy.next_wake() is None


def test_small_requests_still_pass_while_the_loop_holds_the_memory() -> None:
    """As in step3_loop_bystanders: 108 registers, and 106 reaches it."""
    loop = looping(Bench(STEPS["first-call"]))
    callee = loop.bench.end("108")
    loop.bench.wait(1)
    assert callee.register() == ["200 OK (REGISTER)"]
    loop.caller.invite()
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    assert loop.caller.summaries[-2:] == ["100 trying -- your call is important to us", "486 Busy Here"]


def test_a_cancel_gets_501_and_the_loop_goes_on() -> None:
    """The tutorial's screenshot: step3_unregistered_loop_cancel."""
    bench = Bench(STEPS["first-call"], shm_bytes=MiB)
    caller = bench.end("106")
    invite = caller.invite()
    bench.wait(10)
    assert caller.cancel(invite) == ["501 Not Implemented (CANCEL)"]
    before = len(bench.passed)
    bench.wait(10)
    assert bench.flow[before:] == ["proxy -> proxy  INVITE"] * 3


def test_an_expired_binding_loops_as_well() -> None:
    bench = Bench(STEPS["first-call"], min_expires=1, shm_bytes=MiB)
    bench.end("108").register(expires=1)
    bench.wait(2)
    assert len(looping(bench).invites) > 30


def test_the_bare_domain_loops_as_well() -> None:
    assert len(looping(Bench(STEPS["first-call"], shm_bytes=MiB), "sip:127.0.10.1").invites) > 30


def test_with_much_memory_the_size_of_a_datagram_stops_it(shared: Callable[[str], Path]) -> None:
    """As in step3_unregistered_loop_512mb: 477 at once instead of 408 after half a minute."""
    shared("captures")
    theirs = captures.read("step3_unregistered_loop_512mb").counts["proxy -> proxy INVITE"]
    loop = looping(Bench(STEPS["first-call"], shm_bytes=512 * MiB))
    assert len(loop.invites) == pytest.approx(theirs, rel=0.02)
    assert max(len(m.raw) for m in loop.relayed()) <= LARGEST
    assert loop.heard(until=1) == [
        "100 trying -- your call is important to us",
        "477 Unfortunately error on sending to next hop occurred (477/TM)",
    ]
