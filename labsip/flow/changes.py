"""Two messages compared header by header: what a hop added, removed and changed."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from difflib import ndiff
from typing import NamedTuple

from labsip.flow.skim import body_lines
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import NameAddr, Via, canonical, split_list
from labsip.sip.message import Message, Request, Response, parse_message

# fmt: off
REQUEST = {
    "~request-uri":  "the target: where the user was found (RFC 3261 §16.5, §16.6 step 2)",
    "~max-forwards": "hops left (RFC 3261 §16.6 step 3)",
    "+max-forwards": "hops left (RFC 3261 §16.6 step 3)",
    "+record-route": "later requests of this dialog come this way too (RFC 3261 §16.6 step 4)",
    "-route":        "a hop of the route that has been reached (RFC 3261 §16.4)",
    "+via":          "the way back: the response comes here first (RFC 3261 §16.6 step 8)",
    "~via":          "where it really came from (RFC 3261 §18.2.1, RFC 3581 §4)",
    "-via":          "not forwarded but made anew, for one hop (RFC 3261 §9.1, §17.1.1.3)",
}
RESPONSE = {
    "-via":          "this hop's own, done with; the rest is the way back (RFC 3261 §16.7 step 3)",
}
ANSWER = {
    "~via":          "where the request really came from (RFC 3261 §18.2.1, RFC 3581 §4)",
    "~to":           "the tag: this end of the dialog (RFC 3261 §8.2.6.2)",
}
# fmt: on
"""What a change is for, by mark and header: from request to request, response to response, request to response."""


class HeaderChange(NamedTuple):
    """What became of one header value, of the start line or of a line of the body."""

    mark: str
    """`+` added, `-` removed, `~` changed, a blank: as it was."""
    name: str
    """As spelled; "" for the start line and the body."""
    before: str | None
    after: str | None
    why: str = ""


def changes_between(before: bytes, after: bytes) -> tuple[HeaderChange, ...]:
    """What happened to a message between two hops: the whole message, with a mark at what changed.

    Values of one header are matched by what they are: a Via by its branch, a Route, Record-Route or Contact by its
    URI, all others in their order. Raises LabError if one of the two is no SIP message.
    """
    old, new = _read(before), _read(after)
    why = RESPONSE if isinstance(old, Response) else REQUEST if isinstance(new, Request) else ANSWER
    headers = _header_changes(_items(old), _items(new), why)
    return (_start_line(old, new, why), *headers, *_body_changes(old.body, new.body))


def _read(raw: bytes) -> Message:
    try:
        message = parse_message(raw)
        message.lines, message.body  # noqa: B018 - read now, so that what is wrong shows here
    except BadMessage as error:
        raise LabError(f"{raw[:40]!r} can't be compared, it is no SIP message: {error.reason}") from None
    return message


def _start_line(old: Message, new: Message, why: Mapping[str, str]) -> HeaderChange:
    mark = " " if old.start_line == new.start_line else "~"
    return HeaderChange(mark, "", old.start_line, new.start_line, why.get(f"{mark}request-uri", ""))


class _Item(NamedTuple):
    """One value of one header."""

    header: str
    name: str
    value: str
    identity: Hashable


def _items(message: Message) -> list[_Item]:
    items = []
    for line in message.lines:
        header = canonical(line.name)
        identity = IDENTITY.get(header)
        for value in split_list(line.value) if identity else [line.value]:
            items.append(_Item(header, line.name, value, _identity(identity, value)))
    return items


def _branch(value: str) -> Hashable:
    via = Via.parse(value)
    return via.branch or via.sent_by


def _uri(value: str) -> Hashable:
    return NameAddr.parse(value).uri


IDENTITY: dict[str, Callable[[str], Hashable]] = {
    "via": _branch, "route": _uri, "record-route": _uri, "contact": _uri, "path": _uri, "service-route": _uri,
}  # fmt: skip
"""Headers whose values come in lists: how to know one of them again."""


def _identity(identity: Callable[[str], Hashable] | None, value: str) -> Hashable:
    try:
        return identity(value) if identity else None
    except BadMessage:
        return value


def _header_changes(old: list[_Item], new: list[_Item], why: Mapping[str, str]) -> Iterator[HeaderChange]:
    """In the order of the new message; a removed value stands where it was."""
    pairs = _pairs(old, new)
    kept = set(pairs.values())
    gone = deque(place for place in range(len(old)) if place not in kept)
    for place, item in enumerate(new):
        was = pairs.get(place)
        while gone and was is not None and gone[0] < was:
            yield _change(old[gone.popleft()], None, why)
        yield _change(None if was is None else old[was], item, why)
    for place in gone:
        yield _change(old[place], None, why)


def _pairs(old: list[_Item], new: list[_Item]) -> dict[int, int]:
    """Which old value each new one was: first the equal ones, then those with the same identity, in order."""
    pairs: dict[int, int] = {}
    for part in ("value", "identity"):
        taken = set(pairs.values())
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for place, item in enumerate(old):
            if place not in taken:
                waiting[item.header, getattr(item, part)].append(place)
        for place, item in enumerate(new):
            same = waiting[item.header, getattr(item, part)]
            if place not in pairs and same:
                pairs[place] = same.popleft()
    return pairs


def _change(old: _Item | None, new: _Item | None, why: Mapping[str, str]) -> HeaderChange:
    header, name, *_ = new or old or ("", "")
    before, after = old and old.value, new and new.value
    mark = "+" if old is None else "-" if new is None else " " if before == after else "~"
    return HeaderChange(mark, name, before, after, why.get(mark + header, ""))


def _body_changes(old: bytes, new: bytes) -> Iterator[HeaderChange]:
    if old == new:
        if new:
            size = f"body of {len(new)} bytes, as it was"
            yield HeaderChange(" ", "", size, size)
        return
    for line in ndiff(body_lines(old), body_lines(new)):
        mark, text = line[0], line[2:]
        if mark != "?":
            yield HeaderChange(mark, "", None if mark == "+" else text, None if mark == "-" else text)
