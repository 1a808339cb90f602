"""`labsip check-cfg`: what is wrong with a kamailio.cfg, all at once, before anything starts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from labsip.cli.installed import not_installed
from labsip.cli.terminal import show
from labsip.dialects.cfg import Cfg, Fault, compile_cfg, file_bytes, known_of, read_cfg, review, told_all
from labsip.dialects.cfg.reading import sorted_faults
from labsip.vocabulary import EXPORTS


def define(text: str) -> tuple[str, str | None]:
    """`NAME` or `NAME=value`, as Kamailio's -A takes it."""
    name, equals, value = text.partition("=")
    if not name or not name.replace("_", "a").isalnum() or not name.isascii():
        raise click.BadParameter(f"write a name, as in -A WITH_AUTH or -A 'DBURL=\"…\"', not {text!r}")
    return name, value if equals else None


@click.command("check-cfg")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("-A", "defines", multiple=True, type=define, metavar="NAME[=VALUE]", help="Define it, as #!define does.")
@click.option("--syntax", is_flag=True, help="Ask only whether kamailio -c takes it.")
@click.option(
    "--accept-module", "accepted", multiple=True, metavar="NAME", help="Load a module that labsip doesn't have."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array, for editors.")
def check_cfg(
    file: Path, defines: tuple[tuple[str, str | None], ...], syntax: bool, accepted: tuple[str, ...], as_json: bool
) -> None:
    """Check a kamailio.cfg, and all files it includes, as Kamailio 5.6 reads them.

    Each mistake is told with its file, line and column, the line itself, and what is meant. The exit status is 0 if
    there is none, else 1; warnings don't count.
    """
    cfg, found = read_cfg(str(file), file_bytes, dict(defines))
    faults = [
        *found,
        *review(cfg, known_of(EXPORTS, accepted), formed=not any(fault.severe for fault in found)),
    ]
    if not syntax and not any(fault.severe for fault in faults):
        compile_cfg(cfg, EXPORTS, accepted, faults, file_bytes)  # an expression that is none shows only then
    if syntax:
        faults = [fault for fault in faults if not fault.late]
    wrong = {fault.spot for fault in faults}  # a module whose name is misspelt is not told about twice
    faults += [fault for fault in not_installed(cfg, severe=syntax) if fault.spot not in wrong]
    faults = [*sorted_faults(faults, cfg.texts)]
    if as_json:
        click.echo(json.dumps([as_object(fault) for fault in faults], indent=1))
    else:
        show(told(cfg, faults), err=bool(faults))
    if any(fault.severe for fault in faults):
        raise SystemExit(1)


def told(cfg: Cfg, faults: Sequence[Fault]) -> str:
    """All as text, and how many there are."""
    severe = sum(fault.severe for fault in faults)
    if not faults:
        return f"{cfg.file}: nothing is wrong"
    return f"{told_all(faults, cfg.texts)}\n\n{cfg.file}: {severe} mistake{'' if severe == 1 else 's'}"


def as_object(fault: Fault) -> dict[str, object]:
    """What an editor wants to know; lines and columns count from 1, `end` is the column behind."""
    file, line, column, end = fault.spot
    return {
        "file": file,
        "line": line,
        "column": column,
        "end": end,
        "severity": "error" if fault.severe else "warning",
        "message": fault.message,
        "hint": fault.hint,
    }
