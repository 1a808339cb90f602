"""The module `KSR` that a KEMI script imports: every function of the modules there are, under its KEMI name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from labsip.dialects.kemi import core_functions, header_functions, variable_functions
from labsip.dialects.kemi.ksr_functions import Definition, KsrFunction, reading
from labsip.dialects.kemi.signatures import SIGNATURES
from labsip.proxy.command import Command, Parameter
from labsip.proxy.exports import Exports
from labsip.proxy.script import Kind
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError, NoSuchName, did_you_mean

BOUND = ("tm.", "forward")
"""Functions that keep to their blocks. Kamailio checks none, and some would send there what has no end."""
VERSION = "labsip"
"""What `KSR.__version__` says."""
# fmt: off
OTHERS = {
    "append_branch":     ("corex.append_branch_uri", "corex.append_branch_uri_q"),
    "lookup":            ("registrar.lookup_uri",),
    "registered":        ("registrar.registered_uri", "registrar.registered_flags", "registrar.registered_action"),
    "add_contact_alias": ("nathelper.add_contact_alias_addr",),
    "ds_select_dst":     ("dispatcher.ds_select_dst_limit",),
    "ds_select_domain":  ("dispatcher.ds_select_domain_limit",),
    "ds_mark_dst":       ("dispatcher.ds_mark_dst_state",),
    "t_drop_replies":    ("tm.t_drop_replies_all",),
    "t_set_fr":          ("tm.t_set_fr_inv",),
    "forward":           ("forward_uri",),
    "has_body":          ("textops.has_body_type",),
    "uri_param":         ("siputils.uri_param_value",),
    "keep_hf":           ("textopsx.keep_hf_re",),
    "sanity_check":      ("sanity.sanity_check_defaults",),
    "rtpproxy_manage":   ("rtpproxy.rtpproxy_manage", "rtpproxy.rtpproxy_manage0"),
}
# fmt: on
"""One command by other arguments is a function of another name; those it does not take are left out."""


class KsrModule(ModuleType):
    """`KSR`, or one of its parts, as `KSR.tm`. What it has not is an AttributeError that says which is near."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        path = f"{self.__name__}.{name}".removeprefix("KSR.")
        why = did_you_mean(name, [known for known in vars(self) if not known.startswith("_")])
        if path in SIGNATURES or any(known.startswith(f"{path}.") for known in SIGNATURES):
            why = ": Kamailio has it, labsip does not"
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}{why}", name=name, obj=self)


def build_ksr(exports: Exports) -> KsrModule:
    """A module `KSR` for one script, with the commands of these exports."""
    ksr = KsrModule("KSR")
    ksr.__version__ = VERSION  # type: ignore[attr-defined]
    for path, function in _functions(exports):
        of, _, name = path.rpartition(".")
        place = ksr
        if of:
            place = vars(ksr).get(of) or KsrModule(f"KSR.{of}")
            setattr(ksr, of, place)
        setattr(place, name, function)
    return ksr


def _functions(exports: Exports) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every function by its path; a later one takes the place of one before."""
    for path, kept in variable_functions.FUNCTIONS.items():
        if path in SIGNATURES:
            yield path, reading(path, SIGNATURES[path], kept)
    for path, read in header_functions.READINGS.items():
        yield path, reading(path, SIGNATURES[path], read)
    for path, command in _commands(exports).items():
        types = SIGNATURES.get(path, _letters(command.parameters))
        kinds = command.kinds if path.startswith(BOUND) else tuple(Kind)
        function = KsrFunction(path, types, command.function, kinds, command.returns, command.name)
        yield path, function.as_function()
    for path, definition in _definitions(exports).items():
        yield path, KsrFunction(path, SIGNATURES[path], definition.function, returns=definition.returns).as_function()
    yield "x.modf", KsrFunction("x.modf", None, _modf(exports)).as_function()


def _commands(exports: Exports) -> dict[str, Command[Any]]:
    """The exports' commands by their KEMI names."""
    named = {module.kemi(command): command for module in exports.modules for command in module.commands}
    others = {path: exports.commands[name] for name in OTHERS if name in exports.commands for path in OTHERS[name]}
    found = {**others, **named}
    return {path: command for path, command in found.items() if path and _fits(path, command)}


def _fits(path: str, command: Command[Any]) -> bool:
    """Whether the command takes what KEMI hands it."""
    least, most = command.counts
    types = SIGNATURES.get(path)
    return types is None or least <= len(types) <= most


def _letters(parameters: list[Parameter]) -> str:
    """The signature of a command that Kamailio has not: all its arguments, texts where they may be."""
    return "".join("s" if str in parameter.types else "i" for parameter in parameters)


def _definitions(exports: Exports) -> dict[str, Definition]:
    """What is no command of a kamailio.cfg."""
    remove = exports.commands["sht_rm_name_re"].function

    def sht_rm_name_re(turn: Turn, /, table: str, regex: str) -> int:
        return remove(turn, f"{table}=>{regex}")

    return {
        **core_functions.FUNCTIONS,
        **header_functions.FUNCTIONS,
        "htable.sht_rm_name_re": Definition(sht_rm_name_re),
    }


def _modf(exports: Exports) -> Callable[..., int]:
    """KSR.x.modf: a command by its name in a kamailio.cfg, with the arguments it has there, numbers also as texts."""

    def modf(turn: Turn, /, name: str, *args: str | int) -> int:
        if name not in exports.commands:
            raise NoSuchName("command", name, exports.commands)
        command = exports.commands[name]
        least, most = command.counts
        if not least <= len(args) <= most:
            raise LabError(f"{command!r} takes {least} to {most} arguments, not {len(args)}")
        given = (_as_wanted(arg, parameter) for arg, parameter in zip(args, command.parameters, strict=False))
        return command.function(turn, *given)

    return modf


def _as_wanted(arg: str | int, parameter: Parameter) -> str | int:
    if isinstance(arg, parameter.types):
        return arg
    if int in parameter.types and re.fullmatch("-?[0-9]+", str(arg)):
        return int(arg)
    raise LabError(f"{parameter.name} can't be {arg!r}")
