"""The text of a message searched and changed by regular expressions (Kamailio's textops).

A search sees the message that came in; a change shows in what leaves, and after `msg_apply_changes`. How a substitution
is written says `proxy/replacement`; variables in its TEXT are filled in when it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from labsip.modules.pv import substitution as filled
from labsip.modules.text_tests import pattern
from labsip.proxy.command import command
from labsip.proxy.lump import Lump
from labsip.proxy.posix import octets
from labsip.proxy.replacement import Edit
from labsip.proxy.script import ANY, BRANCH, FAILURE, ONREPLY, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.uri import SipUri

Span = tuple[int, int]


def _text(turn: Turn, part: Span | None = None) -> tuple[str, int]:
    """The text of the message, a character a byte, and where it begins: behind the first line."""
    message = turn.message
    start, stop = part or (message.head_start, len(message.raw))
    return message.raw[start:stop].decode("latin-1"), start


def _body(turn: Turn) -> Span:
    message = turn.message
    return message.body_start, message.body_start + len(message.body)


def _change(turn: Turn, changes: Sequence[Edit] | None, start: int) -> int:
    for first, last, text in changes or ():
        turn.lumps.append(Lump(start + first, start + last, text.encode("latin-1")))
    return 1 if changes else -1


@command(*ANY, literal=("regex",))
def search(turn: Turn, /, regex: str) -> int:
    """Is that somewhere in the message, its first line included? 1 yes · -1 no.   Kamailio: textops"""
    return 1 if pattern(regex).search(turn.message.raw.decode("latin-1")) else -1


@command(*ANY, literal=("regex",))
def search_body(turn: Turn, /, regex: str) -> int:
    """Is that somewhere in the body? 1 yes · -1 no.   Kamailio: textops"""
    return 1 if pattern(regex).search(_text(turn, _body(turn))[0]) else -1


@command(*ANY, literal=("regex",))
def search_append(turn: Turn, /, regex: str, text: str) -> int:
    """Write a text behind the first match in the message. 1 done · -1 there is none.   Kamailio: textops"""
    return _appended(turn, None, regex, text)


@command(*ANY, literal=("regex",))
def search_append_body(turn: Turn, /, regex: str, text: str) -> int:
    """Write a text behind the first match in the body. 1 done · -1 there is none.   Kamailio: textops"""
    return _appended(turn, _body(turn), regex, text)


def _appended(turn: Turn, part: Span | None, regex: str, text: str) -> int:
    whole, start = _text(turn, part)
    match = next(pattern(regex).matches(whole), None)
    return _change(turn, [] if match is None else [Edit(match.end, match.end, octets(text))], start)


@command(*ANY, literal=("regex",))
def replace(turn: Turn, /, regex: str, text: str) -> int:
    """Another text in the place of the first match in the message. 1 done · -1 there is none.   Kamailio: textops"""
    return _replaced(turn, None, regex, text, every=False)


@command(*ANY, literal=("regex",))
def replace_all(turn: Turn, /, regex: str, text: str) -> int:
    """The same for every match. 1 done · -1 there is none.   Kamailio: textops"""
    return _replaced(turn, None, regex, text, every=True)


@command(*ANY, literal=("regex",))
def replace_body(turn: Turn, /, regex: str, text: str) -> int:
    """Another text in the place of the first match in the body. 1 done · -1 there is none.   Kamailio: textops"""
    return _replaced(turn, _body(turn), regex, text, every=False)


@command(*ANY, literal=("regex",))
def replace_body_all(turn: Turn, /, regex: str, text: str) -> int:
    """The same for every match. 1 done · -1 there is none.   Kamailio: textops"""
    return _replaced(turn, _body(turn), regex, text, every=True)


def _replaced(turn: Turn, part: Span | None, regex: str, text: str, *, every: bool) -> int:
    whole, start = _text(turn, part)
    found = islice(pattern(regex).matches(whole), None if every else 1)
    return _change(turn, [Edit(one.start, one.end, octets(text)) for one in found if one.end > one.start], start)


@command(*ANY, literal=("substitution",))
def subst(turn: Turn, /, substitution: str) -> int:
    """Substitute in the message, behind its first line. 1 done · -1 nothing matches.   Kamailio: textops"""
    return _substituted(turn, None, substitution)


@command(*ANY, literal=("substitution",))
def subst_body(turn: Turn, /, substitution: str) -> int:
    """Substitute in the body. 1 done · -1 nothing matches.   Kamailio: textops"""
    return _substituted(turn, _body(turn), substitution)


def _substituted(turn: Turn, part: Span | None, text: str) -> int:
    whole, start = _text(turn, part)
    return _change(turn, filled(turn, text).changes(whole), start)


@command(*ANY, literal=("substitution",))
def subst_hf(turn: Turn, /, name: str, substitution: str, flags: str = "a") -> int:
    """Substitute in the values of a header: flag `a` all of that name, `f` the first, `l` the last.

    1 done · -1 nothing matches.   Kamailio: textops
    """
    read, lines = filled(turn, substitution), turn.message.find(name)
    chosen = lines[:1] if flags == "f" else lines[-1:] if flags == "l" else lines
    done = -1
    for line in chosen:
        value = line.value
        new = read.apply(value)
        if new is not None and new is not value:
            turn.lumps.replace(line.start, line.stop, f"{line.name}: {new}\r\n")
            done = 1
    return done


@command(REQUEST, FAILURE, BRANCH, ONREPLY, literal=("substitution",))
def subst_uri(turn: Turn, /, substitution: str) -> int:
    """Substitute in the Request-URI; it shows at once. 1 done · -1 nothing matches.   Kamailio: textops"""
    uri = turn.uri
    new = filled(turn, substitution).apply(uri)
    if new is None or new is uri:
        return -1
    turn.uri, turn.uri_is_new = new, True
    return 1


@command(REQUEST, FAILURE, BRANCH, ONREPLY, literal=("substitution",))
def subst_user(turn: Turn, /, substitution: str) -> int:
    """Substitute in the user of the Request-URI. 1 done · -1 nothing matches.   Kamailio: textops"""
    uri = SipUri.parse(turn.uri, any_scheme=True)
    user = uri.user or ""
    new = filled(turn, substitution).apply(user)
    if new is None or new is user:
        return -1
    turn.uri, turn.uri_is_new = str(uri._replace(user=new or None)), True
    return 1


# fmt: off
COMMANDS = (
    search, search_body, search_append, search_append_body, replace, replace_all, replace_body, replace_body_all,
    subst, subst_body, subst_hf, subst_uri, subst_user,
)
# fmt: on
