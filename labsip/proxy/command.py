"""Commands: functions that routes may run, in which blocks, with which arguments, and the row each leaves."""

from __future__ import annotations

import copy
import functools
import inspect
import json
from collections.abc import Callable
from pathlib import PurePath
from types import NoneType
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, get_args, get_type_hints

from labsip.proxy.fault import RouteError
from labsip.proxy.script import CODES, ENDS, Code, Exit, Kind
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError, did_you_mean

P = ParamSpec("P")

REMEMBERED = 256
"""Arguments of one command that are not checked again; a route uses few different ones."""


class Command(Generic[P]):
    """A function that routes may run, as a row of the export table of its Kamailio module.

    Called as it is, with a turn, it gives the int it returns; a route calls its `method`.
    """

    def __init__(
        self,
        function: Callable[Concatenate[Turn, P], int],
        kinds: tuple[Kind, ...],
        returns: type[int] = int,
        of: str = "",
        kemi: str | None = None,
        literal: tuple[str, ...] = (),
        strict: bool = False,
    ) -> None:
        self.function = function
        self.name = function.__name__.rstrip("_")
        self.kinds = kinds
        """The blocks it may stand in."""
        self.strict = strict
        """Whether it asks again when it runs, which block has called the `route[NAME]` it stands in."""
        self.returns = returns
        """What KEMI makes of the code: int, the code itself; bool, True where it is above zero.

        The function returns Kamailio's code either way: 1 or -1, where that is all there is to say.
        """
        self.of = of
        """Kamailio's module, where that is not the one whose EXPORTS it stands in; "labsip" where Kamailio has none."""
        self.kemi = kemi
        """What a KEMI script calls it, behind `KSR.`, where that is not `module.name`; "" where KEMI has none."""
        self.is_word = False
        """It is a word of the language: it leaves `$rc` as it was."""
        self.literal = frozenset(literal)
        """Parameters taken as they stand in a kamailio.cfg: a `$` in them is no variable, or is read by the command."""
        self.__doc__ = function.__doc__

    @functools.cached_property
    def parameters(self) -> list[Parameter]:
        """What it takes, read off the function when somebody asks: there are hundreds, and a route uses a few."""
        return _parameters(self.function)

    @functools.cached_property
    def _check(self) -> functools._lru_cache_wrapper[None]:
        return _checking(self.name, self.parameters)

    def __repr__(self) -> str:
        return f"<command {self.name}({', '.join(map(str, self.parameters))})>"

    def __call__(self, turn: Turn, /, *args: P.args, **kwargs: P.kwargs) -> int:
        return self.function(turn, *args, **kwargs)

    def alias(self, name: str) -> Command[P]:
        """The same under another name, which KEMI has not."""
        other = copy.copy(self)
        other.name, other.kemi = name, ""
        other.__dict__.pop("_check", None)  # it names the command
        return other

    def word(self) -> Command[P]:
        """The same as a word of the language, as those of Kamailio's core are."""
        other = copy.copy(self)
        other.is_word = True
        return other

    @property
    def counts(self) -> tuple[int, int]:
        """How many arguments it takes, at least and at most."""
        return sum(parameter.needed for parameter in self.parameters), len(self.parameters)

    def method(
        self, turn_of: Callable[[Any], Turn], result_of: Callable[[Code], Any] | None = None
    ) -> Callable[..., Any]:
        """What a route's handle has of it: a method that returns its code, true above zero; 0 ends the script.

        turn_of: the turn of a handle. result_of: what the method returns of a code, where 0 ends nothing. Each call
        leaves a row in the trace, with the file and line that the proxy's dialect names; where `trace.records_commands`
        is off, only a call that prints something does. The method raises Exit at 0, and LabError for what can't be
        done: in a block the command does not belong in, for wrong arguments. Where the script's `Routes` say that it
        goes on, this is logged instead, and the code is -1.
        """
        name, kinds, function, is_word = self.name, self.kinds, self.function, self.is_word
        strict = self.strict

        def method(handle: Any, /, *args: Any, **kwargs: Any) -> Any:
            turn = turn_of(handle)
            try:
                if turn.kind not in kinds and (strict or turn.place not in kinds):
                    places = " or ".join(map(article, dict.fromkeys(kinds)))
                    raise LabError(f"{name}() can't be used in {article(turn.kind)}; it belongs in {places}")
                check = self._check
                try:
                    check(*args, **kwargs)  # whether they have a hash shows here
                except TypeError:  # something without a hash, and so neither a text nor a number
                    check.__wrapped__(*args, **kwargs)
            except LabError as error:
                turn.code = _failed(turn, name, error, turn.proxy.dialect.caller(), turn.proxy.dialect.line())
                return turn.code
            trace, outer = turn.proxy.trace, turn.command
            row = turn.command = trace.begin_command() if trace.records_commands else None
            code = None
            try:
                result = function(turn, *args, **kwargs)
                code = result if isinstance(result, Code) else CODES[result] if result in CODES else Code(result)
            except LabError as error:
                code = _failed(turn, name, error, turn.proxy.dialect.caller(), turn.proxy.dialect.line())
            finally:
                turn.command = outer
                if row is not None or turn.printed:
                    row = trace.begin_command() if row is None else row
                    printed, turn.printed = turn.printed, ""
                    written, (file, line) = _written(*args, **kwargs), turn.proxy.dialect.caller()
                    trace.command(row, turn.now, turn.route, line, name, written, code, printed, file)
            if not is_word:
                turn.code = code
            if result_of is not None:
                return result_of(code)
            if code is ENDS:
                raise Exit
            return code

        return method


def _failed(turn: Turn, name: str, error: LabError, at: tuple[str, int], line: str) -> Code:
    """The code of a command that could not be done, where the script goes on. Raises the error where it does not."""
    if not turn.proxy.routes.goes_on:
        raise error
    file, number = at
    turn.proxy.errors.append(RouteError(turn.route, turn.message.start_line, f"{turn.route}, {line}\n{error}"))
    turn.proxy.trace.note(turn.now, f"{PurePath(file).name}:{number}: {name}: {error}")
    return CODES[-1]


def article(kind: Kind) -> str:
    """`a request_route`, `an onreply_route`."""
    return f"a{'n' * (kind[0] in 'aeiou')} {kind}"


def command(
    *kinds: Kind,
    returns: type[int] = int,
    of: str = "",
    kemi: str | None = None,
    literal: tuple[str, ...] = (),
    strict: bool = False,
) -> Callable[[Callable[Concatenate[Turn, P], int]], Command[P]]:
    """Decorator: a function becomes a command that blocks of these kinds may run.

    The function takes a turn and returns Kamailio's return code, an int. returns, of, kemi, literal, strict: as
    `Command` has them.
    """
    return lambda function: Command(function, kinds, returns, of, kemi, literal, strict)


@functools.lru_cache(maxsize=1024, typed=True)
def _written(*args: object, **kwargs: object) -> str:
    return ", ".join([*map(_shown, args), *(f"{name}={_shown(value)}" for name, value in kwargs.items())])


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


class Parameter(NamedTuple):
    """What a command takes at one place."""

    name: str
    types: tuple[type, ...]
    needed: bool
    default: object

    def __str__(self) -> str:
        return self.name if self.needed else f"{self.name}={_shown(self.default)}"


def _parameters(function: Callable[..., int]) -> list[Parameter]:
    """What a command takes, without the turn."""
    hints = get_type_hints(function)
    return [
        Parameter(p.name, get_args(hints[p.name]) or (hints[p.name],), p.default is p.empty, p.default)
        for p in list(inspect.signature(function).parameters.values())[1:]
    ]


def _checking(name: str, wanted: list[Parameter]) -> functools._lru_cache_wrapper[None]:
    """A check of arguments: it raises LabError for wrong ones, and remembers those that are right."""

    @functools.lru_cache(REMEMBERED, typed=True)  # 1 and 1.0 are the same, but not of one type
    def check(*args: object, **kwargs: object) -> None:
        _check_arguments(name, wanted, args, kwargs)

    return check


def _check_arguments(name: str, wanted: list[Parameter], args: tuple[object, ...], kwargs: dict[str, object]) -> None:
    """Raise LabError if a command can't be called like that."""
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
