"""Many calls at a steady rate, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labsip.live.load_picture import LoadPicture
from labsip.phone.phone_call import PhoneCall
from labsip.phone.softphone import Softphone
from labsip.sip.errors import LabError
from labsip.sip.transport import Datagram

if TYPE_CHECKING:
    import pandas as pd

    from labsip.lab.lab import Lab

PATIENCE = 40.0
"""Seconds to wait, after the last call was made, for all to be over: longer than Timer B (RFC 3261 §17.1.1.2)."""
COLUMNS = {
    "t": "float64", "outcome": "str", "status": "Int64", "ringing": "float64", "setup": "float64",
    "retransmissions": "int64", "call_id": "str",
}  # fmt: skip


class Load(LoadPicture):
    """What became of many calls. Its `repr` says it in short, its picture shows the same.

    calls: a DataFrame, a row a call in the order they were made. t: when, in seconds from the first. outcome: answered,
    cancelled, failed, or how far it was when the waiting ended. status: of the last response. ringing, setup: seconds
    from the INVITE to 180 and to 200, as the caller heard them, NaN without. retransmissions: messages of this call
    that somebody sent again. call_id: to look one up, `lab.flow[lab.flow.call_id == ...]`.
    """

    def __init__(self, calls: pd.DataFrame) -> None:
        super().__init__(calls)
        self.calls = calls


def load(lab: Lab, calls: int, rate: float, caller: str, target: str, hold: float) -> Load:
    """See `Lab.load`."""
    if calls < 1 or rate <= 0 or hold < 0:
        raise LabError(f"calls={calls}, rate={rate}, hold={hold} can't be: 1 or more, above 0, 0 or more")
    lab._check_ready()
    phones = [phone for phone in lab.phones if phone.name in (caller, target)]
    dialling = lab.phone(caller)._node
    lines = [(phone._node, phone._node.lines) for phone in phones]
    for node, before in lines:
        node.lines = before + calls
    try:
        made = _play(lab, dialling, target, calls, 1 / rate, hold)
    finally:
        for node, before in lines:
            node.lines = before
        lab._report()
    return Load(_table(lab, made))


def _play(lab: Lab, node: Softphone, target: str, calls: int, pause: float, hold: float) -> list[PhoneCall]:
    """Make them, `pause` seconds from one to the next, and hang up each that was answered `hold` seconds ago."""
    from tqdm.auto import tqdm

    net = lab._net
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


def _table(lab: Lab, made: list[PhoneCall]) -> pd.DataFrame:
    import pandas as pd

    flow = lab.flow
    again = flow[flow["repeat"]].groupby("call_id").size().to_dict()
    begin = made[0].started
    rows = [
        (
            call.started - begin,
            "answered" if call.answered is not None else str(call.state),
            call.status if call.answered is None else 200,
            _since(call.started, call.rang),
            _since(call.started, call.answered),
            again.get(call.call_id, 0),
            call.call_id,
        )
        for call in made
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _since(start: float, then: float | None) -> float:
    return float("nan") if then is None else then - start
