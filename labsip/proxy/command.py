"""Commands: functions a route may say, which routes may say them, with which arguments, and the row they leave."""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Callable
from types import NoneType
from typing import Any, Concatenate, NamedTuple, ParamSpec, get_args, get_type_hints

from labsip.proxy.route import CODES, Code, Exit, Kind
from labsip.sip.errors import LabError, did_you_mean

P = ParamSpec("P")

REMEMBERED = 256
"""Arguments of one command that need not be checked again; a route says few different ones."""


def command(*kinds: Kind) -> Callable[[Callable[Concatenate[Any, P], int]], Callable[Concatenate[Any, P], Code]]:
    """Make a function a command that routes of these kinds may say, as in the export table of its Kamailio module.

    The int it returns becomes a `Code`; 0 ends the script, as Kamailio does; each call leaves a row in the trace, or,
    where `trace.records_commands` is off, each that prints something.
    Saying it in another kind of route, or with wrong arguments, raises LabError.
    """

    def make(function: Callable[Concatenate[Any, P], int]) -> Callable[Concatenate[Any, P], Code]:
        name = function.__name__.rstrip("_")
        check = _checking(name, _parameters(function))

        @functools.wraps(function)
        def say(ksr: Any, /, *args: P.args, **kwargs: P.kwargs) -> Code:
            if ksr._kind not in kinds:
                places = " or ".join(dict.fromkeys(kinds))
                raise LabError(f"{name}() can't be said in a {ksr._kind}; it belongs in a {places}")
            try:
                check(*args, **kwargs)  # type: ignore[arg-type]  # whether they have a hash shows here
            except TypeError:  # something without a hash, and so neither a text nor a number
                check.__wrapped__(*args, **kwargs)
            trace, outer = ksr._proxy.trace, ksr._command
            row = ksr._command = trace.begin_command() if trace.records_commands else None
            code = None
            try:
                result = function(ksr, *args, **kwargs)
                code = CODES[result] if result in CODES else Code(result)
            finally:
                ksr._command = outer
                if row is not None or ksr._printed:
                    row = trace.begin_command() if row is None else row
                    printed, ksr._printed = ksr._printed, ""
                    said = _written(*args, **kwargs)  # type: ignore[arg-type]  # checked: text and numbers
                    trace.command(row, ksr._now, ksr._route, _line(), name, said, code, printed)
            if code == 0:
                raise Exit
            return code

        return say

    return make


def _line() -> int:
    """The line that says a command, in the function it stands in; the function's first line is 1."""
    frame = sys._getframe(2)
    return frame.f_lineno - frame.f_code.co_firstlineno + 1


@functools.lru_cache(maxsize=1024, typed=True)
def _written(*args: object, **kwargs: object) -> str:
    return ", ".join([*map(_shown, args), *(f"{name}={_shown(value)}" for name, value in kwargs.items())])


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


class _Parameter(NamedTuple):
    """What a command takes at one place."""

    name: str
    types: tuple[type, ...]
    needed: bool
    default: object

    def __str__(self) -> str:
        return self.name if self.needed else f"{self.name}={_shown(self.default)}"


def _parameters(function: Callable[..., int]) -> list[_Parameter]:
    """What a command takes, without the routing itself."""
    hints = get_type_hints(function)
    return [
        _Parameter(p.name, get_args(hints[p.name]) or (hints[p.name],), p.default is p.empty, p.default)
        for p in list(inspect.signature(function).parameters.values())[1:]
    ]


def _checking(name: str, wanted: list[_Parameter]) -> functools._lru_cache_wrapper[None]:
    """What raises LabError if a command can't be said like that; those it can be said with are remembered."""

    @functools.lru_cache(REMEMBERED, typed=True)  # 1 and 1.0 are the same, but not of one type
    def check(*args: object, **kwargs: object) -> None:
        _check_arguments(name, wanted, args, kwargs)

    return check


def _check_arguments(name: str, wanted: list[_Parameter], args: tuple[object, ...], kwargs: dict[str, object]) -> None:
    """Raise LabError if a command can't be said like that."""
    usage = f"write {name}({', '.join(map(str, wanted))})"
    given = dict(zip((parameter.name for parameter in wanted), args, strict=False)) | kwargs
    names = [parameter.name for parameter in wanted]
    if unknown := [key for key in kwargs if key not in names]:
        raise LabError(f"{name} has no argument {unknown[0]}{did_you_mean(unknown[0], names)}; {usage}")
    if len(given) < len(args) + len(kwargs):
        raise LabError(f"{name} takes at most {len(wanted)} arguments, each once; {usage}")
    for parameter in wanted:
        if parameter.name not in given:
            if parameter.needed:
                raise LabError(f"{name} needs {parameter.name}; {usage}")
        elif not isinstance(given[parameter.name], parameter.types):
            kinds = " or ".join(_KINDS.get(kind, kind.__name__) for kind in parameter.types)
            raise LabError(f"{name}: {parameter.name} must be {kinds}, not {given[parameter.name]!r}; {usage}")
        elif not _can_be_sent(given[parameter.name]):
            raise LabError(f"{name}: {parameter.name} has half a character in it, which can't be sent; {usage}")


def _can_be_sent(value: object) -> bool:
    """Whether a text has bytes: those that came with a message may be any (surrogateescape), others are UTF-8."""
    if not isinstance(value, str) or value.isascii():
        return True
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


_KINDS = {str: "text", int: "a number", NoneType: "nothing"}
