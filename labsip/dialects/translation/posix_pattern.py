"""A regular expression of Python's in POSIX's notation, as `=~` takes it."""

from __future__ import annotations

import re

MEANT = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[A-Za-z0-9_]",
    "W": "[^A-Za-z0-9_]",
    "s": "[[:space:]]",
    "S": "[^[:space:]]",
}
IN_BRACKETS = {"d": "0-9", "w": "A-Za-z0-9_", "s": "[:space:]"}
WAYS = {"search": "{}", "match": "^({})", "fullmatch": "^({})$"}
"""How the methods of a pattern look for it."""
TOKEN = re.compile(r"\\(.)|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?|[*+?}][?+]|.", re.DOTALL)


class NoPattern(Exception):
    """It can't be said in POSIX's notation; the text says why."""


def posix_pattern(pattern: str | re.Pattern[str], way: str) -> str:
    """The expression that finds the same. Raises NoPattern.

    way: `search`, `match` or `fullmatch`.
    """
    text, flags = (pattern, 0) if isinstance(pattern, str) else (pattern.pattern, pattern.flags)
    try:
        re.compile(text)
    except re.error as error:
        raise NoPattern(f"it is no regular expression: {error}") from None
    if flags & (re.VERBOSE | re.MULTILINE):
        raise NoPattern("there is no re.VERBOSE and no re.MULTILINE")
    found = "".join(_token(match) for match in TOKEN.finditer(text))
    if not flags & re.IGNORECASE and any(c.isalpha() for c in re.sub(r"\\.", "", text)):
        raise NoPattern("=~ takes capital and small letters for the same; say re.IGNORECASE")
    simple = way == "search" or not _has_choice(found)
    return (WAYS[way].replace("(", "").replace(")", "") if simple else WAYS[way]).format(found)


def _has_choice(pattern: str) -> bool:
    """Whether it has a | that stands in no bracket."""
    depth = 0
    for match in TOKEN.finditer(pattern):
        depth += (match[0] == "(") - (match[0] == ")")
        if match[0] == "|" and not depth:
            return True
    return False


def _token(match: re.Match[str]) -> str:
    token, escaped = match[0], match[1]
    if escaped:
        if escaped.isalnum() and escaped not in MEANT:
            raise NoPattern(f"there is no {token}")
        return MEANT.get(escaped, token)
    if token == "(?" or (len(token) == 2 and token[1] in "?+"):
        raise NoPattern(f"there is no {token}")
    if token[0] == "[" and len(token) > 1:
        return re.sub(r"\\(.)", _in_brackets, token)
    return token


def _in_brackets(match: re.Match[str]) -> str:
    letter = match[1]
    if letter in IN_BRACKETS:
        return IN_BRACKETS[letter]
    if letter.isalnum() or letter in "]^-\\":
        raise NoPattern(f"there is no {match[0]} in brackets")
    return letter
