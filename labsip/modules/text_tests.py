"""Texts compared, searched and looked for in lists (Kamailio's textops and pv)."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from labsip.proxy.automaton import Automaton
from labsip.proxy.command import command
from labsip.proxy.posix import automaton, octets
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError


def _yes(holds: object) -> int:
    return 1 if holds else -1


def pattern(regex: str) -> Automaton:
    """A regular expression as commands take it: case does not count, ^ and $ are at each line's ends.

    It is for texts with a character for each byte. Raises LabError for what is none.
    """
    try:
        return automaton(regex, lines=True)
    except re.error as error:
        raise LabError(f"{regex!r} is no regular expression: {error}") from None


@command(*ANY)
def starts_with(turn: Turn, /, text: str, start: str) -> int:  # noqa: ARG001
    """Does the text begin so? 1 yes · -1 it is shorter · -2 no.   Kamailio: textops"""
    return -1 if len(text) < len(start) else 1 if text.startswith(start) else -2


@command(*ANY)
def ends_with(turn: Turn, /, text: str, end: str) -> int:  # noqa: ARG001
    """Does the text end so? 1 yes · -1 it is shorter · -2 no.   Kamailio: textops"""
    return -1 if len(text) < len(end) else 1 if text.endswith(end) else -2


@command(*ANY)
def cmp_str(turn: Turn, /, first: str, second: str) -> int:  # noqa: ARG001
    """Are both texts the same? 1 yes · -1 no.   Kamailio: textops"""
    return _yes(first == second)


@command(*ANY)
def cmp_istr(turn: Turn, /, first: str, second: str) -> int:  # noqa: ARG001
    """The same, and case does not count. 1 yes · -1 no.   Kamailio: textops"""
    return _yes(first.lower() == second.lower())


@command(*ANY)
def str_find(turn: Turn, /, text: str, part: str) -> int:  # noqa: ARG001
    """Where the part stands in the text, counted from 1. -1 nowhere.   Kamailio: textops"""
    return text.find(part) + 1 or -1


@command(*ANY)
def str_ifind(turn: Turn, /, text: str, part: str) -> int:  # noqa: ARG001
    """The same, and case does not count. -1 nowhere.   Kamailio: textops"""
    return text.lower().find(part.lower()) + 1 or -1


@command(*ANY)
def search_str(turn: Turn, /, text: str, regex: str) -> int:
    """Does the regular expression match somewhere in the text? 1 yes · -1 no · 2 it is empty · -2 it is none.

    Kamailio: textops
    """
    try:
        return _yes(pattern(regex).search(octets(text))) if regex else 2
    except LabError as error:
        turn.proxy.trace.note(turn.now, f"search_str: {error}")
        return -2


@command(*ANY)
def in_list(turn: Turn, /, subject: str, list_: str, sep: str) -> int:  # noqa: ARG001
    """Is it one of a list, as in in_list("b", "a,b", ",")? 1 yes · -1 no.   Kamailio: textops"""
    return _yes(subject in [part.strip() for part in list_.split(sep[:1] or ",")])


@command(*ANY)
def in_list_prefix(turn: Turn, /, subject: str, list_: str, sep: str) -> int:  # noqa: ARG001
    """Does it begin with one of a list? 1 yes · -1 no.   Kamailio: textops"""
    return _yes(any(subject.startswith(part.strip()) for part in list_.split(sep[:1] or ",") if part.strip()))


@command(*ANY, of="textopsx")
def fnmatch(turn: Turn, /, text: str, shape: str) -> int:  # noqa: ARG001
    """Does the text have that shape, with * for anything and ? for one character? 1 yes · -1 no.

    Kamailio: textopsx
    """
    return _yes(fnmatchcase(text, shape))


@command(*ANY, of="core", kemi="")
def strempty(turn: Turn, /, text: str | int | None) -> int:  # noqa: ARG001
    """Is there nothing in the text? 1 yes · -1 no.   Kamailio: core"""
    return _yes(text is None or text == "")


COMMANDS = (starts_with, ends_with, cmp_str, cmp_istr, str_find, str_ifind, search_str, in_list, in_list_prefix)
