"""Everything a route may say: what `ksr` is in `def request_route(ksr)`, made from the modules' EXPORTS.

A command is spelled as in Kamailio and returns its return code, true above zero. Pseudo-variables are read and set in
brackets: `ksr["$ru"]`, `ksr["$hdr(User-Agent)"]`, `ksr["$var(x)"] = 1`; `modules.pv` lists most of them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from random import Random
from typing import TYPE_CHECKING, Any

from labsip.modules import (
    acc,
    alias_db,
    auth,
    auth_db,
    cfg_rpc,
    core,
    core_rpcs,
    corex,
    counters,
    ctl,
    databases,
    debugger,
    dialog,
    dispatcher,
    dispatcher_rpcs,
    domain,
    htable,
    htable_rpcs,
    jsonrpcs,
    kex,
    kex_rpcs,
    maxfwd,
    media_relays,
    nathelper,
    path,
    permissions,
    pike,
    pv,
    registrar,
    rr,
    sanity,
    siputils,
    sl,
    speeddial,
    sqlops,
    statistics,
    textops,
    textopsx,
    tm,
    tmx,
    usrloc,
    xhttp,
    xlog,
)
from labsip.proxy.command import Command
from labsip.proxy.dialect import Dialect
from labsip.proxy.exports import Exports, Module
from labsip.proxy.receive import Proxy
from labsip.proxy.script import Code, Routes
from labsip.proxy.settings import Settings
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError, NoSuchName
from labsip.sip.transport import Address
from labsip.trace import Trace

SILENT = tuple(map(Module, ("tls", "app_python3", "kemix")))
"""Names that `loadmodule` may say; they bring no words."""
MODULES = (
    core.EXPORTS,
    kex.EXPORTS,
    corex.EXPORTS,
    pv.EXPORTS,
    xlog.EXPORTS,
    textops.EXPORTS,
    textopsx.EXPORTS,
    siputils.EXPORTS,
    sanity.EXPORTS,
    maxfwd.EXPORTS,
    databases.EXPORTS,
    pike.EXPORTS,
    permissions.EXPORTS,
    dialog.EXPORTS,
    dialog.TABLE_EXPORTS,
    tm.EXPORTS,
    tm.LOCAL_EXPORTS,
    tmx.EXPORTS,
    xhttp.EXPORTS,
    sl.EXPORTS,
    usrloc.EXPORTS,
    registrar.EXPORTS,
    rr.EXPORTS,
    path.EXPORTS,
    dispatcher.EXPORTS,
    nathelper.EXPORTS,
    auth_db.EXPORTS,
    auth.EXPORTS,
    htable.EXPORTS,
    sqlops.EXPORTS,
    statistics.EXPORTS,
    counters.EXPORTS,
    acc.EXPORTS,
    alias_db.EXPORTS,
    speeddial.EXPORTS,
    domain.EXPORTS,
    media_relays.RTPPROXY,
    media_relays.RTPENGINE,
    jsonrpcs.EXPORTS,
    debugger.EXPORTS,
    core_rpcs.EXPORTS,
    kex_rpcs.EXPORTS,
    htable_rpcs.EXPORTS,
    dispatcher_rpcs.EXPORTS,
    cfg_rpc.EXPORTS,
    ctl.EXPORTS,
    *SILENT,
    *databases.DRIVERS,
)
"""All modules; those with a hook see a message in this order."""


class Ksr:
    """The message a route has in its hand, and the commands it can run on it."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def __repr__(self) -> str:
        return repr(self._turn)

    def __getitem__(self, name: str) -> object:
        if not isinstance(name, str):
            raise LabError(f'{name!r} is no variable; write it as in ksr["$ru"]')
        return pv.read(self._turn, name)

    def __setitem__(self, name: str, value: object) -> None:
        if not isinstance(name, str):
            raise LabError(f'{name!r} is no variable; write it as in ksr["$ru"] = "sip:108@127.0.0.1"')
        pv.write(self._turn, name, value)

    def __dir__(self) -> list[str]:
        return [name for name in dir(type(self)) if not name.startswith("_")]

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., Code]: ...


def turn_of(ksr: Ksr) -> Turn:
    """The turn a handle is for: compiled blocks ask once, and read variables of it."""
    return ksr._turn


def method_of(command: Command[Any]) -> Callable[..., Code]:
    """The method that `ksr` has of a command, with its name, its text and its arguments."""
    method = command.method(attrgetter("_turn"))
    functools.update_wrapper(method, command.function)
    method.__name__, method.__qualname__ = command.name, f"Ksr.{command.name}"
    signature = inspect.signature(command.function)
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    others = list(signature.parameters.values())[1:]
    method.__signature__ = signature.replace(parameters=[own, *others], return_annotation="Code")  # type: ignore[attr-defined]
    return method


@functools.lru_cache(maxsize=16)
def handle_of(exports: Exports) -> type[Ksr]:
    """The class of `ksr` with the commands of these exports: Ksr, where they are labsip's alone."""
    added = {name: method_of(command) for name, command in exports.commands.items() if not hasattr(Ksr, name)}
    return type("Ksr", (Ksr,), added) if added else Ksr


EXPORTS = Exports(MODULES)
"""What labsip brings."""
COMMANDS = tuple(EXPORTS.commands)
for _name, _command in EXPORTS.commands.items():
    setattr(Ksr, _name, method_of(_command))


def exports_with(modules: Iterable[object]) -> Exports:
    """The exports of labsip and of modules of one's own.

    Each is a Module, something that has one as `EXPORTS`, a single command, or the name of an entry point in the group
    `labsip.modules`. Raises LabError for anything else, and for a name that is taken.
    """
    added = [_module(module) for module in modules]
    return Exports((*MODULES, *added)) if added else EXPORTS


def _module(given: object) -> Module:
    if isinstance(given, str):
        given = _installed(given)
    if isinstance(given, Command):
        return Module(given.name, commands=(given,))
    exports = getattr(given, "EXPORTS", given)
    if not isinstance(exports, Module):
        raise LabError(f"{given!r} is no module; give a Module, what has one as EXPORTS, or a function under @command")
    return exports


def _installed(name: str) -> object:
    """A module that an installed package brings, by the name of its entry point."""
    from importlib.metadata import entry_points  # late: most labs have none, and it takes a while to load

    found = {point.name: point for point in entry_points(group="labsip.modules")}
    if name not in found:
        raise NoSuchName("module", name, found, hint="no installed package has an entry point of that name")
    return found[name].load()


def settings_of(routes: Routes | None = None, exports: Exports = EXPORTS, **given: Any) -> Settings:
    """The settings of a proxy that runs these routes; what is given here goes before their own. Raises NoSuchName."""
    return exports.settings(**{**(routes.settings if routes is not None else {}), **given})


def build_proxy(
    routes: Routes,
    listen: Sequence[Address],
    *,
    ids: Random | None = None,
    trace: Trace | None = None,
    settings: Settings | None = None,
    exports: Exports = EXPORTS,
    secret: bytes = b"",
    began: float = 0.0,
    dialect: Dialect | None = None,
) -> Proxy:
    """A proxy that runs these routes and knows all commands. `ids` makes its branches and record ids.

    settings: its parameters, instead of those that come with the routes. secret, began, dialect: as `Proxy` takes them;
    `dialects.python.Python()` knows the lines of routes that are functions.
    """
    return Proxy(
        routes,
        listen,
        ids=ids or Random(),
        exports=exports,
        handle=handle_of(exports),
        trace=trace,
        settings=settings or settings_of(routes, exports),
        secret=secret,
        began=began,
        dialect=dialect,
    )


def location(proxy: Proxy, now: float, table: str = "location") -> list[dict[str, object]]:
    """The location table: a row a contact, with the fields of `kamcmd ul.dump`."""
    return proxy.module(usrloc.UsrLoc).rows(now, table)


TABLES: dict[str, Callable[[Proxy, float], list[dict[str, object]]]] = {
    "acc": lambda proxy, _: proxy.module(acc.Acc).shown(),
    "dialogs": lambda proxy, now: proxy.module(dialog.DialogTable).shown(now),
}
"""What modules keep that a lab shows, each as rows, oldest first."""


def rows(proxy: Proxy, now: float, table: str) -> list[dict[str, object]]:
    """The rows of one of `TABLES`. Raises NoSuchName."""
    if table not in TABLES:
        raise NoSuchName("table", table, TABLES)
    return TABLES[table](proxy, now)
