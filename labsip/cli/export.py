"""`labsip export`: a lab's route as a deployment of a real Kamailio."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from labsip.cli.check_cfg import define
from labsip.cli.terminal import show
from labsip.dialects.cfg import script_of
from labsip.dialects.kemi import load
from labsip.dialects.translation import script_in, script_of_routes
from labsip.dialects.translation.route_text import MOST_BYTES
from labsip.export import (
    DATABASES,
    MOST_NODES,
    SHARED,
    Deployment,
    LabRoute,
    deployment_files,
    route_of_cfg,
    route_of_kemi,
    route_of_script,
    write_folder,
)
from labsip.sip.errors import LabError
from labsip.steps import STEPS

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("route", required=False, type=READABLE, metavar="[ROUTE.py]")
@click.option(
    "--step", type=click.Choice(list(STEPS), case_sensitive=False), help="A lesson's route, instead of a file."
)
@click.option("--cfg", type=READABLE, metavar="FILE", help="A kamailio.cfg instead of a route in Python.")
@click.option(
    "-A", "defines", multiple=True, type=define, metavar="NAME[=VALUE]", help="With --cfg: define it, as #!define does."
)
@click.option(
    "--accept-module", "accepted", multiple=True, metavar="NAME", help="With --cfg: a module that labsip doesn't have."
)
@click.option("--kemi", type=READABLE, metavar="FILE", help="A KEMI script instead of a route in Python.")
@click.option("--nodes", type=click.IntRange(1, MOST_NODES), default=3, show_default=True, metavar="N",
              help="How many machines run the route; in front of several is one that dispatches.")  # fmt: skip
@click.option("--db", "database", type=click.Choice(list(DATABASES)), default="none", show_default=True,
              help="Where registrations outlive the machines.")  # fmt: skip
@click.option("--shared", default=SHARED, show_default=True, metavar="HOST", help="The address that phones know.")
@click.option("--node", "hosts", multiple=True, metavar="HOST",
              help="The address of a node, for each; without it, those behind the shared one.")  # fmt: skip
def export(
    folder: Path,
    route: Path | None,
    step: str | None,
    cfg: Path | None,
    defines: tuple[tuple[str, str | None], ...],
    accepted: tuple[str, ...],
    kemi: Path | None,
    nodes: int,
    database: str,
    shared: str,
    hosts: tuple[str, ...],
) -> None:
    """Write a folder that runs the route on real Kamailios: cfg for 5.6, systemd unit, container, Kubernetes, SIPp.

    Its README.md says how to start it. DIR must not be there yet, or be empty.
    """
    if sum(one is not None for one in (route, step, cfg, kemi)) != 1:
        raise click.UsageError("give one route: a ROUTE.py, --step NAME, --cfg FILE or --kemi FILE")
    if cfg is None and (defines or accepted):
        raise click.UsageError(f"{'-A' if defines else '--accept-module'} goes with --cfg FILE")
    deployment = Deployment.of(nodes, shared, hosts, database)
    try:
        if cfg is not None:
            found = _of_cfg(cfg, dict(defines), accepted)
        elif kemi is not None:
            found = route_of_kemi(_scripts(load(kemi).files))
        else:
            found = _of_python(route, step)
    except LabError as error:
        show(f"Error: {error}", err=True)
        raise SystemExit(1) from None
    files = deployment_files(found, deployment)
    write_folder(folder, files)
    machines = f"{nodes} nodes and the front before them" if deployment.has_front else "one machine"
    show(f"{folder}: {len(files)} files for {machines}; begin with {folder / 'README.md'}")


def _of_python(route: Path | None, step: str | None) -> LabRoute:
    if route is None:
        return route_of_script(script_of_routes(STEPS[str(step).lower()], {}))
    with route.open("rb") as file:
        return route_of_script(script_in(file.read(MOST_BYTES + 1), str(route)))


def _of_cfg(path: Path, defines: Mapping[str, str | None], accepted: tuple[str, ...]) -> LabRoute:
    script = script_of(path, defines, accepted=accepted)
    return route_of_cfg(script.cfg, _scripts(script.program.files) if script.program is not None else None)


def _scripts(files: tuple[Path, ...]) -> dict[str, str]:
    """The texts of a KEMI script's files, which all stand in one folder. Raises LabError for others."""
    folders = {file.parent for file in files}
    if len(folders) > 1:
        raise LabError(f"{files[0]} imports from other folders; put all its files beside it")
    taken = {file.name for file in files} & {"entry.py"}
    if taken:
        raise LabError("entry.py is what comes before the script in the exported folder; give yours another name")
    return {file.name: file.read_text("utf-8") for file in files}
