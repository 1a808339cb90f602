"""Why the answer was no: nobody there, not now, too late, no such method, twice."""

from __future__ import annotations

from collections.abc import Iterator

from labsip.findings.evidence import Evidence, Shown, shown
from labsip.flow.conversation import CHALLENGES, Attempt, Conversation
from labsip.flow.rows import FlowRow
from labsip.sip.errors import BadMessage
from labsip.sip.message import Request
from labsip.sip.uri import SipUri

NOBODY = (404, 410, 604)
HUMAN = (486, 487, 600, 603)
"""Busy, cancelled, declined: an answer, and no fault."""
REASONS = ("Warning", "P-Registrar-Error", "Reason", "Unsupported", "Retry-After")
"""Headers that say more about a refusal."""
# fmt: off
MEANING = {
    400: "it breaks a rule",                        403: "it is understood, and not allowed",
    404: "no such user there",                      415: "it does not take such a body",
    420: "it does not know an extension it needs",  421: "it wants an extension that is not offered",
    422: "the session timer is too short",          477: "the next hop could not be sent to",
    481: "it knows no such call or transaction",    484: "the number is not complete",
    488: "it does not take these media",            491: "both ends asked at the same time",
    500: "something went wrong within",             503: "it is overloaded, or down for a while",
    504: "a server behind it did not answer",       505: "it does not speak this version of SIP",
    513: "the message is too large for it",         606: "it does not take these media",
}
# fmt: on
"""Statuses that have no rule of their own (RFC 3261 §21)."""
CLASSES = {3: "try it elsewhere", 4: "not like this", 5: "the server can't", 6: "nobody anywhere will"}
"""Other statuses, by their first figure."""

Refused = tuple[Attempt, FlowRow]
"""A request and the final response that refused it."""


def nobody_there(one: Conversation, evidence: Evidence) -> Iterator[Shown]:
    """404 for a user of whom no registration was seen."""
    for made, final, user in _not_found(one):
        if evidence.binding(user, made.request) is None:
            yield shown(made.request, final, final=final, user=user)


def forgotten(one: Conversation, evidence: Evidence) -> Iterator[Shown]:
    """404 for a user who should be known: the registration was seen, and runs on."""
    for made, final, user in _not_found(one):
        binding = evidence.binding(user, made.request)
        if binding and binding.until >= made.request.t and binding.answer.src == final.src:
            facts = {"final": final, "user": user, "left": binding.until - made.request.t}
            yield shown(binding.answer, made.request, final, **facts)


def expired(one: Conversation, evidence: Evidence) -> Iterator[Shown]:
    """A request for a user whose registration had run out, not found or sent in a circle."""
    for asked, user, then in _missed(one):
        binding = evidence.binding(user, asked)
        if binding and binding.seconds and binding.until < asked.t:
            facts = {"user": user, "granted": binding.seconds, "ago": asked.t - binding.until}
            yield shown(binding.answer, asked, then, **facts)


def unregistered(one: Conversation, evidence: Evidence) -> Iterator[Shown]:
    """A request for a user who had been taken out of the table."""
    for asked, user, then in _missed(one):
        binding = evidence.binding(user, asked)
        if binding and not binding.seconds:
            yield shown(binding.answer, asked, then, user=user, ago=asked.t - binding.answer.t)


def not_now(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """480."""
    for made, final in _refused(one, 480):
        how = ", without asking anybody" if final.dst == one.began else ""
        yield shown(made.request, final, final=final, how=how)


def no_pick_up(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """408 by a proxy, when who it had asked had said something provisional and no more."""
    for made in one.of("INVITE"):
        final, asked = made.final, [each for each in one.onward(made) if each.request.dst != made.request.dst]
        if not final or made.status != 408 or any(each.final and each.final.row < final.row for each in asked):
            continue
        for each in asked:
            if each.provisionals:
                said = max(each.provisionals, key=lambda response: response.status or 0)
                yield shown(said, final, said=said, final=final, seconds=final.t - said.t)


def not_implemented(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """405 or 501."""
    for made, final in _refused(one, 405, 501):
        yield shown(made.request, final, final=final)


def hops_used_up(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """483."""
    for made, final in _refused(one, 483):
        hops = made.request.message and made.request.message.get("Max-Forwards")
        yield shown(made.request, final, final=final, hops=hops or "missing")


def loop_detected(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """482."""
    for made, final in _refused(one, 482):
        yield shown(made.request, final, final=final)


def second_final(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """Two different final responses to one request; several 2xx are right, where phones pick up at once."""
    for made in one.attempts:
        if len(made.finals) > 1 and any((each.status or 0) >= 300 for each in made.finals):
            first, second, *_rest = made.finals
            yield shown(made.request, *made.finals, first=first, second=second)


def still_up(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """A BYE that was refused."""
    for made in one.of("BYE"):
        if made.final and made.status >= 300 and made.status not in CHALLENGES and not one.onward(made):
            yield shown(made.request, made.final, request=made.request, final=made.final)


def refused(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """Any other refusal that no person decided."""
    for made, final in _refused(one):
        if made.status not in (*HUMAN, *CHALLENGES):
            meaning = MEANING.get(made.status, CLASSES[made.status // 100])
            yield shown(final, final=final, meaning=meaning, more=_reason(final))


def _refused(one: Conversation, *statuses: int) -> Iterator[Refused]:
    """Requests refused with such a status, or any, by the last party asked; the others only passed it on."""
    for made in one.attempts:
        if not made.final or made.request.method == "CANCEL" or made.status < 300:
            continue
        if statuses and made.status not in statuses:
            continue
        same = (500, 503) if made.status == 500 else (made.status,)  # a 503 is passed on as 500 (RFC 3261 §16.7 step 6)
        if not any(each.status in same for each in one.onward(made)):
            yield made, made.final


def _not_found(one: Conversation) -> Iterator[tuple[Attempt, FlowRow, str]]:
    """Requests to begin something that a server refused itself with 404 or the like, and for which user."""
    for made, final in _refused(one, *NOBODY):
        if not one.onward(made) and not made.request.in_dialog:
            yield made, final, _user_asked_for(made.request)


def _missed(one: Conversation) -> Iterator[tuple[FlowRow, str, FlowRow]]:
    """Requests that were not found, or that their server sent to itself: for which user, and what it did."""
    for made, final, user in _not_found(one):
        yield made.request, user, final
    for made in one.of("INVITE"):
        itself = [each.request for each in one.onward(made) if each.request.dst == made.request.dst]
        if itself and made.request.src != made.request.dst:
            yield made.request, _user_asked_for(made.request), itself[0]


def _user_asked_for(one: FlowRow) -> str:
    """The user in a Request-URI, or its host."""
    try:
        uri = SipUri.parse(one.message.uri, any_scheme=True) if isinstance(one.message, Request) else None
    except BadMessage:
        return ""
    return (uri.user_name or uri.host) if uri else ""


def _reason(final: FlowRow) -> str:
    """What the refusal says of itself: ` (P-Registrar-Error: Invalid CSeq number)`."""
    message = final.message
    names = (*REASONS, "Contact") if final.status and final.status < 400 else REASONS
    said = [f"{name}: {value}" for name in names if message and (value := message.get(name))]
    return f" ({'; '.join(said)})" if said else ""
