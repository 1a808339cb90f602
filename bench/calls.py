"""CPU a call: `labsip serve` beside Kamailio, both with the route of lesson 05, under SIPp.

    python bench/calls.py [calls] [rounds] [rate]

A call is INVITE 100 180 200 ACK BYE 200 through the proxy, which is in the path of all of them; `rate` of them begin
in a second. Kamailio has one worker (children=1), once as Debian ships it (its debugging allocator) and once with
`-x fm -X fm`, the fair yardstick; labsip runs once without a trace, and once with all of it, which goes into a capture
file. The servers take turns; what counts is the median of the ratios of neighbours in this run. Needs kamailio and
sipp.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from labsip.sip.transport import Address

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "tests" / "peers" / "sipp"
PROXY, CALLER, CALLEE = Address("127.0.9.1", 5060), Address("127.0.9.106", 5060), Address("127.0.9.108", 5060)
RATE = "150"
"""Calls begun in a second: well below what any of them can do, so that the machine is never the bottleneck."""
FM = ("-x", "fm", "-X", "fm")


def labsip(_: Path) -> list[str]:
    """labsip serve, as it comes."""
    return [sys.executable, "-m", "labsip", "serve", "--step=cancel", f"--listen=udp:{PROXY}"]


def traced(folder: Path) -> list[str]:
    """The same, with every message and every command written into a file."""
    return [*labsip(folder), f"--capture={folder / 'seen.pcapng'}"]


def kamailio(*allocator: str) -> Callable[[Path], list[str]]:
    """Kamailio, with that choice of allocators."""

    def command(folder: Path) -> list[str]:
        place = ["-Y", str(folder), "-P", str(folder / "pid"), "-A", f"LISTEN=udp:{PROXY}"]
        return ["kamailio", "-f", str(HERE / "kamailio.cfg"), "-DD", "-E", *place, *allocator]

    return command


SERVERS = {"labsip": labsip, "labsip, traced": traced, "kamailio fm": kamailio(*FM), "kamailio": kamailio()}


def sipp(folder: Path, scenario: str, at: Address, calls: int, rate: str, *options: str) -> subprocess.Popen[bytes]:
    """Start SIPp with one scenario."""
    command = ["sipp", "-sf", SCENARIOS / f"{scenario}.xml", "-i", at.host, "-p", str(at.port), "-m", str(calls)]
    command += ["-nostdin", "-r", rate, *options]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def family(pid: int) -> list[int]:
    """A process and its children: Kamailio has one for each of its tasks."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu(pid: int) -> float:
    """Seconds of CPU a process and its children have used."""
    ticks = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(command: Callable[[Path], list[str]], calls: int, rate: str) -> float:
    """Microseconds of CPU a call."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = subprocess.Popen(command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(2)
            where = ("-key", "user", "108", "-key", "contact", str(CALLEE), str(PROXY))
            if sipp(folder, "register", CALLER, 1, rate, *where).wait(30):
                raise SystemExit("the callee could not register")
            callee = sipp(folder, "answer", CALLEE, calls, rate)
            before = cpu(server.pid)
            caller = sipp(folder, "call", CALLER, calls, rate, "-s", "108", str(PROXY))
            if caller.wait(600) or callee.wait(30):
                raise SystemExit("some calls failed; nothing was measured")
            return (cpu(server.pid) - before) / calls * 1e6
        finally:
            server.terminate()
            server.wait(30)


def main(calls: str = "1500", rounds: str = "3", rate: str = RATE) -> None:
    """Let them take turns, and print the medians."""
    spent: dict[str, list[float]] = {name: [] for name in SERVERS}
    for _ in range(int(rounds)):
        for name, command in SERVERS.items():
            spent[name].append(measure(command, int(calls), rate))
            print(f"{name:14} {spent[name][-1]:6.0f} us of CPU a call", flush=True)
    print(f"\nmedians of {rounds} rounds, {calls} calls each, {rate} begun in a second")
    print(f"{'':14}  us a call   labsip   labsip, traced")
    for name, figures in spent.items():
        off, on = (
            median(ours / theirs for ours, theirs in zip(spent[one], figures, strict=True))
            for one in ("labsip", "labsip, traced")
        )
        print(f"{name:14} {median(figures):10.0f} {off:8.2f} {on:12.2f}   times that")


if __name__ == "__main__":
    main(*sys.argv[1:])
