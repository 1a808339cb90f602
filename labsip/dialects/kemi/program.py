"""Reading a KEMI script: a Python file becomes `Routes`, whose blocks are the methods of its object."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

from labsip.dialects.kemi.hand import Hand
from labsip.dialects.kemi.handler import Handler
from labsip.dialects.kemi.imports import ScriptImports
from labsip.dialects.kemi.ksr import build_ksr
from labsip.dialects.python import Python, mapped_trail
from labsip.modules.htable import HTables
from labsip.modules.pv.stores import ProcessVariables
from labsip.proxy.exports import Exports
from labsip.proxy.fault import said
from labsip.proxy.receive import Proxy
from labsip.proxy.script import Route, Routes, ScriptText
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError
from labsip.sip.message import Request, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.trace import CommandRow
from labsip.vocabulary import EXPORTS, build_proxy, settings_of

REQUEST_ROUTE, REPLY_ROUTE, ONSEND_ROUTE = "ksr_request_route", "ksr_reply_route", "ksr_onsend_route"
FIRST_WORKER = 1
"""The rank that `child_init` is handed: here is one process, and it is the one that takes messages."""
AT_START = b"""OPTIONS sip:server@127.0.0.1 SIP/2.0\r
Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKstart\r
From: <sip:server@127.0.0.1>;tag=start\r
To: <sip:server@127.0.0.1>\r
Call-ID: start\r
CSeq: 1 OPTIONS\r
Content-Length: 0\r
\r
"""
"""What a script has in its hand before there is a message; Kamailio makes one up, too."""
AT_HAND = frozenset(("htable", "shvset", "own", "defines", "debug"))
"""Parameters that matter then; what others name, as a database, may not be there yet."""
_TABLE = re.compile(r"""\$(?:sht\w*)\((\w+)=>|sht_\w+\(\s*["'](\w+)["']""")


class Program(NamedTuple):
    """A script that has begun."""

    routes: Routes
    printed: tuple[CommandRow, ...] = ()
    """What it logged while it began, in order."""
    remarks: tuple[str, ...] = ()
    """What Kamailio would do otherwise with it, each once."""
    files: tuple[Path, ...] = ()
    """Those that were read."""


def load(path: str | Path, exports: Exports = EXPORTS, settings: Mapping[str, Any] = MappingProxyType({})) -> Program:
    """Run a KEMI script's file, its `mod_init()` and its object's `child_init(rank)`.

    exports: the commands there are. settings: parameters by name, for its start; without `htable` there are the hash
    tables that its text names. Raises LabError, with file and line, if it can't begin.
    """
    file = Path(path).absolute()
    text = _text(file)
    routes = Routes(_nothing, settings={"htable": tables} if (tables := _tables(text)) else {}, answers_errors=False)
    turn = _first_turn(routes, exports, settings)
    imports = ScriptImports(file.parent, build_ksr(exports))
    with Hand(turn):
        try:
            script = _started(imports, file)
        except LabError:
            raise
        except (Exception, SystemExit) as error:
            raise LabError("\n".join(_fault(error, file))) from None
    _fill(routes, script)
    routes.origins = dict.fromkeys(routes.blocks().values(), ScriptText("kemi", str(file)))
    routes.at_start = partial(_hand_over, turn.proxy)
    printed = tuple(row for row in turn.proxy.trace.commands if row.text)
    errors = tuple(error.text for error in turn.proxy.errors)
    return Program(routes, printed, (*errors, *_remarks(script, file)), tuple(imports.files))


def _text(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise LabError(f"{file} can't be read: {error.strerror}") from None


def _nothing(_: object) -> None:
    """What is done with a request before the script has begun."""


def _tables(text: bytes) -> tuple[str, ...]:
    """The hash tables that a script's text names: beside the file stands no kamailio.cfg that would declare them."""
    names = (first or second for first, second in _TABLE.findall(text.decode("utf-8", "replace")))
    return tuple(f"{name}=>size=8" for name in dict.fromkeys(names))


def _first_turn(routes: Routes, exports: Exports, given: Mapping[str, Any]) -> Turn:
    """A turn of a proxy that serves nobody."""
    here = Address("127.0.0.1")
    settings = settings_of(routes, exports, **{name: value for name, value in given.items() if name in AT_HAND})
    proxy = build_proxy(routes, [here], ids=Random(0), exports=exports, settings=settings, dialect=Python())
    message = parse_message(AT_START)
    assert isinstance(message, Request)
    turn = Turn(proxy, message, Datagram(AT_START, here, here), 0.0)
    turn.route = "mod_init"
    return turn


def _started(imports: ScriptImports, file: Path) -> object:
    """The script's object. Raises LabError if there is none, and what its code raises."""
    module = imports.run(file.stem, file)
    begin = getattr(module, "mod_init", None)
    if not callable(begin):
        raise LabError(f"{file.name} has no mod_init(); it returns the object whose methods are the routes")
    script = begin()
    if script is None:
        raise LabError(f"{file.name}: mod_init() returned None; it must return the object whose methods are the routes")
    if not callable(getattr(script, REQUEST_ROUTE, None)):
        raise LabError(
            f"{file.name}: {type(script).__name__} has no {REQUEST_ROUTE}(self, msg), so nobody would be answered"
        )
    child_init = getattr(script, "child_init", None)
    if callable(child_init):
        result = child_init(FIRST_WORKER)
        if isinstance(result, int) and result < 0:
            raise LabError(f"{file.name}: child_init({FIRST_WORKER}) returned {result}; 0 means all is well")
    return script


def _hand_over(begun: Proxy, proxy: Proxy, now: float) -> None:
    """What the script has put into `$sht`, `$shv` and `$var` while it began is there when the first message comes."""
    tables = proxy.module(HTables)
    for name, table in begun.module(HTables).tables.items():
        for key, item in table.items.items():
            if name in tables.tables:
                tables.set(name, key, item.value, now)
    kept, variables = begun.module(ProcessVariables), proxy.module(ProcessVariables)
    variables.shared.update(kept.shared)
    variables.vars.update(kept.vars)


def _fill(routes: Routes, script: object) -> None:
    """Put the methods into their places: the main ones, and all others under their names as callbacks."""
    handlers: dict[str, Route] = {name: Handler(script, name) for name in _methods(script)}
    routes.request_route = handlers.pop(REQUEST_ROUTE)
    routes.onreply_route = handlers.pop(REPLY_ROUTE, None)
    routes.onsend_route = handlers.pop(ONSEND_ROUTE, None)
    routes.failure_routes, routes.branch_routes, routes.onreply_routes = dict(handlers), dict(handlers), dict(handlers)


def _methods(script: object) -> Iterator[str]:
    for name in dir(script):
        if not name.startswith("_") and callable(getattr(script, name, None)):
            yield name


def _remarks(script: object, file: Path) -> Iterator[str]:
    """What Kamailio 5.6 stumbles over."""
    for name in (REPLY_ROUTE, ONSEND_ROUTE):
        if not callable(getattr(script, name, None)):
            yield (
                f"{file.name}: {type(script).__name__} has no {name}; in Kamailio 5.6 the next call of KSR raises a "
                f"SystemError then: write def {name}(self, msg): return 1"
            )


def _fault(error: BaseException, file: Path) -> Iterator[str]:
    """What went wrong while a script began, in lines: where, the line itself, and what is meant."""
    if isinstance(error, SyntaxError) and error.lineno:
        yield f"{Path(error.filename or file).name}, line {error.lineno}, column {error.offset or 1}: {error.msg}"
        if error.text:
            yield f"    {error.text.rstrip()}"
            yield f"    {' ' * (max(error.offset or 1, 1) - 1)}^"
        return
    yield from mapped_trail(error)
    yield f"{file.name} does not begin: {said(error)}"
