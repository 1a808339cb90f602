"""Challenges nobody answered, and credentials that were not taken."""

from __future__ import annotations

from collections.abc import Iterator

from labsip.findings.evidence import Evidence, Shown, shown
from labsip.flow.conversation import CHALLENGES, Attempt, Conversation, user_in
from labsip.flow.rows import FlowRow
from labsip.sip.digest import Challenge, Credentials
from labsip.sip.errors import BadMessage


def unanswered(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """A 401 or 407, and no request with credentials after it."""
    for made in _challenged(one):
        if not credentials(made.request) and made.final:
            yield shown(made.request, made.final, request=made.request, final=made.final)


def refused(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """A request with credentials that was challenged again, and none after it that got through."""
    for made in _challenged(one):
        given = credentials(made.request)
        if given and made.final:
            asked = [each for each in one.messages if each.row < made.request.row and _nonce(each) == given.nonce][:1]
            age = f"{made.request.t - asked[0].t:.3f} s old" if asked else "one that was not seen"
            facts = {"request": made.request, "final": made.final, "given": given, "age": age}
            yield shown(*asked, made.request, made.final, **facts)


def of_another(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """Right credentials, for another user than the one the request is from, or for."""
    for made in _asking(one):
        given, final = credentials(made.request), made.final
        user = user_in(made.request.message, "To" if made.request.method == "REGISTER" else "From")
        if given and final and made.status == 403 and given.username.partition("@")[0] != user:
            yield shown(made.request, final, request=made.request, final=final, given=given, user=user)


def credentials(one: FlowRow) -> Credentials | None:
    """What a request proves itself with, None without, or where that can't be read."""
    message = one.message
    for name in ("Authorization", "Proxy-Authorization"):
        try:
            return Credentials.parse((message and message.get(name)) or "")
        except BadMessage:
            continue
    return None


def _challenged(one: Conversation) -> Iterator[Attempt]:
    """Requests that were challenged, and did not come once more with credentials."""
    latest: dict[tuple[str, str], int] = {}  # row of the last request with credentials, by sender and method
    for made in one.attempts:
        if credentials(made.request):
            latest[made.request.src, made.request.method] = made.request.row
    for made in _asking(one):
        was = made.request
        if made.status in CHALLENGES and latest.get((was.src, was.method), -1) <= was.row:
            yield made


def _asking(one: Conversation) -> list[Attempt]:
    """Its requests at whoever made them: further on they are the same."""
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
