"""The lab's route in Kamailio's languages: `lab.to_cfg()`, `lab.to_kemi()`. Each function here is a method of `Lab`."""

from __future__ import annotations

from pathlib import Path

from labsip.dialects.translation import RouteScript, cfg_text, kemi_cfg, kemi_text, script_of_routes
from labsip.lab.faces import OnTestbed
from labsip.sip.errors import LabError
from labsip.testbed import no_route


def to_cfg(lab: OnTestbed, kemi: str | Path | None = None) -> str:
    """The route as a whole kamailio.cfg that does the same, with modules, parameters, and where the lab listens.

    kemi: instead of routes, it loads the KEMI script of that path, where `to_kemi` was written to. Raises LabError for
    what has no counterpart in a kamailio.cfg, each with its line and what to write instead.
    """
    script, listen, exports = _script(lab), [lab.testbed.address], lab.testbed.exports
    return cfg_text(script, listen, exports) if kemi is None else kemi_cfg(script, str(kemi), listen, exports)


def to_kemi(lab: OnTestbed) -> str:
    """The route as a KEMI script, a Python file for Kamailio's app_python3; `to_cfg(kemi=PATH)` is what loads it.

    Raises LabError for what has no counterpart there, with its line and what to write instead.
    """
    return kemi_text(_script(lab), lab.testbed.exports)


def _script(lab: OnTestbed) -> RouteScript:
    routes = lab.testbed.routes
    if routes.request_route is no_route:
        raise LabError('there is no route yet; write @lab.request_route above a function, or lab.use("cancel")')
    if (origin := routes.origin) is not None:
        language = "KEMI script" if origin.language == "kemi" else "kamailio.cfg"
        raise LabError(f"this route is a {language} already: {origin.file}")
    return script_of_routes(routes, lab.testbed.settings)
