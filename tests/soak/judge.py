"""What became of a call, and whether the protocol could have saved it.

A call went well if both ends tell the same story: it was answered and hung up at both; or it was refused, and its
caller heard the callee's own refusal; or its caller gave up before there was an answer, and the callee stopped ringing.
An answer that crosses a CANCEL is a call that was set up, and is hung up with BYE (RFC 3261 §9.1). Anything else is a
lost call.

The protocol could not have saved a lost call

- if one of its phones had crashed at some time between the INVITE and its end, or was not there when it was made;
- if one hop was worn out: the wires lost every copy of a message, or every answer, for as long as RFC 3261 has it sent
  again. That is a request whose every copy was lost, an INVITE that got no response within Timer B, another request
  that got no final one within Timer F, each repeated as often as Timers A and E say; a final response to an INVITE
  repeated as often as Timer G says (a 2xx: §13.3.1.4) that never arrived, or whose ACK never did; or which did not
  arrive within 64*T1 after a CANCEL, when who cancelled stops waiting (§9.1).

Every other lost call it could have saved: that is a fault of labsip.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import NamedTuple

from labsip.flow.conversation import Attempt, conversations
from labsip.flow.rows import Flow, FlowRow
from labsip.phone import CallState, PhoneCall, ignoring
from labsip.sip.transport import Address
from labsip.trace import DatagramRow
from labsip.view.ladder import Ladder
from tests.soak.people import Case

WAIT = 32.0
"""Timers B, F and H, and how long a 2xx is repeated: 64*T1, in seconds."""
REPEATS = (0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5)
"""When a request is sent in that time by Timer E, and a final response to INVITE by Timer G, in seconds."""
INVITES, OTHERS = 7, len(REPEATS)
"""How often an INVITE is sent in that time, by Timer A, and all else."""
ENDED, CANCELLED, FAILED = CallState.ENDED, CallState.CANCELLED, CallState.FAILED


class Verdict(NamedTuple):
    """What became of a call."""

    what: str
    """In a command or two, for a table."""
    lost: bool = False
    why: str = ""
    """What the protocol could do nothing about; "" for a lost call: nothing is known."""

    @property
    def fault(self) -> bool:
        """The protocol could have saved it."""
        return self.lost and not self.why


def judge(case: Case, rows: list[DatagramRow], names: Mapping[Address, str]) -> Verdict:
    """What became of a call whose ends are over; `rows` are its messages."""
    verdict = _told(case)
    if not verdict.lost:
        return verdict
    who = case.crashed(case.closed or case.until)
    return verdict._replace(why=f"a phone of the {who} crashed" if who else worn_out(rows, names))


def _told(case: Case) -> Verdict:
    """What all ends make of it."""
    made, came = case.call, [call for _, call in case.came]
    if made.status == 404 and not case.reachable:
        return Verdict("refused: 404, not registered yet" + (", though a repeat came through" if came else ""))
    if len(case.came) != len({phone for phone, _ in case.came}):
        return Verdict("came twice to one phone", lost=True)
    answered = [call for call in came if call.answered is not None]
    if bool(answered) != (made.answered is not None):
        return Verdict("answered at one end only", lost=True)
    if any(call in case.left and phone.behaviour != ignoring() for phone, call in [(case.made, made), *case.came]):
        return Verdict("over at one end, and another was not told", lost=True)
    return _answered(case, answered) if answered else _refused(case)


def _answered(case: Case, answered: list[PhoneCall]) -> Verdict:
    if any(call.state is not ENDED for call in [case.call, *answered]):
        return Verdict("never ended", lost=True)
    if not (case.pressed or case.gave_up):
        return Verdict("ended, though nobody hung up", lost=True)
    how = ", at two phones" if len(answered) > 1 else ", though its caller had given up" if case.gave_up else ""
    return Verdict(f"answered{how}")


def _refused(case: Case) -> Verdict:
    made, ends = case.call, [call for _, call in case.came]
    known = {call.status for call in ends if call.state is FAILED}
    if any(phone.behaviour == ignoring() for phone, _ in case.came):
        known.add(408)
    if case.gave_up and made.state is CANCELLED and made.status in ({487, *known} if ends else {407}):
        return Verdict("given up by its caller")
    if not case.gave_up and made.state is FAILED and made.status in known:
        return Verdict(f"refused: {made.status}")
    said = ", ".join(f"{call.state} with {call.status}" for call in ends) or "not reached"
    return Verdict(f"{made.state} with {made.status} at its caller, its callee {said}", lost=True)


# --- the wires ----------------------------------------------------------------------------------------------------


def worn_out(rows: Iterable[DatagramRow], names: Mapping[Address, str]) -> str:
    """The hop that was lost too often, in words; "" if none was."""
    late = {row.row: row.late for row in rows}
    for conversation in conversations(Flow.of_datagrams(rows, names)):
        hops = conversation.attempts
        why = (
            _unanswered(hop, late) or _unacknowledged(hop, hops) or _given_up(hop, hops, late)
            for hop in hops if hop.request.method != "ACK"
        )  # fmt: skip
        if found := next(filter(None, why), ""):
            return found
    return ""


def _unanswered(hop: Attempt, late: Mapping[int, float]) -> str:
    """A request that was repeated in vain."""
    invite, asked = hop.request.method == "INVITE", [hop.request, *hop.repeats]
    answers = [one for one in hop.responses if invite or one.final]
    in_time = hop.request.t + WAIT
    heard = any(not one.lost and one.t + late[one.row] < in_time for one in answers)
    tried = _times(asked) >= (INVITES if invite else OTHERS)
    if tried and not heard and (answers or _all_lost(asked)):
        return f"no copy of {hop.request.method} was answered in time"
    return ""


def _unacknowledged(hop: Attempt, hops: Iterable[Attempt]) -> str:
    """A final response to INVITE that was repeated in vain; a 2xx goes on and its ACK comes back over each hop."""
    finals = [one for one in hop.responses if one.final]
    if hop.request.method != "INVITE" or _times(finals) < OTHERS:
        return ""
    if _all_lost(finals):
        return f"every copy of {hop.status} was lost"
    for other in hops:
        same = other.request.cseq.split()[0] == hop.request.cseq.split()[0]
        if same and hop.status < 300 and _all_lost(one for one in other.responses if one.final):
            return f"every copy of {hop.status} was lost further on"
        if same and other.request.method == "ACK" and _all_lost([other.request, *other.repeats]):
            return f"every ACK for {hop.status} was lost"
    return ""


def _given_up(hop: Attempt, hops: Iterable[Attempt], late: Mapping[int, float]) -> str:
    """An INVITE whose final response did not come within 64*T1 after its CANCEL, however often both were repeated."""
    cancels = [one for one in hops if one.request.method == "CANCEL"]
    own = (one for one in cancels if (one.request.branch, one.request.src) == (hop.request.branch, hop.request.src))
    if hop.request.method != "INVITE" or (cancel := next(own, None)) is None:
        return ""
    until = cancel.request.t + WAIT
    if any(one.final and _arrival([one], late) < until for one in hop.responses):
        return ""
    invites = [one for one in hops if one.request.method == "INVITE"]
    said = max(([one for one in each.responses if one.final and one.t < until] for each in invites), key=_times)
    if said:
        return f"no copy of {said[0].status} came in time after CANCEL" if _repeated(said, until) else ""
    copies = [[one.request, *one.repeats] for one in cancels]
    on_time = all(_repeated(each, min(until, _arrival(each, late))) for each in copies)
    return "CANCEL did not come through in time" if on_time and _arrival(copies[-1], late) >= until else ""


def _repeated(sent: Sequence[FlowRow], until: float) -> bool:
    """Whether it was sent as often as it may be until then."""
    due = sum(sent[0].t + after < until for after in REPEATS)
    return _times(one for one in sent if one.t < until) >= due


def _arrival(sent: Iterable[FlowRow], late: Mapping[int, float]) -> float:
    """When the first copy arrived (seconds); inf: none did."""
    return min((one.t + late[one.row] for one in sent if not one.lost), default=inf)


def _all_lost(sent: Iterable[FlowRow]) -> bool:
    """It was sent, and no copy arrived."""
    lost = [one.lost for one in sent]
    return bool(lost) and all(lost)


def _times(sent: Iterable[FlowRow]) -> int:
    """How often it was sent; what a wire doubled counts once."""
    return len({one.t for one in sent})


def told(case: Case, verdict: Verdict, rows: list[DatagramRow], names: Mapping[Address, str]) -> str:
    """A case to look into: both ends and the ladder."""
    came = "\n".join(repr(call) for _, call in case.came) or "(no call at the callee)"
    return f"{verdict.what}\n{case.call!r}\n{came}\n{Ladder(Flow.of_datagrams(rows, names), fold=False).text()}"
