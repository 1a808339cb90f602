"""nathelper: phones behind NAT, whose messages come from elsewhere than they say (Kamailio's module of that name).

Three ways to reach them: keep where a REGISTER came from beside the Contact (`fix_nated_register`), write it over the
Contact (`fix_nated_contact`), or write it into the Contact as a parameter, which comes back in the Request-URI of
requests for it (`add_contact_alias`, `handle_ruri_alias`). `nat_pings` keep the way to them open.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

from labsip.modules.nat_pings import NatHelperParameters, NatPings
from labsip.modules.textops import put_body
from labsip.modules.usrloc import Origin
from labsip.proxy.arguments import checked_number
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.listening import is_ip
from labsip.proxy.script import ANY, BRANCH, FAILURE, ONREPLY, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import NameAddr, split_list
from labsip.sip.transport import DEFAULT_PORT, TRANSPORTS, bracketed, plain, transport_of
from labsip.sip.uri import SipUri

PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""Addresses that mean something else everywhere (RFC 1918, RFC 6598)."""
CONTACT_PRIVATE, VIA_OTHER_HOST, VIA_PRIVATE, BODY_PRIVATE, VIA_OTHER_PORT, SOURCE_PRIVATE = 1, 2, 4, 8, 16, 32
WEBSOCKET, CONTACT_OTHER_PORT, BODY_OTHER_HOST = 64, 128, 256
"""Flags of nat_uac_test."""
ALL = 511


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def nat_uac_test(turn: Turn, /, flags: int | str) -> int:
    """Does the message look as if its sender were behind NAT? `flags` says what is looked at, added up.

    1 Contact has a private address · 2 Via another address than the message came from · 4 Via a private one · 8 the
    body (SDP) names a private one · 16 Via another port than it came from · 32 it came from a private address · 64 it
    came over WebSocket · 128 Contact has another port than it came from · 256 the body another address.
    1 one of them holds · -1 none.   Kamailio: nathelper

    Raises LabError for other flags.
    """
    asked = checked_number(flags, "flags")
    source, via, contact = turn.datagram.src, turn.message.via, _contact_uri(turn)
    found = {
        CONTACT_PRIVATE: contact is not None and _is_private(contact.host),
        VIA_OTHER_HOST: plain(via.host) != source.host,
        VIA_PRIVATE: _is_private(via.host),
        VIA_OTHER_PORT: (via.port or DEFAULT_PORT) != source.port,
        SOURCE_PRIVATE: _is_private(source.host),
        WEBSOCKET: not source.transport.dials,
        CONTACT_OTHER_PORT: contact is not None and (contact.port or DEFAULT_PORT) != source.port,
    }
    if asked & (BODY_PRIVATE | BODY_OTHER_HOST):
        media = _media_hosts(turn)
        found |= {BODY_PRIVATE: any(map(_is_private, media)), BODY_OTHER_HOST: any(at != source.host for at in media)}
    if asked & ~ALL:
        raise LabError(f"nat_uac_test knows the flags 1, 2, 4 and so on to 256 and their sums, not {asked}")
    return 1 if any(holds for flag, holds in found.items() if asked & flag) else -1


@command(REQUEST)
def fix_nated_register(turn: Turn, /) -> int:
    """Let save keep where this REGISTER came from; lookup then sends requests there. 1.   Kamailio: nathelper"""
    source = turn.datagram.src
    turn.note(Origin).uri = _uri_of(bracketed(source.host), source.port, source.proto)
    return 1


@command(REQUEST, ONREPLY, BRANCH)
def fix_nated_contact(turn: Turn, /) -> int:
    """Put the address the message came from into its Contact, the last one of a list.

    1 done · -1 there is no Contact with a SIP URI.   Kamailio: nathelper
    """
    uri, source = _contact_uri(turn), turn.datagram.src
    if uri is None:
        return -1
    _write_contact(turn, uri._replace(host=bracketed(source.host), port=source.port))
    return 1


@command(REQUEST, ONREPLY, BRANCH)
def add_contact_alias(turn: Turn, /, ip: str = "", port: int | str = "", proto: str = "") -> int:
    """Write into the Contact's URI where it came from, `;alias=ip~port~1` (2 for TCP, 3 for TLS), or what is given.

    1 done · 2 there is no Contact, or it says that address and transport already · -1 it has no SIP URI, or what is
    given is no address.   Kamailio: nathelper
    """
    if not turn.message.count("Contact"):
        return 2
    uri, source = _contact_uri(turn), turn.datagram.src
    if uri is None:
        return -1
    if ip:
        if not is_ip(ip.strip("[]")) or proto.lower() not in TRANSPORTS:
            return -1
        alias = _alias(ip.strip("[]"), checked_number(port, "port"), proto.lower())
    elif (plain(uri.host), uri.port or DEFAULT_PORT, (uri.param("transport") or "").lower()) == source:
        return 2
    else:
        alias = _alias(*source)
    _write_contact(turn, uri._replace(params=(("alias", alias), *uri.params)))
    return 1


@command(REQUEST, ONREPLY, BRANCH)
def set_contact_alias(turn: Turn, /) -> int:
    """The same for where the message came from. Returns as add_contact_alias.   Kamailio: nathelper"""
    return add_contact_alias(turn)


@command(*ANY)
def is_rfc1918(turn: Turn, /, address: str) -> int:  # noqa: ARG001
    """Is that a private address? 1 yes · -1 no.   Kamailio: nathelper"""
    return 1 if _is_private(address) else -1


@command(REQUEST, FAILURE, BRANCH, ONREPLY)
def fix_nated_sdp(turn: Turn, /, flags: int | str, ip: str = "") -> int:
    """Put the address the message came from, or `ip`, into its body.

    `flags`, added up: 1 adds `a=direction:active` · 2 the media's addresses (c=) · 4 adds `a=nortpproxy:yes` · 8 the
    origin's address (o=), too. 1 done · -1 there is no SDP.   Kamailio: nathelper
    """
    asked, host = checked_number(flags, "flags"), ip or turn.datagram.src.host
    if not _is_sdp(turn):
        return -1
    message = turn.message
    kinds = "".join(kind for bit, kind in ((2, "c"), (8, "o")) if asked & bit)
    text = message.body.decode("utf-8", "surrogateescape")
    if kinds:
        version = "IP6" if ":" in host else "IP4"
        text = re.sub(rf"(?m)^([{kinds}]=(?:[^\r\n]* )?IN )IP[46] [^\s]+", rf"\g<1>{version} {host}", text)
    text += "".join(line for bit, line in ((1, "a=direction:active\r\n"), (4, "a=nortpproxy:yes\r\n")) if asked & bit)
    if text.encode("utf-8", "surrogateescape") != message.body:
        put_body(turn, text.encode("utf-8", "surrogateescape"))
    return 1


def _is_sdp(turn: Turn) -> bool:
    kind = (turn.message.get("Content-Type") or "").partition(";")[0].strip().lower()
    return kind == "application/sdp" and bool(turn.message.body)


def _media_hosts(turn: Turn) -> list[str]:
    """The addresses where its body says media goes (c=)."""
    if not _is_sdp(turn):
        return []
    text = turn.message.body.decode("utf-8", "surrogateescape")
    return re.findall(r"(?m)^c=IN IP[46] ([^\s/]+)", text)


@command(REQUEST, BRANCH)
def handle_ruri_alias(turn: Turn, /) -> int:
    """Send the request where the `alias` of its Request-URI says, and take that out.

    1 `$du` is set · 2 there is no alias · -1 it can't be read.   Kamailio: nathelper
    """
    try:
        uri = SipUri.parse(turn.uri)
    except BadMessage:
        return 2
    alias = next((value for name, value in uri.params if name == "alias" and value), None)
    if alias is None:
        return 2
    host, _, rest = alias.partition("~")
    port, _, number = rest.partition("~")
    proto = next((name for name, row in TRANSPORTS.items() if row.alias and number == str(row.alias)), None)
    if proto is None:
        return -1
    at = uri.params.index(("alias", alias))
    turn.uri = str(uri._replace(params=uri.params[:at] + uri.params[at + 1 :]))
    turn.dst_uri = _uri_of(host, port, proto)
    turn.uri_is_new = True
    return 1


def _is_private(host: str) -> bool:
    if not is_ip(host.strip("[]")):
        return False
    address = ip_address(host.strip("[]"))
    return any(address in net for net in PRIVATE if net.version == address.version)


def _contact(turn: Turn) -> NameAddr | None:
    """The Contact of a message, the last one of its first line; None for none or a `*`."""
    value = turn.message.get("Contact")
    if value is None or value.strip() == "*":
        return None
    return NameAddr.parse(split_list(value)[-1])


def _contact_uri(turn: Turn) -> SipUri | None:
    """Its URI; None if there is none, or none of SIP."""
    try:
        contact = _contact(turn)
        return None if contact is None else SipUri.parse(contact.uri)
    except BadMessage:
        return None


def _write_contact(turn: Turn, uri: SipUri) -> None:
    """Another URI in the place of the Contact's; without <> its parameters would belong to the header (§20.10)."""
    line = turn.message.first("Contact")
    *others, last = split_list(line.value)
    contact = NameAddr.parse(last)
    at = last.index(contact.uri, len(contact.display))
    before, behind = last[:at], last[at + len(contact.uri) :]
    written = f"{before}{uri}{behind}" if before or not uri.params else f"<{uri}>{behind}"
    turn.lumps.replace(line.start, line.stop, f"{line.name}: {', '.join([*others, written])}\r\n")


def _uri_of(host: str, port: int | str, proto: str) -> str:
    """An address as Kamailio writes it where it is no phone's own word: the port even if it is 5060."""
    return f"sip:{host}:{port}" + (f";transport={proto}" if transport_of(proto).reliable else "")


def _alias(host: str, port: int, proto: str) -> str:
    return f"{bracketed(host)}~{port}~{transport_of(proto).alias}"


EXPORTS = Module(
    "nathelper",
    commands=(
        nat_uac_test,
        fix_nated_register,
        fix_nated_contact,
        add_contact_alias,
        set_contact_alias,
        handle_ruri_alias,
        fix_nated_sdp,
        is_rfc1918,
    ),
    parameters=NatHelperParameters,
    state=NatPings,
    hooks=(NatPings.wake, NatPings.next_wake),
)
