"""CANCELs that ended nothing."""

from __future__ import annotations

from collections.abc import Iterator

from labsip.findings.evidence import Evidence, Shown, shown
from labsip.flow.conversation import Conversation
from labsip.flow.rows import FlowRow


def refused(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """A CANCEL answered with 3xx to 6xx."""
    for made in one.of("CANCEL"):
        if made.final and made.status >= 300:
            after, then = _afterwards(one, made.final)
            yield shown(made.request, made.final, *after, request=made.request, final=made.final, then=then)


def unanswered(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """A CANCEL sent again and again, to which nothing was ever said."""
    for made in one.of("CANCEL"):
        if made.repeats and not made.responses:
            yield shown(made.request, *made.repeats, request=made.request, count=1 + len(made.repeats))


def late(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """A CANCEL behind the 2xx it should have prevented."""
    invites = {(each.request.branch, each.request.src, each.request.dst): each for each in one.of("INVITE")}
    for made in one.of("CANCEL"):
        invite = invites.get((made.request.branch, made.request.src, made.request.dst))
        final = invite.final if invite else None
        if final and final.status and final.status < 300 and final.row < made.request.row:
            facts = {"request": made.request, "final": final, "seconds": made.request.t - final.t}
            yield shown(final, made.request, *made.responses, **facts)


def _afterwards(one: Conversation, refusal: FlowRow) -> tuple[list[FlowRow], str]:
    """What became of the call, and in words."""
    invites = one.of("INVITE")
    if not invites:
        return [], "no INVITE it could mean was seen"
    asked_last = [made for made in invites if not one.onward(made)]
    answers = [each for made in asked_last for each in made.finals if each.row > refusal.row and each.status == 200]
    return answers, f"{answers[0].src} picked up all the same" if answers else "the call went on"
