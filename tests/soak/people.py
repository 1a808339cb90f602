"""What people do with their phones: they call, pick up, hold, give up and hang up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random

from labsip.phone import CallState, PhoneCall, Softphone
from labsip.sip.transport import Datagram
from tests.soak.crowd import Crowd, Desk

SILENCE = 100.0
"""Seconds after which who is left in a call that should be over hangs up: more than the 64*T1 that a phone may wait for
an ACK before it sends BYE, and the 64*T1 that this may take on each of two hops."""
NOTICE = 45.0
"""Seconds until somebody notices, at the latest, that the other's phone has crashed."""
LONGEST = 300.0
"""Seconds after which who is left in a call nobody answered ends it; Timer C should have, before."""
STUCK = 10
"""So many ends left that had to be hung up are too many."""
Act = Callable[[float], list[Datagram]]


@dataclass(eq=False)
class Case:
    """A call: who makes it, what people did, what each end made of it. Times in seconds."""

    caller: Desk
    callee: list[Desk]
    """Where its callee has phones."""
    made: Softphone
    """The phone it was made with."""
    call: PhoneCall
    """As that phone sees it."""
    reachable: bool
    """A phone of the callee was there, and had registered."""
    until: float
    """When who is left hangs up."""
    came: list[tuple[Softphone, PhoneCall]] = field(default_factory=list)
    """As phones of the callee see it."""
    gave_up: bool = False
    """Its caller did not wait for the answer."""
    ending: bool = False
    """It was answered, and it is settled when who hangs up."""
    pressed: bool = False
    """Somebody hung up."""
    noticed: bool = False
    """A phone has crashed in it."""
    left: list[PhoneCall] = field(default_factory=list)
    """Ends that were hung up because the other one was gone, or had not told them."""
    closed: float | None = None
    """When all ends that live were over."""

    @property
    def ends(self) -> list[tuple[Softphone, PhoneCall]]:
        """Those of phones that have not crashed."""
        there = {self.caller.phone, *(desk.phone for desk in self.callee)}
        return [end for end in [(self.made, self.call), *self.came] if end[0] in there]

    @property
    def stuck(self) -> bool:
        """It does not end, however often it is hung up."""
        return len(self.left) > STUCK

    def over_since(self, then: float) -> bool:
        """Whether it was over at all ends at that time, and has been since."""
        return self.closed is not None and self.closed <= then

    def crashed(self, until: float) -> str:
        """Whose phone was not there at some time from the call's beginning on; "" if all were."""
        for who, desks in (("caller", [self.caller]), ("callee", self.callee)):
            if any(desk.was_dead(self.call.started, until) for desk in desks):
                return who
        return ""


class People:
    """Who makes the calls of a crowd; each is held for `hold` seconds on the average."""

    def __init__(self, crowd: Crowd, luck: Random, hold: float) -> None:
        self.crowd = crowd
        self.hold = hold
        self.luck = luck
        self.cases: dict[str, Case] = {}
        """By Call-ID, those that are not judged yet."""
        self._later: list[tuple[float, int, Act]] = []
        self._order = count()

    @property
    def held(self) -> int:
        """How many calls are up."""
        return sum(case.call.state is CallState.ANSWERED for case in self.cases.values())

    def act(self, now: float, new: int) -> list[Datagram]:
        """All that is due: `new` calls, and what people had set out to do."""
        out = [datagram for _ in range(new) for datagram in self._dial(now)]
        self._hear()
        for case in self.cases.values():
            out += self._watch(case, now)
        while self._later and self._later[0][0] <= now:
            out += heappop(self._later)[2](now)
        return out

    def forget(self, case: Case) -> None:
        """A case that is judged."""
        del self.cases[case.call.call_id]
        for phone, call in case.ends:
            phone.calls.remove(call)

    # --- making calls -----------------------------------------------------------------------------------------

    def _dial(self, now: float) -> list[Datagram]:
        desks, luck = self.crowd.desks, self.luck
        caller, user = luck.choice(desks), luck.choice(desks).user
        if caller.phone is None or caller.user == user:
            return []
        callee = [desk for desk in desks if desk.user == user]
        call, out = caller.phone.call(user, now)
        reachable = any(desk.phone is not None and desk.phone.registered for desk in callee)
        case = Case(caller, callee, caller.phone, call, reachable, until=now + LONGEST)
        self.cases[call.call_id] = case
        picked_up = now + luck.uniform(1, 20)
        given_up = luck.choice([picked_up, now + luck.uniform(0, 10), *[now + 30] * 6])
        self._do_at(given_up, lambda now: self._give_up(case, now))
        self._do_at(picked_up, lambda now: self._pick_up(case, now))
        return out

    def _give_up(self, case: Case, now: float) -> list[Datagram]:
        if case.made is not case.caller.phone or case.call.over or case.call.state is CallState.ANSWERED:
            return []
        case.gave_up = True
        return case.made.hang_up(case.call, now)

    def _pick_up(self, case: Case, now: float) -> list[Datagram]:
        waiting = [
            end for end in case.ends
            if not end[1].outgoing and end[1].state is CallState.RINGING and self.luck.random() < 0.8
        ]  # fmt: skip
        return [datagram for phone, call in waiting for datagram in phone.answer(call, now)]

    # --- in a call --------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        """Calls that came in are put to their cases."""
        for phone in self.crowd.phones:
            for call in phone.calls:
                case = None if call.outgoing else self.cases.get(call.call_id)
                if case is not None and all(call is not known for _, known in case.came):
                    case.came.append((phone, call))

    def _watch(self, case: Case, now: float) -> list[Datagram]:
        ends = case.ends
        if all(call.over for _, call in ends):
            case.closed = now if case.closed is None else case.closed
            return []
        case.closed = None
        if not case.ending and any(call.answered is not None for _, call in ends):
            self._plan_end(case, now)
        if not case.noticed and case.crashed(now):
            case.noticed = True
            case.until = min(case.until, now + self.luck.uniform(0, NOTICE))
        if now < case.until:
            return []
        case.left += [call for _, call in ends if not call.over]
        case.until = now + SILENCE
        return self._hang_up(case, ends, now)

    def _plan_end(self, case: Case, now: float) -> None:
        """Who hangs up, or both at once; before that, somebody may put the other on hold for a while."""
        luck, case.ending = self.luck, True
        hold = luck.choice([luck.uniform(0, 1), *[luck.uniform(0.5, 1.5) * self.hold] * 9])
        who = luck.choice([{True}, {False}, {True, False}])
        if luck.random() < 0.2:
            holds = luck.choice([{True}, {False}, {True, False}])
            self._do_at(now + luck.uniform(0, hold), lambda now: self._hold(case, holds, now))
        self._do_at(now + hold, lambda now: self._end(case, who, now))
        case.until = now + hold + SILENCE

    def _hold(self, case: Case, who: set[bool], now: float) -> list[Datagram]:
        """Put the other end on hold, or take it back a little later."""
        out: list[Datagram] = []
        for phone, call in case.ends:
            ready = call.state is CallState.ANSWERED and not call.reinviting and call.unacked is None
            if call.outgoing in who and ready:
                out += phone.resume(call, now) if call.holding else phone.hold(call, now)
                if call.holding:
                    self._do_at(now + self.luck.uniform(0, self.hold / 4), lambda now: self._hold(case, who, now))
        return out

    def _end(self, case: Case, who: set[bool], now: float) -> list[Datagram]:
        return self._hang_up(case, [end for end in case.ends if end[1].outgoing in who], now)

    def _hang_up(self, case: Case, ends: list[tuple[Softphone, PhoneCall]], now: float) -> list[Datagram]:
        case.pressed = case.pressed or bool(ends)
        return [datagram for phone, call in ends for datagram in phone.hang_up(call, now)]

    def _do_at(self, when: float, act: Act) -> None:
        heappush(self._later, (when, next(self._order), act))
