"""The command line: its commands, and how a mistake ends it."""

from __future__ import annotations

import click

from labsip.cli.captures import calls, compare, explain, ladder
from labsip.cli.demo import demo
from labsip.cli.lessons import lab
from labsip.cli.serve import serve
from labsip.sip.errors import LabError


class _Group(click.Group):
    """A LabError ends a command with its text and exit code 1, not with a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except LabError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="labsip")
def main() -> None:
    """A real SIP proxy and registrar, built up step by step in Kamailio's own words."""


main.add_command(serve)
main.add_command(demo)
main.add_command(lab)
main.add_command(calls)
main.add_command(ladder)
main.add_command(explain)
main.add_command(compare)
