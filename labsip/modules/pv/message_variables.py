"""Variables of the message at hand: what each means, how it is read, and how it is set where Kamailio lets a route."""

from __future__ import annotations

from collections.abc import Callable

from labsip.proxy.arguments import checked_uri
from labsip.proxy.exports import NamedVariable, Value, Variable
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import NameAddr
from labsip.sip.message import Request, Response
from labsip.sip.uri import SipUri


def _uri(turn: Turn) -> SipUri:
    return SipUri.parse(turn.uri, any_scheme=True)


def _part(part: Callable[[SipUri], Value]) -> Callable[[Turn], Value]:
    """Reads a part of the Request-URI; a reply has none."""
    return lambda turn: part(_uri(turn)) if turn.uri else None


def _set_uri(turn: Turn, value: Value) -> None:
    try:
        SipUri.parse(str(value), any_scheme=True)
    except BadMessage:
        raise LabError(f'{str(value)!r} is no URI; write it as in "sip:user@host"') from None
    if turn.path:  # it led to the one before
        turn.path, turn.dst_uri = "", None
    turn.uri = str(value)
    turn.uri_is_new = True


def _set_user(turn: Turn, value: Value) -> None:
    known = _uri(turn)
    params = (known.user or "").removeprefix(known.user_name or "")  # those of user=phone stay, as in Kamailio
    _set_uri(turn, known._replace(user=None if value is None else f"{value}{params}"))


def _set_host(turn: Turn, value: Value) -> None:
    _set_uri(turn, _uri(turn)._replace(host=str(value)))


def _set_port(turn: Turn, value: Value) -> None:
    digits = str(value)
    if value is not None and not (digits.isascii() and digits.isdigit() and 0 < int(digits) < 65536):
        raise LabError(f"$rp must be a number from 1 to 65535, not {value!r}")
    _set_uri(turn, _uri(turn)._replace(port=None if value is None else int(digits)))


def _set_dst(turn: Turn, value: Value) -> None:
    turn.dst_uri = None if value is None else str(checked_uri(str(value)))
    turn.uri_is_new = True


def _of(name: str, part: Callable[[NameAddr], Value]) -> Callable[[Turn], Value]:
    def get(turn: Turn) -> Value:
        return part(turn.message.from_ if name == "From" else turn.message.to)

    return get


def _header(name: str) -> Callable[[Turn], Value]:
    return lambda turn: turn.message.get(name)


def _status(turn: Turn) -> Value:
    return turn.message.status if isinstance(turn.message, Response) else None


def _headers(turn: Turn, name: str) -> Value:
    """The first header of that name; name[n]: the n-th, from 0 or from the end; name[*]: all, as one list."""
    name, _, index = name.rstrip("]").partition("[")
    if not index:
        return turn.message.get(name)
    values = turn.message.get_all(name)
    if index == "*":
        return ",".join(values) or None
    return values[int(index)] if -len(values) <= int(index) < len(values) else None


def _method(turn: Turn) -> Value:
    return turn.message.method if isinstance(turn.message, Request) else turn.message.cseq.method


def _name_addr(prefix: str, header: str) -> dict[str, Variable]:
    return {
        f"${prefix}u": Variable(f"URI of {header}", _of(header, lambda a: a.uri)),
        f"${prefix}U": Variable(f"user of {header}", _of(header, lambda a: a.sip_uri.user_name)),
        f"${prefix}d": Variable(f"domain of {header}", _of(header, lambda a: a.sip_uri.host)),
        f"${prefix}n": Variable(f"display name of {header}", _of(header, lambda a: a.display or None)),
        f"${prefix}t": Variable(f"tag of {header}", _of(header, lambda a: a.tag)),
    }


# fmt: off
VARIABLES: dict[str, Variable | NamedVariable] = {
    "$rm": Variable("method (of a reply: CSeq's)", _method),
    "$ru": Variable("Request-URI, as it will be sent", lambda turn: turn.uri or None, _set_uri),
    "$rU": Variable("its user", _part(lambda uri: uri.user_name), _set_user),
    "$rd": Variable("its domain", _part(lambda uri: uri.host), _set_host),
    "$rp": Variable("its port, 5060 if it names none", _part(lambda uri: uri.address.port), _set_port),
    "$ou": Variable("Request-URI, as it came in", lambda turn: getattr(turn.message, "uri", None)),
    "$du": Variable("where to send it, if not to the Request-URI", lambda turn: turn.dst_uri, _set_dst),
    **_name_addr("f", "From"),
    **_name_addr("t", "To"),
    "$ci": Variable("Call-ID", lambda turn: turn.message.call_id),
    "$cs": Variable("CSeq number", lambda turn: turn.message.cseq.number),
    "$ct": Variable("Contact header", _header("Contact")),
    "$ua": Variable("User-Agent header", _header("User-Agent")),
    "$cl": Variable("Content-Length", lambda turn: turn.message.content_length),
    "$rb": Variable("body", lambda turn: turn.message.body.decode("utf-8", "surrogateescape")),
    "$mb": Variable("the whole message", lambda turn: str(turn.message)),
    "$ml": Variable("its length in bytes", lambda turn: len(turn.message.raw)),
    "$si": Variable("address it came from", lambda turn: turn.datagram.src.host),
    "$sp": Variable("port it came from", lambda turn: turn.datagram.src.port),
    "$Ri": Variable("address of ours it came to", lambda turn: turn.datagram.dst.host),
    "$Rp": Variable("port of ours it came to", lambda turn: turn.datagram.dst.port),
    "$pr": Variable("transport", lambda turn: turn.datagram.dst.proto),
    "$rs": Variable("status of the reply", _status),
    "$rr": Variable("reason of the reply", lambda turn: getattr(turn.message, "reason", None)),
    "$T_branch_idx": Variable("number of the branch", lambda turn: turn.branch_index),
    "$null": Variable("nothing", lambda turn: None),  # noqa: ARG005
    "$hdr": NamedVariable("first header of that name; $(hdr(name)[*]): all of them", _headers, indexed=True),
}
# fmt: on
