"""ACKs that did not come where they were waited for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from labsip.findings.evidence import Evidence, Shown, shown
from labsip.flow.conversation import Attempt, Conversation
from labsip.flow.rows import FlowRow


class _Repeated(NamedTuple):
    """A final response to an INVITE that had to be sent again."""

    sent: list[FlowRow]
    """It, each time."""
    acks: list[FlowRow]
    """All that were seen for it, also on other hops."""

    @property
    def arrived(self) -> list[FlowRow]:
        """The ACKs that came to who had sent it."""
        return [one for one in self.acks if one.dst == self.sent[0].src and not one.lost]


def never_sent(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """A 2xx sent again, and no ACK for it anywhere."""
    for repeated in _accepted(one):
        if not repeated.acks:
            yield shown(*repeated.sent, final=repeated.sent[0], count=len(repeated.sent), caller=one.began)


def not_passed_on(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """A 2xx sent again, and ACKs for it that ended on their way."""
    for repeated in _accepted(one):
        if repeated.acks and not any(ack.dst == repeated.sent[0].src for ack in repeated.acks):
            facts = {"final": repeated.sent[0], "count": len(repeated.sent), "ack": repeated.acks[-1]}
            yield shown(*repeated.acks, *repeated.sent, **facts)


def late(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """A 2xx sent again before its ACK came."""
    for final, count, ack, repeated in _arrived(_accepted(one)):
        yield shown(*repeated.sent, ack, final=final, count=count, seconds=ack.t - final.t)


def ignored(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """A 3xx to 6xx sent again although its ACK had come."""
    for final, count, ack, repeated in _arrived(_refused(one)):
        if ack.row < repeated.sent[-1].row:
            yield shown(*repeated.sent, *repeated.acks, final=final, count=count)


def missing(one: Conversation, _: Evidence) -> Iterator[Shown]:
    """A 3xx to 6xx sent again, and no ACK for it."""
    for repeated in _refused(one):
        if not repeated.acks:
            yield shown(*repeated.sent, final=repeated.sent[0], count=len(repeated.sent))


def _arrived(found: Iterator[_Repeated]) -> Iterator[tuple[FlowRow, int, FlowRow, _Repeated]]:
    """Those of which an ACK arrived: the response, how often, the first ACK."""
    return ((one.sent[0], len(one.sent), one.arrived[0], one) for one in found if one.arrived)


def _accepted(one: Conversation) -> Iterator[_Repeated]:
    """By who gave it: who passes a 2xx on does not wait for its ACK (RFC 3261 §16.7 step 5)."""
    for made in one.of("INVITE"):
        sent = [each for each in made.responses if each.status and 200 <= each.status < 300]
        if not one.onward(made) and any(each.repeat for each in sent):
            number = made.request.cseq.partition(" ")[0]
            acks = [each for each in one.messages if each.cseq == f"{number} ACK" and each.row > sent[0].row]
            yield _Repeated(sent, acks)


def _refused(one: Conversation) -> Iterator[_Repeated]:
    """Hop by hop; not what was only sent again because the INVITE was."""
    for made in one.of("INVITE"):
        for final in made.finals:
            sent = [each for each in made.responses if each.raw == final.raw and (each.status or 0) >= 300]
            if any(each.repeat and not _asked_for(made, each) for each in sent):
                yield _Repeated(sent, [each for each in made.acks if each.row > sent[0].row])


def _asked_for(made: Attempt, response: FlowRow) -> bool:
    """Whether the latest thing before it was the INVITE once more."""
    before = max((each.row for each in made.responses if each.row < response.row), default=-1)
    return any(before < each.row < response.row for each in made.repeats)
