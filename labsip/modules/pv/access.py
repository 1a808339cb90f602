"""Variables by their names: read, set, checked before anything runs, and filled into texts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from labsip.modules.pv.pvtext import Written, alternating, pieces, spelled
from labsip.proxy.exports import Exports, NamedVariable, Transformation, Value, Variable
from labsip.proxy.replacement import Substitution, joined, read_substitution
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError, NoSuchName
from labsip.sip.memo import LONGEST

WITH_KEY = re.compile(r"(\$\w+)\((.*)\)\Z", re.DOTALL)
"""A name whose key has brackets in it that do not match: a message may have brought it."""


class Found(NamedTuple):
    """What a name stands for."""

    variable: Variable | NamedVariable
    inner: str = ""
    """What stands in its brackets, and its index: `Via[1]`."""
    transformations: tuple[tuple[Transformation, tuple[str, ...]], ...] = ()
    """Each with its parameters, in the order they are applied."""


def read(turn: Turn, name: str) -> Value:
    """Value of a pseudo-variable, with its transformations. Raises NoSuchName if there is none of that name."""
    variable, inner, transformations = find(turn.proxy.exports, name)
    if isinstance(variable, NamedVariable):
        value = variable.get(turn, filled(turn, inner) if "$" in inner else inner)
    else:
        value = variable.get(turn)
    for transformation, parameters in transformations:
        value = transformation.apply(value, [filled(turn, one) if "$" in one else one for one in parameters])
    return value


def write(turn: Turn, name: str, value: Value) -> None:
    """Set a pseudo-variable. Raises LabError if it can only be read."""
    exports = turn.proxy.exports
    variable, inner, changed = find(exports, name)
    if variable.set is None or changed:
        settable = [_shown(n, v) for n, v in exports.variables.items() if v.set]
        raise LabError(f"{name} ({variable.about}) can be read but not set; a route can set {', '.join(settable)}")
    if isinstance(variable, NamedVariable):
        variable.set(turn, filled(turn, inner) if "$" in inner else inner, value)
    else:
        variable.set(turn, value)


def check(exports: Exports, name: str) -> None:
    """Raises LabError if there is no pseudo-variable of that name, or there is another in it that does not exist."""
    for piece in pieces(find(exports, name).inner):
        if piece[:1] == "$" and piece not in ("$", "$$") and spelled(piece):
            check(exports, piece)


def expand(turn: Turn, text: str) -> str:
    """A text with its $variables filled in; $null prints as <null>, as in Kamailio, and $$ as $."""
    return "".join(_piece(turn, piece) for piece in _pieces(text))


def filled(turn: Turn, key: str) -> str:
    """A key with its $variables filled in; what only looks like one, and came with a message, stays as it is."""

    def fill(piece: str) -> str:
        try:
            return _piece(turn, piece)
        except LabError:
            return piece

    return "".join(map(fill, _pieces(key)))


def substitution(turn: Turn, text: str) -> Substitution:
    """`/RE/TEXT/flags` with the $variables of TEXT filled in. Raises LabError for what is none."""
    pieces_of = alternating(text) if "$" in text else (text,)
    return read_substitution(joined([filled(turn, one) if at % 2 else one for at, one in enumerate(pieces_of)]))


def _piece(turn: Turn, piece: str) -> str:
    if piece[0] != "$" or len(piece) == 1 or not spelled(piece):
        return "$" if piece == "$$" else piece
    value = read(turn, piece)
    return "<null>" if value is None else str(value)


def _pieces(text: str) -> tuple[str, ...]:
    return _known_pieces(text) if len(text) <= LONGEST else tuple(pieces(text))


@lru_cache(maxsize=1024)
def _known_pieces(text: str) -> tuple[str, ...]:
    return tuple(pieces(text))


def find(exports: Exports, name: str) -> Found:
    """What a name stands for. Raises LabError for what is no variable, NoSuchName for one that does not exist."""
    return _known(exports, name) if len(name) <= LONGEST else _find(exports, name)


@lru_cache(maxsize=1024)
def _known(exports: Exports, name: str) -> Found:
    return _find(exports, name)


def _find(exports: Exports, name: str) -> Found:
    spelling = spelled(name)
    if spelling is None and (keyed := WITH_KEY.match(name)) is not None:
        known = exports.variables.get(keyed[1])
        if isinstance(known, NamedVariable) and known.expands:
            spelling = Written(keyed[1], keyed[2])
    if spelling is None:
        raise LabError(f'{name!r} is no variable; write it as in ksr["$ru"] or ksr["$hdr(User-Agent)"]')
    return resolve(exports, spelling, name)


def resolve(exports: Exports, spelling: Written, name: str) -> Found:
    """What a variable that is written like that stands for; `name` is how errors call it. Raises as `find`."""
    head, inner, index, changes = spelling
    variable = exports.variables.get(head)
    if variable is None or (inner is not None and isinstance(variable, Variable)):
        plain = [n for n, v in exports.variables.items() if isinstance(v, Variable)]
        named = [f"{n}()" for n, v in exports.variables.items() if isinstance(v, NamedVariable)]
        raise NoSuchName("variable", name, [*plain, *named])
    if inner is None and isinstance(variable, NamedVariable):
        raise LabError(f"{head} needs a name in brackets, as in {head}(name)")
    if index and not (isinstance(variable, NamedVariable) and variable.indexed):
        raise LabError(f"{head} takes no index; write {head}{'' if inner is None else f'({inner})'}")
    for change, _ in changes:
        if change not in exports.transformations:
            raise NoSuchName("transformation", change, exports.transformations)
    transformations = tuple((exports.transformations[change], parameters) for change, parameters in changes)
    for transformation, parameters in transformations:
        if transformation.check is not None:
            transformation.check("", parameters)
    return Found(variable, (inner or "") + (f"[{index}]" if index else ""), transformations)


def _shown(name: str, variable: Variable | NamedVariable) -> str:
    return f"{name}(name)" if isinstance(variable, NamedVariable) else name
