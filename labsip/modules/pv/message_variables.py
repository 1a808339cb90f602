"""Variables of the message at hand: what each means, how it is read, and how it is set where Kamailio lets a route."""

from __future__ import annotations

from collections.abc import Callable

from labsip.proxy.exports import Value, Variable
from labsip.proxy.turn import Turn
from labsip.sip.errors import LabError
from labsip.sip.message import Request, Response
from labsip.sip.transport import Address, bracketed


def _header(name: str) -> Callable[[Turn], Value]:
    return lambda turn: turn.message.get(name)


def _status(turn: Turn) -> Value:
    return turn.message.status if isinstance(turn.message, Response) else None


def _method(turn: Turn) -> Value:
    return turn.message.method if isinstance(turn.message, Request) else turn.message.cseq.method


def _sequence_number(turn: Turn) -> Value:
    return turn.message.cseq.number if turn.message.count("CSeq") else None


def _body_size(turn: Turn) -> Value:
    return len(turn.message.body)


def _uri_of(address: Address, *, proto: bool = False) -> str:
    """An address as a URI; UDP need not be said."""
    said = proto or address.transport.reliable
    return f"sip:{bracketed(address.host)}:{address.port}" + (f";transport={address.proto}" if said else "")


def _set_socket(turn: Turn, value: Value) -> None:
    address = None if value is None else Address.parse(str(value))
    if address is not None and address not in turn.proxy.addresses:
        raise LabError(f"$fs can't be {value}, which is no address of ours")
    turn.send_socket = address


def _chosen(turn: Turn) -> Value:
    return None if turn.send_socket is None else turn.send_socket.with_proto


def _type(turn: Turn) -> Value:
    return "rq" if isinstance(turn.message, Request) else "rp"


def _sent_message(turn: Turn) -> Value:
    return turn.lumps.apply(turn.message.raw).decode("utf-8", "surrogateescape")


# fmt: off
MESSAGE: dict[str, Variable] = {
    "$rm": Variable("method (of a reply: CSeq's)", _method),
    "$ci": Variable("Call-ID", _header("Call-ID")),
    "$cs": Variable("CSeq number", _sequence_number),
    "$csb": Variable("CSeq, number and method", _header("CSeq")),
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
    "$siz": Variable("address it came from, IPv6 in brackets", lambda turn: bracketed(turn.datagram.src.host)),
    "$src_ip": Variable("address it came from", lambda turn: turn.datagram.src.host),
    "$su": Variable("URI of where it came from", lambda turn: _uri_of(turn.datagram.src)),
    "$sut": Variable("the same, its transport said in any case", lambda turn: _uri_of(turn.datagram.src, proto=True)),
    "$sas": Variable("where it came from, as proto:host:port", lambda turn: turn.datagram.src.with_proto),
    "$Ru": Variable("URI of the address of ours it came to", lambda turn: _uri_of(turn.socket)),
    "$Rut": Variable("the same, its transport said in any case", lambda turn: _uri_of(turn.socket, proto=True)),
    "$RAi": Variable("the address of ours that others know", lambda turn: turn.socket.host),
    "$RAp": Variable("its port", lambda turn: turn.socket.port),
    "$RAu": Variable("its URI", lambda turn: _uri_of(turn.socket)),
    "$RAut": Variable("its URI, with the transport", lambda turn: _uri_of(turn.socket, proto=True)),
    "$Ras": Variable("as proto:host:port", lambda turn: turn.socket.with_proto),
    "$fs": Variable("the socket of ours a route chose for sending", _chosen, _set_socket),
    "$fsp": Variable("its port, 0 without one", lambda turn: 0 if turn.send_socket is None else turn.send_socket.port),
    "$cT": Variable("Content-Type header", _header("Content-Type")),
    "$bs": Variable("length of the body in bytes", _body_size),
    "$mt": Variable("1 for a request, 2 for a reply", lambda turn: 1 if isinstance(turn.message, Request) else 2),
    "$mts": Variable("rq for a request, rp for a reply", _type),
    "$mi": Variable("number of the message since the proxy began", lambda turn: turn.proxy.messages),
    "$mbu": Variable("the whole message, with the changes so far", _sent_message),
    "$rv": Variable("version of SIP", lambda turn: "SIP/2.0"),  # noqa: ARG005
    "$rs": Variable("status of the reply", _status),
    "$rr": Variable("reason of the reply", lambda turn: getattr(turn.message, "reason", None)),
    "$T_branch_idx": Variable("number of the branch", lambda turn: turn.branch_index),
    "$true": Variable("1", lambda turn: 1),  # noqa: ARG005
    "$null": Variable("nothing", lambda turn: None),  # noqa: ARG005
}
# fmt: on
