"""Many calls at a steady rate, and what became of each, as a table, as text and as a drawing."""

from __future__ import annotations

from collections import Counter
from math import ceil, log2
from typing import TYPE_CHECKING

from labsip.phone.phone_call import PhoneCall
from labsip.phone.softphone import Softphone
from labsip.sip.errors import LabError
from labsip.sip.transport import Datagram
from labsip.testbed import Testbed
from labsip.view.palette import INK, QUIET
from labsip.view.picture import Picture

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


NONE = {"none was answered": 0}
BAR = 40
"""Characters of the longest bar."""


class Load(Picture):
    """What became of many calls. Its `repr` says it in short, its picture shows the same.

    calls: a DataFrame, a row a call in the order they were made. t: when, in seconds from the first. outcome: answered,
    cancelled, failed, or how far it was when the waiting ended. status: of the last response. ringing, setup: seconds
    from the INVITE to 180 and to 200, as the caller heard them, NaN without. retransmissions: messages of this call
    that somebody sent again. call_id: to look one up, `lab.flow[lab.flow.call_id == ...]`.
    """

    def __init__(self, calls: pd.DataFrame) -> None:
        self.calls = calls

    def text(self) -> str:
        """How many, how they ended, how long it took, what was sent again, each as bars of characters."""
        return "\n".join(
            [
                self._headline(),
                "",
                *_bars(self.outcomes),
                "",
                "time until answered, in milliseconds",
                *_bars(self.times or NONE),
                "",
                "messages of a call that were sent again",
                *_bars(self.repeats),
            ]
        )

    def _headline(self) -> str:
        calls = self.calls
        seconds = float(calls["t"].max())
        rate = f", {(len(calls) - 1) / seconds:.0f} a second" if seconds else ""
        again = calls["retransmissions"]
        line = f"{len(calls)} calls{rate}; {int(again.sum())} messages sent again, in {int((again > 0).sum())} of them"
        setup = calls["setup"].dropna() * 1000
        if setup.empty:
            return line
        half, most = setup.quantile(0.5), setup.quantile(0.95)
        return (
            f"{line}\nanswered after {half:.1f} ms: half of them; {most:.1f} ms: 95 of 100; {setup.max():.1f} ms: all"
        )

    @property
    def outcomes(self) -> dict[str, int]:
        """Calls by outcome and code, the commonest first: `answered 200`."""
        told = self.calls["outcome"] + " " + self.calls["status"].astype("str").replace("<NA>", "")
        return {str(name).strip(): int(count) for name, count in told.value_counts().items()}

    @property
    def times(self) -> dict[str, int]:
        """Answered calls by set-up time, in steps that double: `1 to 2`, in milliseconds."""
        setup = (self.calls["setup"].dropna() * 1000).tolist()
        if not setup:
            return {}
        steps = [ceil(log2(max(round(time, 3), 1.0))) for time in setup]
        counts = {step: steps.count(step) for step in range(min(steps), max(steps) + 1)}
        return {f"{2 ** (step - 1) if step else 0} to {2**step}": count for step, count in counts.items()}

    @property
    def repeats(self) -> dict[str, int]:
        """Calls by how many of their messages were sent again: `none`, `1`, `2`, and from 4 on in steps that double."""
        counts: dict[str, int] = {}
        for again in sorted(self.calls["retransmissions"].tolist()):
            step = 2 ** int(log2(again)) if again else 0
            name = "none" if not again else str(again) if again < 4 else f"{step} to {2 * step - 1}"
            counts[name] = counts.get(name, 0) + 1
        return counts

    @property
    def _rows(self) -> int:
        return max(len(self.outcomes), len(self.times), len(self.repeats), 3)

    def _size(self) -> tuple[float, float]:
        return 10.0, 0.6 + 0.28 * self._rows

    def _draw(self, ax: Axes) -> None:
        ax.set_axis_off()
        outcomes = {name: INK["success" if name.startswith("answered") else "failure"].colour for name in self.outcomes}
        ended, answered, again = (ax.inset_axes((x, 0.03, 0.19, 0.82)) for x in (0.13, 0.46, 0.79))
        blue, brown = INK["request"].colour, INK["provisional"].colour
        _draw_bars(ended, "calls by outcome", self.outcomes, list(outcomes.values()), self._rows)
        _draw_bars(answered, "answered after, milliseconds", self.times or NONE, [blue], self._rows)
        _draw_bars(again, "messages sent again, a call", self.repeats, [brown], self._rows)


def _bars(counts: dict[str, int]) -> list[str]:
    wide, most = max(map(len, counts)), max(1, *counts.values())
    return [f"{name:>{wide}} |{'#' * ceil(BAR * count / most)} {count}" for name, count in counts.items()]


def _draw_bars(ax: Axes, title: str, counts: dict[str, int], colours: list[str], rows: int) -> None:
    values = list(counts.values())
    places = list(range(len(values)))
    bars = ax.barh(places, values, color=colours, height=0.7)
    ax.bar_label(bars, padding=3, color=QUIET, fontsize=9)
    ax.set_title(title, color=QUIET, fontsize=10, loc="left")
    ax.set_ylim(rows - 0.5, -0.5)
    ax.set_facecolor("none")
    ax.set_xlim(0, 1.15 * max(1, *values))
    ax.tick_params(colors=QUIET, labelsize=9, length=0)
    ax.set_xticks([])
    ax.set_yticks(places, list(counts))
    for side in ax.spines.values():
        side.set_visible(False)


PATIENCE = 40.0
"""Seconds to wait, after the last call was made, for all to be over: longer than Timer B (RFC 3261 §17.1.1.2)."""
COLUMNS = {
    "t": "float64", "outcome": "str", "status": "Int64", "ringing": "float64", "setup": "float64",
    "retransmissions": "int64", "call_id": "str",
}  # fmt: skip


def load(testbed: Testbed, calls: int, rate: float, caller: str, target: str, hold: float) -> Load:
    """See `Lab.load`."""
    if calls < 1 or rate <= 0 or hold < 0:
        raise LabError(f"calls={calls}, rate={rate}, hold={hold} can't be: 1 or more, above 0, 0 or more")
    testbed.check_ready()
    dialling = testbed.phone(caller).node
    nodes = [phone.node for phone in testbed.phones.values() if phone.name in (caller, target)]
    lines = [(node, node.lines) for node in nodes]
    for node, before in lines:
        node.lines = before + calls
    try:
        made = _play(testbed, dialling, target, calls, 1 / rate, hold)
    finally:
        for node, before in lines:
            node.lines = before
        testbed.rest()
    return Load(_table(testbed, made))


def _play(testbed: Testbed, node: Softphone, target: str, calls: int, pause: float, hold: float) -> list[PhoneCall]:
    """Make them, `pause` seconds from one to the next, and hang up each that was answered `hold` seconds ago."""
    from tqdm.auto import tqdm

    net = testbed.net
    made: list[PhoneCall] = []
    talking: list[PhoneCall] = []

    def dial(now: float) -> list[Datagram]:
        call, out = node.call(target, now)
        made.append(call)
        talking.append(call)
        return out

    def hang_up(now: float) -> list[Datagram]:
        due = [call for call in talking if call.answered is not None and now >= call.answered + hold]
        talking[:] = [call for call in talking if call not in due and not call.over]
        return [datagram for call in due for datagram in node.hang_up(call, now)]

    begin = net.now
    with tqdm(total=calls, unit=" calls", leave=False) as bar:
        for number in range(calls):
            while (rest := begin + number * pause - net.now) > 0:
                net.advance(min(rest, 0.1))
                net.do(hang_up)
            net.do(dial)
            net.do(hang_up)
            bar.update()
    until = net.now + PATIENCE + hold
    while talking and net.now < until:
        net.advance(0.05)
        net.do(hang_up)
    net.settle(timeout=1.0)
    return made


def _table(testbed: Testbed, made: list[PhoneCall]) -> pd.DataFrame:
    import pandas as pd

    again = Counter(one.call_id for one in testbed.flow() if one.repeat)
    begin = made[0].started
    rows = [
        (
            call.started - begin,
            "answered" if call.answered is not None else str(call.state),
            call.status if call.answered is None else 200,
            _since(call.started, call.rang),
            _since(call.started, call.answered),
            again[call.call_id],
            call.call_id,
        )
        for call in made
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _since(start: float, then: float | None) -> float:
    return float("nan") if then is None else then - start
