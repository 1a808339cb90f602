"""Our softphones on sockets, each registered with a server under test, and what each of them said and heard."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Self

import pytest

from labsip.net.sockets import SocketNet
from labsip.net.tls import Tls
from labsip.phone import PhoneCall, Softphone
from labsip.sip.message import parse_message
from labsip.sip.transport import Address, Datagram
from tests.ends import told
from tests.processes import PATIENCE


class Natted(Softphone):
    """A phone that believes to be in a private network; what it sends leaves from another address and port."""

    def __init__(self, user: str, address: Address, proxy: Address, password: str) -> None:
        believed = Address("10.0.0.7", address.port + 1)
        super().__init__(user, believed, proxy, ids=Random(user), password=password)
        self.addresses = (address,)

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:
        return outside(self, super().receive(datagram._replace(dst=self.address), now))

    def wake(self, now: float) -> list[Datagram]:
        return outside(self, super().wake(now))


def outside(phone: Softphone, datagrams: Iterable[Datagram]) -> list[Datagram]:
    """What a phone sends, as it leaves."""
    return [datagram._replace(src=phone.addresses[0]) for datagram in datagrams]


class Phones:
    """Phones of these users, each with the password that belongs to it, while the `with` block runs.

    natted: those of them that sit behind a NAT. domain: where their users are at home, unless at the server's address.
    """

    def __init__(
        self, server: Address, *users: str, natted: tuple[str, ...] = (), domain: str = "", tls: Tls | None = None
    ) -> None:
        self._net = SocketNet(tls=tls)
        self._phones: dict[str, Softphone] = {}
        for user in users:
            at, password = self._net.reserve(Address("127.0.0.1", 0, server.proto)), f"secret{user}"
            self._phones[user] = (
                Natted(user, at, server, password)
                if user in natted
                else Softphone(user, at, server, ids=Random(user), domain=domain, password=password)
            )
            self._net.attach(self._phones[user], user)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._net.close()

    def __getitem__(self, user: str) -> Softphone:
        return self._phones[user]

    def do(self, user: str, act: Callable[[float], list[Datagram]]) -> None:
        """Have that user's phone do something: `act` is one of its verbs."""
        self._net.do(lambda now: outside(self[user], act(now)))

    def register(self) -> None:
        """All of them, one after the other."""
        for user, phone in self._phones.items():
            self.do(user, phone.register)
            self.until(user, "< 200 OK (REGISTER)")

    def call(self, user: str, target: str) -> PhoneCall:
        """Have that user call somebody; how the call goes is to be waited for."""
        calls: list[PhoneCall] = []

        def invite(now: float) -> list[Datagram]:
            call, out = self[user].call(target, now)
            calls.append(call)
            return out

        self.do(user, invite)
        return calls[0]

    def told(self, user: str) -> list[str]:
        """What that user's phone sent and heard, without repeats: `> INVITE`, `< 200 OK (BYE)`."""
        at = self[user].addresses[0]
        rows = self._net.ask(
            lambda _: [(row.src == at, row.raw) for row in self._net.trace.datagrams if at in row[2:4]]
        )
        return [f"{'>' if sent else '<'} {told(parse_message(raw))}" for sent, raw in dict.fromkeys(rows)]

    def until(self, user: str, line: str, times: int = 1) -> None:
        """Wait until that phone has sent or heard something so often."""
        if not self._net.wait(lambda: self.told(user).count(line) >= times, PATIENCE):
            pytest.fail(f"no {line!r} of {user}, but {self.told(user)}", pytrace=False)
