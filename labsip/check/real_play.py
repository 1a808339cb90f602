"""Playing a case on a real Kamailio: real time, in which tm gives up sooner than the text says.

Times are compared within half a second: whoever waits for something waits that much longer.
"""

from __future__ import annotations

from functools import partial

from labsip.check.cases import Case
from labsip.check.mismatch import Mismatch, mismatch_of
from labsip.engine import Kamailio
from labsip.flow.rows import Flow
from labsip.net.sockets import SocketNet
from labsip.proxy.exports import Exports
from labsip.proxy.script import Routes
from labsip.sip.errors import LabError
from labsip.testbed import LIMITS, Testbed
from labsip.trace import Trace

HURRY = 5.0
"""How many times as fast as said tm gives up."""
MARGIN = 0.5
"""Seconds by which a real machine may be late."""


class RealBed(Testbed):
    """A testbed whose time passes as fast as its Kamailio gives up."""

    def wait(self, seconds: float) -> None:
        """Let that much time pass, as the route sees it."""
        super().wait(seconds / getattr(self.engine, "pace", 1.0) + MARGIN)


def play_real(case: Case, routes: Routes, exports: Exports) -> Mismatch | None:
    """Play a case on a Kamailio of its own. Raises LabError if that does not start."""
    build = partial(Kamailio, hurry=HURRY)
    with RealBed(SocketNet(Trace(), seed=1), routes, seed=1, exports=exports, settings=LIMITS, engine=build) as bed:
        bed.check_ready()
        assert isinstance(bed.engine, Kamailio)
        for name in case.registered:
            try:
                bed.engine.register(name, f"sip:{name}@{bed.phone(name).node.address}")
            except LabError:  # a route without a location table, for which nobody can be registered
                break
        case.play(bed)
        flow, pace = bed.flow().from_zero(), bed.engine.pace
        flow = Flow((one._replace(t=one.t * pace) for one in flow), names=flow.names, marks=flow.marks)
        mismatch = mismatch_of(case, flow, ())
        return mismatch and mismatch_of(case, flow, [error.text for error in bed.engine.errors])
