"""How a lab comes by its route: decorators for each block, a lesson's step, a kamailio.cfg, a KEMI script.

Each function here is a method of `Lab`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from labsip.dialects.python import check_block
from labsip.engine import TextEngine
from labsip.lab.faces import OnTestbed
from labsip.lab.inputs import cfg_of, defines_of, routes_of, text_or_file
from labsip.proxy.script import Route, Routes
from labsip.sip.errors import LabError
from labsip.testbed import Testbed

R = TypeVar("R", bound=Route)


def request_route(lab: OnTestbed, route: R | None = None) -> R:
    """Decorator: run this function for every request that comes in, as kamailio.cfg's `request_route`.

    Raises LabError if it runs a command that does not exist, or takes no argument.
    """
    routes, exports = lab.testbed.routes, lab.testbed.exports
    routes.request_route = block = check_block(route, "request_route", exports)
    lab.testbed.run(routes)
    return block


def route(lab: OnTestbed, name: str = "") -> Callable[[R], R]:
    """Decorator: a block of that name, run by `ksr.route(name)`: kamailio.cfg's `route[name]`."""
    return _named(lab.testbed, lab.testbed.routes.routes, "route", name)


def failure_route(lab: OnTestbed, name: str = "") -> Callable[[R], R]:
    """Decorator: a block that `ksr.t_on_failure(name)` asks for."""
    return _named(lab.testbed, lab.testbed.routes.failure_routes, "failure_route", name)


def branch_route(lab: OnTestbed, name: str = "") -> Callable[[R], R]:
    """Decorator: a block that `ksr.t_on_branch(name)` asks for."""
    return _named(lab.testbed, lab.testbed.routes.branch_routes, "branch_route", name)


def onreply_route(lab: OnTestbed, name: str = "") -> Callable[[R], R]:
    """Decorator: a block that `ksr.t_on_reply(name)` asks for; without a name, one that sees every response."""
    if not callable(name):
        return _named(lab.testbed, lab.testbed.routes.onreply_routes, "onreply_route", name)
    lab.testbed.routes.onreply_route = check_block(name, "onreply_route", lab.testbed.exports)
    lab.testbed.run(lab.testbed.routes)
    return name


def _named(testbed: Testbed, blocks: dict[str, Route], kind: str, name: str) -> Callable[[R], R]:
    if not isinstance(name, str) or not name:
        raise LabError(f'a{"n" * (kind[0] == "o")} {kind} needs a name: write @lab.{kind}("NAME") above the function')

    def keep(route: R) -> R:
        blocks[name] = check_block(route, kind, testbed.exports)
        testbed.run(testbed.routes)
        return route

    return keep


def use(lab: OnTestbed, step: str | Routes | Route) -> None:
    """Run a lesson's route: `stub480`, `register`, `first-call`, `not-registered`, `cancel`, `blocks`, `auth`,
    `carrier`; `full` has it all. The settings that go with it hold too, but for those the lab was given.

    Raises NoSuchName for another name.
    """
    run(lab, step)


def run(lab: OnTestbed, routes: str | Routes | Route) -> None:
    """Run these blocks from the next message on, and no others, with their settings; or this one function."""
    lab.testbed.run(routes_of(routes, lab.testbed.exports).copy())


def kemi(lab: OnTestbed, path: str | Path) -> None:
    """Run a KEMI script, a Python file as Kamailio's app_python3 has it, from the next message on.

    Its commands are those of labsip, `import KSR` in it finds them. Raises LabError, with file and line, for a
    script that can't begin.
    """
    from labsip.dialects.kemi import load

    bed = lab.testbed
    if isinstance(bed.engine, TextEngine):
        run(lab, bed.engine.kemi(path))
        return
    program = load(path, bed.exports, bed.settings)
    _begin(bed, program.routes, [*(row.text for row in program.printed), *program.remarks])


def _begin(bed: Testbed, routes: Routes, words: Iterable[str]) -> None:
    """Run these, and log what there is to say of them."""
    for text in words:
        bed.net.ask(partial(bed.trace.note, text=text))
    bed.run(routes)


def cfg(
    lab: OnTestbed,
    source: str | Path,
    defines: Mapping[str, str | None] | Iterable[str] = (),
    accept: Iterable[str] = (),
) -> None:
    """Run a kamailio.cfg from the next message on: a text, or the path of a file.

    defines: as Kamailio's -A has them: `["WITH_AUTH"]`, or `{"WITH_AUTH": None, "PORT": "5060"}`. accept: modules
    that labsip doesn't have and the file may load all the same; they do nothing. Where it listens is the lab's
    own affair. Raises BadCfg, a LabError, with all that is wrong, each with its line; the route stays as it was.
    """
    bed = lab.testbed
    if isinstance(bed.engine, TextEngine):
        run(lab, bed.engine.cfg(text_or_file(source), defines_of(defines)))
        return
    script = cfg_of(source, defines, accept, bed.exports)
    _begin(bed, script.routes.copy(), script.first_words())
