"""`labsip serve`: the proxy as a foreground process, for real phones and real tools."""

from __future__ import annotations

import signal

import click

from labsip.net.address import exposure
from labsip.net.udp import UdpNet
from labsip.proxy.receive import Settings
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy

DEFAULT = "udp:127.0.0.1:5060"
ENDING = {signal.SIGINT, signal.SIGTERM}


class Listen(click.ParamType):
    """`udp:HOST:PORT`, as in kamailio.cfg's listen."""

    name = "udp:HOST:PORT"

    def convert(self, value: str | Address, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Text → address; `udp:` may be left out."""
        if isinstance(value, Address):
            return value
        transport, colon, rest = value.partition(":")
        if colon and transport in ("tcp", "tls", "sctp", "ws", "wss"):
            self.fail(f"{transport} is not spoken here; write udp:{rest}", param, ctx)
        try:
            return Address.parse(rest if transport == "udp" else value)
        except LabError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.option("--step", type=click.Choice(list(STEPS)), default="full", show_default=True, help="Whose route to run.")
@click.option("--listen", type=Listen(), multiple=True, default=[DEFAULT], show_default=True, help="May be repeated.")
@click.option("--domain", multiple=True, help="A host name that means this proxy. May be repeated.")
@click.option("--fr-timer", type=click.FloatRange(0.1), default=30.0, show_default=True, help="No response [s].")
@click.option("--fr-inv-timer", type=click.FloatRange(0.1), default=120.0, show_default=True, help="Ringing [s].")
@click.option("--min-expires", type=click.IntRange(1), default=60, show_default=True, help="Registrations [s].")
@click.option("--max-expires", type=click.IntRange(0), default=0, show_default=True, help="0: no limit [s].")
def serve(
    step: str,
    listen: tuple[Address, ...],
    domain: tuple[str, ...],
    fr_timer: float,
    fr_inv_timer: float,
    min_expires: int,
    max_expires: int,
) -> None:
    """Run the proxy until Ctrl-C, with the route of a lesson or the best one there is."""
    settings = Settings(
        domains=tuple(name.lower() for name in domain),
        fr_timer=fr_timer,
        fr_inv_timer=fr_inv_timer,
        min_expires=min_expires,
        max_expires=max_expires,
    )
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # in the network's thread too, which begins with this one's mask
    with UdpNet(record=False) as net:
        proxy = build_proxy(STEPS[step], [net.reserve(address, public=True) for address in listen], settings=settings)
        net.attach(proxy, "proxy", public=True)
        for address in proxy.addresses:
            click.echo(f"labsip listens on udp:{address}, step {step}")
        for warning in filter(None, map(exposure, proxy.addresses)):
            click.echo(f"warning: {warning}", err=True)
        signal.sigwait(ENDING)
    click.echo("labsip ends")
