"""What it costs to write 100,000 SIP messages into a file, and to read it: labsip into a DataFrame, tshark into fields,
sngrep into its list.

    python bench/captures.py [messages]

Each reads the same file in a process of its own, start and imports included; rounds alternate, and the medians are
compared within this run only. *streamed*: the same messages one by one, without a table.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from labsip.pcap import Capture, pcap_writer
from labsip.trace import DatagramRow

CALL = Path(__file__).parents[1] / "data" / "pcaps" / "05_answered.pcap"
ROUNDS = 5
FIELDS = (
    "frame.time_epoch", "ip.src", "udp.srcport", "ip.dst", "udp.dstport", "sip.Method", "sip.Status-Code", "sip.r-uri",
    "sip.Call-ID", "sip.CSeq", "sip.Via.branch",
)  # fmt: skip
READ = "from labsip.pcap import read_pcap; assert len(read_pcap({file!r})) == {count}"
STREAM = "from labsip.pcap import Capture; assert sum(1 for _ in Capture(open({file!r}, 'rb'))) == {count}"


class Cost(NamedTuple):
    wall: float
    """Seconds."""
    cpu: float
    """Seconds."""
    peak: float
    """MB."""


def make_file(path: Path, count: int) -> float:
    """One answered call again and again, each time with ids and a media port of its own, 20 calls a second.

    Returns what writing took: microseconds of CPU a message.
    """
    with CALL.open("rb") as file:
        call = [row for row in Capture(file) if b"REGISTER" not in row.raw]
    rows = []
    for row in range(count):
        number, part = divmod(row, len(call))
        one = call[part]
        rows.append(DatagramRow(row, number / 20 + one.t, one.src, one.dst, another(one.raw, number), None, None))
    with pcap_writer(path, {}, start=1_700_000_000) as writer:
        begin = time.process_time()
        for one in rows:
            writer.write(one)
        return (time.process_time() - begin) / count * 1e6


def another(raw: bytes, number: int) -> bytes:
    raw = re.sub(rb"(Call-ID: |branch=z9hG4bK|tag=)", rb"\g<1>%05d" % number, raw)
    return re.sub(rb"m=audio \d+", b"m=audio %d" % (10_000 + number * 4 % 50_000), raw)


def cost_of(command: list[str]) -> Cost:
    """Run it to its end."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[0]} failed: {os.waitstatus_to_exitcode(status)}")
    return Cost(time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def commands(file: Path, count: int) -> dict[str, list[str]]:
    """What is measured; programs that are not installed are left out."""
    fields = [part for field in FIELDS for part in ("-e", field)]
    saved = str(file.with_suffix(".sngrep"))
    every = {
        "labsip": [sys.executable, "-c", READ.format(file=str(file), count=count)],
        "labsip, streamed": [sys.executable, "-c", STREAM.format(file=str(file), count=count)],
        "tshark -T fields": ["tshark", "-n", "-r", str(file), "-Y", "sip", "-T", "fields", *fields],
        "sngrep -N": ["sngrep", "-N", "-q", "-I", str(file)],
        "sngrep -N -O": ["sngrep", "-N", "-q", "-I", str(file), "-O", saved],
    }
    return {name: command for name, command in every.items() if shutil.which(command[0])}


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "calls.pcap"
        written = make_file(file, count)
        measured = commands(file, count)
        rounds = [{name: cost_of(command) for name, command in measured.items()} for _ in range(ROUNDS)]
        print(f"{count:,} messages, {file.stat().st_size / 2**20:.0f} MB, {ROUNDS} rounds")
        print(f"written in {written:.1f} us of CPU a message\n")
    print(f"{'':18}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}   of labsip: wall, CPU, peak")
    for name in measured:
        costs = [Cost(*map(median, zip(*(each[name] for each in rounds), strict=True)))]
        ratios = (median(each[name][i] / each["labsip"][i] for each in rounds) for i in range(3))
        wall, cpu, peak = costs[0]
        print(f"{name:18}{wall:8.2f}{cpu:8.2f}{peak:9.0f}   " + "".join(f"{ratio:7.2f}" for ratio in ratios))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
