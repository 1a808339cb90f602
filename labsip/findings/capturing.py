"""What is to be known of the record itself before anything is read into it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from labsip.findings.evidence import Evidence, Shown, shown
from labsip.flow.conversation import Conversation, captured_twice
from labsip.flow.rows import FlowRow


def twice(whole: Conversation, _: Evidence) -> Iterator[Shown]:
    """Packets that were captured on two interfaces."""
    copies = captured_twice(whole.messages)
    if copies:
        yield shown(*copies, count=len(copies))


def unreadable(whole: Conversation, _: Evidence) -> Iterator[Shown]:
    """What is no SIP message, and no keepalive."""
    found = [one for one in whole.messages if one.summary == "unreadable"]
    if found:
        yield shown(*found, count=len(found))


def lost(whole: Conversation, _: Evidence) -> Iterator[Shown]:
    """Messages a lab's wire lost, by way and kind."""
    ways: defaultdict[tuple[str, str, str], list[FlowRow]] = defaultdict(list)
    for one in whole.messages:
        if one.lost:
            ways[one.src, one.dst, one.summary].append(one)
    for (src, dst, summary), found in ways.items():
        yield shown(*found, src=src, dst=dst, what=f"{summary} ×{len(found)}" if found[1:] else summary)
