"""The command line: its commands, and how a mistake ends it."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from labsip.cli.captures import calls, compare, explain, ladder
from labsip.cli.check_cfg import check_cfg
from labsip.cli.demo import demo
from labsip.cli.export import export
from labsip.cli.lessons import lab
from labsip.cli.serve import serve
from labsip.cli.terminal import fill_closed, forgiving, visible
from labsip.cli.translate import translate
from labsip.sip.errors import LabError


class _Group(click.Group):
    """Whatever mistake ends a command, it ends with one line and no traceback: code 2 for an option, 1 for the rest."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        fill_closed()
        forgiving(sys.stdout)
        forgiving(sys.stderr)
        with _in_a_line():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        with _in_a_line():
            return super().invoke(ctx)


class _Failed(click.ClickException):
    """The one line."""

    def __init__(self, text: str) -> None:
        super().__init__(visible(" ".join(text.split())))


class _Misused(_Failed):
    """The same for an option or an argument."""

    exit_code = click.UsageError.exit_code


@contextmanager
def _in_a_line() -> Iterator[None]:
    try:
        yield
    except _Failed:
        raise
    except click.UsageError as error:
        raise _Misused(error.format_message()) from None
    except click.ClickException as error:
        raise _Failed(error.format_message()) from None
    except LabError as error:
        raise _Failed(str(error)) from None
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # whoever read has read enough; click ends quietly
        raise _Failed(f"{error.filename or 'standard output'}: {error.strerror}") from None


@click.group(cls=_Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="labsip")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A real SIP proxy and registrar, built up step by step in Kamailio's own words."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


main.add_command(serve)
main.add_command(demo)
main.add_command(lab)
main.add_command(calls)
main.add_command(ladder)
main.add_command(explain)
main.add_command(compare)
main.add_command(check_cfg)
main.add_command(translate)
main.add_command(export)
