"""The lab: a network, a proxy on it, and phones; what a notebook holds."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from labsip.engine import ENGINES, Build, Kamailio
from labsip.lab import remote, route_sources, second_engine, translations, views
from labsip.lab.faces import LabTable
from labsip.lab.inputs import name_of, party_of, password_of, routes_of, row_of, setting_of, target_of
from labsip.lab.phone import Phone
from labsip.lab.record import Record
from labsip.net.memory import MemoryNet
from labsip.net.network import Network
from labsip.net.sockets import SocketNet
from labsip.net.wire import Wire
from labsip.proxy.arguments import checked_amount, checked_count, checked_seconds, checked_text
from labsip.proxy.script import Route, Routes
from labsip.sip.errors import NoSuchName
from labsip.sip.transport import Address
from labsip.testbed import LIMITS, Testbed, no_route
from labsip.trace import Tables, Trace
from labsip.vocabulary import exports_with

if TYPE_CHECKING:
    import pandas as pd

    from labsip.findings import Explanation
    from labsip.lab.capture import LiveCapture
    from labsip.lab.check_view import CheckView
    from labsip.live import Panel
    from labsip.live.load import Load
    from labsip.view.before_after import BeforeAfter
    from labsip.view.ladder import Ladder
    from labsip.view.listing import Changes, MessageView

NETS: dict[str, type[Network]] = {"udp": SocketNet, "memory": MemoryNet}

DEFAULTS: dict[str, Any] = LIMITS | {"db_urls": {}}
"""Settings of a lab that are not a server's."""


def newest(name: str = "") -> Lab:
    """The lab that was made last, or the last of that name. Raises LabError if there is none."""
    found = [lab for lab in _open.values() if not name or lab.name == name]
    if not found:
        names = [lab.name for lab in _open.values()]
        raise NoSuchName("lab", name or "here", names, hint="write lab = Lab() in a cell above")
    return found[-1]


_open: dict[tuple[str, str], Lab] = {}  # the labs of this process: a cell that runs twice replaces its own


class Lab:
    """A SIP proxy and registrar, phones to call through it, and the record of all they say.

    seed: branches, tags and Call-IDs are the same in every run with the same seed. net: `udp`, real sockets on the
    loopback network, served in the background; or `memory`, in virtual time. name: a lab of the same name and net takes
    the place of the one before, which is closed. step: a lesson's route to begin with, as `use` takes it. settings: as
    kamailio.cfg's parameters, in seconds and bytes (fr_timer, fr_inv_timer, min_expires, max_expires, default_expires,
    timer_interval, shm_bytes, nonce_expire), `users`, passwords by name: `Lab(users={"106": "secret106"})`, and what
    other modules take, as docs/modules.md says: `Lab(htable="a=>autoexpire=60")`. modules: modules of your own,
    as docs/modules.md shows: a Module, something that has one as `EXPORTS`, a single command, or the name of an entry
    point in the group `labsip.modules`. engine: who routes, `labsip`'s own proxy, `kamailio`, a real one that is
    installed here (docs/real-kamailio.md), or a class of yours that does what `labsip.engine.Engine` asks. max_lines,
    max_route_time: a route that never ends is stopped after 100,000 lines or a second for one message, its request
    answered 500; 0: it is not.

    Raises LabError for an unknown net, step, engine or setting, and a value a setting can't have.
    """

    def __init__(
        self,
        *,
        seed: int | None = None,
        net: Literal["udp", "memory"] = "udp",
        name: str | int = "lab",
        step: str | Routes | Route | None = None,
        modules: Iterable[object] = (),
        engine: str | Build = "labsip",
        **settings: float | str | tuple[str, ...] | Mapping[str, object],
    ) -> None:
        kind = str(net).lower()
        if kind not in NETS:
            raise NoSuchName("net", str(net), NETS, hint=f"there are {', '.join(NETS)}; phones here speak UDP")
        if isinstance(engine, str) and engine not in ENGINES:
            raise NoSuchName("engine", engine, ENGINES, hint=f"there are {', '.join(ENGINES)}, or a class of yours")
        self._modules = tuple(modules)
        exports = exports_with(self._modules)
        given = {setting: setting_of(setting, value, exports) for setting, value in (DEFAULTS | settings).items()}
        routes = Routes(no_route) if step is None else routes_of(step, exports).copy()
        self.name = checked_text(str(name) if isinstance(name, int) else name, "the name of a lab", 'name="mine"')
        self.seed = Random().getrandbits(32) if seed is None else seed
        self._place = self.name, kind
        if (before := _open.get(self._place)) is not None:
            before.close()
        self.testbed = Testbed(
            NETS[kind](Trace(tables=Tables()), seed=self.seed),
            routes,
            seed=self.seed,
            exports=exports,
            settings=given,
            engine=ENGINES[engine] if isinstance(engine, str) else engine,
        )
        """Network, engine, phones and trace, for tools and tests."""
        self._phones: dict[str, Phone] = {}
        self._told = 0
        self.testbed.at_rest.append(self._report)
        _open[self._place] = self

    def __repr__(self) -> str:
        return f"<lab: {self.testbed.summary}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def address(self) -> Address:
        """Where the proxy listens; phones outside the notebook use it, too."""
        return self.testbed.address

    # --- the script: lab/route_sources.py --------------------------------------------------------------------------

    request_route = route_sources.request_route
    route = route_sources.route
    failure_route = route_sources.failure_route
    branch_route = route_sources.branch_route
    onreply_route = route_sources.onreply_route
    use = route_sources.use
    run = route_sources.run
    cfg = route_sources.cfg
    kemi = route_sources.kemi

    to_cfg = translations.to_cfg
    to_kemi = translations.to_kemi

    # --- the phones -----------------------------------------------------------------------------------------------

    def phone(
        self, name: str | int | Phone, *, user: str | int | Phone | None = None, password: str | None = None
    ) -> Phone:
        """The phone of that name; a new one the first time, the same one from then on.

        user: whose phone it is, if not its namesake's (`lab.phone("108b", user="108")`). password: what it answers
        challenges with from now on; without one it answers none.
        Raises LabError if the phone is another user's, or a name would break a URI, a ladder or a file: 1 to 40 ASCII
        letters, digits and + - _ . may be in it.
        """
        handset = self.testbed.phone(name_of(name), None if user is None else name_of(user, "user"))
        if password is not None:
            handset.node.password = password_of(password)
        return self._phones.setdefault(handset.name, Phone(handset))

    @property
    def phones(self) -> list[Phone]:
        """All phones, in the order they were made."""
        return [self.phone(name) for name in self.testbed.phones]

    def wire(self, src: str | Phone | None = None, dst: str | Phone | None = None) -> Wire:
        """The way from one party to another by name (`proxy`, `106`), None for any: lose or delay what takes it.

        `lab.wire("106", "proxy").drop("ACK")` loses the next ACK, `.set(loss=0.3)` thirty of a hundred messages, and
        `.clear()` mends it. Each way is a wire of its own. Raises NoSuchName for a party that is not there.
        """
        parties = self.testbed.parties
        return self.testbed.wire(party_of(src, parties), party_of(dst, parties))

    # --- what is done ---------------------------------------------------------------------------------------------

    def wait(self, seconds: float | None = None) -> None:
        """Let time pass; without `seconds`, until nothing more happens by itself."""
        if seconds is None:
            self.testbed.settle()
        else:
            self.testbed.wait(checked_seconds(seconds, "seconds"))

    def restart(self) -> None:
        """Restart the proxy: location table and transactions are gone, as in Kamailio; the route stays."""
        self.testbed.restart()

    def check(self, number: str | float) -> CheckView:
        """Play an exercise against the route as it stands now, on a lab of its own; a real Kamailio's, on another one.

        Raises NoSuchName for an exercise that does not exist.
        """
        from labsip.check import check
        from labsip.lab.check_view import CheckView

        real = isinstance(self.testbed.engine, Kamailio)
        return CheckView(check(number, self.testbed.routes, self.testbed.exports, real=real))

    compare_with = second_engine.compare_with

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
            self.testbed,
            checked_count(calls, "calls", least=1),
            checked_amount(rate, "rate", above=True, unit="calls a second"),
            self.phone(caller).name,
            target_of(target),
            checked_seconds(hold, "hold"),
        )

    def panel(self) -> Panel:
        """The lab in one view to press and to watch: phones, location table, ladder, commands of the route, wires."""
        from labsip.live import Panel

        return Panel(self.testbed)

    def capture(self, path: str | Path, *, documentation_addresses: bool = False) -> LiveCapture:
        """Write every message from now on into a `.pcap` or `.pcapng` file, which Wireshark and sngrep open.

        A `.pcapng` has the parties' names too, and the commands run for each message as its comment. It ends with
        `.close()`, its `with` block, or the lab. documentation_addresses: give each party one of those reserved for
        examples. Raises LabError for another suffix, and where the file can't be written.
        """
        from labsip.lab.capture import LiveCapture

        self.testbed.check_open()
        return LiveCapture(self.testbed, path, documentation_addresses=documentation_addresses)

    def close(self) -> None:
        """End it: sockets are closed, the record stays. May be called twice."""
        if _open.get(self._place) is self:
            del _open[self._place]
        self.testbed.close()

    def _report(self) -> None:
        """Show what routes raised since the last time."""
        errors = self.errors
        for error in errors[self._told :]:
            print(f"{error.request}\n{error.text}", file=sys.stderr)
        self._told = len(errors)

    kamcmd = remote.kamcmd

    # --- what there is to see: lab/views.py -----------------------------------------------------------------------

    location = LabTable(views.location)
    acc = LabTable(views.acc)
    dialogs = LabTable(views.dialogs)
    flow = LabTable(views.flow_table)
    calls = LabTable(views.calls)
    log = LabTable(views.log)
    stats = LabTable(views.stats)
    errors = LabTable(views.errors)

    def ladder(self, *, times: bool = True, fold: bool = True, sdp: bool = False) -> Ladder:
        """Every message as a sequence plot.

        times: seconds in the margin; fold: long runs of repeats as one arrow; sdp: the media below the arrow.
        """
        from labsip.view.ladder import Ladder

        return Ladder(views.flow(self.testbed), times=times, fold=fold, sdp=sdp)

    def steps(self, of: Record | int | None = None) -> pd.DataFrame:
        """The commands routes ran, in order; `of`: for a call, for the message of one row, None: for all.

        Columns: request (`INVITE from 106`), route, line (in it), command, result (its return code), text (xlog).
        """
        messages = of.messages if isinstance(of, Record) else views.flow(self.testbed)
        if of is not None and not isinstance(of, Record):
            row = row_of(of)
            messages = messages.where(lambda one: one.row == row)
        return views.steps(self.testbed, messages)

    def message(self, row: int) -> MessageView:
        """The message of that row of `flow`, whole."""
        return views.message(self.testbed, row)

    def changes(self, row: int, out: int) -> Changes:
        """The message of one row beside that of another, header by header: what was added, removed, changed."""
        return views.changes(self.testbed, row, out)

    def tables(self, row: int) -> BeforeAfter:
        """The proxy's location table and its transactions before and after the message of that row."""
        return views.tables(self.testbed, row)

    def explain(self) -> Explanation:
        """What went wrong, in plain words, each tied to the messages that show it."""
        from labsip.findings import explain

        return explain(views.flow(self.testbed))

    def to_pcap(self, path: str | Path, *, documentation_addresses: bool = False) -> None:
        """Write every message to a `.pcap` or `.pcapng` file, as `lab.capture` does while they happen.

        Raises LabError for another suffix.
        """
        views.to_pcap(self.testbed, path, views.flow(self.testbed), documentation_addresses)

    def clear(self) -> None:
        """Forget the record and begin a new one, at 0 s; numbering goes on."""
        self.testbed.clear()
