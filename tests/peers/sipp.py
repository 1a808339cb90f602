"""SIPp as callers and callees, with the scenarios in tests/peers/sipp/."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

from labsip.sip.transport import Address
from tests.processes import PATIENCE, Process, free_address

SCENARIOS = Path(__file__).with_name("sipp")
BUILT_IN = ("uac", "uas")
RATE = 100
"""Calls begun in a second."""


class Outcome(NamedTuple):
    """How SIPp's calls went, by its own statistics."""

    successful: int
    failed: int
    repeated_in_vain: int
    """Of the failed ones, those that repeated a message until it gave up."""


class Sipp(Process):
    """One SIPp, playing one scenario for so many calls, its own `uac` or `uas` too; `options` as `-t` `t1` for TCP."""

    def __init__(self, folder: Path, scenario: str, calls: int, *options: str, at: Address | None = None) -> None:
        self.at = at or free_address()
        played = ("-sn", scenario) if scenario in BUILT_IN else ("-sf", SCENARIOS / f"{scenario}.xml")
        self._stem = folder / f"{scenario}_{self.at.port}"
        super().__init__(
            "sipp", *played, "-i", self.at.host, "-p", str(self.at.port), "-m", str(calls),
            "-r", str(RATE), "-nostdin", "-max_socket", "1000", "-trace_stat", "-stf", f"{self._stem}.csv",
            "-trace_err", "-error_file", f"{self._stem}.err", "-timeout", "20s", "-timeout_error",
            "-trace_shortmsg", "-shortmessage_file", f"{self._stem}.messages", *options,
            cwd=folder,
        )  # fmt: skip

    def outcome(self, seconds: float = PATIENCE) -> Outcome:
        """Wait for its end; its statistics. Fails if its exit code and they say different things."""
        code = self.finish(seconds)
        rows = self._stem.with_suffix(".csv").read_text().splitlines()
        last = list(csv.DictReader(rows, delimiter=";"))[-1]
        fields = ("SuccessfulCall(C)", "FailedCall(C)", "FailedMaxUDPRetrans(C)")
        outcome = Outcome(*(int(last[field]) for field in fields))
        if (code == 0) != (outcome.failed == 0):
            self.fail(f"ended with {code}, and {outcome}")
        return outcome

    def check(self, calls: int, seconds: float = PATIENCE) -> None:
        """Wait for its end; fail unless all calls went as its scenario says, and show what did not."""
        outcome = self.outcome(seconds)
        if outcome != Outcome(calls, 0, 0):
            errors = self._stem.with_suffix(".err")
            self.fail(f"{outcome}\n{errors.read_text(errors='replace') if errors.exists() else ''}")

    @property
    def told(self) -> list[list[str]]:
        """What it sent and heard in each call, without repeats: `> INVITE`, `< 200 OK (BYE)`. Read it at its end."""
        calls: dict[str, dict[str, None]] = {}
        for line in self._stem.with_suffix(".messages").read_text().splitlines():
            *_, way, call, cseq, first = line.split("\t")
            calls.setdefault(call, {})[brief(">" if way == "S" else "<", first, cseq.split()[-1])] = None
        return [list(call) for call in calls.values()]


def brief(way: str, first: str, method: str) -> str:
    """A message by its first line and the method of its CSeq, with which way it went."""
    if not first.startswith("SIP/2.0 "):
        return f"{way} {first.split()[0]}"
    return f"{way} {first.removeprefix('SIP/2.0 ').strip()}{'' if method == 'INVITE' else f' ({method})'}"


def register(folder: Path, user: str, contact: Address, proxy: Address) -> None:
    """Have SIPp register a user at that contact."""
    options = "-key", "user", user, "-key", "contact", f"{contact};transport={contact.proto}"
    with Sipp(folder, "register", 1, *options, str(proxy), at=free_address(proxy.host)) as sipp:
        sipp.check(1)
