"""Calls that were answered, and nobody heard a thing: media addresses that can't work."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from labsip.findings.evidence import Evidence, Proof, host_in, private, proof
from labsip.flow.conversation import Conversation
from labsip.flow.media import Stream, streams
from labsip.flow.rows import FlowRow

Host = IPv4Address | IPv6Address


class _Wish(NamedTuple):
    """Where a party wants its media, in the message that came to the other end."""

    said: FlowRow
    party: str
    """Who wants it; the message may have come through others."""
    streams: list[Stream]


def media_nowhere(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """Media wanted at 0.0.0.0, at the beginning of a call; later that is the old way to hold (RFC 3264 §8.4).

    A phone in a browser, which leaves the place to ICE, begins with it, too (RFC 8840 §4.1.1).
    """
    for wish, stream, host in _places(one):
        if host.is_unspecified and not stream.ice:
            yield _proof(wish, stream)


def media_loopback(one: Conversation, evidence: Evidence) -> Iterator[Proof]:
    """Media wanted at 127.0.0.1 by a party that is on another machine."""
    for wish, stream, host in _places(one):
        seen_at = evidence.hosts.get(wish.party, set())
        if host.is_loopback and seen_at and not any(each.is_loopback for each in seen_at):
            yield _proof(wish, stream, public=next(iter(sorted(seen_at, key=str))))


def media_private(one: Conversation, evidence: Evidence) -> Iterator[Proof]:
    """Media wanted at a private address by a party seen at a public one."""
    for wish, stream, host in _places(one):
        public = evidence.public(wish.party)
        if private(host) and public:
            yield _proof(wish, stream, public=public)


def media_refused(one: Conversation, _: Evidence) -> Iterator[Proof]:
    """An answer, or an offer, of which every stream has port 0."""
    for wish in _wishes(one):
        if all(stream.port == 0 for stream in wish.streams):
            kinds = ", ".join(dict.fromkeys(stream.kind for stream in wish.streams))
            yield proof(wish.said, party=wish.party, said=wish.said, kinds=kinds)


def _proof(wish: _Wish, stream: Stream, **facts: object) -> Proof:
    return proof(wish.said, party=wish.party, said=wish.said, stream=stream, **facts)


def _places(one: Conversation) -> Iterator[tuple[_Wish, Stream, Host]]:
    for wish in _wishes(one):
        for stream in wish.streams:
            host = host_in(stream.host)
            if stream.port and host:
                yield wish, stream, host


@lru_cache(maxsize=1)
def _wishes(one: Conversation) -> tuple[_Wish, ...]:
    """Offer and answer with which a call begins, as they arrived: a proxy on their way may have mended them."""
    asked = [made for made in one.of("INVITE") if not one.onward(made) and not made.request.in_dialog]
    if not asked or one.opening is None:
        return ()
    said = [(asked[-1].request, one.began)]
    answered = next((made for made in asked if made.status // 100 == 2), None)
    if answered and one.opening.final:
        said.append((one.opening.final, answered.request.dst))
    read = ((each, party, streams(each.message)) for each, party in said if each.message)
    return tuple(_Wish(*each) for each in read if each[-1])
