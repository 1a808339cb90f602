"""The command line: its commands, and how a mistake ends it."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from labsip.cli.terminal import fill_closed, forgiving, visible
from labsip.sip.errors import LabError

COMMANDS = {
    "serve": "labsip.cli.serve",
    "demo": "labsip.cli.demo",
    "lab": "labsip.cli.lessons",
    **dict.fromkeys(("calls", "ladder", "explain", "compare"), "labsip.cli.captures"),
    "check-cfg": "labsip.cli.check_cfg",
    "translate": "labsip.cli.translate",
    "export": "labsip.cli.export",
}
"""Where each command is; it is loaded when it is called, with all it stands on."""


class _Group(click.Group):
    """Whatever mistake ends a command, it ends with one line and no traceback: code 2 for an option, 1 for the rest."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return found

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
