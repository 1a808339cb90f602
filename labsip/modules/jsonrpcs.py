"""jsonrpcs: the commands of Kamailio's RPC asked in JSON (its module of that name; JSON-RPC 2.0).

`answer_json` takes what came, whatever bytes it is, and gives what goes back; HTTP brings it by `jsonrpc_dispatch()`,
a datagram by the UNIX socket `dgram_socket` (`net.control`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple, NoReturn

from labsip.modules import xhttp
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.inquiry import answer
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import Named, RpcFault, UnknownRpc, Value
from labsip.proxy.script import REQUEST
from labsip.proxy.turn import Turn

HTTP, FIFO, DATAGRAM = 1, 2, 4
"""Bits of `transport`; 0 is all of them."""


@dataclass(frozen=True)
class JsonRpcsParameters:
    """Parameters of jsonrpcs."""

    pretty_format: bool = False
    """Answers have line ends and tabs."""
    dgram_socket: str = ""
    """The UNIX socket that `labsip serve` opens for requests, each a datagram."""
    jsonrpc_transport: int = 0
    """jsonrpcs' `transport`: 1 HTTP, 4 datagrams, added up; 0: all."""


class JsonAnswer(NamedTuple):
    """What goes back: a status and its reason, as HTTP has them, and the JSON."""

    status: int
    reason: str
    body: bytes


class _NoRequest(Exception):
    """What came is none: JSON-RPC's code, and its words."""


def answer_json(proxy: Proxy, now: float, data: bytes, *, who: str, writes: bool = True) -> JsonAnswer:
    """Do what a request asks; never raises. What is no request is told so: Kamailio says nothing, or `{}`."""
    pretty, asked = proxy.settings.of(JsonRpcsParameters).pretty_format, {}
    try:
        asked = _request(data)
        name, given = asked["method"], asked.get("params", [])
        arguments = list(given.values()) if isinstance(given, dict) else given if isinstance(given, list) else []
        values = answer(proxy, now, name, arguments, who=who, writes=writes)
        many = proxy.exports.rpcs[name].many
        reply: dict[str, Value] = {"result": values if many else values[-1] if values else {}}
        status, reason = 200, "OK"
    except UnknownRpc:
        status, reason = 500, "Method Not Found"
        reply = _error(500, reason)
    except RpcFault as fault:
        status, reason = fault.code, fault.reason
        reply = _error(status, reason)
    except _NoRequest as none:
        status, reason = 400, none.args[1]
        reply = _error(*none.args)
    text = written({"jsonrpc": "2.0", **reply, **_id(asked)}, pretty=pretty)
    return JsonAnswer(status, reason, text.encode("utf-8", "surrogateescape"))


def _request(data: bytes) -> dict[str, Any]:
    """Raises _NoRequest. What stands behind the request is left alone, as in Kamailio."""
    try:
        text = data.decode("utf-8", "surrogateescape").lstrip()
        asked, _ = json.JSONDecoder(parse_constant=_refuse).raw_decode(text)
        json.dumps(asked, ensure_ascii=False).encode("utf-8", "surrogateescape")  # half a character is no text
    except (ValueError, RecursionError):
        raise _NoRequest(-32700, "Parse error") from None
    if not isinstance(asked, dict) or asked.get("jsonrpc") != "2.0" or not isinstance(asked.get("method"), str):
        raise _NoRequest(-32600, "Invalid Request")
    return asked


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _error(code: int, message: str) -> dict[str, Value]:
    return {"error": {"code": code, "message": message}}


def _id(asked: Mapping[str, Any]) -> dict[str, Value]:
    """As it was given; what is neither a number nor a text is 0, as in Kamailio."""
    given = asked.get("id", ...)
    if given is ...:
        return {}
    return {"id": given if type(given) in (int, str) or (type(given) is float and isfinite(given)) else 0}


# --- as text ------------------------------------------------------------------------------------------------


def written(value: Value | Named, *, pretty: bool, depth: int = 0) -> str:
    """A value as JSON, in Kamailio's spelling: fractions with six digits, lines and tabs where it is `pretty`."""
    match value:
        case None:
            return "null"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case float():
            return str(int(value)) if value.is_integer() else f"{value:f}"
        case int():
            return str(value)
        case Named():
            return _object({value.name: value.value}, pretty, depth)
        case Mapping():
            return _object(value, pretty, depth)
    return "[" + (", " if pretty else ",").join(written(one, pretty=pretty, depth=depth + 1) for one in value) + "]"


def _object(fields: Mapping[str, Value], pretty: bool, depth: int) -> str:
    colon = ":\t" if pretty else ":"
    inner = [
        json.dumps(name, ensure_ascii=False) + colon + written(value, pretty=pretty, depth=depth + 1)
        for name, value in fields.items()
    ]
    if not pretty:
        return "{" + ",".join(inner) + "}"
    tabs = "\t" * (depth + 1)
    return "{\n" + ",\n".join(tabs + line for line in inner) + ("\n" if inner else "") + tabs[1:] + "}"


# --- over HTTP ----------------------------------------------------------------------------------------------


@command(REQUEST, kemi="jsonrpcs.dispatch")
def jsonrpc_dispatch(turn: Turn, /) -> int:
    """Do what the JSON-RPC in the HTTP request at hand asks, and answer it. 1 · -1 there is none.

    Kamailio: jsonrpcs
    """
    if turn.find_note(xhttp.HttpRequest) is None:
        return -1
    who = f"{turn.datagram.src.host} by HTTP"
    status, reason, body = answer_json(turn.proxy, turn.now, turn.message.body, who=who)
    return xhttp.answer(turn, status, re.sub(r"[\r\n]+", " ", reason), "application/json", body)


EXPORTS = Module("jsonrpcs", commands=(jsonrpc_dispatch,), parameters=JsonRpcsParameters)
