"""The bench: a network, a proxy on it, and phones; what a notebook holds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from labsip.dialects.python import Patience, Python
from labsip.lab.decorators import Script
from labsip.lab.given import PROXY, name_of, party_of, password_of, routes_of, setting_of, target_of
from labsip.lab.phone import Phone
from labsip.lab.seen import Seen
from labsip.net.addresses import Addresses
from labsip.net.clock import monotonic
from labsip.net.memory import MemoryNet
from labsip.net.network import Network
from labsip.net.sockets import SocketNet
from labsip.net.wire import Wire
from labsip.proxy.arguments import checked_amount, checked_count, checked_seconds, checked_text
from labsip.proxy.script import Route, Routes
from labsip.sip.errors import LabError, NoSuchName
from labsip.sip.transport import Address
from labsip.trace import Tables, Trace
from labsip.vocabulary import Ksr, build_proxy, exports_with, settings_of

if TYPE_CHECKING:
    from labsip.lab.capture import LiveCapture
    from labsip.lab.checked import Checked
    from labsip.live import Panel
    from labsip.live.load import Load

PATIENCE = 5.0
"""How long a cell waits for things to come to rest, in seconds of the lab's time."""
NETS: dict[str, type[Network]] = {"udp": SocketNet, "memory": MemoryNet}

LIMITS: dict[str, float] = {"max_lines": 100_000, "max_route_time": 1.0}
"""Settings of a lab that a proxy for real phones has not: what is written in a cell may never end."""

_open: dict[tuple[str, str], Lab] = {}  # the labs of this process: a cell that runs twice replaces its own


class Lab(Script, Seen):
    """A SIP proxy and registrar, phones to call through it, and the record of all they say.

    seed: branches, tags and Call-IDs are the same in every run with the same seed. net: `udp`, real sockets on the
    loopback network, served in the background; or `memory`, in virtual time. name: a lab of the same name and net takes
    the place of the one before, which is closed. step: a lesson's route to begin with, as `use` takes it. settings: as
    kamailio.cfg's parameters, in seconds and bytes (fr_timer, fr_inv_timer, min_expires, max_expires, default_expires,
    timer_interval, shm_bytes, nonce_expire), `users`, passwords by name: `Lab(users={"106": "secret106"})`, and what
    other modules take, as docs/modules.md says: `Lab(htable="a=>autoexpire=60")`. modules: modules of your own,
    as docs/modules.md shows: a Module, something that has one as `EXPORTS`, a single command, or the name of an entry
    point in the group `labsip.modules`. max_lines, max_route_time: a route
    that never ends is stopped after 100,000 lines or a second for one message, its request answered 500; 0: it is not.

    Raises LabError for an unknown net, step or setting, and a value a setting can't have.
    """

    def __init__(
        self,
        *,
        seed: int | None = None,
        net: Literal["udp", "memory"] = "udp",
        name: str | int = "lab",
        step: str | Routes | Route | None = None,
        modules: Iterable[object] = (),
        **settings: float | str | tuple[str, ...] | Mapping[str, object],
    ) -> None:
        kind = str(net).lower()
        if kind not in NETS:
            raise NoSuchName("net", str(net), NETS, hint=f"there are {', '.join(NETS)}; phones here speak UDP")
        self._modules = tuple(modules)
        exports = exports_with(self._modules)
        given = {setting: setting_of(setting, value, exports) for setting, value in (LIMITS | settings).items()}
        name = checked_text(str(name) if isinstance(name, int) else name, "the name of a lab", 'name="mine"')
        super().__init__(Routes(no_route) if step is None else routes_of(step, exports).copy(), exports)
        if (before := _open.get((name, kind))) is not None:
            before.close()
        self.name = name
        self.seed = Random().getrandbits(32) if seed is None else seed
        self._kind = kind
        self._given = given
        self._net = NETS[kind](Trace(tables=Tables()), seed=self.seed)
        self._place = Addresses(self._net)
        self._proxy = build_proxy(
            self._routes,
            [self._place.proxy],
            ids=self.ids(PROXY),
            trace=self._net.trace,
            settings=settings_of(self._routes, exports, **self._given),
            exports=exports,
            dialect=Python(Patience(monotonic)),
        )
        self._net.attach(self._proxy, PROXY)
        self._phones: dict[str, Phone] = {}
        self._told = 0
        self._closed = False
        self._at_close: list[Callable[[], None]] = []
        _open[name, kind] = self

    def __repr__(self) -> str:
        if self._closed:
            return "<lab: closed>"
        phones = f"phones {', '.join(self._phones)}" if self._phones else "no phones yet"
        route = "no route yet" if self._routes.request_route is no_route else "a route"
        return f"<lab: proxy on udp:{self.address}, {route}, {phones}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def address(self) -> Address:
        """Where the proxy listens; phones outside the notebook use it, too."""
        return self._place.proxy

    def ids(self, name: str) -> Random:
        """Where a node's ids come from: its own source, so that one phone more changes nobody else's."""
        return Random(f"{self.seed}/{name}")

    # --- the script and the phones --------------------------------------------------------------------------------

    def use(self, step: str | Routes | Route) -> None:
        """Run a lesson's route: `stub480`, `register`, `first-call`, `not-registered`, `cancel`, `blocks`, `auth`,
        `carrier`; `full` has it all. The settings that go with it hold too, but for those the lab was given.

        Raises NoSuchName for another name.
        """
        self.run(step)

    def run(self, routes: str | Routes | Route) -> None:
        """Run these blocks from the next message on, and no others, with their settings; or this one function."""
        routes = routes_of(routes, self._exports)
        self._routes = self._proxy.routes = routes.copy()
        self._proxy.settings = settings_of(routes, self._exports, **self._given)

    def phone(
        self, name: str | int | Phone, *, user: str | int | Phone | None = None, password: str | None = None
    ) -> Phone:
        """The phone of that name; a new one the first time, the same one from then on.

        user: whose phone it is, if not its namesake's (`lab.phone("108b", user="108")`). password: what it answers
        challenges with from now on; without one it answers none.
        Raises LabError if the phone is another user's, or a name would break a URI, a ladder or a file: 1 to 40 ASCII
        letters, digits and + - _ . may be in it.
        """
        self._check_open()
        name = name_of(name)
        user = None if user is None else name_of(user, "user")
        known = self._phones.get(name)
        if known is None:
            known = self._phones[name] = Phone(self, name, user or name, self._place.phone(name))
        elif user not in (None, known.user):
            raise LabError(f"phone {name} is {known.user}'s already; give {user}'s phone another name")
        if password is not None:
            known._node.password = password_of(password)
        return known

    @property
    def phones(self) -> list[Phone]:
        """All phones, in the order they were made."""
        return list(self._phones.values())

    def wire(self, src: str | Phone | None = None, dst: str | Phone | None = None) -> Wire:
        """The way from one party to another by name (`proxy`, `106`), None for any: lose or delay what takes it.

        `lab.wire("106", "proxy").drop("ACK")` loses the next ACK, `.set(loss=0.3)` thirty of a hundred messages, and
        `.clear()` mends it. Each way is a wire of its own. Raises NoSuchName for a party that is not there.
        """
        parties = (PROXY, *self._phones)
        return self._net.wire(party_of(src, parties), party_of(dst, parties))

    # --- what is done ---------------------------------------------------------------------------------------------

    def wait(self, seconds: float | None = None) -> None:
        """Let time pass; without `seconds`, until nothing more happens by itself."""
        self._check_open()
        if seconds is None:
            self._settle()
        else:
            self._net.advance(checked_seconds(seconds, "seconds"))
            self._report()

    def restart(self) -> None:
        """Restart the proxy: location table and transactions are gone, as in Kamailio; the route stays."""
        self._check_open()
        self._net.ask(self._proxy.restart)

    def check(self, number: str | float) -> Checked:
        """Play an exercise against the route as it stands now, on a lab of its own.

        Raises NoSuchName for an exercise that does not exist.
        """
        from labsip.lab.checked import check

        return check(number, self._routes, self._modules)

    def load(
        self,
        calls: int = 500,
        rate: float = 50,
        *,
        caller: str | Phone = "106",
        target: str | Phone = "108",
        hold: float = 0.0,
    ) -> Load:
        """Make that many calls, so many a second, each hung up `hold` seconds after it was answered.

        What the called phone does is its own: `answer`, `busy`, … Returns when all are over. Raises LabError as `call`.
        """
        from labsip.live.load import load

        return load(
            self,
            checked_count(calls, "calls", least=1),
            checked_amount(rate, "rate", above=True, unit="calls a second"),
            name_of(caller),
            target_of(target),
            checked_seconds(hold, "hold"),
        )

    def panel(self) -> Panel:
        """The lab in one view to press and to watch: phones, location table, ladder, commands of the route, wires."""
        from labsip.live import Panel

        return Panel(self)

    def capture(self, path: str | Path, *, documentation_addresses: bool = False) -> LiveCapture:
        """Write every message from now on into a `.pcap` or `.pcapng` file, which Wireshark and sngrep open.

        A `.pcapng` has the parties' names too, and the commands said for each message as its comment. It ends with
        `.close()`, its `with` block, or the lab. documentation_addresses: give each party one of those reserved for
        examples. Raises LabError for another suffix, and where the file can't be written.
        """
        from labsip.lab.capture import LiveCapture

        self._check_open()
        return LiveCapture(self, path, documentation_addresses=documentation_addresses)

    def close(self) -> None:
        """End it: sockets are closed, the record stays. May be called twice."""
        while self._at_close:
            self._at_close.pop()()
        self._closed = True
        if _open.get((self.name, self._kind)) is self:
            del _open[self.name, self._kind]
        self._net.close()

    def _check_open(self) -> None:
        if self._closed:
            raise LabError("this lab is closed; run the cell that makes it again")

    def _check_ready(self) -> None:
        self._check_open()
        if self._routes.request_route is no_route:
            raise LabError(
                "the proxy has no route yet, so nobody would be answered; write one under @lab.request_route, "
                'or borrow one: lab.use("cancel")'
            )

    def _settle(self, asks: Callable[[], bool] = lambda: False) -> None:
        """Wait until nothing more happens by itself, and nobody `asks` without having heard something."""
        phones = self.phones
        self._net.settle(lambda: any(phone._node.busy for phone in phones) or asks(), PATIENCE)
        self._report()

    def _report(self) -> None:
        """Show what routes raised since the last time."""
        errors = self.errors
        for error in errors[self._told :]:
            print(f"{error.request}\n{error.text}", file=sys.stderr)
        self._told = len(errors)


def no_route(ksr: Ksr) -> None:
    """What a proxy does without a route: nothing."""
