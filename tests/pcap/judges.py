"""What others find in a capture file: tshark's messages byte for byte, its complaints, sngrep's count of calls."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

_CHECKSUMS = [part for name in ("ip", "udp", "tcp") for part in ("-o", f"{name}.check_checksum:TRUE")]


def tshark(path: Path, *args: str) -> str:
    """What tshark prints."""
    run = subprocess.run(
        ["tshark", "-r", str(path), "--enable-heuristic", "sip_udp", "--enable-heuristic", "sip_tcp", *args],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return run.stdout.decode("utf-8", "replace")


def messages(path: Path) -> list[bytes]:
    """Every SIP message tshark finds, but those in ICMP errors."""
    told = json.loads(
        tshark(path, "-Y", "sip && !icmp && !icmpv6", "-T", "jsonraw", "-J", "sip", "--no-duplicate-keys") or "[]"
    )
    return [bytes.fromhex(raw) for packet in told for raw in _raw(packet["_source"]["layers"]["sip_raw"])]


def _raw(field: list[Any]) -> list[str]:
    """A field is [hex, place, ...], or a list of those."""
    return [each[0] for each in field] if isinstance(field[0], list) else [field[0]]


def complaints(path: Path) -> list[str]:
    """Packets that are malformed or have a wrong checksum, and reassembly that failed, in tshark's eyes."""
    wrong = "_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0"
    expert = "_ws.expert.severity >= warning && !sip"
    return tshark(path, *_CHECKSUMS, "-Y", f"{wrong} || ({expert})").splitlines()


def sngrep_calls(sngrep: str, path: Path, *expression: str) -> int:
    """How many calls and other dialogs sngrep lists, of those that match."""
    run = subprocess.run(
        [sngrep, "-N", "-I", str(path), *expression],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"HOME": str(path.parent), "TERM": "dumb", "PATH": "/usr/bin:/bin"},
    )
    counts = re.findall(r"Dialog count: (\d+)", run.stdout)
    return int(counts[-1]) if counts else 0
