"""`cfgengine "python"`: the routes are a KEMI script's, and the file brings what the script runs with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from labsip.dialects.cfg.faults import Fault
from labsip.dialects.cfg.nodes import Cfg, CfgEngine, ModParam
from labsip.dialects.kemi import Program, load
from labsip.modules.effects import matching
from labsip.proxy.exports import Exports
from labsip.proxy.script import Routes
from labsip.sip.errors import LabError

MODULE, ENGINE, OWN = "app_python3", "python", ("", "native", "default")


def program_of(cfg: Cfg, routes: Routes, exports: Exports, faults: list[Fault]) -> Program | None:
    """The script that a configuration names, begun with its settings; None if its own blocks are the routes.

    What stops the script is a fault, what Kamailio would stumble over a warning.
    """
    engine = next((one for one in reversed(cfg.of(CfgEngine)) if one.language not in OWN), None)
    if engine is None:
        return None
    named = [one for one in cfg.of(ModParam) if one.name.value == "load" and _is_meant(one)]
    if engine.language != ENGINE or not named:
        faults.append(Fault(engine.spot, *_lacking(engine.language)))
        return None
    spot, path = named[-1].value.spot, str(named[-1].value.value)
    try:
        program = load(_place(path, spot.file), exports, routes.settings)
    except LabError as error:
        faults.append(Fault(spot, str(error)))
        return None
    faults += [Fault(spot, remark, severe=False) for remark in program.remarks]
    return _with_blocks(program, routes)


def _with_blocks(program: Program, cfg: Routes) -> Program:
    """The script's routes, with the blocks of the file that it may call, and the file's settings."""
    own = program.routes
    routes = replace(
        own,
        routes=cfg.routes,
        event_routes=cfg.event_routes,
        onreply_route=own.onreply_route or cfg.onreply_route,
        onsend_route=own.onsend_route or cfg.onsend_route,
        failure_routes={**cfg.failure_routes, **own.failure_routes},
        branch_routes={**cfg.branch_routes, **own.branch_routes},
        onreply_routes={**cfg.onreply_routes, **own.onreply_routes},
        settings={**own.settings, **cfg.settings},
    )
    return program._replace(routes=routes, remarks=())


def _is_meant(parameter: ModParam) -> bool:
    try:
        return bool(matching(parameter.modules.value, (MODULE,)))
    except LabError:
        return False


def _lacking(language: str) -> tuple[str, str]:
    if language != ENGINE:
        return f"labsip runs no {language}", f'cfgengine "{ENGINE}" runs a Python file, cfgengine "native" these blocks'
    return "no script is named", f'modparam("{MODULE}", "load", "./routes.py")'


def _place(path: str, cfg: str) -> Path:
    """A relative path counts from the working folder, as in Kamailio; if nothing is there, from the file's own."""
    return Path(path) if Path(path).exists() else Path(cfg).parent / path
