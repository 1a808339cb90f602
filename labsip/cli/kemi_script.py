"""`labsip serve --kemi FILE`: the script that runs instead of a lesson's step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from labsip.cli.log import notice, printed_line
from labsip.cli.terminal import show, visible_lines
from labsip.dialects.kemi import Program, load
from labsip.sip.errors import LabError


def begin(context: click.Context, file: Path, settings: Mapping[str, Any]) -> Program:
    """The script, begun with these parameters. Ends the command with 1, and says where, if it can't begin."""
    if context.get_parameter_source("step") is not click.core.ParameterSource.DEFAULT:
        raise click.UsageError("--step and --kemi name two routes; leave one of them out")
    try:
        return load(file, settings=settings)
    except LabError as error:
        show(visible_lines(f"Error: {error}"), err=True)
        raise click.exceptions.Exit(1) from None


def first_words(program: Program) -> Iterator[str]:
    """What it logged while it began, and what Kamailio would do otherwise with it, as lines of the log."""
    yield from filter(None, map(printed_line, program.printed))
    yield from map(notice, program.remarks)
