"""Variables of From and To. A change shows in what leaves, not in what is read: `$fu` stays as it came."""

from __future__ import annotations

from collections.abc import Callable

from labsip.proxy.arguments import checked_uri
from labsip.proxy.exports import Value, Variable
from labsip.proxy.turn import Turn
from labsip.sip.headers import NameAddr

Get = Callable[[Turn], Value]
Change = Callable[[NameAddr, Value], NameAddr]


class NewAddresses(dict[str, NameAddr]):
    """From and To as they will be sent, where a route has changed them."""


def _address(turn: Turn, header: str) -> NameAddr:
    return turn.message.from_ if header == "From" else turn.message.to


def _reading(header: str, part: Callable[[NameAddr], Value]) -> Get:
    """None for a message without it: one of HTTP."""
    return lambda turn: part(_address(turn, header)) if turn.message.count(header) else None


def _setting(header: str, change: Change) -> Callable[[Turn, Value], None]:
    def set_value(turn: Turn, value: Value) -> None:
        new = turn.note(NewAddresses)
        new[header] = change(new.get(header) or _address(turn, header), value)
        for start, _, stop in turn.message.spans(header)[:1]:
            turn.lumps.replace(start, stop, f"{header}: {new[header]}\r\n")

    return set_value


def _with_uri(address: NameAddr, value: Value) -> NameAddr:
    return address._replace(uri=str(checked_uri(str(value))))


def _with_user(address: NameAddr, value: Value) -> NameAddr:
    uri = address.sip_uri._replace(user=None if value is None else str(value))
    return _with_uri(address, str(uri))


def _with_domain(address: NameAddr, value: Value) -> NameAddr:
    return _with_uri(address, str(address.sip_uri._replace(host=str(value))))


def _with_name(address: NameAddr, value: Value) -> NameAddr:
    name = "" if value is None else str(value)
    quoted = name if not name or name.startswith('"') else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return address._replace(display=quoted)


def _user_length(address: NameAddr) -> int:
    return len((address.sip_uri.user_name or "").encode("utf-8", "surrogateescape"))


def _variables(prefix: str, header: str) -> dict[str, Variable]:
    def settable(part: Callable[[NameAddr], Value], change: Change) -> tuple[Get, Callable[[Turn, Value], None]]:
        return _reading(header, part), _setting(header, change)

    return {
        f"${prefix}u": Variable(f"URI of {header}", *settable(lambda a: a.uri, _with_uri)),
        f"${prefix}U": Variable(f"user of {header}", *settable(lambda a: a.sip_uri.user_name, _with_user)),
        f"${prefix}d": Variable(f"domain of {header}", *settable(lambda a: a.sip_uri.host, _with_domain)),
        f"${prefix}n": Variable(f"display name of {header}", *settable(lambda a: a.display or None, _with_name)),
        f"${prefix}Ul": Variable(f"length of the user of {header}", _reading(header, _user_length)),
        f"${header.lower()}": Variable(f"URI of {header}", *settable(lambda a: a.uri, _with_uri)),
        f"${prefix}t": Variable(f"tag of {header}", _reading(header, lambda a: a.tag)),
    }


ADDRESSES = _variables("f", "From") | _variables("t", "To")
