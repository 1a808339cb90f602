"""Why the answer was no: a password that was not given or not taken, not now, too late, no such method, twice."""

from __future__ import annotations

from collections.abc import Iterator

from labsip.findings.evidence import Evidence, Proof, proof
from labsip.flow.conversation import CHALLENGES, Attempt, Conversation, user_in
from labsip.flow.rows import FlowRow
from labsip.sip.digest import Challenge, Credentials
from labsip.sip.errors import BadMessage

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


def challenge_unanswered(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A 401 or 407, and no request with credentials after it."""
    for made in _challenged(one):
        if not credentials(made.request) and made.final:
            yield proof(made.request, made.final, request=made.request, final=made.final)


def credentials_refused(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A request with credentials that was challenged again, and none after it that got through."""
    for made in _challenged(one):
        given = credentials(made.request)
        if given and made.final:
            asked = [each for each in one.messages if each.row < made.request.row and _nonce(each) == given.nonce][:1]
            age = f"{made.request.t - asked[0].t:.3f} s old" if asked else "one that was not seen"
            facts = {"request": made.request, "final": made.final, "given": given, "age": age}
            yield proof(*asked, made.request, made.final, **facts)


def credentials_of_another(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """Right credentials, for another user than the one the request is from, or for."""
    for made in _asking(one):
        given, final = credentials(made.request), made.final
        user = user_in(made.request.message, "To" if made.request.method == "REGISTER" else "From")
        if given and final and made.status == 403 and given.username.partition("@")[0] != user:
            yield proof(made.request, final, request=made.request, final=final, given=given, user=user)


def not_now(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """480."""
    for made, final in refusals(one, 480):
        how = ", without asking anybody" if final.dst == one.began else ""
        yield proof(made.request, final, final=final, how=how)


def no_pick_up(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """408 by a proxy, when the party it had asked had given a provisional response and no more."""
    for made in one.of("INVITE"):
        final, asked = made.final, [each for each in one.onward(made) if each.request.dst != made.request.dst]
        if not final or made.status != 408 or any(each.final and each.final.row < final.row for each in asked):
            continue
        for each in asked:
            if each.provisionals:
                said = max(each.provisionals, key=lambda response: response.status or 0)
                yield proof(said, final, said=said, final=final, seconds=final.t - said.t)


def not_implemented(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """405 or 501."""
    for made, final in refusals(one, 405, 501):
        yield proof(made.request, final, final=final)


def hops_used_up(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """483."""
    for made, final in refusals(one, 483):
        hops = made.request.message and made.request.message.get("Max-Forwards")
        yield proof(made.request, final, final=final, hops=hops or "missing")


def loop_detected(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """482."""
    for made, final in refusals(one, 482):
        yield proof(made.request, final, final=final)


def second_final(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """Two different final responses to one request; several 2xx are right, where phones pick up at once."""
    for made in one.attempts:
        if len(made.finals) > 1 and any((each.status or 0) >= 300 for each in made.finals):
            first, second, *_rest = made.finals
            yield proof(made.request, *made.finals, first=first, second=second)


def still_up(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A BYE that was refused."""
    for made in one.of("BYE"):
        if made.final and made.status >= 300 and made.status not in CHALLENGES and not one.onward(made):
            yield proof(made.request, made.final, request=made.request, final=made.final)


def refused(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """Any other refusal that no person decided."""
    for made, final in refusals(one):
        if made.status not in (*HUMAN, *CHALLENGES):
            meaning = MEANING.get(made.status, CLASSES[made.status // 100])
            yield proof(final, final=final, meaning=meaning, more=_reason(final))


def refusals(one: Conversation, *statuses: int) -> Iterator[tuple[Attempt, FlowRow]]:
    """Requests, each with the final response that refused it: with one of these statuses, or any.

    By the last party asked; the others only passed it on.
    """
    for made in one.attempts:
        if not made.final or made.request.method == "CANCEL" or made.status < 300:
            continue
        if statuses and made.status not in statuses:
            continue
        same = (500, 503) if made.status == 500 else (made.status,)  # a 503 is passed on as 500 (RFC 3261 §16.7 step 6)
        if not any(each.status in same for each in one.onward(made)):
            yield made, made.final


def credentials(one: FlowRow) -> Credentials | None:
    """The credentials in a request; None if it has none, or none that can be read."""
    message = one.message
    for name in ("Authorization", "Proxy-Authorization"):
        try:
            return Credentials.parse((message and message.get(name)) or "")
        except BadMessage:
            continue
    return None


def _challenged(one: Conversation) -> Iterator[Attempt]:
    """Requests that were challenged, and did not come again with credentials."""
    latest: dict[tuple[str, str], int] = {}  # row of the last request with credentials, by sender and method
    for made in one.attempts:
        if credentials(made.request):
            latest[made.request.src, made.request.method] = made.request.row
    for made in _asking(one):
        was = made.request
        if made.status in CHALLENGES and latest.get((was.src, was.method), -1) <= was.row:
            yield made


def _asking(one: Conversation) -> list[Attempt]:
    """Its requests where they were made; further on they are the same."""
    made = [each for each in one.attempts if each.request.method not in ("ACK", "CANCEL")]
    passed_on = {id(each) for before in made for each in one.onward(before)}
    return [each for each in made if id(each) not in passed_on]


def _nonce(one: FlowRow) -> str:
    message = one.message
    for name in ("WWW-Authenticate", "Proxy-Authenticate"):
        try:
            return Challenge.parse((message and message.get(name)) or "").nonce
        except BadMessage:
            continue
    return ""


def _reason(final: FlowRow) -> str:
    """What the refusal says of itself: ` (P-Registrar-Error: Invalid CSeq number)`."""
    message = final.message
    names = (*REASONS, "Contact") if final.status and final.status < 400 else REASONS
    said = [f"{name}: {value}" for name in names if message and (value := message.get(name))]
    return f" ({'; '.join(said)})" if said else ""
