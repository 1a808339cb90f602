"""What was on the wire against what should have been, told as each phone saw it."""

from __future__ import annotations

from collections.abc import Sequence

from labsip.check.notation import Hop
from labsip.trace import PROXY

TRYING = "100"


def differences(expected: Sequence[Hop], got: Sequence[Hop]) -> list[str]:
    """A sentence for each phone that received something else than it should have; none if all is well.

    What the proxy received is not looked at: the phones do as they should. A 100 counts only where a 100 is expected:
    whether a hop says "trying" is its own affair (RFC 3261 §17.2.1).
    """
    phones = dict.fromkeys(name for hop in (*expected, *got) for name in (hop.src, hop.dst) if name != PROXY)
    told = (_difference(phone, expected, got) for phone in phones)
    return [sentence for sentence in told if sentence]


def _difference(party: str, expected: Sequence[Hop], got: Sequence[Hop]) -> str:
    should = [hop for hop in expected if hop.dst == party]
    everything = [hop for hop in got if hop.dst == party]
    wants_trying = any(hop.summary.startswith(TRYING) for hop in should)
    counted = [hop for hop in everything if wants_trying or not hop.summary.startswith(TRYING)]
    for place, hop in enumerate(should):
        if place == len(counted):
            return f"{party} should have received {_message(hop)}, but {_received(everything)}."
        if not hop.fits(counted[place]):
            return f"{party} should have received {_message(hop)}, but received {_message(counted[place])}."
    if len(counted) > len(should):
        extra = _message(counted[len(should)])
        after = f" after {should[-1].summary}" if should else ""
        return f"{party} received {extra}{after}, which nobody should have sent."
    return ""


def _message(hop: Hop) -> str:
    return f"{hop.summary} from {hop.src}"


def _received(hops: Sequence[Hop]) -> str:
    if not hops:
        return "received nothing at all"
    if len(hops) > 4:
        return f"received {len(hops)} messages, the last one {hops[-1].summary}, and then nothing"
    return f"received {', '.join(hop.summary for hop in hops)} and then nothing"
