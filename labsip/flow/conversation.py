"""A flow's messages by Call-ID, and within one by transaction: what calls, legs and explanations are read from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from labsip.flow.rows import Flow, FlowRow
from labsip.sip.errors import BadMessage
from labsip.sip.headers import NameAddr
from labsip.sip.message import Message

CHALLENGES = (401, 407)
TWICE = 0.005
"""Seconds from a packet to its copy in a capture that saw it on two interfaces; a repeat comes 0.5 s later."""
SOME = 3
"""Copies on one way that are no accident."""


@dataclass
class Attempt:
    """One request between two neighbours and what came of it: a transaction (RFC 3261 §17), as far as it was seen."""

    request: FlowRow
    repeats: list[FlowRow] = field(default_factory=list)
    responses: list[FlowRow] = field(default_factory=list)
    """In order, repeats too."""
    acks: list[FlowRow] = field(default_factory=list)
    """ACKs to its negative final response: those that have its branch (§17.1.1.3)."""

    @cached_property
    def finals(self) -> list[FlowRow]:
        """Its final responses without repeats; one, if all is well."""
        return [one for one in self.responses if one.final and not one.repeat]

    @property
    def final(self) -> FlowRow | None:
        """The first final response."""
        return self.finals[0] if self.finals else None

    @property
    def status(self) -> int:
        """Of the first final response, 0 before there is one."""
        return (self.final.status or 0) if self.final else 0

    @property
    def provisionals(self) -> list[FlowRow]:
        """What came before the final response."""
        return [one for one in self.responses if not one.final]


class Conversation:
    """All messages with one Call-ID, in order: a call, the registrations of a phone, a text, ..."""

    def __init__(self, call_id: str, messages: list[FlowRow]) -> None:
        self.call_id = call_id
        self.messages = messages

    @cached_property
    def attempts(self) -> list[Attempt]:
        """Its transactions, hop by hop, in the order they began."""
        return list(_attempts(self.messages))

    @cached_property
    def first(self) -> FlowRow:
        """The first request, or the first message where no request was seen."""
        return next((one for one in self.messages if one.kind == "request"), self.messages[0])

    @property
    def began(self) -> str:
        """The party that began it."""
        return self.first.dst if self.first.status else self.first.src

    @property
    def t(self) -> float:
        """When it began [s]."""
        return self.messages[0].t

    @property
    def until(self) -> float:
        """When its last message was sent [s]."""
        return self.messages[-1].t

    @cached_property
    def users(self) -> tuple[str, str]:
        """The users in From and To; a host where there is no user, "" where nothing can be read."""
        return user_in(self.first.message, "From"), user_in(self.first.message, "To")

    @cached_property
    def opening(self) -> Attempt | None:
        """The transaction that decided it, at the party that began it.

        Of a call it is the first INVITE that was not merely challenged, for later ones are within the call; of anything
        else, the last transaction.
        """
        made = [one for one in self.attempts if one.request.src == self.began and one.request.method == self.method]
        if self.method == "INVITE":
            decided = (one for one in made if one.final and one.status not in CHALLENGES)
            return next(decided, made[-1] if made else None)
        return next((one for one in reversed(made) if one.final), made[-1] if made else None)

    @property
    def method(self) -> str:
        """What it began with: INVITE, REGISTER, ..."""
        return self.first.method

    def of(self, *methods: str) -> list[Attempt]:
        """Its transactions with one of these methods."""
        return [one for one in self.attempts if one.request.method in methods]

    def onward(self, attempt: Attempt) -> list[Attempt]:
        """Where the receiver of a request sent it on to."""
        was = attempt.request
        return [one for one in self._by_sender.get((was.dst, was.cseq), ()) if one.request.row > was.row]

    @cached_property
    def _by_sender(self) -> dict[tuple[str, str], list[Attempt]]:
        found: defaultdict[tuple[str, str], list[Attempt]] = defaultdict(list)
        for one in self.attempts:
            found[one.request.src, one.request.cseq].append(one)
        return found


def conversations(flow: Any) -> list[Conversation]:
    """The conversations of a flow, in the order they began, without copies of the same packet.

    A message without a Call-ID is in none.

    Raises LabError if it is no flow.
    """
    rows = Flow.of(flow).rows
    copies = {one.row for one in captured_twice(rows)}
    by_call_id = defaultdict(list)
    for one in rows:
        if one.call_id and one.row not in copies:
            by_call_id[one.call_id].append(one)
    return [Conversation(call_id, messages) for call_id, messages in by_call_id.items()]


def captured_twice(messages: Iterable[FlowRow]) -> list[FlowRow]:
    """The messages that are copies of another one, on ways where at least SOME, and half of all, came twice."""
    latest: dict[tuple[str, str, bytes], float] = {}
    ways: defaultdict[tuple[str, str], list[FlowRow]] = defaultdict(list)
    count: Counter[tuple[str, str]] = Counter()
    for one in messages:
        before = latest.get((one.src, one.dst, one.raw))
        latest[one.src, one.dst, one.raw] = one.t
        count[one.src, one.dst] += 1
        if before is not None and one.t - before <= TWICE:
            ways[one.src, one.dst].append(one)
    return [one for way, copies in ways.items() if len(copies) >= max(SOME, count[way] // 2) for one in copies]


def user_in(message: Message | None, header: str) -> str:
    """The user in From, To or another address header; its host if there is none, "" if it can't be read."""
    try:
        uri = NameAddr.parse((message and message.get(header)) or "").sip_uri
    except BadMessage:
        return ""
    return uri.user_name or uri.host


def _attempts(messages: Iterable[FlowRow]) -> Iterator[Attempt]:
    """A response finds its request by the branch (RFC 3261 §17.1.3), wherever it was sent, or is left out."""
    made: dict[tuple[str, ...], Attempt] = {}
    servers: defaultdict[tuple[str, ...], list[Attempt]] = defaultdict(list)
    for one in messages:
        if one.kind == "request":
            number = one.cseq.partition(" ")[0]
            way = (one.branch, number, one.src, one.dst)
            if one.method == "ACK" and (invite := made.get(("INVITE", *way))) is not None:
                invite.acks.append(one)
            elif (same := made.get((one.method, *way))) is not None:
                same.repeats.append(one)
            else:
                new = made[one.method, *way] = Attempt(one)
                servers[one.branch, one.cseq, one.dst].append(new)
        else:
            asked = servers.get((one.branch, one.cseq, one.src), ())
            back = [each for each in asked if each.request.src == one.dst] or asked
            if back:
                back[-1].responses.append(one)
    yield from made.values()
