"""What is wrong with declarations: modules and events there are not, parameters they don't have, settings twice."""

from __future__ import annotations

from collections.abc import Container, Iterator

from labsip.dialects.cfg.faults import Fault, nearest
from labsip.dialects.cfg.known import ELSEWHERE_EVENTS, EVERYWHERE, Known
from labsip.dialects.cfg.nodes import Cfg, LoadModule, ModParam, Number, OwnSetting, RouteBlock, Text
from labsip.modules.effects import matching
from labsip.sip.errors import LabError


def declared(cfg: Cfg, known: Known, lost: Container[str] = ()) -> Iterator[Fault]:
    """All, in the order of the file: a parameter can only be set behind the loadmodule of its module.

    lost: names that may be declared in what could not be read.
    """
    loaded: dict[str, LoadModule] = {}
    settings: dict[tuple[str, str, int | None], OwnSetting] = {}
    for one in cfg.declarations:
        if isinstance(one, LoadModule):
            yield from _module(one, loaded, known)
            loaded.setdefault(one.name, one)
        elif isinstance(one, ModParam):
            yield from _parameter(one, loaded, known, lost)
        elif isinstance(one, OwnSetting):
            key = (one.group, one.name, one.instance)
            if key in settings:
                where = f"the first is in line {settings[key].spot.line}"
                yield Fault(one.spot, f"{one.group}.{one.name} is set already", where)
            settings.setdefault(key, one)
    for block in cfg.blocks:
        if block.kind == "event_route":
            yield from _event(block, known.events)


def _module(one: LoadModule, loaded: dict[str, LoadModule], known: Known) -> Iterator[Fault]:
    if one.name in loaded:
        yield Fault(one.spot, f"{one.name} is loaded already", f"in line {loaded[one.name].spot.line}")
    elif "/" in one.path and not one.path.startswith("/"):
        hint = f'write loadmodule "{one.name}.so"; mpath says where all modules are'
        yield Fault(one.spot, f"Kamailio finds no module in a folder {one.path.rpartition('/')[0]}", hint)
    elif one.name in EVERYWHERE:
        yield Fault(one.spot, f"{one.name} is no module", "it is always there")
    elif one.name not in known.parameters and one.name not in known.accepted:
        hint = nearest(one.name, known.parameters)
        hint = hint or f"--accept-module {one.name} loads it without effect, if Kamailio has it"
        yield Fault(one.spot, f"labsip has no module {one.name}", hint, late=True)


def _parameter(one: ModParam, loaded: dict[str, LoadModule], known: Known, lost: Container[str]) -> Iterator[Fault]:
    try:
        found = matching(one.modules.value, loaded)
    except LabError as error:
        yield Fault(one.modules.spot, str(error), "", one.end.line)
        return
    if not found and one.modules.value not in lost:
        names = [*loaded, *known.parameters]
        hint = f'write loadmodule "{one.modules.value}.so" before' if one.modules.value in known.parameters else ""
        hint = hint or nearest(one.modules.value, names)
        yield Fault(one.modules.spot, f"no module {one.modules.value} is loaded", hint, one.end.line)
    for name in found:
        if name in known.parameters and name not in known.accepted:
            yield from _of_module(one, name, known)


def _of_module(one: ModParam, module: str, known: Known) -> Iterator[Fault]:
    parameters = known.parameters[module]
    if one.name.value not in parameters:
        hint = nearest(one.name.value, parameters)
        yield Fault(one.name.spot, f"{module} has no parameter {one.name.value}", hint, one.end.line)
        return
    types = parameters[one.name.value]
    if str not in types and isinstance(one.value, Text):
        hint = "write it without quotes" if one.value.value.lstrip("-").isdigit() else "write it as in 5000"
        yield Fault(one.value.spot, f"{one.name.value} takes a number, not a text", hint, one.end.line)
    elif int not in types and isinstance(one.value, Number):
        hint = f'write "{one.value.value}"'
        yield Fault(one.value.spot, f"{one.name.value} takes a text, not a number", hint, one.end.line)


def _event(block: RouteBlock, events: tuple[str, ...]) -> Iterator[Fault]:
    """A block of an event that never happens: Kamailio takes it, too, but says nothing."""
    name = block.name
    if name in events or any(event.endswith(":") and name.startswith(event) for event in events):
        return
    if name in ELSEWHERE_EVENTS or any(one.endswith(":") and name.startswith(one) for one in ELSEWHERE_EVENTS):
        yield Fault(block.spot, f"labsip has no event {name}: this block never runs here", severe=False)
    else:
        hint = nearest(name, events) or nearest(name, ELSEWHERE_EVENTS)
        yield Fault(block.spot, f"there is no event {name}: this block never runs", hint, severe=False)
