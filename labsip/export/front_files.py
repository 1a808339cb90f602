"""The whole folder: the cfg of nodes and front, and what starts them, tries them and tells of them."""

from __future__ import annotations

from collections.abc import Iterable

from labsip.export.advice import later, sights
from labsip.export.deployment import IMAGE, Deployment
from labsip.export.lab_route import LabRoute
from labsip.export.node_files import modules_in, node_files
from labsip.export.template import DeploymentFile, fill

# fmt: off
PACKAGES = {
    "db_mysql": "mysql", "db_postgres": "postgres", "db_sqlite": "sqlite", "db_unixodbc": "unixodbc",
    "app_python3": "python3", "tls": "tls", "crypto": "tls", "auth_identity": "tls", "websocket": "websocket",
    "uuid": "extra", "jansson": "extra", "janssonrpcc": "extra", "evapi": "extra", "acc_json": "extra",
    "json": "json", "jsonrpcc": "json", "presence": "presence", "presence_xml": "presence", "pua": "presence",
    "outbound": "outbound", "phonenum": "phonenum", "ndb_redis": "redis", "db_redis": "redis", "utils": "utils",
    "http_client": "utils", "http_async_client": "utils", "geoip2": "geoip2", "ldap": "ldap", "cpl_c": "cpl",
    "app_lua": "lua", "rabbitmq": "rabbitmq", "ndb_mongodb": "mongodb", "snmpstats": "snmpstats",
}
# fmt: on
"""Debian's package kamailio-…-modules of each module that is not in the package kamailio."""
SCHEMAS = {
    "sqlite": ("sqlite3 /var/lib/kamailio/node1.sqlite", "db_sqlite"),
    "mysql": ("mysql kamailio_node1", "mysql"),
    "postgres": ("psql kamailio_node1", "postgres"),
}
"""What makes the tables, and their folder in /usr/share/kamailio."""
STATE = "        - name: state\n          emptyDir: {}\n"
CLAIM = """\
  volumeClaimTemplates:
    - metadata:
        name: state
      spec:
        accessModes: [ReadWriteOnce]
        resources:
          requests:
            storage: 1Gi
"""
CREATE = """\
state=/var/lib/kamailio/${number:+node$number}.sqlite
[ -n "${number:-}" ] || state=/var/lib/kamailio/$name.sqlite
if [ "$name" != front ] && [ ! -s "$state" ]; then
    for tables in standard usrloc; do sqlite3 "$state" <"/usr/share/kamailio/db_sqlite/$tables-create.sql"; done
fi
"""


def deployment_files(route: LabRoute, deployment: Deployment) -> dict[str, DeploymentFile]:
    """All files of the folder, by path."""
    found = node_files(route, deployment)
    if deployment.has_front:
        found["kamailio/front.cfg"] = DeploymentFile(fill("kamailio/front.cfg"))
        found["kamailio/front.list"] = _destinations(deployment.hosts, "node1 first")
        pods = [f"node-{number}.nodes" for number in range(len(deployment.hosts))]
        found["kamailio/front-kubernetes.list"] = _destinations(pods, "the names of Kubernetes' pods")
    packages = _packages(route, deployment)
    found |= _starters(deployment, packages) | _manifests(deployment, found)
    for name in ("register.xml", "answer.xml", "call.xml"):
        found[f"sipp/{name}"] = DeploymentFile(fill(f"sipp/{name}"))
    found["README.md"] = DeploymentFile(_readme(route, deployment, packages))
    return dict(sorted(found.items()))


def _destinations(hosts: Iterable[str], what: str) -> DeploymentFile:
    lines = [f"# The nodes, as set 1: {what}.", *(f"1 sip:{host}:5070" for host in hosts), ""]
    return DeploymentFile("\n".join(lines))


def _packages(route: LabRoute, deployment: Deployment) -> str:
    extra = {f"kamailio-{PACKAGES[name]}-modules" for name in modules_in(route, deployment) if name in PACKAGES}
    return " ".join(["kamailio", *sorted(extra), *(["sqlite3"] if deployment.database == "sqlite" else [])])


def _starters(deployment: Deployment, packages: str) -> dict[str, DeploymentFile]:
    front = ", kamailio-lab@front runs front.cfg" if deployment.has_front else ""
    create = CREATE if deployment.database == "sqlite" else ""
    unit, start = "systemd/kamailio-lab@.service", "container/start"
    return {
        unit: DeploymentFile(fill(unit, front_unit=front)),
        start: DeploymentFile(fill(start, create=create), 0o755),
        "container/healthy": DeploymentFile(fill("container/healthy"), 0o755),
        "container/Containerfile": DeploymentFile(fill("container/Containerfile", packages=f"{packages} sipsak")),
    }


def _manifests(deployment: Deployment, cfg: dict[str, DeploymentFile]) -> dict[str, DeploymentFile]:
    kept = deployment.database == "sqlite"
    values = {"nodes": len(deployment.hosts), "image": IMAGE, "state": CLAIM if kept else STATE}
    names = ["node", "front"] if deployment.has_front else ["single"]
    found = {f"kubernetes/{name}.yaml": DeploymentFile(fill(f"kubernetes/{name}.yaml", **values)) for name in names}
    secret = [path for path, file in cfg.items() if not file.mode & 0o044]
    kustomization = fill(
        "kustomization.yaml",
        resources=_items(sorted(found), 2),
        open=_items((path for path in cfg if path not in secret), 6),
        secret=_items(secret, 6),
    )
    return found | {"kustomization.yaml": DeploymentFile(kustomization)}


def _items(paths: Iterable[str], indent: int) -> str:
    return "\n".join(f"{' ' * indent}- {path}" for path in sorted(paths))


def _readme(route: LabRoute, deployment: Deployment, packages: str) -> str:
    template = "README.md" if deployment.has_front else "README.single.md"
    seen = [f"- {line}" for line in sights(route, deployment)]
    return fill(
        template,
        shared=deployment.shared,
        table="\n".join(f"| {name} | {host} |" for name, host in zip(deployment.names, deployment.hosts, strict=True)),
        count=len(deployment.hosts),
        packages=packages,
        seen="\n".join(seen or ["- Nothing that the route does was found to be otherwise here."]),
        later=later(),
        database=_database(deployment),
        script="| `kamailio/*.py` | the KEMI script, and `entry.py`, which comes before it |\n" * bool(route.scripts),
        image=IMAGE,
    )


def _database(deployment: Deployment) -> str:
    if not deployment.driver:
        front = "; a node that is begun anew gets the table from the others" if deployment.has_front else ""
        return f"No database: registrations live in memory{front}. When all are down, phones have to register again."
    there = "a file of its own"
    if deployment.database != "sqlite":
        there = f"a database of its own on {deployment.server}"
    client, folder = SCHEMAS[deployment.database]
    server = "The user is `kamailio`; its password was made for this folder, and stands in `kamailio/secrets.cfg`."
    return "\n".join([
        f"Each node keeps its location table in {there}, and begins with it. Make the tables once for each node, as",
        "here for node1 (Debian has them in the package of the driver), and as the user Kamailio runs as:\n",
        f"    for t in standard usrloc; do {client} </usr/share/kamailio/{folder}/$t-create.sql; done",
        *(["", server] if deployment.database != "sqlite" else []),
    ])  # fmt: skip
