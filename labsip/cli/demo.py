"""`labsip demo`: what the lessons build, in ten seconds, on real sockets."""

from __future__ import annotations

from pathlib import Path

import click

from labsip.cli.captures import FILE
from labsip.cli.options import new_file
from labsip.cli.terminal import show
from labsip.engine import ENGINES
from labsip.flow.tables import location_table
from labsip.net.sockets import SocketNet
from labsip.phone import behaviour
from labsip.phone.phone_call import PhoneCall
from labsip.sip.errors import LabError
from labsip.steps import STEPS
from labsip.testbed import Testbed
from labsip.view.ladder import Ladder


@click.command()
@click.option("--png", type=FILE, callback=new_file, help="Draw the last call into this file.")
@click.option(
    "--engine",
    type=click.Choice([*ENGINES]),
    default="labsip",
    show_default=True,
    help="Who routes: labsip's own proxy, or a real Kamailio that is installed here.",
)
def demo(png: Path | None, engine: str) -> None:
    """Two phones register and call each other; one is not there; one gives up. Prints table and ladders."""
    try:
        _play(png, engine)
    except LabError as error:
        raise click.ClickException(str(error)) from None


def _play(png: Path | None, engine: str) -> None:
    with Testbed(SocketNet(seed=1), STEPS["cancel"], seed=1, engine=ENGINES[engine]) as bed:
        alice, bob = bed.phone("106"), bed.phone("108")
        alice.register()
        bob.register()
        click.echo("The location table:\n")
        table = location_table(bed.engine.location())
        click.echo(table[["AoR", "Address", "Expires", "User-Agent"]].to_string(index=False))
        answered = alice.call("108")
        alice.hang_up(answered)
        _show(bed, "106 calls 108, who answers; 106 hangs up", answered)
        _show(bed, "106 calls 109, whom nobody registered", alice.call("109"))
        bob.behave(behaviour.ringing())
        given_up = alice.call("108")
        bed.wait(1.0)
        alice.cancel(given_up)
        _show(bed, "106 calls 108 and gives up while it rings", given_up)
        if png is not None:
            _ladder(bed, given_up).save(png)
            show(f"\nThe picture is in {png}")


def _ladder(bed: Testbed, call: PhoneCall) -> Ladder:
    return Ladder(bed.flow().of_call(call.call_id).from_zero())


def _show(bed: Testbed, title: str, call: PhoneCall) -> None:
    click.echo(f"\n{title}: {call.state}\n")
    click.echo(_ladder(bed, call).text())
