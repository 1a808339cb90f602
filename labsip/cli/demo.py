"""`labsip demo`: what the lessons build, in ten seconds, on real sockets."""

from __future__ import annotations

from pathlib import Path

import click

from labsip.cli.captures import FILE
from labsip.cli.options import new_file
from labsip.cli.terminal import show
from labsip.lab import Call, Lab


@click.command()
@click.option("--png", type=FILE, callback=new_file, help="Draw the last call into this file.")
def demo(png: Path | None) -> None:
    """Two phones register and call each other; one is not there; one gives up. Prints table and ladders."""
    with Lab(seed=1, name="demo") as lab:
        lab.use("cancel")
        alice, bob = lab.phone("106"), lab.phone("108")
        alice.register()
        bob.register()
        click.echo("The location table:\n")
        click.echo(lab.location[["AoR", "Address", "Expires", "User-Agent"]].to_string(index=False))
        answered = alice.call("108")
        answered.hang_up()
        _show("106 calls 108, who answers; 106 hangs up", answered)
        _show("106 calls 109, whom nobody registered", alice.call("109"))
        bob.ring()
        given_up = alice.call("108")
        lab.wait(1.0)
        given_up.cancel()
        _show("106 calls 108 and gives up while it rings", given_up)
        if png is not None:
            _draw(given_up, png)


def _show(title: str, call: Call) -> None:
    click.echo(f"\n{title}: {call.state}\n")
    click.echo(call.ladder().text())


def _draw(call: Call, png: Path) -> None:
    call.ladder().save(png)
    show(f"\nThe picture is in {png}")
