"""The cfg of the nodes, split as its users do: addresses, settings, modules, secrets, cluster, entry, routes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from labsip.export.deployment import Deployment
from labsip.export.lab_route import LabRoute
from labsip.export.template import DeploymentFile, fill

FOLDER = "kamailio"
ASKED = ("kex", "corex", "tm", "sl", "rr", "pv", "textops", "siputils", "ctl")
"""What the files around the route need."""
SHARING = ("usrloc", "registrar", "dmq", "dmq_usrloc")
SECRET = 0o600
KDMQ_CFG = '    if (is_method("KDMQ")) {\n        dmq_handle_message();\n        exit;\n    }\n'
KDMQ_KEMI = '        if KSR.is_method("KDMQ"):\n            KSR.dmq.handle_message()\n            return 1\n'
ALL_IN_SECRETS = "# Nothing here is secret: there is no database, and the route knows no passwords.\n"


def node_files(route: LabRoute, deployment: Deployment) -> dict[str, DeploymentFile]:
    """By path in the folder."""
    texts = {
        "addresses.cfg": fill(f"{FOLDER}/addresses.cfg", shared=deployment.shared),
        "node.cfg": fill(f"{FOLDER}/node.cfg", cluster='include_file "cluster.cfg"\n' * deployment.has_front),
        "settings.cfg": _settings(route, deployment),
        "modules.cfg": _modules(route, deployment),
        "entry.cfg": _entry(route, deployment),
        "routes.cfg": _routes(route),
    }
    for name, host in zip(deployment.names, deployment.hosts, strict=True):
        texts[f"{name}.cfg"] = fill(f"{FOLDER}/one.cfg", name=name, host=host)
    if deployment.has_front:
        texts["cluster.cfg"] = _cluster(route, deployment)
    if route.scripts:
        texts["entry.py"] = _entry_script(route, deployment)
    secret = {"secrets.cfg": _secrets(route, deployment), **route.scripts}
    return {f"{FOLDER}/{name}": DeploymentFile(text) for name, text in texts.items()} | {
        f"{FOLDER}/{name}": DeploymentFile(text, SECRET) for name, text in secret.items()
    }


def _settings(route: LabRoute, deployment: Deployment) -> str:
    if deployment.has_front:
        listen = (
            "# Phones never see a node: in Via and Record-Route all of them stand as port 5070 of the shared address.\n"
            "listen=udp:NODE_HOST:5070 advertise SHARED_HOST:5070\n"
            "# For the nodes among themselves; let nobody else reach it.\nlisten=udp:NODE_HOST:5062"
        )
    else:
        listen = "listen=udp:NODE_HOST:5060"
    core = _lines(["# What the route asks for.", *route.core]) if route.core else ""
    return fill(f"{FOLDER}/settings.cfg", listen=listen, core=core)


def _modules(route: LabRoute, deployment: Deployment) -> str:
    driver = [deployment.driver] if deployment.driver and deployment.driver not in route.modules else []
    script = ['modparam("app_python3", "load", "/etc/kamailio/entry.py")'] if route.scripts else []
    comment = "# The modules of the route, and their parameters; those with passwords are in secrets.cfg."
    return _lines([comment, *_loads([*driver, *route.modules]), "", *route.parameters, *script])


def _secrets(route: LabRoute, deployment: Deployment) -> str:
    database: list[str] = []
    if deployment.driver and "usrloc" in {*route.modules, *_more(route, deployment)}:
        database = [
            "# Each node has a location table of its own there, and begins with it when it is started again.",
            f'modparam("usrloc", "db_url", "{deployment.location_url}")',
            'modparam("usrloc", "db_mode", 1)',
        ]
    nonces = []
    if deployment.has_front and "auth" in route.modules and not any('"auth", "secret"' in one for one in route.secrets):
        nonces = ["# A nonce of one node is good for the others.", f'modparam("auth", "secret", "{deployment.nonces}")']
    secrets = [*route.secrets, *nonces, *database]
    if not secrets:
        return ALL_IN_SECRETS
    return _lines(["# Passwords: only Kamailio's own user may read this file.", *secrets])


def _cluster(route: LabRoute, deployment: Deployment) -> str:
    peers = (f'modparam("dmq", "notification_address", "sip:{host}:5062")' for host in deployment.hosts)
    named = any('"preload"' in line for line in route.parameters)
    preload = "" if "registrar" in route.modules or named else 'modparam("usrloc", "preload", "location")\n'
    more = [name for name in _more(route, deployment) if name in SHARING]
    return fill(
        f"{FOLDER}/cluster.cfg",
        load="\n".join(_loads(_more_asked(route, deployment) + more)),
        peers="\n".join(peers),
        mode="" if deployment.driver else 'modparam("usrloc", "db_mode", 0)\n',
        preload=preload,
    )


def _entry(route: LabRoute, deployment: Deployment) -> str:
    if route.scripts:
        loads = [] if deployment.has_front else _loads(_more_asked(route, deployment))
        return _lines(["# The routes are those of the KEMI script: entry.py comes before it.", *loads,
                       'cfgengine "python"'])  # fmt: skip
    load = "" if deployment.has_front else "\n".join([*_loads(_more_asked(route, deployment)), ""])
    return fill(f"{FOLDER}/entry.cfg", load=load, dmq=KDMQ_CFG * deployment.has_front, entry=route.entry)


def _entry_script(route: LabRoute, deployment: Deployment) -> str:
    script = next(iter(route.scripts)).removesuffix(".py")
    return fill(f"{FOLDER}/entry_script.txt", script=script, dmq=KDMQ_KEMI * deployment.has_front)


def _routes(route: LabRoute) -> str:
    about = "# The blocks of the lab's route. Its request_route is called by that of entry.cfg."
    if route.scripts:
        about = "# Blocks of a cfg beside the KEMI script."
    return "\n\n".join([about, *route.blocks]) + "\n"


def _more(route: LabRoute, deployment: Deployment) -> list[str]:
    wanted = ASKED + (SHARING if deployment.has_front else ())
    return [name for name in wanted if name not in route.modules]


def _more_asked(route: LabRoute, deployment: Deployment) -> list[str]:
    return [name for name in _more(route, deployment) if name in ASKED]


def modules_in(route: LabRoute, deployment: Deployment) -> set[str]:
    """All that a node loads."""
    return {*route.modules, *_more(route, deployment), *filter(None, [deployment.driver])}


def _loads(modules: Iterable[str]) -> list[str]:
    return [f'loadmodule "{name}.so"' for name in modules]


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(chain(lines, [""]))
