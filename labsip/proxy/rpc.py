"""What is asked of a proxy from outside: commands of Kamailio's RPC, as `ul.dump`, and what they are told.

A module exports them beside the commands of its routes. One is a function of the proxy, the time and its arguments,
which gives a plain value; who asks, and how the answer is written, it does not know. `modules.ctl` writes it for
kamcmd, `modules.jsonrpcs` as JSON.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from labsip.sip.errors import BadMessage, LabError

Value: TypeAlias = "str | int | float | Mapping[str, Value] | Sequence[Value | Named] | None"
"""A text, a number, nothing (`<null string>`), a structure with its fields in order, an array."""
Function = Callable[..., Any]
KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "str | int": (str, int),
    "object": (object,),
}
"""What an argument may be, by the annotation of its parameter."""


class Named(NamedTuple):
    """A value in an array that has a name: each `Contact` of the `Contacts` of ul.dump."""

    name: str
    value: Value


class RpcFault(Exception):
    """What a command answers instead of a value: Kamailio's code, and its words."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} - {reason}")
        self.code = code
        self.reason = reason


class UnknownRpc(RpcFault):
    """There is no command of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(500, f"command {name} not found")


class Rpc:
    """A command of Kamailio's RPC; `rpc` makes one of a function.

    The function takes the proxy, the time in seconds, and the arguments as its annotations say: `str`, `int`, `float`,
    `str | int` for a text that may be given as a number, `object` for any. It returns a value, None where it has
    nothing to say, with `many` a list of values. It raises RpcFault.
    """

    def __init__(self, function: Function, name: str, *, many: bool, writes: bool, usage: str) -> None:
        self.function = function
        self.name = name
        self.many = many
        """It answers any number of values, in JSON an array."""
        self.writes = writes
        """It changes something."""
        self.usage = usage
        """What it says of arguments that don't fit, with 500; "": Kamailio's words for any command, with 400."""
        self.about = (function.__doc__ or "").strip().partition("\n")[0]
        self._rest: tuple[type, ...] = ()
        self._parameters: list[tuple[tuple[type, ...], object]] = []
        for parameter in list(inspect.signature(function).parameters.values())[2:]:
            spelled = parameter.annotation
            spelled = spelled if isinstance(spelled, str) else getattr(spelled, "__name__", str(spelled))
            if spelled not in KINDS:
                raise LabError(f"{name}: its argument {parameter.name} is no {spelled}; it may be {', '.join(KINDS)}")
            kinds = KINDS[spelled]
            if parameter.kind is parameter.VAR_POSITIONAL:
                self._rest = kinds
            else:
                self._parameters.append((kinds, parameter.default))

    def __repr__(self) -> str:
        return f"<rpc {self.name}>"

    def __call__(self, proxy: object, now: float, arguments: Sequence[object]) -> list[Value]:
        """The values it answers. Raises RpcFault."""
        given = self._fit(arguments)
        try:
            answer = self.function(proxy, now, *given)
        except (LabError, BadMessage) as error:
            raise RpcFault(500, str(error)) from None
        return answer if self.many else [] if answer is None else [answer]

    def _fit(self, arguments: Sequence[object]) -> list[object]:
        """The arguments as the function takes them. As in Kamailio, more than it takes are left alone."""
        given: list[object] = []
        for place, (kinds, default) in enumerate(self._parameters):
            argument = arguments[place] if place < len(arguments) else None
            if argument is not None and _suits(argument, kinds):
                given.append(str(argument) if kinds[0] is str else argument)
            elif default is not inspect.Parameter.empty:
                given.append(default)
            else:
                raise self._misfit(place, kinds, missing=place >= len(arguments))
        for argument in arguments[len(given) :] if self._rest else ():
            if not _suits(argument, self._rest):
                break
            given.append(str(argument))
        return given

    def _misfit(self, place: int, kinds: tuple[type, ...], *, missing: bool) -> RpcFault:
        if self.usage:
            return RpcFault(500, self.usage)
        wanted = "any" if len(kinds) > 1 and str in kinds else {str: "string", int: "integer"}.get(kinds[0], "float")
        found = "end of packet encountered" if missing else "record doesn't match type"
        return RpcFault(400, f"error at parameter {place}: expected {wanted} type but {found}")


def _suits(argument: object, kinds: tuple[type, ...]) -> bool:
    """Numbers have 32 bits in Kamailio."""
    if type(argument) is int and not -(2**31) <= argument < 2**32:
        return False
    return (object in kinds and type(argument) is not bool) or type(argument) in kinds


def rpc(name: str, *, many: bool = False, writes: bool = False, usage: str = "") -> Callable[[Function], Rpc]:
    """Makes a command of a function: what `Rpc` says of it. Its text begins with what `system.methodHelp` says."""
    return lambda function: Rpc(function, name, many=many, writes=writes, usage=usage)
