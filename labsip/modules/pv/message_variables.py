"""Variables of the message at hand: what each means, how it is read, and how it is set where Kamailio lets a route."""

from __future__ import annotations

from collections.abc import Callable

from labsip.proxy.exports import NamedVariable, Value, Variable
from labsip.proxy.turn import Turn
from labsip.sip.digest import Credentials
from labsip.sip.errors import BadMessage
from labsip.sip.headers import NameAddr
from labsip.sip.message import Request, Response


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


def _sequence_number(turn: Turn) -> Value:
    return turn.message.cseq.number if turn.message.count("CSeq") else None


def _body_size(turn: Turn) -> Value:
    return len(turn.message.body)


def _source_uri(turn: Turn) -> Value:
    host, port, proto = turn.datagram.src
    return f"sip:{host}:{port};transport={proto}"


def _socket(turn: Turn) -> Value:
    return turn.socket.with_proto


def _sent_message(turn: Turn) -> Value:
    return turn.lumps.apply(turn.message.raw).decode("utf-8", "surrogateescape")


def _credentials_uri(turn: Turn) -> Value:
    for name in ("Authorization", "Proxy-Authorization"):
        value = turn.message.get(name)
        if value is not None:
            try:
                return Credentials.parse(value).uri
            except BadMessage:
                return None
    return None


def _asserted(part: Callable[[NameAddr], Value]) -> Callable[[Turn], Value]:
    def get(turn: Turn) -> Value:
        value = turn.message.get("P-Asserted-Identity")
        try:
            return None if value is None else part(NameAddr.parse(value))
        except BadMessage:
            return None

    return get


# fmt: off
MESSAGE: dict[str, Variable | NamedVariable] = {
    "$rm": Variable("method (of a reply: CSeq's)", _method),
    "$ci": Variable("Call-ID", _header("Call-ID")),
    "$cs": Variable("CSeq number", _sequence_number),
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
    "$proto": Variable("transport", lambda turn: turn.datagram.dst.proto),
    "$su": Variable("URI of where it came from", _source_uri),
    "$Ru": Variable("socket of ours it came to", _socket),
    "$cT": Variable("Content-Type header", _header("Content-Type")),
    "$bs": Variable("length of the body in bytes", _body_size),
    "$mt": Variable("1 for a request, 2 for a reply", lambda turn: 1 if isinstance(turn.message, Request) else 2),
    "$mi": Variable("number of the message since the proxy began", lambda turn: turn.proxy.messages),
    "$mbu": Variable("the whole message, with the changes so far", _sent_message),
    "$adu": Variable("URI of the credentials", _credentials_uri),
    "$rv": Variable("version of SIP", lambda turn: "SIP/2.0"),  # noqa: ARG005
    "$ai": Variable("URI of P-Asserted-Identity", _asserted(lambda address: address.uri)),
    "$rs": Variable("status of the reply", _status),
    "$rr": Variable("reason of the reply", lambda turn: getattr(turn.message, "reason", None)),
    "$T_branch_idx": Variable("number of the branch", lambda turn: turn.branch_index),
    "$null": Variable("nothing", lambda turn: None),  # noqa: ARG005
    "$hdr": NamedVariable("first header of that name; $(hdr(name)[*]): all of them", _headers, indexed=True),
}
# fmt: on
