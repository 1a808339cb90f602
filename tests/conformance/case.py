"""What RFC 3261 and its extensions ask, a case each, played from outside to labsip and to a real Kamailio.

How to add a case
=================

1. Choose the file of its section in `cases/` (or add one, with its heading as the first line of its docstring, and
   its name in CHAPTERS of `run.py`). Write a function of 5 to 20 lines:

       @case("3261 §16.3 step 3", "A request that may make no more hops is answered 483.", kamailio="why it doesn't")
       def no_hops_left(scene: Scene) -> None:
           caller, callee = scene.phones()                      # the callee is registered
           caller.ask("MESSAGE", callee.aor, "Max-Forwards: 0")
           caller.hear("483")
           callee.hear_nothing()

   The second argument is one plain sentence about what is kept; it is the row of the table. `kamailio=` and `labsip=`
   are given exactly when that engine does otherwise, and say why; what it did is added by the run. `on="users"` plays
   it to another `Variant` of the proxies (`engines.py`): `users` asks for passwords, `hasty` waits for short.
2. `scene.agent("name")` is a plain socket (`agent.py`) whose text you write: header lines given to `ask` and `answer`
   take the place of the usual ones. `tcp=True` connects it. Two agents of one `user=` are two phones of a user.
   `scene.call(caller, callee)` is an answered call, `call.ask("BYE")` and `call.ask_back("BYE")` go on inside it.
   `scene.door()` is a place a proxy may connect to. `registering.py` and `digest.py` are what phones do besides.
3. `hear("486")` must be the next new message; `hear_nothing()` asks the proxy something and looks what comes before the
   answer, so neither depends on how fast the machine is. `hear_again(message)` and `hear_not_again(message, within=1)`
   are about repeats, which the others pass over. `same(got, wanted, "the Max-Forwards")` compares; `holds(yes,
   "the Via of the caller is lost")` tells what was seen if not. All raise `Otherwise`: any other exception is a mistake
   in the case. What they say stands in the table, so it must be the same in every run; the run puts the agents' names
   in the place of their users and ports.
4. A case must be able to fail: `test_conformance.py` plays each to proxies that say nothing, refuse everything, and
   say yes to everything, and none may satisfy it. So let something arrive before you ask for silence. These know
   `register()` as part of the scene; a case about REGISTER itself uses `ask("REGISTER", …)`.
5. `python -m tests.conformance NAME` plays the cases whose name contains NAME and says what was seen;
   `python -m tests.conformance` plays all and writes docs/conformance.md, which a test compares with its own run.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle

from tests.conformance.agent import DOMAIN, Agent, Door, Otherwise, connected, datagrams
from tests.conformance.message import Message

MEMBERS = {f"user{number:03}": f"secret-user{number:03}" for number in range(200)}
"""Users and their passwords, where a proxy has them."""
_members = cycle(MEMBERS)


@dataclass(frozen=True)
class Proxy:
    """A proxy under test: where it listens (HOST:PORT), and for how much of the time a case gives it."""

    udp: str
    tcp: str
    udp6: str
    pace: float = 1


@dataclass(frozen=True)
class Call:
    """An answered call: the INVITE as sent and as it came, the 200 as the caller heard it."""

    caller: Agent
    callee: Agent
    sent: Message
    came: Message
    ok: Message

    def ask(self, method: str, *lines: str, cseq: int = 2, body: str | bytes = b"") -> Message:
        """The caller sends a request inside the dialog, by its route set (RFC 3261 §12.2.1.1)."""
        own = (f"From: {self.sent.get('From')}", f"To: {self.ok.get('To')}", f"Call-ID: {self.sent.get('Call-ID')}")
        routes = [f"Route: {route}" for route in reversed(self.ok.values("Record-Route"))]
        return self.caller.ask(method, self.ok.target, *own, f"CSeq: {cseq} {method}", *(lines or routes), body=body)

    def ask_back(self, method: str, *lines: str, cseq: int = 1, body: str | bytes = b"") -> Message:
        """The callee does."""
        own = (f"From: {self.ok.get('To')}", f"To: {self.sent.get('From')}", f"Call-ID: {self.sent.get('Call-ID')}")
        routes = [f"Route: {route}" for route in self.came.values("Record-Route")]
        return self.callee.ask(method, self.came.target, *own, f"CSeq: {cseq} {method}", *(lines or routes), body=body)


class Scene:
    """A proxy, and who talks to it in one case."""

    domain = DOMAIN

    def __init__(self, proxy: Proxy, agents: ExitStack) -> None:
        self.proxy = proxy
        self._open = agents
        self._agents: list[Agent] = []

    def agent(
        self, name: str, *, user: str = "", tcp: bool = False, ipv6: bool = False, beside: Door | None = None
    ) -> Agent:
        """A new one, not registered; `beside`: over UDP, at the port of that door."""
        to = self.proxy.tcp if tcp else self.proxy.udp6 if ipv6 else self.proxy.udp
        sock = connected(to) if tcp else datagrams(to, int(beside.at.rpartition(":")[2]) if beside else 0)
        return self._known(Agent(name, to, sock, user=user, pace=self.proxy.pace))

    def member(self, name: str) -> Agent:
        """A new one, of a user who has a password (`on="users"`), not registered."""
        return self.agent(name, user=next(_members))

    def door(self) -> Door:
        """A new one."""
        door = Door(self.proxy.tcp, self.proxy.pace)
        self._open.callback(door.sock.close)
        return door

    def called(self, name: str, door: Door, user: str = "") -> Agent:
        """Who gets the next connection that comes in at that door."""
        return self._known(door.open(name, user))

    def _known(self, agent: Agent) -> Agent:
        self._open.callback(agent.sock.close)  # at the end of the run: nobody else shall get its port before
        self._agents.append(agent)
        return agent

    def told(self, text: str) -> str:
        """A text in which the agents and the proxy have their names, not what they have in this run."""
        for agent in self._agents:
            text = text.replace(agent.at, f"{agent.name}-host").replace(agent.user, agent.name)
        return text.replace(self.proxy.udp, "proxy").replace(self.proxy.tcp, "proxy").replace(self.proxy.udp6, "proxy")

    def dead_end(self) -> str:
        """HOST:PORT where every TCP connection is refused."""
        held = self._open.enter_context(socket.socket())
        held.bind(("127.0.0.1", 0))  # and does not listen
        return f"127.0.0.1:{held.getsockname()[1]}"

    def phone(self, name: str, *lines: str, user: str = "", tcp: bool = False) -> Agent:
        """A new one, registered; `lines` go into its REGISTER."""
        agent = self.agent(name, user=user, tcp=tcp)
        agent.register(*lines)
        return agent

    def phones(self) -> tuple[Agent, Agent]:
        """A caller, not registered, and a registered callee."""
        return self.agent("caller"), self.phone("callee")

    def fork(self) -> tuple[Agent, Agent, Agent]:
        """A caller, and two phones of one user: callee and other."""
        caller, callee = self.phones()
        return caller, callee, self.phone("other", user=callee.user)

    def invite(self, caller: Agent, *called: Agent) -> tuple[Message, ...]:
        """An INVITE for the user of these: as it was sent, and as it came to each."""
        sent = caller.ask("INVITE", called[0].aor)
        return sent, *(agent.hear("INVITE") for agent in called)

    def call(self, caller: Agent, callee: Agent, *lines: str, by: Agent | None = None) -> Call:
        """A call that was answered, its ACK delivered.

        `lines` begin the 200, as if proxies between had put them there; `by`: the first of those the ACK comes to.
        """
        sent, came = self.invite(caller, callee)
        if lines:
            lines += tuple(f"Record-Route: {route}" for route in came.all("Record-Route"))
        callee.answer(came, "200 OK", *lines)
        call = Call(caller, callee, sent, came, caller.hear("200"))
        call.ask("ACK", cseq=1)
        (by or callee).hear("ACK")
        return call


@dataclass(frozen=True)
class Case:
    """Something asked of a proxy or registrar; `labsip` and `kamailio` say why that one does otherwise."""

    name: str
    chapter: str
    rfc: str
    asked: str
    play: Callable[[Scene], None]
    labsip: str
    kamailio: str
    on: str

    def why(self, engine: str) -> str:
        """Why that engine does otherwise, "" if it should not."""
        return {"labsip": self.labsip, "kamailio": self.kamailio}[engine]


CASES: list[Case] = []
"""All of them, in the order of their files."""


def case(
    rfc: str, asked: str, *, labsip: str = "", kamailio: str = "", on: str = "full"
) -> Callable[[Callable[[Scene], None]], Callable[[Scene], None]]:
    """Make a function a case."""

    def known(play: Callable[[Scene], None]) -> Callable[[Scene], None]:
        CASES.append(Case(play.__name__, play.__module__, rfc, asked, play, labsip, kamailio, on))
        return play

    return known


def same(got: object, wanted: object, what: str) -> None:
    """Raises Otherwise: `what is … instead of …`."""
    if got != wanted:
        raise Otherwise(f"{what} is {got} instead of {wanted}")


def holds(yes: object, otherwise: str) -> None:
    """Raises Otherwise with that text unless `yes`."""
    if not yes:
        raise Otherwise(otherwise)
