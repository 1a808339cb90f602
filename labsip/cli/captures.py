"""`labsip calls`, `ladder`, `explain` and `compare`: what is in a capture file, and what went wrong in it."""

from __future__ import annotations

import csv as comma
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import click

from labsip.cli.options import new_file
from labsip.cli.terminal import show, visible_lines
from labsip.flow.calls import CALLS, CallRow, call_rows
from labsip.flow.files import writing
from labsip.flow.legs import joined
from labsip.flow.rows import Flow
from labsip.pcap import read_flow
from labsip.pcap.read import Capture, open_capture
from labsip.proxy.listening import is_ip
from labsip.sip.errors import LabError
from labsip.sip.transport import Address

FORMATS = {"text": ".txt", "mermaid": ".mmd", "svg": ".svg", "png": ".png", "html": ".html"}
PICTURES = (".png", ".svg")
SHOWN = ["t", "method", "caller", "callee", "src", "dst", "result", "status", "set_up", "duration", "repeats", "legs"]
"""Columns of `calls` as a terminal shows them."""


def address_and_name(text: str) -> tuple[str, str]:
    """`192.0.2.1=proxy` → address and name."""
    address, equals, name = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text!r} gives no name; write ADDRESS=NAME, as in 192.0.2.1=proxy")
    if not is_ip(address):
        try:
            host = Address.parse(address).host
        except LabError:
            host = ""
        if not is_ip(host):
            raise click.BadParameter(f"{address!r} is no address; write ADDRESS=NAME, as in 192.0.2.1=proxy")
    return address, name


FILE = click.Path(dir_okay=False, path_type=Path)
Names = tuple[tuple[str, str], ...]
file = click.argument("path", metavar="FILE")
named = click.option(
    "--name",
    "names",
    type=address_and_name,
    multiple=True,
    metavar="ADDRESS=NAME",
    help="What to call a host, or host:port. May be repeated.",
)
one = click.option("--call", metavar="ID", help="One call: its number in `labsip calls`, or how its Call-ID begins.")


@click.command()
@file
@click.option("--csv", is_flag=True, help="All columns, as comma-separated values.")
@named
def calls(path: str, csv: bool, names: Names) -> None:
    """Who called whom in FILE, when, for how long, and what came of it. `-` is standard input."""
    rows = call_rows(flow_of(path, names))
    if csv:
        show(as_csv(rows), nl=False)
    elif rows:
        show(as_text(rows))
    else:
        click.echo("no calls")


@click.command()
@file
@one
@click.option("--legs", is_flag=True, help="With --call: the other legs of that call too.")
@click.option("--sdp", is_flag=True, help="Say where the media should go.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="Without it, as -o ends; else text.")
@click.option("-o", "--output", type=FILE, callback=new_file, help="Write it to a file.")
@named
def ladder(
    path: str, call: str | None, legs: bool, sdp: bool, form: str | None, output: Path | None, names: Names
) -> None:
    """Draw the messages in FILE. `-` is standard input; as text it is drawn while it comes:

    tcpdump -i any -U -w - port 5060 | labsip ladder -
    """
    if legs and call is None:
        raise click.UsageError("--legs are those of one call; give --call, too")
    suffix = FORMATS[form] if form else output.suffix.lower() if output else ".txt"
    if path == "-" and suffix == ".txt" and output is None and not legs:
        follow(names, call or "", sdp)
    else:
        flow = flow_of(path, names)
        draw(flow if call is None else one_call(flow, call, legs), sdp, suffix, output)


@click.command()
@file
@one
@named
def explain(path: str, call: str | None, names: Names) -> None:
    """Say in plain words what went wrong in FILE, and which messages show it. `-` is standard input."""
    from labsip.findings import explain as explain_flow

    flow = flow_of(path, names)
    show(repr(explain_flow(flow, None if call is None else call_id_of(flow, call))))


@click.command()
@click.argument("mine", metavar="A")
@click.argument("theirs", metavar="B")
@named
def compare(mine: str, theirs: str, names: Names) -> None:
    """Put the messages of two files side by side. Exit code 1 if they differ."""
    from labsip.view.side_by_side import compare as compare_flows

    if mine == theirs == "-":
        raise LabError("only one of the two can be standard input")
    titles = (mine, theirs) if Path(mine).name == Path(theirs).name else (Path(mine).name, Path(theirs).name)
    both = compare_flows(flow_of(mine, names), flow_of(theirs, names), titles=titles)
    show(repr(both))
    sys.exit(1 if len(both) else 0)


def as_text(rows: Sequence[CallRow]) -> str:
    """The columns of SHOWN, aligned at the right, with the number of each call before them."""
    numbers = ["", "call", *map(str, range(1, len(rows) + 1))]
    columns = [[number.ljust(max(map(len, numbers))) for number in numbers]]
    for name in SHOWN:
        cells = [_cell(getattr(row, name)) for row in rows]
        width = max(len(name) + (CALLS[name] != "str"), *(len(cell) + (CALLS[name] != "float64") for cell in cells))
        columns.append([f" {cell:>{width}}" for cell in (name, "", *cells)])
    return "\n".join("".join(line).rstrip() for line in zip(*columns, strict=True))


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def as_csv(rows: Sequence[CallRow]) -> str:
    """All columns, with the number of each call before them."""
    text = StringIO()
    writer = comma.writer(text, lineterminator="\n")
    writer.writerow(["call", *CALLS])
    writer.writerows([number, *row] for number, row in enumerate(rows, 1))
    return text.getvalue()


def flow_of(path: str, names: Names) -> Flow:
    """A capture as a flow; what was left out of it is said on standard error. Raises LabError, naming the file."""
    try:
        flow = read_flow(path, dict(names))
    except OSError as error:
        raise LabError(f"{path} can't be read: {error.strerror}") from None
    except LabError as error:
        raise LabError(f"{error}" if path in str(error) else f"{path}: {error}") from None
    warn(flow.left_out or [])
    return flow


def follow(names: Names, call: str, sdp: bool) -> None:
    """Draw what comes in on standard input, until it ends or somebody presses Ctrl-C."""
    from labsip.cli.follow import follow as lines_of

    with open_capture("-") as opened:
        capture = Capture(opened)
        try:
            for line in lines_of(capture, dict(names), call, sdp=sdp):
                show(line)
        except KeyboardInterrupt:
            pass
        warn(capture.left_out.lines())


def one_call(flow: Flow, call: str, legs: bool) -> Flow:
    """The messages of that call, with `legs` of all its legs."""
    call_id = call_id_of(flow, call)
    wanted = set(joined(flow, call_id)) if legs else {call_id}
    return flow.where(lambda one: one.call_id in wanted)


def call_id_of(flow: Flow, call: str) -> str:
    """The Call-ID meant: itself, the number of a row of `calls`, or its beginning. Raises LabError if it is unclear."""
    ids = [one.call_id for one in call_rows(flow)]
    if call in ids:
        return call
    if call.isdigit() and 0 < int(call) <= len(ids):
        return ids[int(call) - 1]
    begun = [each for each in ids if each.startswith(call)]
    if len(begun) != 1:
        found = f"{len(begun)} calls begin so" if begun else f"there are {len(ids)}, see labsip calls"
        raise LabError(f"no call {call}: {found}")
    return begun[0]


def draw(flow: Flow, sdp: bool, suffix: str, output: Path | None) -> None:
    """Into the file, or to standard output. Raises LabError for a picture on a terminal, or a file that can't be."""
    from labsip.view.ladder import Ladder

    content = Ladder(flow, sdp=sdp).content(suffix, str(output))
    if output is None:
        if suffix in PICTURES and sys.stdout is not None and sys.stdout.isatty():
            raise LabError(f"a picture goes into a file: -o ladder{suffix}")
        if suffix == ".txt":
            show(content.decode(), nl=False)
        else:  # what a browser or an editor opens is UTF-8 everywhere
            click.echo(content if suffix in PICTURES else visible_lines(content.decode()).encode(), nl=False)
        return
    with writing(output) as file:
        file.write_bytes(content)


def warn(left_out: Sequence[str]) -> None:
    """Say on standard error what of a file was left out."""
    for line in left_out:
        show(f"left out: {line}", err=True)
