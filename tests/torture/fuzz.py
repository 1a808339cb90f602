"""Fuzz the strict proxy, guided by coverage: `make fuzz`. What it finds becomes an example of `test_mutations`."""

from __future__ import annotations

import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["labsip.sip", "labsip.proxy", "labsip.modules", "labsip.steps"]):
    from labsip.proxy.receive import Proxy
    from labsip.sip.errors import BadMessage
    from labsip.sip.message import parse_message
    from labsip.sip.transport import Datagram
    from tests.torture.test_mutations import HERE, SENDER, proxy_with_a_user

proxies: list[Proxy] = []


def receive(data: bytes) -> None:
    with suppress(BadMessage):
        list(parse_message(data).lines)
    if not proxies or proxies[0].stats.total() % 1000 == 999:
        proxies[:] = [proxy_with_a_user()]
    proxy = proxies[0]
    sent = proxy.receive(Datagram(data, SENDER, HERE), 1.0)
    assert sum(datagram.data.startswith(b"SIP/2.0") for datagram in sent) <= 1
    assert not proxy.errors


if __name__ == "__main__":
    atheris.Setup(sys.argv, receive)
    atheris.Fuzz()
