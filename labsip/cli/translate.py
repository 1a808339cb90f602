"""`labsip translate`: a route in Python as a kamailio.cfg, or as a KEMI script."""

from __future__ import annotations

from pathlib import Path

import click

from labsip.cli.options import listen_address
from labsip.cli.terminal import show
from labsip.dialects.translation import RouteScript, cfg_text, kemi_cfg, kemi_text, script_in, script_of_routes
from labsip.dialects.translation.route_text import MOST_BYTES
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.steps import STEPS

HERE = Address("127.0.0.1")
"""Where it listens unless told otherwise."""


@click.command()
@click.argument("route", required=False, type=click.Path(dir_okay=False, path_type=Path), metavar="ROUTE.py")
@click.option(
    "--step", type=click.Choice(list(STEPS), case_sensitive=False), help="A lesson's route, instead of a file."
)
@click.option(
    "--to", "language", type=click.Choice(["cfg", "kemi"]), required=True, help="kamailio.cfg, or KEMI script."
)
@click.option(
    "--listen", multiple=True, type=listen_address, metavar="ADDRESS", help="Where it listens: udp:HOST:PORT."
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write it there; of a KEMI script, also the FILE.cfg that loads it.")  # fmt: skip
def translate(
    route: Path | None, step: str | None, language: str, listen: tuple[Address, ...], output: Path | None
) -> None:
    """Say a route in Kamailio's own language. The file is read, and nothing of it is run.

    What has no counterpart there is told, each with its line and what to write instead; the exit status is 1 then.
    """
    if (route is None) == (step is None):
        raise click.UsageError("give a ROUTE.py, or --step NAME")
    try:
        script = _script(route, step)
        text = cfg_text(script, listen or [HERE]) if language == "cfg" else kemi_text(script)
        loader = kemi_cfg(script, str(output.absolute()), listen or [HERE]) if language == "kemi" and output else ""
    except LabError as error:
        show(f"Error: {error}", err=True)
        raise SystemExit(1) from None
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text, "utf-8")
    if loader:
        output.with_suffix(".cfg").write_text(loader, "utf-8")


def _script(route: Path | None, step: str | None) -> RouteScript:
    if route is None:
        return script_of_routes(STEPS[str(step).lower()], {})
    try:
        with route.open("rb") as file:
            return script_in(file.read(MOST_BYTES + 1), str(route))
    except OSError as error:
        raise LabError(f"{route} can't be read: {error.strerror}") from None
