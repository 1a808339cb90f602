"""What a call costs inside the proxy: microseconds for each of its six datagrams, without a socket.

    python bench/engine.py [calls] [rounds] [step]
    python bench/engine.py [calls] [rounds] FILE.cfg [step]      the same route as a kamailio.cfg, beside the step's

A call is INVITE, 180, 200, ACK, BYE, 200 with the route of lesson 05; the 100 is in the INVITE's figure. `timers` is
what is done later: asking when, firing, letting go of transactions. Time goes on as if 150 calls a second came, so
transactions live and die as they do under load. Each figure is the least of all rounds: on a machine that does other
things too, that is the one that says something about the code. With the trace on, datagrams and commands are recorded.

Of a kamailio.cfg what is printed is its share of the step's CPU time: each round runs both, one after the other, and
the median of all rounds counts. Lines of xlog are left out, for the step has none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter, process_time

from labsip.dialects.cfg import script_of
from labsip.dialects.python import Python
from labsip.proxy.receive import Proxy
from labsip.proxy.script import Routes
from labsip.sip.build import build_response
from labsip.sip.message import Response, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.steps import STEPS
from labsip.trace import Trace
from labsip.vocabulary import build_proxy

PROXY, CALLER, CALLEE = Address("127.0.10.1"), Address("127.0.10.106"), Address("127.0.10.108")
EVERY = 1 / 150
"""Seconds between two calls."""
PARTS = ("INVITE", "180", "200", "ACK", "BYE", "200 (BYE)", "timers")
SDP = "v=0\r\no=106 1 1 IN IP4 127.0.10.106\r\ns=-\r\nc=IN IP4 127.0.10.106\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n"

REQUEST = """{method} {uri} SIP/2.0
Via: SIP/2.0/UDP 127.0.10.106:5060;branch=z9hG4bK-{number}-{cseq}-{method}
{routes}From: <sip:106@127.0.10.1:5060>;tag=caller{number}
To: <sip:108@127.0.10.1:5060>{to_tag}
Call-ID: {number}-4711@127.0.10.106
CSeq: {cseq} {method}
Contact: <sip:{user}@127.0.10.{user}:5060>
Max-Forwards: 70
{rest}Content-Length: {length}

"""


def request(method: str, number: int, cseq: int, *, body: str = "", **fields: str) -> bytes:
    """A request of the caller's; `fields` stand in for what an INVITE has."""
    given = {"uri": "sip:108@127.0.10.1:5060", "routes": "", "to_tag": "", "user": "106", "rest": ""} | fields
    head = REQUEST.format(method=method, number=number, cseq=cseq, length=len(body), **given)
    return (head.replace("\n", "\r\n") + body).encode()


def answer(datagram: Datagram, status: int, reason: str, *headers: tuple[str, str]) -> Datagram:
    """What the callee sends back."""
    message = parse_message(datagram.data)
    assert not isinstance(message, Response)
    path = [("Record-Route", value) for value in message.get_all("Record-Route")]
    response = build_response(
        message, status, reason, to_tag="callee", body=SDP.encode() if headers else b"",
        headers=[*path, *headers, ("Contact", "<sip:108@127.0.10.108:5060>")],
    )  # fmt: skip
    return Datagram(response.raw, CALLEE, PROXY)


class Bench:
    """A proxy with one phone registered, and the clock of its calls."""

    def __init__(self, routes: Routes, *, record: bool) -> None:
        self.trace = Trace(records_commands=record)
        self.record = record
        self.proxy: Proxy = build_proxy(routes, [PROXY], ids=Random(0), trace=self.trace, dialect=Python())
        self.now, self.calls = 0.0, 0
        self.spent = dict.fromkeys(PARTS, 0.0)
        contact = request("REGISTER", 0, 1, uri="sip:127.0.10.1", user="108")
        assert b" 200 " in self.take("INVITE", Datagram(contact, CALLEE, PROXY))[0].data

    def take(self, part: str, datagram: Datagram) -> list[Datagram]:
        """One datagram through the proxy; its time is counted, also that of recording it."""
        begun = perf_counter()
        if self.record:
            self.trace.cause = self.trace.datagram(datagram, self.now)
        out = self.proxy.receive(datagram, self.now)
        if self.record:
            for sent in out:
                self.trace.datagram(sent, self.now)
            self.trace.cause = None
        done = perf_counter()
        self.proxy.next_wake()
        self.spent["timers"] += perf_counter() - done
        self.spent[part] += done - begun
        return out

    def wake(self) -> None:
        """Let the timers fire that are due."""
        begun = perf_counter()
        while (due := self.proxy.next_wake()) is not None and due <= self.now:
            self.proxy.wake(self.now)
        self.spent["timers"] += perf_counter() - begun

    def call(self) -> None:
        """A call from its INVITE to the 200 of its BYE; what comes out is made sure of."""
        self.calls, number = self.calls + 1, self.calls + 1
        invite = Datagram(request("INVITE", number, 1, body=SDP, rest="Content-Type: application/sdp\n"), CALLER, PROXY)
        trying, ringing = self.take("INVITE", invite)
        assert b" 100 " in trying.data
        ok = answer(ringing, 200, "OK", ("Content-Type", "application/sdp"))
        self.take("180", answer(ringing, 180, "Ringing"))
        (up,) = self.take("200", ok)
        route = parse_message(up.data).get("Record-Route")
        within = {"uri": "sip:108@127.0.10.108:5060", "routes": f"Route: {route}\n", "to_tag": ";tag=callee"}
        (ack,) = self.take("ACK", Datagram(request("ACK", number, 1, **within), CALLER, PROXY))
        (bye,) = self.take("BYE", Datagram(request("BYE", number, 2, **within), CALLER, PROXY))
        (over,) = self.take("200 (BYE)", answer(bye, 200, "OK"))
        assert [ack.dst, bye.dst, over.dst] == [CALLEE, CALLEE, CALLER]
        self.now += EVERY
        self.wake()

    def round(self, calls: int) -> dict[str, float]:
        """So many calls: microseconds a call, by part."""
        self.spent = dict.fromkeys(PARTS, 0.0)
        for _ in range(calls):
            self.call()
        return {part: seconds / calls * 1e6 for part, seconds in self.spent.items()}


def rows(calls: int, rounds: int, step: str) -> Iterator[tuple[str, dict[str, float]]]:
    """The least of all rounds, by part, with the trace off and on; the two take turns."""
    benches = {name: Bench(STEPS[step], record=name == "trace on") for name in ("trace off", "trace on")}
    for bench in benches.values():
        bench.round(1000)  # so many transactions live at once
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in benches}
    for _ in range(rounds):
        for name, bench in benches.items():
            seen[name].append(bench.round(calls))
    for name, figures in seen.items():
        yield name, {part: min(figure[part] for figure in figures) for part in PARTS}


def shares(calls: int, rounds: int, cfg: Path, step: str) -> Iterator[tuple[str, float]]:
    """What a kamailio.cfg costs in CPU time, by what its step does: the median of pairs, with the trace off and on."""
    text = "\n".join("" if line.strip().startswith("xlog(") else line for line in cfg.read_text().split("\n"))
    routes = script_of(text, file=cfg.name).routes
    for record in (False, True):
        pair = Bench(routes, record=record), Bench(STEPS[step], record=record)
        for bench in pair:
            bench.round(500)
        ratios = []
        for _ in range(rounds):
            ours, theirs = (_cpu(bench, calls) for bench in pair)
            ratios.append(ours / theirs)
        yield f"trace {'on' if record else 'off'}", median(ratios)


def _cpu(bench: Bench, calls: int) -> float:
    begun = process_time()
    bench.round(calls)
    return process_time() - begun


def main(calls: str = "100", rounds: str = "60", step: str = "cancel", beside: str = "cancel") -> None:
    """Print a row for each kind."""
    if step.endswith(".cfg"):
        for name, share in shares(int(calls), int(rounds), Path(step), beside):
            print(f"{name:9} {Path(step).name} takes {share:.2f} times the CPU time of step {beside}")
        return
    print(" " * 9, *(f"{part:>9}" for part in PARTS), f"{'a call':>9}  [us]")
    for name, least in rows(int(calls), int(rounds), step):
        print(f"{name:9}", *(f"{least[part]:9.1f}" for part in PARTS), f"{sum(least.values()):9.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
