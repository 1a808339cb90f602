"""Sockets and names: what stands behind `listen=` and `alias=`."""

from __future__ import annotations

from labsip.dialects.cfg import operators, tokens
from labsip.dialects.cfg.atoms import host, is_network, text
from labsip.dialects.cfg.cursor import Cursor
from labsip.dialects.cfg.nodes import Bare, CoreParameter, Spot, Text
from labsip.dialects.cfg.tokens import Token


def sockets(cursor: Cursor, word: Token) -> tuple[CoreParameter, ...]:
    """All sockets of a `listen`."""
    found = [socket(cursor, word)]
    while begins_socket(cursor):
        found.append(socket(cursor, word))
    return tuple(found)


def begins_socket(cursor: Cursor) -> bool:
    """Whether another socket follows, and no other declaration."""
    token, following = cursor.token, cursor.after()
    if token.kind == tokens.NAME:
        if token.value in operators.PROTOCOLS:
            return following.value == ":"
        same_line = token.spot.line == cursor.previous.spot.line
        return same_line and token.value not in operators.KEYWORDS
    return token.kind in (tokens.NUMBER, tokens.V6, tokens.TEXT) or cursor.at("(", "[")


def socket(cursor: Cursor, word: Token) -> CoreParameter:
    """`udp:127.0.10.1:5060 advertise 192.0.2.1:5060 name "outside"`."""
    start = cursor.token.spot
    places = endpoints(cursor)
    options: dict[str, str] = {}
    while cursor.at("advertise", "name", "virtual"):
        option = cursor.take().value
        options[option] = "" if option == "virtual" else told(cursor, option)
    spot = (
        word.spot
        if start.line != word.spot.line
        else Spot(start.file, start.line, start.column, cursor.previous.spot.end)
    )
    return CoreParameter(spot, "listen", places, options)


def told(cursor: Cursor, option: str) -> str:
    """What an option of a socket says."""
    if cursor.token.kind == tokens.TEXT:
        return text(cursor).value
    if option == "name" and cursor.token.kind != tokens.NAME:
        raise cursor.lost(f"a name is missing before {cursor.token}", 'write name "outside"')
    return with_port(cursor)


def endpoints(cursor: Cursor) -> tuple[Text | Bare, ...]:
    """`udp:host:port`, `host`, `(host, host)`: one Bare each, as `udp:host:port`."""
    token = cursor.token
    if token.kind == tokens.TEXT:
        return (text(cursor),)
    proto = ""
    if token.kind == tokens.NAME and token.value in operators.PROTOCOLS and cursor.after().value == ":":
        cursor.take(), cursor.take()
        proto = operators.PROTOCOLS[token.value] + ":"
    if not cursor.accept("("):
        return (Bare(token.spot, proto + with_port(cursor)),)
    hosts = [checked_host(cursor)]
    while cursor.accept(","):
        hosts.append(checked_host(cursor))
    cursor.expect(")")
    end = port(cursor)
    return tuple(Bare(token.spot, f"{proto}{one}{end}") for one in hosts)


def checked_host(cursor: Cursor) -> str:
    """A host, an address or a network interface. Raises Lost."""
    token = cursor.token
    usable = (tokens.NAME, tokens.NUMBER, tokens.WORD, tokens.V6, tokens.TEXT)
    if not (token.kind in usable or cursor.at("[")) or token.value in operators.STATEMENT_WORDS:
        raise cursor.lost(f"an address is missing before {token}", "write it as in listen=udp:127.0.0.1:5060")
    bracket = cursor.at("[") or token.kind == tokens.V6
    found = host(cursor)
    if token.kind == tokens.NUMBER and "." in found and not is_network(found):
        cursor.fault(token.spot._replace(end=cursor.previous.spot.end), f"{found} is no address")
    return f"[{found}]" if bracket else found


def with_port(cursor: Cursor) -> str:
    """`host:port` or `host`."""
    return checked_host(cursor) + port(cursor)


def port(cursor: Cursor) -> str:
    """`:5060`, "" without one."""
    if not cursor.accept(":"):
        return ""
    if cursor.accept("*"):
        return ""
    if cursor.token.kind != tokens.NUMBER:
        raise cursor.lost(f"a port is a number, not {cursor.token}")
    return f":{tokens.number_of(cursor.take().value)}"


def aliases(cursor: Cursor) -> tuple[Text | Bare, ...]:
    """The names of an `alias`: `a.example b.example:5060`."""
    found: list[Text | Bare] = []
    while not found or begins_socket(cursor) or cursor.at("*"):
        token = cursor.token
        if token.kind == tokens.TEXT:
            single = cursor.take()
            found.append(Text(single.spot, single.value))
        elif cursor.accept("*"):
            found.append(Bare(token.spot, "*" + port(cursor)))
        else:
            found += endpoints(cursor)
    return tuple(found)
