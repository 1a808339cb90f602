"""A call of a lab played again on another engine, and both ladders side by side.

Phones, their behaviour, who is registered, who hung up and when are as they were; so what differs is the engine's.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import zip_longest
from pathlib import Path

from labsip.dialects.cfg import script_of
from labsip.dialects.kemi import load
from labsip.engine import ENGINES, Build, Kamailio, TextEngine
from labsip.flow.comparison import ALIKE
from labsip.flow.rows import Flow
from labsip.lab.faces import OnTestbed
from labsip.net.network import Network
from labsip.net.sockets import SocketNet
from labsip.phone.phone_call import Direction, PhoneCall
from labsip.proxy.script import Routes
from labsip.sip.errors import LabError, NoSuchName
from labsip.testbed import Handset, Testbed
from labsip.trace import PROXY, Trace
from labsip.view.ladder import Ladder
from labsip.view.side_by_side import Comparison, compare

LATE, SHARE = 0.5, 0.2
"""Times that differ by less than so many seconds and such a part are alike."""
GAP = "   "


class EngineComparison(Comparison):
    """The same call on two engines: their ladders side by side, and below them what differs.

    Repeats are left out, for when they are sent is a matter of how busy the machine is.
    """

    def __init__(self, names: tuple[str, str], flows: tuple[Flow, Flow]) -> None:
        rows = compare(*(flow.where(lambda one: not one.repeat) for flow in flows), titles=names).rows
        super().__init__(names, rows)
        self.ladders = tuple(Ladder(flow) for flow in flows)
        """The first is that of the lab, the second that of the other engine."""

    @property
    def verdict(self) -> list[str]:
        """What differs, in sentences; a single one if nothing does."""
        late = list(self._late())
        return [*(super().verdict if len(self) else ()), *late] or [ALIKE]  # order is ignored

    def _late(self) -> Iterator[str]:
        for number, row in enumerate(self.rows, 1):
            first, second = row.messages
            if first and second and abs(first.t - second.t) > LATE + SHARE * max(first.t, second.t):
                yield f"{number}: after {first.t:.1f} s in {self.titles[0]}, {second.t:.1f} s in {self.titles[1]}"

    def __repr__(self) -> str:
        texts = [[title, *ladder.text().splitlines()] for title, ladder in zip(self.titles, self.ladders, strict=True)]
        width = max(map(len, texts[0]))
        beside = [(left.ljust(width) + GAP + right).rstrip() for left, right in zip_longest(*texts, fillvalue="")]
        return "\n".join([*beside, "", *([super().__repr__()] if len(self) else self.verdict)])

    def _repr_html_(self) -> str:
        return f'<pre style="overflow-x: auto">{escape(repr(self))}</pre>'


def compare_with(lab: OnTestbed, engine: str | Build = "kamailio") -> EngineComparison:
    """The last call played again on another engine, `kamailio` or `labsip`: both ladders, and what differs.

    A real Kamailio takes as long as the call took. Raises LabError if there was no call, or the engine can't run the
    route.
    """
    if isinstance(engine, str) and engine not in ENGINES:
        raise NoSuchName("engine", engine, ENGINES, hint=f"there are {', '.join(ENGINES)}, or a class of yours")
    bed = lab.testbed
    call, caller = _last_call(bed)
    build = ENGINES[engine] if isinstance(engine, str) else engine
    net: Network = SocketNet(Trace(), seed=bed.seed)
    settings = bed.settings
    routes = bed.routes if build is Kamailio else _own(bed)
    with Testbed(net, routes, seed=bed.seed, exports=bed.exports, settings=settings, engine=build) as other:
        mine = bed.flow().of_call(call.call_id).from_zero()
        theirs = _again(bed, other, caller, mine)
    mine_is = next((name for name, each in ENGINES.items() if each is type(bed.engine)), type(bed.engine).__name__)
    theirs_is = engine if isinstance(engine, str) else getattr(engine, "__name__", "the other")
    return EngineComparison((mine_is, theirs_is), (mine, theirs))


def _own(bed: Testbed) -> Routes:
    """The lab's blocks; where another engine has them as a text alone, as labsip reads that. Raises LabError."""
    origin = bed.routes.origin
    if origin is None or not isinstance(bed.engine, TextEngine):
        return bed.routes
    if origin.language == "kemi":
        return load(origin.file, bed.exports, bed.settings).routes
    source = Path(origin.file) if origin.text is None else origin.text
    return script_of(source, origin.defines, exports=bed.exports, file=origin.file).routes


def _last_call(bed: Testbed) -> tuple[PhoneCall, Handset]:
    calls = [
        (call, handset)
        for handset in bed.phones.values()
        for call in handset.node.calls
        if call.direction is Direction.OUTGOING
    ]
    if not calls:
        raise LabError('no phone has made a call yet: lab.phone("106").call("108") makes one')
    return max(calls, key=lambda one: one[0].started)


def _again(bed: Testbed, other: Testbed, caller: Handset, mine: Flow) -> Flow:
    """Play it, act for act; its messages."""
    for handset in bed.phones.values():
        _join(handset, other)
    other.clear()
    begun = other.net.now
    call = other.phone(caller.name).call(_target(bed, other, mine), wait=False)
    for act in (one for one in mine if one.src != PROXY and not one.repeat and one.method in ("CANCEL", "BYE")):
        if act.status is None:
            _wait_until(other, begun + act.t)
            other.settle()
            _end(other.phone(act.src), call.call_id)
    other.settle()
    _wait_until(other, begun + max(one.t for one in mine) + LATE * (mine[-1].t > LATE))
    return other.flow().of_call(call.call_id).from_zero()


def _join(handset: Handset, other: Testbed) -> None:
    """The same phone on the other testbed."""
    node, again = handset.node, other.phone(handset.name, handset.user)
    again.node.password, again.node.lines = node.password, node.lines
    if node.registered:
        again.register()
    again.node.behaviour, again.node.slow = node.behaviour, node.slow
    if not handset.online:
        again.unplug()


def _target(bed: Testbed, other: Testbed, mine: Flow) -> str:
    """Whom the call is for, where addresses are those of the other testbed."""
    first = mine.first("INVITE")
    uri = first.raw.split(b" ", 2)[1].decode("utf-8", "replace")
    for name, handset in bed.phones.items():
        uri = uri.replace(f"@{handset.node.address.host}", f"@{other.phone(name).node.address.host}")
    return uri.replace(f"@{bed.address.host}", f"@{other.address.host}")


def _end(phone: Handset, call_id: str) -> None:
    for call in phone.node.calls:
        if call.call_id == call_id:
            phone.hang_up(call)


def _wait_until(bed: Testbed, t: float) -> None:
    if (left := t - bed.net.now) > 0:
        bed.wait(left)
