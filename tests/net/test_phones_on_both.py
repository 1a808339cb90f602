"""A phone on UDP and one on TCP call each other through the proxy: the same messages on real sockets and in memory."""

from __future__ import annotations

from random import Random

import pytest

from labsip.net.network import Network
from labsip.phone import Softphone
from labsip.sip.message import parse_message
from labsip.sip.transport import Address
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy

CALL = """
106   -> proxy INVITE
proxy -> 106   100
proxy -> 108   INVITE
108   -> proxy 180
proxy -> 106   180
108   -> proxy 200
proxy -> 106   200
106   -> proxy ACK
proxy -> 108   ACK
106   -> proxy BYE
proxy -> 108   BYE
108   -> proxy 200
proxy -> 106   200
"""


def phone(network: Network, user: str, proto: str, proxy: Address) -> Softphone:
    """A phone of that name that speaks that, registered."""
    address = network.reserve(Address("127.0.0.1", 0, proto))
    made = Softphone(user, address, proxy, ids=Random(f"1/{user}"))
    network.attach(made, user)
    network.do(made.register)
    assert network.wait(lambda: made.registered, 30)
    return made


@pytest.mark.parametrize(("near", "far"), [("udp", "tcp"), ("tcp", "udp"), ("tcp", "tcp")])
def test_a_call_between_phones_of_different_transports(network: Network, near: str, far: str) -> None:
    at = {proto: network.reserve(Address("127.0.0.1", 0, proto)) for proto in ("udp", "tcp")}
    network.attach(build_proxy(STEPS["full"], list(at.values()), ids=Random("1/proxy"), trace=network.trace), "proxy")
    caller, callee = phone(network, "106", near, at[near]), phone(network, "108", far, at[far])
    assert network.settle()
    before = len(network.trace.datagrams)

    call, invite = caller.call("108", network.now)
    network.do(lambda _: invite)
    assert network.wait(lambda: call.state == "answered", 30)
    assert network.settle()
    assert callee.calls[0].state == "answered"
    network.do(lambda now: caller.hang_up(call, now))
    assert network.wait(lambda: call.over, 30)
    assert network.settle()

    names = network.trace.names
    flow = [
        f"{names[p.src]:5} -> {names[p.dst]:5} {parse_message(p.raw).summary.split()[0]}"
        for p in list(network.trace.datagrams)[before:]
    ]
    assert sorted(flow) == sorted(CALL.strip().splitlines())
    assert {names[p.src]: p.proto for p in network.trace.datagrams if names[p.src] != "proxy"} == {
        "106": near,
        "108": far,
    }
