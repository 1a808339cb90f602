"""How KSR's functions are called: arguments and results as KEMI has them, errors as Kamailio tells them.

A function that does something, or asks, is a `KsrFunction` and leaves its row in the trace, as a command of a route
does. One that only reads is a `reading`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from labsip.dialects.kemi.hand import tell, turn_now
from labsip.proxy.command import REMEMBERED, Command, article
from labsip.proxy.script import Code, Kind
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError, NoSuchName

TYPES: dict[str, tuple[type, str]] = {"s": (str, "a text"), "i": (int, "a number")}
"""By letter of a signature."""
Returns = type[int] | type[bool] | None
"""What KEMI makes of a code: int, bool, or nothing, which a script sees as 0."""


class Definition(NamedTuple):
    """A function of KSR's that is no command elsewhere."""

    function: Callable[..., int]
    """It takes a turn, and returns Kamailio's code."""
    returns: Returns = int


class KsrFunction(Command[Any]):
    """A function that leaves a row in the trace.

    path: its name behind `KSR.`; types: its arguments, by letters of `TYPES`, None: any; name: what the trace calls
    it. What fails as a LabError is logged with the script's line, and the function gives -1 or False, as in Kamailio.
    """

    def __init__(
        self,
        path: str,
        types: str | None,
        function: Callable[..., int],
        kinds: tuple[Kind, ...] = tuple(Kind),
        returns: Returns = int,
        name: str = "",
    ) -> None:
        super().__init__(_guarded(path, function, kinds), tuple(Kind))
        self.name = name or path.rpartition(".")[2]
        self._check = checking(path, types)
        self._result_of = _RESULTS[returns]

    def as_function(self) -> Callable[..., Any]:
        """What a script calls: nothing of ours stands between its line and the command's method."""
        return functools.partial(self.method(turn_now, self._result_of), None)


_RESULTS: dict[Returns, Callable[[Code], int]] = {int: int, bool: bool, None: lambda _: 0}


def _guarded(path: str, function: Callable[..., int], kinds: tuple[Kind, ...]) -> Callable[..., int]:
    @functools.wraps(function)
    def guarded(turn: Turn, /, *args: Any) -> int:
        try:
            if turn.kind not in kinds:
                places = " or ".join(map(article, dict.fromkeys(kinds)))
                raise LabError(f"it can't be used in {article(turn.kind)}, but in {places}")
            return function(turn, *args)
        except LabError as error:
            tell(turn, f"KSR.{path}: {error}")
            # a callback that is not there is noticed when it runs; nothing is armed then
            return 1 if isinstance(error, NoSuchName) and path.startswith("tm.t_on_") else -1

    return guarded


def reading(path: str, types: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that only reads, or sets a variable: it leaves no row."""
    check = checking(path, types)

    def call(*args: Any, **kwargs: Any) -> Any:
        check.__wrapped__(*args, **kwargs)
        return function(turn_now(), *args)

    call.__name__ = call.__qualname__ = path.rpartition(".")[2]
    return call


def checking(path: str, types: str | None) -> functools._lru_cache_wrapper[None]:
    """A check of arguments; it raises SystemError, as Kamailio does, and TypeError for arguments by name."""
    kinds = [TYPES[letter][0] for letter in types or ""]
    usage = " and ".join(TYPES[letter][1] for letter in types or "") or "no arguments"

    @functools.lru_cache(REMEMBERED, typed=True)
    def check(*args: object, **kwargs: object) -> None:
        if kwargs:
            raise TypeError(f"{path.rpartition('.')[2]}() takes no keyword arguments")
        if (types is not None and len(args) != len(kinds)) or not all(map(isinstance, args, kinds)):
            given = ", ".join(map(repr, args)) or "none"
            raise SystemError(f"KSR.{path} takes {usage}, not {given}")
        for arg in args:
            if isinstance(arg, str):
                _check_text(path, arg)

    return check


def _check_text(path: str, text: str) -> None:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise SystemError(f"KSR.{path}: {text!r} has half a character in it, which can't be sent") from None
