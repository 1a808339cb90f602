"""The calls in a flow as a table: who called whom, when, how long, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from labsip.flow.conversation import Attempt, Conversation, conversations
from labsip.flow.legs import groups, joined
from labsip.flow.rows import Flow

if TYPE_CHECKING:
    import pandas as pd

# fmt: off
CALLS = {
    "t": "float64", "until": "float64", "method": "str", "caller": "str", "callee": "str", "src": "str", "dst": "str",
    "result": "str", "status": "Int64", "post_dial_delay": "float64", "set_up": "float64", "duration": "float64",
    "messages": "int64", "repeats": "int64", "legs": "int64", "call_id": "str",
}
RESULTS = {
    401: "not authorized", 404: "not found", 407: "not authorized", 408: "timed out", 410: "not found",
    480: "not available", 482: "loop", 483: "too many hops", 486: "busy", 487: "cancelled", 501: "not implemented",
    600: "busy", 603: "declined", 604: "not found",
}
"""The result of a request that was refused; any other 3xx is `redirected`, anything else `refused`."""
SUCCESS = {"INVITE": "answered", "MESSAGE": "delivered"}
"""The result of a request that succeeded; of other methods it is `accepted`."""
# fmt: on


class CallRow(NamedTuple):
    """One Call-ID: a call, a phone's registration, a text, ..."""

    t: float
    until: float
    """When its first and its last message was sent [s]."""
    method: str
    """What it began with."""
    caller: str
    callee: str
    """The users in From and To."""
    src: str
    """The party that began it."""
    dst: str
    """The party it came to, or got as far as."""
    result: str
    """In words; a call that was answered: `answered`, `ended by 106`."""
    status: int | None
    """Of the final response as src got it, None without one."""
    post_dial_delay: float | None
    """From the first INVITE to the first 18x [s]; None where there is none."""
    set_up: float | None
    """From the first INVITE to the 2xx [s]."""
    duration: float | None
    """From the 2xx to the BYE [s]."""
    messages: int
    repeats: int
    """How many messages, and how many of them were sent before."""
    legs: int
    """How many Call-IDs the call has (`labsip.flow.legs`)."""
    call_id: str


def call_rows(flow: Any) -> list[CallRow]:
    """A row for each Call-ID, in the order they began. Raises LabError if it is no flow."""
    found = conversations(flow)
    legs = groups(found)
    return [_row(one, len(legs[one.call_id])) for one in found]


def calls(flow: Flow | pd.DataFrame) -> pd.DataFrame:
    """A row for each Call-ID, numbered from 1 in the order they began: a call, a phone's registration, a text, ...

    t, until: when its first and last message was sent [s]. method: what it began with. caller, callee: the users in
    From and To. src: the party that began it; dst: the one it came to, or got as far as. result: in words; a call that
    was answered: `answered`, `ended by 106`. status: the final response as src got it, <NA> without one.

    post_dial_delay, set_up: from the first INVITE to the first 18x, to the 2xx [s]; duration: from the 2xx to the BYE
    [s]; NaN where there is none. messages, repeats: how many, and how many of them were sent before. legs: how many
    Call-IDs the call has (`labsip.flow.legs`). `calls(flow).query("method == 'INVITE'")` are the calls proper.
    Raises LabError if it is no flow.
    """
    import pandas as pd

    rows = call_rows(flow)
    index = pd.RangeIndex(1, len(rows) + 1, name="call")
    return pd.DataFrame(rows, columns=list(CALLS), index=index).astype(CALLS)


def legs(flow: Flow | pd.DataFrame, call_id: str) -> pd.DataFrame:
    """The legs of a call: rows of `calls(flow)`, and `joined_by`, a rule of LEG_RULES, "" for the call itself.

    `flow[flow.call_id.isin(legs(flow, call_id).call_id)]` are their messages. Raises LabError for a Call-ID that is
    not in the flow.
    """
    flow = Flow.of(flow)
    why = joined(flow, call_id)
    table = calls(flow)
    table = table[table["call_id"].isin(why)]
    return table.assign(joined_by=table["call_id"].map(why))


def _row(one: Conversation, legs: int) -> CallRow:
    opening = one.opening
    ends = (*one.users, one.began, _reached(one))
    counts = (len(one.messages), sum(message.repeat for message in one.messages), legs)
    final = opening.final if opening else None
    outcome = (_result(one, opening), final.status if final else None)
    return CallRow(one.t, one.until, one.method, *ends, *outcome, *_delays(one), *counts, one.call_id)


def _reached(one: Conversation) -> str:
    """The party that answered, passed on by nobody else, or the last that was asked."""
    asked = [each for each in one.of(one.method) if not one.onward(each)]
    answered = [each for each in asked if each.status // 100 == 2]
    last = (answered or asked or one.of(one.method))[-1:]
    return last[0].request.dst if last else one.first.src if one.first.status else one.first.dst


def _result(one: Conversation, opening: Attempt | None) -> str:
    if opening is None or one.method == "ACK":
        return ""
    status = opening.status
    if not status:
        return _pending(one, opening)
    if status >= 300:
        return RESULTS.get(status, "redirected" if status < 400 else "refused")
    if one.method == "REGISTER":
        return _registered(opening)
    bye = next(iter(one.of("BYE")), None)
    return f"ended by {bye.request.src}" if bye else SUCCESS.get(one.method, "accepted")


def _pending(one: Conversation, opening: Attempt) -> str:
    if one.of("CANCEL") and one.method != "CANCEL":
        return "given up"
    last = max((response.status or 0 for response in opening.provisionals), default=0)
    return "ringing" if last >= 180 else "trying" if last else "no answer"


def _registered(opening: Attempt) -> str:
    """Told apart by what was asked for: a REGISTER without Contact only asks (RFC 3261 §10.2.3)."""
    message = opening.request.message
    contacts = message.values("Contact") if message else []
    if not contacts:
        return "asked"
    expires = [contact.lower().partition("expires=")[2].partition(";")[0].strip() for contact in contacts]
    wanted = [each or (message and message.get("Expires")) or "" for each in expires]
    return "unregistered" if all(each.strip() == "0" for each in wanted) else "registered"


def _delays(one: Conversation) -> tuple[float | None, float | None, float | None]:
    """Post-dial delay, set-up time and duration (as RFC 6076 measures them, at the caller) [s]."""
    if one.method != "INVITE":
        return None, None, None
    heard = [each for made in one.of("INVITE") if made.request.src == one.began for each in made.responses]
    rang = next((each.t for each in heard if each.status and 180 <= each.status < 190), None)
    answered = next((each.t for each in heard if each.status and 200 <= each.status < 300), None)
    ended = next((each.request.t for each in one.of("BYE")), None)
    start = one.first.t
    return (
        None if rang is None else rang - start,
        None if answered is None else answered - start,
        None if answered is None or ended is None else ended - answered,
    )
