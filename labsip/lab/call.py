"""A call, held at the end of one of its phones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labsip.lab.exchange import Record
from labsip.phone.phone_call import CallState, PhoneCall
from labsip.sip.transport import Datagram

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from labsip.lab.phone import Phone


class Call(Record):
    """A call; its `repr` tells how far it is. All its messages are in `flow`, whoever sent them."""

    def __init__(self, phone: Phone, call: PhoneCall) -> None:
        super().__init__(phone.lab, call.call_id)
        self.phone = phone
        self._call = call

    def __repr__(self) -> str:
        return repr(self._call)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and self._call is other._call

    def __hash__(self) -> int:
        return hash(self._call)

    def _belongs(self, flow: pd.DataFrame) -> pd.Series[bool]:
        return flow["call_id"] == self.call_id

    @property
    def state(self) -> CallState:
        """calling, trying, ringing, cancelling, answered, ended, cancelled or failed."""
        return self._call.state

    @property
    def status(self) -> int | None:
        """Of the last response to its INVITE, None before the first."""
        return self._call.status

    def cancel(self) -> None:
        """Give up before the other end answers; if it has, hang up."""
        self._do(self.phone._node.cancel)

    def hang_up(self) -> None:
        """End it: BYE if it is answered, else CANCEL."""
        self._do(self.phone._node.hang_up)

    def hold(self) -> None:
        """Put the other end on hold."""
        self._do(self.phone._node.hold)

    def resume(self) -> None:
        """Take the other end back from hold."""
        self._do(self.phone._node.resume)

    def _do(self, act: Callable[[PhoneCall, float], list[Datagram]]) -> None:
        self.phone._do(partial(act, self._call))
