"""What became of messages on their way: lost, unanswered, in circles, at the wrong port; and captured twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from labsip.findings.evidence import Evidence, Proof, contact_host, private, proof
from labsip.flow.conversation import Attempt, Conversation, captured_twice
from labsip.flow.rows import FlowRow
from labsip.sip.errors import BadMessage

A_CIRCLE = 3
"""A request that goes the same way this often, each time with more Vias, goes in a circle."""


def twice(whole: Conversation, _: Evidence) -> Iterator[Proof]:
    """Packets that were captured on two interfaces."""
    copies = captured_twice(whole.messages)
    if copies:
        yield proof(*copies, count=len(copies))


def unreadable(whole: Conversation, _: Evidence) -> Iterator[Proof]:
    """Datagrams that are no SIP messages, and no keepalives."""
    found = [one for one in whole.messages if one.summary == "unreadable"]
    if found:
        yield proof(*found, count=len(found))


def lost(whole: Conversation, _: Evidence) -> Iterator[Proof]:
    """Messages a lab's wire lost, by way and kind."""
    ways: defaultdict[tuple[str, str, str], list[FlowRow]] = defaultdict(list)
    for one in whole.messages:
        if one.lost:
            ways[one.src, one.dst, one.summary].append(one)
    for (src, dst, summary), found in ways.items():
        yield proof(*found, src=src, dst=dst, what=f"{summary} ×{len(found)}" if found[1:] else summary)


def silence(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A request sent again and again, to which nothing was ever said."""
    for made in one.attempts:
        sent = [made.request, *made.repeats]
        if made.request.method in ("ACK", "CANCEL") or made.request.src == made.request.dst:
            continue  # an ACK has no answer, the others have rules of their own
        if made.responses or not made.repeats or all(each.lost for each in sent):
            continue
        answer = _answer_to_caller(one, made)
        then = f"; {answer.dst} was told {answer.line}" if answer else ""
        facts = {"request": made.request, "count": len(sent), "seconds": sent[-1].t - sent[0].t, "then": then}
        yield proof(*sent, *([answer] if answer else []), **facts)


def slow(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A request sent again because its first response took its time."""
    for made in one.attempts:
        first = next(iter(made.responses), None)
        arrived = [each for each in (made.request, *made.repeats) if first and each.row < first.row and not each.lost]
        if first and len(arrived) > 1:
            facts = {"first": first, "count": len(arrived), "seconds": first.t - arrived[0].t}
            yield proof(*arrived, first, **facts)


def unheard(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A request sent again although it had been answered."""
    for made in one.attempts:
        first = next(iter(made.responses), None)
        late = [each for each in made.repeats if first and each.row > first.row]
        if first and late:
            yield proof(made.request, first, *late, request=made.request, first=first, count=1 + len(late))


def circle(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """The same request on the same way several times, with more and more Vias."""
    ways: defaultdict[tuple[str, str, str], list[Attempt]] = defaultdict(list)
    for made in one.attempts:
        if made.request.method != "ACK":
            ways[made.request.cseq, made.request.src, made.request.dst].append(made)
    told = set()
    for (cseq, src, dst), around in ways.items():
        vias = [_vias(made.request) for made in around] if len(around) >= A_CIRCLE and cseq not in told else []
        if vias and vias == sorted(set(vias)):
            told.add(cseq)  # of a circle through several parties, its first way
            final = [one.opening.final] if one.opening and one.opening.final else []
            rows = [each for made in around for each in (made.request, *made.repeats, *made.responses)]
            facts = {"request": around[0].request, "whom": "itself" if src == dst else dst}
            yield proof(*rows, *final, count=len(around), vias=vias[-1], **facts)


def wrong_port(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """A response that did not go back to where its request came from: so says the Via, which had no rport."""
    for made in one.attempts:
        astray = [each for each in made.responses if each.dst != made.request.src and not _has_rport(each)]
        if astray:
            yield proof(made.request, *made.repeats, *astray, request=made.request, final=astray[0])


def private_contact(one: Conversation, evidence: Evidence) -> Iterator[Proof]:
    """A party seen at a public address whose Contact is private."""
    told = set()
    for said in _own_words(one):
        public = None if said.src in told else evidence.public(said.src)
        contact = contact_host(said.message) if public and said.message else None
        if contact and private(contact):
            told.add(said.src)
            yield proof(said, said=said, public=public, contact=contact)


def _own_words(one: Conversation) -> Iterator[FlowRow]:
    """Messages as their makers sent them: a request with one Via, a response of the last party asked."""
    for made in one.attempts:
        if _vias(made.request) == 1:
            yield made.request
        if not one.onward(made):
            yield from made.responses


def _answer_to_caller(one: Conversation, made: Attempt) -> FlowRow | None:
    """The final response to the caller, from the party that had asked in vain."""
    final = one.opening.final if one.opening else None
    return final if final and final.src == made.request.src and final.row > made.request.row else None


def _vias(one: FlowRow) -> int:
    return len(one.message.values("Via")) if one.message else 0


def _has_rport(one: FlowRow) -> bool:
    try:
        return bool(one.message and one.message.via.rport is not None)
    except BadMessage:
        return False
