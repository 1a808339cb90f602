"""`{re.subst,/RE/TEXT/flags}`: what a regular expression matches, replaced."""

from __future__ import annotations

import re
from functools import lru_cache

from labsip.proxy.posix import translated

LONGEST_TEXT = 4096
"""Characters that are searched; a longer text stays as it is."""


def substituted(text: str, expression: str = "") -> str:
    """The text with its first match replaced, with flag `g` all of them; flag `i` ignores case. `\\1` is a group.

    The text stays as it is where nothing matches, and where the expression is none.
    """
    parts = _parts(expression)
    if parts is None or len(text) > LONGEST_TEXT:
        return text
    pattern, replacement, count = parts
    return pattern.sub(lambda match: _replaced(match, replacement), text, count=count)


@lru_cache(maxsize=256)
def _parts(expression: str) -> tuple[re.Pattern[str], str, int] | None:
    given = re.split(rf"(?<!\\){re.escape(expression[:1])}", expression[1:]) if expression else []
    if len(given) != 3:
        return None
    pattern, replacement, flags = given
    try:
        return (
            re.compile(translated(pattern), re.IGNORECASE if "i" in flags else 0),
            replacement,
            0 if "g" in flags else 1,
        )
    except re.error:
        return None


def _replaced(match: re.Match[str], text: str) -> str:
    def group(found: re.Match[str]) -> str:
        number = int(found[1])
        return (match[number] or "") if number <= (match.re.groups or 0) else ""

    return re.sub(r"\\(\d)", group, text)
