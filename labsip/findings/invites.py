"""What goes with an INVITE: ACKs that did not come where they were awaited, CANCELs that ended nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from labsip.findings.evidence import Evidence, Proof, proof
from labsip.flow.conversation import Attempt, Conversation
from labsip.flow.rows import FlowRow


class _InsistentFinal(NamedTuple):
    """A final response to an INVITE that had to be sent again."""

    sent: list[FlowRow]
    """The response, each time."""
    acks: list[FlowRow]
    """All ACKs that were seen for it, those on other hops included."""

    @property
    def arrived(self) -> list[FlowRow]:
        """The ACKs that reached its sender."""
        return [one for one in self.acks if one.dst == self.sent[0].src and not one.lost]


def ack_never_sent(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A 2xx sent again, and no ACK for it anywhere."""
    for repeated in _accepted(one):
        if not repeated.acks:
            yield proof(*repeated.sent, final=repeated.sent[0], count=len(repeated.sent), caller=one.began)


def ack_not_passed_on(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A 2xx sent again, and ACKs for it that ended on their way."""
    for repeated in _accepted(one):
        if repeated.acks and not any(ack.dst == repeated.sent[0].src for ack in repeated.acks):
            facts = {"final": repeated.sent[0], "count": len(repeated.sent), "ack": repeated.acks[-1]}
            yield proof(*repeated.acks, *repeated.sent, **facts)


def ack_late(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A 2xx sent again before its ACK came."""
    for final, count, ack, repeated in _arrived(_accepted(one)):
        yield proof(*repeated.sent, ack, final=final, count=count, seconds=ack.t - final.t)


def ack_ignored(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A 3xx to 6xx sent again although its ACK had come."""
    for final, count, ack, repeated in _arrived(_refused(one)):
        if ack.row < repeated.sent[-1].row:
            yield proof(*repeated.sent, *repeated.acks, final=final, count=count)


def ack_missing(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A 3xx to 6xx sent again, and no ACK for it."""
    for repeated in _refused(one):
        if not repeated.acks:
            yield proof(*repeated.sent, final=repeated.sent[0], count=len(repeated.sent))


def cancel_refused(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A CANCEL answered with 3xx to 6xx."""
    for made in one.of("CANCEL"):
        if made.final and made.status >= 300:
            after, then = _afterwards(one, made.final)
            yield proof(made.request, made.final, *after, request=made.request, final=made.final, then=then)


def cancel_unanswered(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A CANCEL sent again and again, to which nothing was ever said."""
    for made in one.of("CANCEL"):
        if made.repeats and not made.responses:
            yield proof(made.request, *made.repeats, request=made.request, count=1 + len(made.repeats))


def cancel_late(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A CANCEL behind the 2xx it should have prevented."""
    invites = {(each.request.branch, each.request.src, each.request.dst): each for each in one.of("INVITE")}
    for made in one.of("CANCEL"):
        invite = invites.get((made.request.branch, made.request.src, made.request.dst))
        final = invite.final if invite else None
        if final and final.status and final.status < 300 and final.row < made.request.row:
            facts = {"request": made.request, "final": final, "seconds": made.request.t - final.t}
            yield proof(final, made.request, *made.responses, **facts)


def _arrived(found: Iterator[_InsistentFinal]) -> Iterator[tuple[FlowRow, int, FlowRow, _InsistentFinal]]:
    """Those whose ACK arrived: the response, how often it was sent, the first ACK."""
    return ((one.sent[0], len(one.sent), one.arrived[0], one) for one in found if one.arrived)


def _accepted(one: Conversation) -> Iterator[_InsistentFinal]:
    """At the party that gave it: one that passes a 2xx on does not wait for its ACK (RFC 3261 §16.7 step 5)."""
    for made in one.of("INVITE"):
        sent = [each for each in made.responses if each.status and 200 <= each.status < 300]
        if not one.onward(made) and any(each.repeat for each in sent):
            number = made.request.cseq.partition(" ")[0]
            acks = [each for each in one.messages if each.cseq == f"{number} ACK" and each.row > sent[0].row]
            yield _InsistentFinal(sent, acks)


def _refused(one: Conversation) -> Iterator[_InsistentFinal]:
    """Hop by hop; not a response that was sent again only because the INVITE was."""
    for made in one.of("INVITE"):
        for final in made.finals:
            sent = [each for each in made.responses if each.raw == final.raw and (each.status or 0) >= 300]
            if any(each.repeat and not _asked_for(made, each) for each in sent):
                yield _InsistentFinal(sent, [each for each in made.acks if each.row > sent[0].row])


def _asked_for(made: Attempt, response: FlowRow) -> bool:
    """Whether the last message before it was the INVITE once more."""
    before = max((each.row for each in made.responses if each.row < response.row), default=-1)
    return any(before < each.row < response.row for each in made.repeats)


def _afterwards(one: Conversation, refusal: FlowRow) -> tuple[list[FlowRow], str]:
    """What became of the call, and in words."""
    invites = one.of("INVITE")
    if not invites:
        return [], "no INVITE it could mean was seen"
    asked_last = [made for made in invites if not one.onward(made)]
    answers = [each for made in asked_last for each in made.finals if each.row > refusal.row and each.status == 200]
    return answers, f"{answers[0].src} picked up all the same" if answers else "the call went on"
