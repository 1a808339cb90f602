"""What the options of `labsip serve` may say, each looked at when it is read, and all of them together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

import click

from labsip.db import databases, read_db_url
from labsip.net.address import exposure
from labsip.proxy.settings import Settings
from labsip.sip.errors import LabError
from labsip.sip.transport import TRANSPORTS, Address
from labsip.steps import STEPS
from labsip.vocabulary import EXPORTS

N = TypeVar("N", int, float)

DAY = 86_400
"""Seconds, the longest time to wait for anything."""
LONGEST = 2**32 - 1
"""Seconds, the longest registration there can be (RFC 3261 §20.19)."""
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
"""Of a host name (RFC 3261 §25.1); an underscore is none of the RFC's, but is found in names of machines."""
PORT = re.compile(rf"(?:({'|'.join(TRANSPORTS)}):)?(?:\*?:)?([0-9]+)", re.IGNORECASE)
"""Without a host."""
# fmt: off
CALLS = tuple(step for step in STEPS if step not in ("stub480", "register"))
REGISTRARS = tuple(step for step in STEPS if step != "stub480")
ASKING = ("auth", "carrier", "full")
USED = {
    "users":          (ASKING, "asks nobody for a password"),
    "auth_algorithm": (ASKING, "asks nobody for a password"),
    "nonce_expire":   (ASKING, "asks nobody for a password"),
    "realm":          (("full",), "asks for the sender's domain, or nobody"),
    "dialog_timeout": (("full",), "signs no dialog"),
    "min_expires":    (REGISTRARS, "registers nobody"),
    "max_expires":    (REGISTRARS, "registers nobody"),
    "db":             (REGISTRARS, "registers nobody"),
    "fr_timer":       (CALLS, "passes nothing on"),
    "fr_inv_timer":   (CALLS, "passes nothing on"),
}
# fmt: on
"""Which steps an option changes something in, and why none of the others."""


def seconds(least: float, most: float) -> Callable[[str], float]:
    """A time between these two."""

    def read(text: str) -> float:
        return _number(text, float, "a number of seconds", least, most)

    return read


def whole_seconds(least: int, most: int) -> Callable[[str], int]:
    """A time between these two, without a fraction."""

    def read(text: str) -> int:
        return _number(text, int, "a whole number of seconds", least, most)

    return read


def _number(text: str, read: Callable[[str], N], what: str, least: N, most: N) -> N:
    try:
        number = read(text)
    except ValueError:
        number = None
    if number is None or not least <= number <= most:  # NaN is neither less nor more
        raise click.BadParameter(f"write {what} from {least:.10g} to {most:.10g}, not {text!r}")
    return number


def listen_address(text: str) -> Address:
    """`udp:HOST:PORT`, or `tcp:`, `tls:`, `ws:`, `wss:`, as in kamailio.cfg's listen; `udp:` may be left out."""
    transport, _, rest = text.partition(":")
    if transport.lower() == "sctp":
        raise click.BadParameter(f"{transport} is not spoken here; write udp:{rest}, tcp:{rest} or tls:{rest}")
    if alone := PORT.fullmatch(text):
        raise click.BadParameter(f"{text} has no host; write {alone[1] or 'udp'}:127.0.0.1:{alone[2]}")
    place = rest if transport.lower() in TRANSPORTS else text
    if place.count(":") > 1 and "[" not in place:
        raise click.BadParameter(f"{text!r} is no address; an IPv6 address has brackets, as in udp:[::1]:5060")
    try:
        address = Address.parse(text)
        exposure(address)  # refuses a name: it might be another address tomorrow
    except LabError as error:
        raise click.BadParameter(str(error)) from None
    if why := nowhere(address.host):
        raise click.BadParameter(f"{address.host} is {why}")
    return address._replace(host=str(ip_address(address.host)))


def nowhere(host: str) -> str:
    """Why a phone could not send to that address, what would stand in Via and Record-Route; "" if it could."""
    ip = ip_address(host)
    if ip.is_unspecified:
        return "nowhere a phone could send to; name each address by itself"
    if ip.is_multicast:
        return "the address of a group; write one of this machine's own"
    if ip == ip_address("255.255.255.255"):
        return "the address of everybody (broadcast); write one of this machine's own"
    if ip.version == 6 and ip.ipv4_mapped:
        return f"an IPv4 address in disguise; write {ip.ipv4_mapped}"
    if ip.version == 6 and ip.is_link_local:
        return "link-local: it needs the name of an interface, which SIP has no place for; write another address"
    return ""


def domain_name(text: str) -> str:
    """A host name or an address, as the host of a URI has it, in small letters."""
    name = text.lower().removesuffix(".")
    try:
        return str(ip_address(name.removeprefix("[").removesuffix("]")))
    except ValueError:
        labels = name.split(".")
    # what ends in a number is an address somebody mistyped
    if len(name) > 253 or not all(map(LABEL.fullmatch, labels)) or labels[-1][0].isdigit():
        raise click.BadParameter(f"{text!r} is no host name and no address; write one, as in lab.example or 192.0.2.7")
    return name


def realm_name(text: str) -> str:
    """The realm of a challenge, which stands in quotes there."""
    if not text.strip() or not text.isprintable() or any(c in text for c in '"\\'):
        raise click.BadParameter(f"{text!r} is no realm; write a domain, as in lab.example, or another name")
    return text


def new_file(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> Path | None:
    """Refuse a file in a folder that is not there, before anything else begins."""
    if file is not None and not file.parent.is_dir():
        raise click.BadParameter(f"there is no folder {file.parent}; make it, or name a file elsewhere")
    return file


def database_file(context: click.Context, parameter: click.Parameter, file: Path | None) -> Path | None:
    """The same, and what SQLite would take for a table in memory."""
    if file is not None and str(file) == ":memory:":
        raise click.BadParameter("it keeps nothing; leave --db out, or name a file")
    return new_file(context, parameter, file)


def database_urls(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> Mapping[str, object]:
    """Where each db_url leads, as `db_urls` has it."""
    try:
        return databases(dict(map(read_db_url, texts)))
    except LabError as error:
        raise click.BadParameter(str(error)) from None


def option_name(parameter: str) -> str:
    """`fr_timer` as it is written: `--fr-timer`."""
    return f"--{parameter.replace('_', '-')}"


def check_together(step: str, given: Mapping[str, object], settings: Settings) -> None:
    """Refuse options that would do nothing, or that contradict each other. Raises UsageError, saying what to do.

    given: those somebody gave, by name.
    """
    for name in given:
        steps, why = USED.get(name, (tuple(STEPS), ""))
        if step not in steps:
            useless = f"{option_name(name)} does nothing in step {step}, which {why}"
            raise click.UsageError(f"{useless}; leave it out, or take --step {steps[-1]}")
    for name in ("auth_algorithm", "nonce_expire"):
        if name in given and not EXPORTS.value(settings, "users") and "users" not in given:
            raise click.UsageError(f"{option_name(name)} does nothing without users; give --users, too")
    shortest, longest = (EXPORTS.value(settings, name) for name in ("min_expires", "max_expires"))
    if longest and shortest > longest:
        least, most = (_said(name, step, given, settings) for name in ("min_expires", "max_expires"))
        raise click.UsageError(f"{least} is more than {most}; change one of them")


def _said(name: str, step: str, given: Mapping[str, object], settings: Settings) -> str:
    default = "" if name in given else f" (the default in step {step})"
    return f"{option_name(name)} {EXPORTS.value(settings, name)}{default}"


def check_cfg_options(cfg: Path | None, step: str | None, **given: object) -> None:
    """Refuse a step beside a kamailio.cfg, and options that only go with one. Raises UsageError."""
    if cfg is not None and step is not None:
        raise click.UsageError("--cfg and --step are two routes; give one of them")
    names = {"defines": "-A", "accepted": "--accept-module", "watch": "--watch"}
    if cfg is None and (alone := [names[name] for name, value in given.items() if value]):
        raise click.UsageError(f"{alone[0]} goes with --cfg FILE")


def check_addresses(listen: tuple[Address, ...], tls: Mapping[str, Path | None]) -> None:
    """Refuse an address that is named twice, TLS without a certificate, and a certificate without TLS.

    tls: the files, by option. Raises UsageError.
    """
    twice = next((one for at, one in enumerate(listen) if one.port and one in listen[:at]), None)
    if twice is not None:
        raise click.UsageError(f"--listen has {twice.with_proto} twice; name each address once")
    missing = [option_name(name) for name in ("tls_cert", "tls_key") if tls[name] is None]
    secure = next((one for one in listen if one.transport.secure), None)
    if secure is not None:
        if missing:
            raise click.UsageError(f"{secure.proto} needs a certificate: give --tls-cert FILE and --tls-key FILE")
    elif given := [option_name(name) for name, file in tls.items() if file is not None]:
        raise click.UsageError(f"{given[0]} does nothing here; give --listen tls:HOST:PORT, too")
