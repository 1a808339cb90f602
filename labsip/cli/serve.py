"""`labsip serve`: the proxy as a foreground process, for real phones and real tools."""

from __future__ import annotations

import gc
import signal
from contextlib import ExitStack, closing
from functools import partial
from importlib.util import find_spec
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any

import click
from click import FloatRange, IntRange

from labsip.cli.log import Log
from labsip.cli.recording import capture_file, recording
from labsip.db import LocationFile, read_users
from labsip.modules.usrloc import UsrLoc
from labsip.net.address import exposure
from labsip.net.clock import since_1970
from labsip.net.tls import Tls
from labsip.net.udp import UdpNet
from labsip.net.writer import Writer
from labsip.proxy.receive import Proxy
from labsip.proxy.settings import Settings
from labsip.sip.digest import ALGORITHMS
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.steps import STEPS
from labsip.trace import Trace
from labsip.vocabulary import build_proxy

ENDING = {signal.SIGINT, signal.SIGTERM}
ASKING = signal.SIGUSR1
EVERY = 0.2
"""Seconds between two looks at what there is to log."""
LOOKS = 50
"""After so many of them, what lives by then is taken for what stays, and left out of garbage collections.

With a hundred thousand contacts each would hold everything up for a tenth of a second or more, at any time.
"""


def listen_address(text: str) -> Address:
    """`udp:HOST:PORT`, `tcp:` or `tls:`, as in kamailio.cfg's listen, as an address; `udp:` may be left out."""
    transport, _, rest = text.partition(":")
    if transport.lower() in ("sctp", "ws", "wss"):
        raise click.BadParameter(f"{transport} is not spoken here; write udp:{rest}, tcp:{rest} or tls:{rest}")
    try:
        address = Address.parse(text)
        exposure(address)  # refuses a name: it might be another address tomorrow
    except LabError as error:
        raise click.BadParameter(str(error)) from None
    if ip_address(address.host).is_unspecified:
        # it would stand in Via and Record-Route, and lead nowhere
        raise click.BadParameter(f"{address.host} is nowhere a phone could send to; name each address by itself")
    return address


option = partial(click.option, show_default=True)
SELDOM = 50_000, 20, 50
"""When Python looks for circles: transactions leave none, and it would look at all that live in vain."""
LISTEN = "udp:127.0.0.1:5060"
PEM = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@option("--step", type=click.Choice(list(STEPS)), default="full", metavar="STEP", help=f"One of {', '.join(STEPS)}.")
@option(
    "--listen",
    type=listen_address,
    multiple=True,
    default=[LISTEN],
    metavar="PROTO:HOST:PORT",
    help="PROTO: udp, tcp or tls. May be repeated.",
)
@option("--tls-cert", type=PEM, metavar="FILE", help="The certificate of the proxy, PEM.")
@option("--tls-key", type=PEM, metavar="FILE", help="Its private key, PEM.")
@option(
    "--tls-ca", type=PEM, metavar="FILE", help="Who signs what the proxy connects to; without it nobody is checked."
)
@option("--domain", multiple=True, metavar="NAME", help="A host name that means this proxy. May be repeated.")
@option("--fr-timer", type=FloatRange(0.1), metavar="S", help="How long to wait for a response: 30, in step full 32.")
@option("--fr-inv-timer", type=FloatRange(0.1), metavar="S", help="How long a call may ring: 120, in step full 185.")
@option("--min-expires", type=IntRange(1), metavar="S", help=f"The shortest registration: {Settings.min_expires}.")
@option(
    "--users", metavar="FILE|NAME:PASSWORD,…", help="Who must prove who they are: a text, a file or an SQLite table."
)
@option("--auth-algorithm", type=click.Choice(list(ALGORITHMS)), help="What a challenge asks for: MD5.")
@option("--nonce-expire", type=FloatRange(1), metavar="S", help=f"Life of a challenge: {Settings.nonce_expire:g}.")
@option(
    "--db", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Keeps the location table (SQLite)."
)
@option(
    "--capture", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", callback=capture_file,
    help="Writes every message there: .pcap, or .pcapng, which has what the route said of each, too.",
)  # fmt: skip
@option("--max-expires", type=IntRange(0), metavar="S", help="The longest registration; 0, as without it: no limit.")
def serve(
    step: str,
    listen: tuple[Address, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    tls_ca: Path | None,
    domain: tuple[str, ...],
    users: str | None,
    db: Path | None,
    capture: Path | None,
    **given: float | str | None,
) -> None:
    """Run the proxy until Ctrl-C, with the route of a lesson or the best one there is.

    Times are in seconds; port 0 lets the system choose. What goes wrong, and what a route prints with xlog, goes to
    standard error; SIGUSR1 has it say what it holds at the moment and what it has dropped.
    """
    told: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if users:
        told["users"] = read_users(users)
    settings = STEPS[step].parameters(domains=tuple(name.lower() for name in domain), **told)
    tls = _tls(listen, tls_cert, tls_key, tls_ca)
    # in the network's thread too, which begins with this one's mask: only sigwait takes them
    signal.pthread_sigmask(signal.SIG_BLOCK, {*ENDING, ASKING, signal.SIGALRM})
    recorded = capture is not None
    with ExitStack() as opened:
        net = opened.enter_context(UdpNet(Trace(words=recorded), record=recorded, tls=tls, **_fast()))
        keep = opened.enter_context(recording(capture, net)) if capture else None
        listening = [net.reserve(address, public=True) for address in listen]
        proxy = build_proxy(STEPS[step], listening, trace=net.trace, settings=settings)
        if db is not None:
            _keep_in(db, net, proxy, opened)
        net.attach(proxy, "proxy", public=True)
        gc.set_threshold(*SELDOM)
        for address in listening:
            click.echo(f"labsip listens on {address.with_proto}, step {step}")
        for warning in filter(None, map(exposure, listening)):
            click.echo(f"WARNING: labsip: {warning}", err=True)
        _log_until_ended(Log(net, proxy, keep))
    click.echo("labsip ends")


def _tls(listen: tuple[Address, ...], cert: Path | None, key: Path | None, ca: Path | None) -> Tls | None:
    if cert is None or key is None:
        if any(address.proto == "tls" for address in listen):
            raise click.UsageError("tls needs a certificate: give --tls-cert FILE and --tls-key FILE")
        return None
    return Tls.load(cert, key, ca)


def _keep_in(db: Path, net: UdpNet, proxy: Proxy, opened: ExitStack) -> None:
    """Have a file keep the location table until `opened` ends; what has been answered is written then."""
    file = opened.enter_context(closing(LocationFile(db, since_1970() - net.now)))
    if file.exposed:
        click.echo(f"WARNING: labsip: {db} keeps a secret, and is open to others than its owner: chmod 600", err=True)
    writer = opened.enter_context(closing(Writer(file, net, proxy)))
    proxy.module(UsrLoc).keep("location", writer, net.now)


def _fast() -> dict[str, Any]:
    """How the network of a server differs from that of a lab, where each timer is seen at its own time."""
    return {"grain": 1 / 16, "uvloop": find_spec("uvloop") is not None}


def _log_until_ended(log: Log) -> None:
    signal.setitimer(signal.ITIMER_REAL, EVERY, EVERY)
    came = None
    for turn in count():
        if came in ENDING:
            break
        if turn % LOOKS == 0:
            gc.collect()
            gc.freeze()
        came = signal.sigwait({*ENDING, ASKING, signal.SIGALRM})
        for line in [*log.lines(), *([log.account()] if came is ASKING else [])]:
            click.echo(line, err=True)
