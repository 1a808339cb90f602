"""Variables in code and in texts: `$hdr(From)`, `$(avp(x)[1]{s.len})`, `"to $rU"` become nodes.

`template` is for whoever takes a text that is filled in: a command's argument, the name of `$sht(t=>$rm)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from labsip.dialects.cfg.faults import Fault
from labsip.dialects.cfg.nodes import Pvar, Spot, Template, Text, Transform
from labsip.dialects.cfg.tokens import written_at
from labsip.modules.pv.pvtext import WHOLE
from labsip.proxy.replacement import around_variables

SpotOf = Callable[[int, int], Spot]
"""Where characters of a text stand, from one to behind another."""
NAME = re.compile(r"[A-Za-z0-9_.]*")
PAIR = {"(": ")", "[": "]", "{": "}"}
DEEPEST = 20
"""Variables within variables."""
LONGEST = 1024
"""Characters of one variable."""
MOST_IN_ONE = 20
"""Mistakes in one text that are looked for."""


class BadPvar(Exception):
    """A variable that can't be one."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def pvar_of(text: str, spot: Spot) -> Pvar:
    """The variable that a token of code is. Raises BadPvar."""
    pvar, end = _pvar(text, 0, _in_line(spot), 0)
    if end != len(text):
        raise BadPvar(Fault(spot, f"{text} is no variable", "write it as in $ru, $hdr(From) or $(ru{uri.user})"))
    return pvar


def template(text: Text) -> tuple[Template, tuple[Fault, ...]]:
    """The parts of a text that is filled in, and what is wrong with its variables; such a part stays as it is."""
    faults: list[Fault] = []
    return _template(text.value, _in_text(text), 0, faults), tuple(faults)


def _in_line(spot: Spot) -> SpotOf:
    return lambda start, end: spot._replace(column=spot.column + start, end=spot.column + end)


def _in_text(text: Text) -> SpotOf:
    """Exact where the file has the text as it is written; else the piece it is in."""

    def spot_of(start: int, end: int) -> Spot:
        piece = next((one for one in reversed(text.pieces) if one.offset <= start), None)
        if piece is None or piece.written is None:
            return text.spot if piece is None else piece.spot
        double = text.value != piece.written  # single quotes have no escapes
        first, last = start - piece.offset, end - piece.offset
        if double:
            first, last = written_at(piece.written, first), written_at(piece.written, last)
        before = piece.written[:first]
        lines, length = before.count("\n"), max(last - first, 1)
        column = first - before.rfind("\n") if lines else piece.spot.column + 1 + first
        return Spot(piece.spot.file, piece.spot.line + lines, column, column + length)

    return spot_of


def _template(value: str, spot_of: SpotOf, depth: int, faults: list[Fault]) -> Template:
    parts: list[str | Pvar] = []
    at = 0
    while (found := value.find("$", at)) >= 0 and len(faults) < MOST_IN_ONE:
        _append(parts, value[at:found])
        if value.startswith("$$", found):
            _append(parts, "$")
            at = found + 2
            continue
        try:
            pvar, at = _pvar(value, found, spot_of, depth)
            parts.append(pvar)
        except BadPvar as bad:
            faults.append(bad.fault)
            _append(parts, "$")
            at = found + 1
    _append(parts, value[at:])
    return tuple(parts)


def _append(parts: list[str | Pvar], text: str) -> None:
    if not text:
        return
    if parts and isinstance(parts[-1], str):
        parts[-1] += text
    else:
        parts.append(text)


def _pvar(text: str, start: int, spot_of: SpotOf, depth: int) -> tuple[Pvar, int]:
    """The variable that begins there, and where it ends. Raises BadPvar."""
    if depth > DEEPEST:
        raise BadPvar(Fault(spot_of(start, start + 1), f"variables within variables, more than {DEEPEST} deep"))
    if text.startswith("$(", start):
        return _long(text, start, spot_of, depth)
    name, end = _name(text, start + 1)
    if not name:
        raise BadPvar(Fault(spot_of(start, start + 1), "a $ alone is no variable", "write $$ for a $ in a text"))
    inner = None
    if text.startswith("(", end):
        close = _closed(text, end, spot_of)
        inner = _inner(text, end + 1, close - 1, spot_of, depth)
        end = close
    return Pvar(spot_of(start, end), text[start:end], name, inner), end


def _long(text: str, start: int, spot_of: SpotOf, depth: int) -> tuple[Pvar, int]:
    end = _closed(text, start + 1, spot_of)
    whole, last = text[start:end], end - 1
    name, at = _name(text, start + 2)
    inner: Template | None = None
    index: int | str | Pvar | None = None
    transforms: list[Transform] = []
    if at < last and text[at] == "(":
        close = _closed(text, at, spot_of)
        inner, at = _inner(text, at + 1, close - 1, spot_of, depth), close
    if at < last and text[at] == "[":
        close = _closed(text, at, spot_of)
        index, at = _index(text[at + 1 : close - 1], spot_of(at, close), depth), close
    while at < last and text[at] == "{":
        close = _closed(text, at, spot_of)
        transforms.append(_transform(text, at, close, spot_of, depth))
        at = close
    if not name or at != last:
        where = spot_of(at, at + 1) if name else spot_of(start, end)
        hint = "write it as in $(ru{uri.user}), $(hdr(Via)[1]) or $(avp(x)[0]{s.len}), without spaces"
        raise BadPvar(Fault(where, f"{whole[:60]} is no variable", hint))
    return Pvar(spot_of(start, end), whole, name, inner, index, tuple(transforms)), end


def _name(text: str, at: int) -> tuple[str, int]:
    match = NAME.match(text, at)
    end = match.end() if match else at
    return text[at:end], end


def _closed(text: str, start: int, spot_of: SpotOf) -> int:
    """Behind the bracket that closes the one at `start`."""
    opened, closes, depth = text[start], PAIR[text[start]], 0
    for bracket in re.compile(f"[{re.escape(opened + closes)}]").finditer(text, start, start + LONGEST):
        depth += 1 if bracket[0] == opened else -1
        if not depth:
            return bracket.end()
    raise BadPvar(Fault(spot_of(start, start + 1), f"this {opened} is not closed", f"write a {closes}"))


def _inner(text: str, start: int, end: int, spot_of: SpotOf, depth: int) -> Template:
    def moved(first: int, last: int) -> Spot:
        return spot_of(start + first, start + last)

    return _template(text[start:end], moved, depth + 1, [])


def _index(text: str, spot: Spot, depth: int) -> int | str | Pvar:
    if text == "*":
        return text
    if re.fullmatch(r"-?[0-9]{1,9}", text):
        return int(text)
    if text.startswith("$"):
        pvar, end = _pvar(text, 0, _in_line(spot._replace(column=spot.column + 1)), depth + 1)
        if end == len(text):
            return pvar
    raise BadPvar(Fault(spot, f"[{text}] is no index", "write a number, * or a variable: [0], [-1], [*], [$var(i)]"))


def _transform(text: str, start: int, end: int, spot_of: SpotOf, depth: int) -> Transform:
    name, comma, rest = text[start + 1 : end - 1].partition(",")
    spot = spot_of(start + 1, start + 1 + len(name))
    if not comma:
        return Transform(spot, name)
    if name in WHOLE:
        begin, rest = around_variables(rest)
        pieces: list[list[str | Pvar]] = [[begin]]
        for part in _template(rest, lambda *_: spot, depth + 1, []):
            if isinstance(part, str):
                _append(pieces[-1], part)
            else:
                pieces += [part], []
        return Transform(spot, name, tuple(map(tuple, pieces)))
    return Transform(spot, name, tuple(_template(one, lambda *_: spot, depth + 1, []) for one in _arguments(rest)))


def _arguments(text: str) -> list[str]:
    """At the commas, which may be arguments themselves: `1,,` is `1` and `,`."""
    found, at = [], 0
    while at <= len(text):
        end, depth = at + (text[at : at + 1] == ","), 0
        while end < len(text) and (depth or text[end] != ","):
            depth += (text[end] in "({") - (text[end] in ")}")
            end += 1
        found.append(text[at:end])
        at = end + 1
    return found
