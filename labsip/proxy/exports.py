"""What a module brings: its commands, variables, parameters and state in one table, as Kamailio's `module_exports`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from labsip.proxy.command import Command
from labsip.proxy.rpc import Rpc
from labsip.proxy.settings import Settings
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import LabError, NoSuchName

Value = object
"""str or int, None where Kamailio says $null."""

# fmt: off
HOOKS = {
    "before_request": "(turn) -> bool: called before the script; True swallows the request",
    "after_request":  "(turn): called after the script",
    "on_response":    "(turn) -> bool: called for each response; True: it was ours, and is done with",
    "on_error":       "(turn, status, reason) -> bool: the request can't be processed; True: it is answered so",
    "on_final":       "(request's turn, outcome): the final response of a transaction goes out",
    "on_failure":     "(request's turn, outcome): all branches of a transaction have failed, before its failure_route",
    "on_other":       "(datagram, now) -> datagrams: called for what is no SIP; None: it is not ours",
    "send_failed":    "(datagram, now) -> datagrams: the transport could not send this; what goes out instead",
    "wake":           "(now) -> datagrams: do what is due",
    "next_wake":      "() -> seconds: when `wake` is due next, None if nothing is pending",
    "end":            "(now): the proxy ends, or is started again; what is to outlive it is written, files are closed",
    "held":           "() -> dict: what it keeps at the moment, by name and how many; all of it goes with time",
}
# fmt: on
"""What a proxy calls by itself: functions of these names, that get the module's state before all else."""


class Ending(NamedTuple):
    """How a transaction ends, or its branches have."""

    now: float
    """Seconds of the proxy's clock."""
    status: int
    response: bytes | None
    """As it is relayed to the caller; None where there is none yet."""
    relayed: bool
    """Somebody else made it."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A pseudo-variable: what it means, how to read it, and how to set it where Kamailio lets a route set it."""

    about: str
    get: Callable[[Turn], Value]
    set: Callable[[Turn, Value], None] | None = None


@dataclass(frozen=True, slots=True)
class NamedVariable:
    """A pseudo-variable with a name in brackets, as in $hdr(User-Agent)."""

    about: str
    get: Callable[[Turn, str], Value]
    set: Callable[[Turn, str, Value], None] | None = None
    expands: bool = False
    """The name may have other $variables in it, and anything else: a message may have brought it."""
    indexed: bool = False
    """It takes an index: $(hdr(Via)[1]), $(hdr(Via)[*]); it stands behind the name then, as in `Via[1]`."""


@dataclass(frozen=True, slots=True)
class Transformation:
    """What `$(ru{uri.user})` makes of a value; `apply` gets the value, and the parameters behind the name."""

    about: str
    apply: Callable[[Value, Sequence[str]], Value]
    check: Callable[[Value, Sequence[str]], object] | None = None
    """Raises LabError for parameters that can't be; it gets them before anything runs, variables unfilled."""


@dataclass(frozen=True)
class Module:
    """One module's table.

    parameters: a frozen dataclass of what kamailio.cfg's modparam sets, each field with type, default and unit. state:
    what is made once in each proxy. hooks: functions named as in `HOOKS`, such as the state's methods: `(Sl.wake,)`.
    rpcs: what is asked from outside, as `ul.dump`. statistics: what it counts, by Kamailio's names: `(proxy, now)`.
    """

    name: str
    """As `loadmodule` spells it, without .so."""
    commands: tuple[Command[Any], ...] = ()
    variables: Mapping[str, Variable | NamedVariable] = field(default_factory=dict)
    transformations: Mapping[str, Transformation] = field(default_factory=dict)
    parameters: type | None = None
    state: Callable[..., ModuleState] | None = None
    hooks: tuple[Callable[..., Any], ...] = ()
    rpcs: tuple[Rpc, ...] = ()
    statistics: Callable[[Any, float], Mapping[str, int]] | None = None
    events: tuple[str, ...] = ()
    """Those it runs a block for, `event_route[dialog:start]`; one that ends in a colon has a name of the script's
    behind it, as in `tm:branch-failure:mine`."""

    def __post_init__(self) -> None:
        for hook in self.hooks:
            if hook.__name__ not in HOOKS:
                raise NoSuchName("hook", hook.__name__, HOOKS, where=f"module {self.name}: ")

    def kemi(self, command: Command[Any]) -> str:
        """What a KEMI script calls it, behind `KSR.`: `registrar.lookup`, `is_myself`; "" where KEMI has none."""
        of = command.of or self.name
        if command.kemi is not None or of == "labsip":
            return command.kemi or ""
        return command.name if of == "core" else f"{of}.{command.name}"


class Exports:
    """The tables of several modules as one: all that the routes of a proxy may use.

    Raises LabError where two modules bring the same name.
    """

    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules = tuple(modules)
        self.commands: dict[str, Command[Any]] = {}
        self.variables: dict[str, Variable | NamedVariable] = {}
        self.transformations: dict[str, Transformation] = {}
        self.rpcs: dict[str, Rpc] = {}
        self.parameters: dict[str, type] = dict.fromkeys((field.name for field in fields(Settings)), Settings)
        """By name, the dataclass it is a field of."""
        for module in self.modules:
            _add(self.commands, ((command.name, command) for command in module.commands), "command", module)
            _add(self.variables, module.variables.items(), "variable", module)
            _add(self.transformations, module.transformations.items(), "transformation", module)
            _add(self.rpcs, ((one.name, one) for one in module.rpcs), "rpc", module)
            own = () if module.parameters is None else fields(module.parameters)
            _add(self.parameters, ((field.name, module.parameters) for field in own), "parameter", module)
        self.parameters.pop("modules")
        self.events = tuple(event for module in self.modules for event in module.events)

    def settings(self, **given: Any) -> Settings:
        """The settings with these parameters, each given by its own name. Raises NoSuchName for one there is not."""
        sorted_out: dict[type, dict[str, Any]] = {}
        for name, value in given.items():
            if name not in self.parameters:
                raise NoSuchName("setting", name, self.parameters)
            sorted_out.setdefault(self.parameters[name], {})[name] = value
        core = sorted_out.pop(Settings, {})
        return Settings(**core, modules={kind: kind(**values) for kind, values in sorted_out.items()})

    def default(self, name: str) -> Any:
        """The value of a parameter that nobody gives."""
        return self.value(Settings(), name)

    def value(self, settings: Settings, name: str) -> Any:
        """The value of a parameter in these settings, whichever module's it is."""
        kind = self.parameters[name]
        return getattr(settings if kind is Settings else settings.of(kind), name)


def _add(known: dict[str, Any], new: Iterable[tuple[str, Any]], what: str, module: Module) -> None:
    for name, thing in new:
        if name in known:
            raise LabError(f"module {module.name}: there is a {what} {name} already; give it another name")
        known[name] = thing
