"""The text of a message searched and changed by regular expressions (Kamailio's textops).

A search sees the message that came in; a change shows in what leaves, and after `msg_apply_changes`. A substitution is
written as in sed, `/RE/TEXT/flags`: flags `g` all of them, `i` in either case; `\\1` is what its first brackets found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from labsip.modules.text_tests import pattern
from labsip.proxy.command import command
from labsip.proxy.lump import Lump
from labsip.proxy.script import ANY, BRANCH, FAILURE, ONREPLY, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError
from labsip.sip.memo import remembered
from labsip.sip.uri import SipUri

Span = tuple[int, int]
USAGE = "write it as in /old/new/g"


class Substitution(NamedTuple):
    """`/RE/TEXT/flags`, read."""

    regex: re.Pattern[str]
    text: str
    every: bool

    def apply(self, text: str) -> str | None:
        """The text with it done, None if nothing matches."""
        new, count = self.regex.subn(self.written, text, count=0 if self.every else 1)
        return new if count else None

    def written(self, match: re.Match[str]) -> str:
        r"""What comes in the place of a match: `\1` is what the first brackets found."""
        return _BACK.sub(lambda back: _meant(back, match), self.text)


_BACK = re.compile(r"\\(\d|.)", re.DOTALL)


def _meant(back: re.Match[str], match: re.Match[str]) -> str:
    char = back[1]
    if not char.isdigit():
        return {"n": "\n", "r": "\r", "t": "\t"}.get(char, char)
    number = int(char)
    return match[number] or "" if number <= (match.re.groups or 0) else ""


@remembered(256)
def read_substitution(text: str) -> Substitution:
    """Raises LabError for what is none."""
    parts = re.split(rf"(?<!\\){re.escape(text[:1])}", text[1:]) if text else []
    if len(parts) != 3 or set(parts[2]) - set("gis"):
        raise LabError(f"{text!r} is no substitution; {USAGE}")
    regex, new, flags = parts
    try:
        compiled = re.compile(regex, re.MULTILINE | (re.IGNORECASE if "i" in flags else re.NOFLAG))
    except re.error as error:
        raise LabError(f"{regex!r} is no regular expression: {error}") from None
    return Substitution(compiled, new, "g" in flags)


def _text(turn: Turn, part: Span | None = None) -> tuple[str, int]:
    """The text of the message, a character a byte, and where it begins: behind the first line."""
    message = turn.message
    start, stop = part or (message.head_start, len(message.raw))
    return message.raw[start:stop].decode("latin-1"), start


def _body(turn: Turn) -> Span:
    message = turn.message
    return message.body_start, message.body_start + len(message.body)


def _change(turn: Turn, matches: Iterator[re.Match[str]], start: int, new: Callable[[re.Match[str]], str]) -> int:
    found = [(start + match.start(), start + match.end(), new(match)) for match in matches]
    for first, last, text in found:
        turn.lumps.append(Lump(first, last, text.encode("utf-8", "surrogateescape")))
    return 1 if found else -1


def _some(matches: Iterator[re.Match[str]], every: bool) -> Iterator[re.Match[str]]:
    for match in matches:
        yield match
        if not every:
            return


@command(*ANY, literal=("regex",))
def search(turn: Turn, /, regex: str) -> int:
    """Is that somewhere in the message, behind its first line? 1 yes · -1 no.   Kamailio: textops"""
    return 1 if pattern(regex).search(_text(turn)[0]) else -1


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
    return _change(turn, _some(pattern(regex).finditer(whole), False), start, lambda match: f"{match[0]}{text}")


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
    return _change(turn, _some(pattern(regex).finditer(whole), every), start, lambda _: text)


@command(*ANY, literal=("substitution",))
def subst(turn: Turn, /, substitution: str) -> int:
    """Substitute in the message, behind its first line. 1 done · -1 nothing matches.   Kamailio: textops"""
    return _substituted(turn, None, substitution)


@command(*ANY, literal=("substitution",))
def subst_body(turn: Turn, /, substitution: str) -> int:
    """Substitute in the body. 1 done · -1 nothing matches.   Kamailio: textops"""
    return _substituted(turn, _body(turn), substitution)


def _substituted(turn: Turn, part: Span | None, text: str) -> int:
    read = read_substitution(text)
    whole, start = _text(turn, part)
    return _change(turn, _some(read.regex.finditer(whole), read.every), start, read.written)


@command(*ANY, literal=("substitution",))
def subst_hf(turn: Turn, /, name: str, substitution: str, flags: str = "a") -> int:
    """Substitute in the values of a header: flag `a` all of that name, `f` the first, `l` the last.

    1 done · -1 nothing matches.   Kamailio: textops
    """
    read, lines = read_substitution(substitution), turn.message.find(name)
    chosen = lines[:1] if flags == "f" else lines[-1:] if flags == "l" else lines
    done = -1
    for line in chosen:
        new = read.apply(line.value)
        if new is not None:
            turn.lumps.replace(line.start, line.stop, f"{line.name}: {new}\r\n")
            done = 1
    return done


@command(REQUEST, FAILURE, BRANCH, ONREPLY, literal=("substitution",))
def subst_uri(turn: Turn, /, substitution: str) -> int:
    """Substitute in the Request-URI; it shows at once. 1 done · -1 nothing matches.   Kamailio: textops"""
    new = read_substitution(substitution).apply(turn.uri)
    if new is None:
        return -1
    turn.uri, turn.uri_is_new = new, True
    return 1


@command(REQUEST, FAILURE, BRANCH, ONREPLY, literal=("substitution",))
def subst_user(turn: Turn, /, substitution: str) -> int:
    """Substitute in the user of the Request-URI. 1 done · -1 nothing matches.   Kamailio: textops"""
    uri = SipUri.parse(turn.uri, any_scheme=True)
    new = read_substitution(substitution).apply(uri.user or "")
    if new is None:
        return -1
    turn.uri, turn.uri_is_new = str(uri._replace(user=new or None)), True
    return 1


# fmt: off
COMMANDS = (
    search, search_body, search_append, search_append_body, replace, replace_all, replace_body, replace_body_all,
    subst, subst_body, subst_hf, subst_uri, subst_user,
)
# fmt: on
