"""tshark, which knows SIP well, has nothing to say against what a lab's proxy and phones send."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labsip.lab import Lab
from labsip.pcap import write_pcap
from tests.pcap import judges


def all_a_phone_can_do(lab: Lab) -> None:
    """Registrations, calls that end in every way, texts, and what else there is."""
    alice, bob, other = lab.phone("106"), lab.phone("108"), lab.phone("108b", user="108")
    for phone in (alice, bob):
        phone.register(q=0.5)
    answered = alice.call("108")
    answered.hold()
    answered.resume()
    answered.hang_up()
    alice.call("109")
    alice.message("108", "Grüße")
    alice.options()
    alice.options("108")
    for refuse in (bob.busy, bob.reject):
        refuse()
        alice.call("108")
    bob.ring()
    alice.call("108").cancel()
    other.register()
    alice.call("108").hang_up()
    bob.offline()
    other.offline()
    alice.call("108", wait=False)
    lab.wait(40)
    other.online()
    other.unregister(everything=True)


@pytest.mark.parametrize("step", ["cancel", "full"])
def test_tshark_finds_every_message_and_no_fault_in_any(step: str, tmp_path: Path, need: Callable[[str], str]) -> None:
    need("tshark")
    path = tmp_path / "lab.pcap"
    with Lab(seed=1, net="memory") as lab:
        lab.use(step)
        all_a_phone_can_do(lab)
        trace = lab.testbed.net.trace
        write_pcap(path, trace.datagrams, trace.names)
        sent = [passed.raw for passed in trace.datagrams]
    assert judges.messages(path) == sent
    assert judges.tshark(path, "-Y", "_ws.malformed || _ws.expert.severity >= warning") == ""
