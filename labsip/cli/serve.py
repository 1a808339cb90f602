"""`labsip serve`: the proxy as a foreground process, for real phones and real tools."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import click

from labsip.cli.cfg_file import CfgFile
from labsip.cli.check_cfg import define
from labsip.cli.control_sockets import control_address, open_controls
from labsip.cli.kemi_script import KemiFile, check_kemi_options, first_words
from labsip.cli.log import USUAL, Log, notice, notices
from labsip.cli.options import (
    DAY,
    LONGEST,
    check_addresses,
    check_cfg_options,
    check_together,
    database_file,
    database_urls,
    domain_name,
    listen_address,
    realm_name,
    seconds,
    whole_seconds,
)
from labsip.cli.recording import Recording, capture_file
from labsip.cli.renewal import Renewal
from labsip.cli.terminal import Lines
from labsip.db import LocationFile, ReadAgain
from labsip.dialects.kemi import Program
from labsip.dialects.python import Python
from labsip.engine.watchdog import Watchdog
from labsip.modules.auth import AuthParameters, realms
from labsip.modules.usrloc import UsrLoc
from labsip.net.address import exposure
from labsip.net.clock import since_1970
from labsip.net.control import ControlAddress
from labsip.net.sockets import SocketNet
from labsip.net.tls import Tls
from labsip.net.writer import Writer
from labsip.proxy.happenings import run_start
from labsip.proxy.settings import Settings
from labsip.sip.digest import ALGORITHMS
from labsip.sip.transport import Address
from labsip.steps import STEPS
from labsip.trace import PROXY, Trace
from labsip.vocabulary import EXPORTS, build_proxy, settings_of

ENDING = {signal.SIGINT, signal.SIGTERM}
ASKING, RENEWING = signal.SIGUSR1, signal.SIGHUP
HEARD = {*ENDING, ASKING, RENEWING, signal.SIGALRM}
EVERY = 0.2
"""Seconds between two looks at what there is to log."""
SOMETIMES = 5
"""After so many of them, a file that is watched is looked at."""
LOOKS = 50
"""After so many of them, what lives by then is taken for what stays, and left out of garbage collections.

With a hundred thousand contacts each would hold everything up for a tenth of a second or more, at any time.
"""
option = partial(click.option, show_default=True)
SELDOM = 50_000, 20, 50
"""When Python looks for circles: transactions leave none, and it would look at all that live in vain."""
LISTEN = "udp:127.0.0.1:5060"
PEM = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@option("--step", type=click.Choice(list(STEPS)), metavar="STEP", help=f"One of {', '.join(STEPS)}; full unless told.")
@option(
    "--cfg", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Run this kamailio.cfg instead of a step. It listens where the file says, unless --listen does.",
)  # fmt: skip
@option(
    "-A", "defines", multiple=True, type=define, metavar="NAME[=VALUE]", help="With --cfg: define it, as #!define does."
)
@option(
    "--accept-module", "accepted", multiple=True, metavar="NAME",
    help="With --cfg: a module that labsip doesn't have may be loaded; it does nothing.",
)  # fmt: skip
@option("--watch", is_flag=True, help="With --cfg or --kemi: read the file again when it changes.")
@option(
    "--kemi", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="A KEMI script, a Python file as Kamailio's app_python3 runs it, instead of a step.",
)  # fmt: skip
@option(
    "--listen",
    type=listen_address,
    multiple=True,
    metavar="PROTO:HOST:PORT",
    help="An address of this machine; PROTO is udp, tcp, tls, ws or wss (WebSocket, for browsers). May be repeated."
    f" {LISTEN} unless told.",
)
@option("--tls-cert", type=PEM, metavar="FILE", help="The certificate of the proxy, PEM.")
@option("--tls-key", type=PEM, metavar="FILE", help="Its private key, PEM, without a passphrase.")
@option(
    "--tls-ca", type=PEM, metavar="FILE",
    help="The authorities whose certificates are accepted where the proxy connects; without it, every one is.",
)  # fmt: skip
@option(
    "--domain", type=domain_name, multiple=True, metavar="NAME",
    help="A host name or address that means this proxy. May be repeated.",
)  # fmt: skip
@option(
    "--fr-timer", type=seconds(0.1, DAY), metavar="S",
    help="How long to wait for a first response: 30, in step full 32.",
)  # fmt: skip
@option("--fr-inv-timer", type=seconds(0.1, DAY), metavar="S", help="How long a call may ring: 120, in step full 185.")
@option(
    "--min-expires", type=whole_seconds(1, LONGEST), metavar="S",
    help=f"The shortest registration: {EXPORTS.default('min_expires')}.",
)  # fmt: skip
@option(
    "--users", metavar="FILE|NAME:PASSWORD,…",
    help="Who has to prove who they are: a list, a text file of NAME:PASSWORD lines, or an SQLite file with Kamailio's"
    " table subscriber.",
)  # fmt: skip
@option("--auth-algorithm", type=click.Choice(list(ALGORITHMS)), help="What a challenge asks for: MD5.")
@option(
    "--nonce-expire", type=seconds(1, DAY), metavar="S",
    help=f"How long a challenge can be answered: {EXPORTS.default('nonce_expire'):g}.",
)  # fmt: skip
@option(
    "--realm", type=realm_name, metavar="NAME",
    help="What challenges are for; without it, the caller's domain if that is one of ours, else the first of ours.",
)  # fmt: skip
@option(
    "--dialog-timeout", type=seconds(60, 365 * DAY), metavar="S",
    help=f"How long a call may go on without a re-INVITE or UPDATE: {EXPORTS.default('dialog_timeout'):g}.",
)  # fmt: skip
@option(
    "--db", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", callback=database_file,
    help="Keeps the location table in this SQLite file: a restart forgets nobody, and ends no call.",
)  # fmt: skip
@option(
    "--db-url", metavar="SCHEME=sqlite:///FILE", multiple=True, callback=database_urls,
    help="Where a db_url leads, as in mysql=sqlite:///FILE: an SQLite file with Kamailio's tables, made if it is not"
    " there. May be repeated.",
)  # fmt: skip
@option(
    "--capture", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", callback=capture_file,
    help="Writes every message there: .pcap, or .pcapng, which also has what the route said of each. A capture that is"
    " there already is continued; any other file is left alone.",
)  # fmt: skip
@option(
    "--ctl", type=control_address, multiple=True, metavar="unix:PATH|tcp:HOST:PORT|jsonrpc:PATH",
    help="Answers kamcmd there (unix, and tcp on loopback), or kamcli (jsonrpc); docs/kamcmd.md. May be repeated.",
)  # fmt: skip
@option("--ctl-write", is_flag=True, help="Over tcp, too, kamcmd may change something.")
@option(
    "--max-expires", type=whole_seconds(0, LONGEST), metavar="S",
    help="The longest registration: no limit, in step full 86400. 0: no limit.",
)  # fmt: skip
def serve(
    step: str | None,
    cfg: Path | None,
    defines: tuple[tuple[str, str | None], ...],
    accepted: tuple[str, ...],
    watch: bool,
    kemi: Path | None,
    listen: tuple[Address, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    tls_ca: Path | None,
    domain: tuple[str, ...],
    users: str | None,
    db: Path | None,
    db_url: Mapping[str, object],
    capture: Path | None,
    ctl: tuple[ControlAddress, ...],
    ctl_write: bool,
    **given: float | str | None,
) -> None:
    """Run the proxy until Ctrl-C or SIGTERM, with a kamailio.cfg, a KEMI script, or the route of a lesson.

    Without any of them it runs the best there is. A block that never ends is stopped after some seconds, and its
    request answered 500.

    Times are in seconds; port 0 lets the system choose. What goes wrong, and what a route prints with xlog, goes to
    standard error; nobody who reads it slowly, or no longer, holds the proxy up.

    SIGUSR1 has it say what it holds at the moment and what it has dropped. SIGHUP does not end it, but has it read
    --cfg, --users, --tls-cert and --tls-key again (if something is wrong with them, it says so and keeps the old ones),
    and go on in a new --capture file if the old one has been renamed.
    """
    told: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    told["db_urls"] = db_url
    if users is not None:
        told["users"] = ReadAgain(users)
    check_cfg_options(cfg, step, defines=defines, accepted=accepted, watch=watch and not kemi)
    file_of_route: CfgFile | KemiFile | None = None
    program: Program | None = None
    remarks: tuple[str, ...] = ()
    if kemi is not None:
        check_kemi_options(cfg, step)
        file_of_route = KemiFile(kemi, {**told, "domains": domain})
        program = file_of_route.begin()
        routes, settings, what = program.routes, file_of_route.settings(program), f"with {kemi}"
    elif cfg is not None:
        file_of_route = CfgFile(cfg, dict(defines), accepted, {**told, "domains": domain})
        script = file_of_route.begin()
        program, remarks = script.program, script.remarks
        routes, settings = script.routes, settings_of(script.routes, **file_of_route.settings(script))
        listen, what = listen or script.listen, f"with {cfg}"
    else:
        routes, what = STEPS[step or "full"], f"step {step or 'full'}"
        settings = settings_of(routes, domains=domain, debug=USUAL, **told)
        check_together(step or "full", told if db is None else {**told, "db": db}, settings)
    listen = listen or (listen_address(LISTEN),)
    check_addresses(listen, {"tls_cert": tls_cert, "tls_key": tls_key, "tls_ca": tls_ca})
    files = (tls_cert, tls_key) if tls_cert and tls_key else None
    tls = Tls.load(*files, tls_ca) if files else None
    # in the network's thread too, which begins with this one's mask: only sigwait takes them
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    out, err = Lines.out(), Lines.err()
    recorded = capture is not None
    with ExitStack() as opened:
        opened.push(_unblock)
        opened.callback(out.end)
        opened.callback(err.end)
        net = opened.enter_context(SocketNet(Trace(records_commands=recorded), record=recorded, tls=tls, **_fast()))
        recording = opened.enter_context(Recording(capture, net)) if capture else None
        listening = [net.reserve(address, public=True) for address in listen]
        began = since_1970() - net.now
        file = opened.enter_context(closing(LocationFile(db, began))) if db else None
        secret = file.secret() if file else b""
        proxy = build_proxy(
            routes,
            listening,
            trace=net.trace,
            settings=settings,
            secret=secret,
            began=began,
            dialect=Python(opened.enter_context(Watchdog())),
        )
        if file:
            writer = opened.enter_context(closing(Writer(file, net, proxy)))  # what has been answered is written then
            proxy.module(UsrLoc).keep("location", writer, net.now)
        net.attach(proxy, PROXY, public=True)
        opened.callback(net.ask, proxy.end)
        net.ask(partial(run_start, proxy))
        controls = list(open_controls(opened, net, proxy, ctl, writes=ctl_write))
        gc.set_threshold(*SELDOM)
        out.say(*(f"labsip listens on {address.with_proto}, {what}" for address in listening))
        out.say(*(line for line in controls if not line.startswith("WARNING")))
        err.say(*(line for line in controls if line.startswith("WARNING")))
        err.say(*map(notice, remarks), *(first_words(program) if program else ()))
        err.say(*(f"WARNING: labsip: {warning}" for warning in _warnings(listening, settings, file)))
        log = Log(net, proxy, recording.keep if recording else None)
        renewal = Renewal(net, recording, told.get("users"), tls, files)
        if file_of_route is not None:
            renewal.cfg = partial(file_of_route.renew, net, proxy)
        _log_until_ended(log, renewal, err, file_of_route if watch else None)
        err.say(*log.rest())
        if recording:
            err.say(*map(notice, recording.end()))
        out.say("labsip ends")


def _warnings(listening: Sequence[Address], settings: Settings, file: LocationFile | None) -> Iterator[str]:
    """What an operator should know of at the start."""
    yield from filter(None, map(exposure, listening))
    if file and file.exposed:
        yield f"{file.path} keeps a secret, and is open to others than its owner: chmod 600"
    users = settings.of(AuthParameters).users
    if isinstance(users, ReadAgain):
        yield from users.warnings(realms(settings, listening))


def _unblock(kind: type[BaseException] | None, *_: object) -> None:
    """After an error nobody waits for signals any more, and whoever reads of it may stall."""
    if kind is not None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _fast() -> dict[str, Any]:
    """How the network of a server differs from that of a lab, where each timer is seen at its own time."""
    return {"grain": 1 / 16, "uvloop": find_spec("uvloop") is not None}


def _log_until_ended(log: Log, renewal: Renewal, err: Lines, watched: CfgFile | KemiFile | None = None) -> None:
    signal.setitimer(signal.ITIMER_REAL, EVERY, EVERY)
    came = None
    for turn in count():
        if came in ENDING:
            break
        if turn % LOOKS == 0:
            gc.collect()
            gc.freeze()
        came = signal.sigwait(HEARD)
        err.say(*log.lines())
        if came is ASKING:
            err.say(log.account())
        if watched is not None and renewal.cfg is not None and turn % SOMETIMES == 0 and watched.has_changed:
            err.say(*notices(renewal.cfg()))
        if came is RENEWING:
            err.say(*(line for told in renewal.begin() for line in notices(told)))
