"""`$sel(…)` and `@…`: parameters and parts of the message by a path (Kamailio's selects)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sized

from labsip.proxy.exports import NamedVariable, Value
from labsip.proxy.settings import Settings
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import NameAddr, Via, split_list
from labsip.sip.message import Request
from labsip.sip.uri import SipUri

STEP = re.compile(r"\.?([\w-]+)(?:\[([^\]]*)\])?")
HEADERS = {"contact": "Contact", "callid": "Call-ID", "call_id": "Call-ID", "v": "Via"}


def selected(turn: Turn, path: str) -> Value:
    """What stands at a path: `cfg_get.tm.fr_timer`, `ruri.user`, `via[0].host`; None if nothing does.

    Raises LabError for a path that leads nowhere in any message.
    """
    if path.startswith("cfg_get."):
        return _parameter(turn, path.removeprefix("cfg_get."), path)
    steps = STEP.findall(path)
    root = _ROOTS.get(steps[0][0]) if steps else None
    if root is None:
        hint = "write a parameter, as in $sel(cfg_get.tm.fr_timer)"
        raise LabError(f"$sel({path}) selects nothing here; {hint}")
    try:
        return root(turn, steps)
    except BadMessage:
        return None


def _parameter(turn: Turn, place: str, path: str) -> Value:
    """A setting of the script's own, or a parameter by the module whose it is: module.name."""
    exports, settings = turn.proxy.exports, turn.proxy.settings
    if place in settings.own:
        return settings.own[place]
    module, _, parameter = place.partition(".")
    kinds = {one.name: one.parameters for one in exports.modules if one.parameters is not None} | {"core": Settings}
    kind = kinds.get(module)
    if kind is None or exports.parameters.get(parameter) is not kind:
        raise LabError(f"$sel({path}) selects nothing here; write a parameter, as in $sel(cfg_get.tm.fr_timer)")
    value = getattr(settings if kind is Settings else settings.of(kind), parameter)
    if isinstance(value, float):
        return round(value * 1000)
    return len(value) if isinstance(value, Sized) and not isinstance(value, str) else value


Steps = list[tuple[str, str]]


def _uri_part(uri: SipUri, steps: Steps) -> Value:
    if not steps:
        return str(uri)
    name, index = steps[0]
    parts: dict[str, Callable[[], Value]] = {
        "user": lambda: uri.user_name,
        "host": lambda: uri.host,
        "port": lambda: None if uri.port is None else str(uri.port),
        "pwd": lambda: uri.password,
        "type": lambda: uri.scheme,
        "params": lambda: uri.param(index) if index else None,
    }
    return parts[name]() if name in parts else None


def _of_address(read: Callable[[Turn], NameAddr]) -> Callable[[Turn, Steps], Value]:
    def select(turn: Turn, steps: Steps) -> Value:
        address = read(turn)
        match steps[1:]:
            case []:
                return str(address)
            case [("uri", _), *rest]:
                return _uri_part(address.sip_uri, rest)
            case [("tag", _)]:
                return address.tag
            case [("name", _)]:
                return address.display or None
        return None

    return select


def _ruri(turn: Turn, steps: Steps) -> Value:
    return _uri_part(SipUri.parse(turn.uri, any_scheme=True), steps[1:]) if turn.uri else None


def _cseq(turn: Turn, steps: Steps) -> Value:
    cseq = turn.message.cseq
    return {"num": str(cseq.number), "method": cseq.method}.get(steps[1][0]) if steps[1:] else str(cseq)


def _method(turn: Turn, _: Steps) -> Value:
    return turn.message.method if isinstance(turn.message, Request) else turn.message.cseq.method


def _via(turn: Turn, steps: Steps) -> Value:
    """Kamailio counts from 1: `via[0]` is none."""
    index = int(steps[0][1] or 1) if re.fullmatch(r"-?\d*", steps[0][1]) else 0
    values = [value for line in turn.message.get_all("Via") for value in split_list(line)]
    if not index or abs(index) > len(values):
        return None
    via = Via.parse(values[index - 1 if index > 0 else index])
    parts = {"host": via.host, "port": None if via.port is None else str(via.port), "branch": via.branch}
    return parts.get(steps[1][0]) if steps[1:] else str(via)


def _header(turn: Turn, steps: Steps) -> Value:
    name, index = steps[0]
    if name in ("msg", "hf"):
        name, index = steps[1] if steps[1:] else ("", "")
        name = index if name == "header" else name
    return turn.message.get(HEADERS.get(name, name.replace("_", "-")))


_ROOTS: dict[str, Callable[[Turn, Steps], Value]] = {
    "ruri": _ruri,
    "from": _of_address(lambda turn: turn.message.from_),
    "f": _of_address(lambda turn: turn.message.from_),
    "to": _of_address(lambda turn: turn.message.to),
    "t": _of_address(lambda turn: turn.message.to),
    "cseq": _cseq,
    "method": _method,
    "via": _via,
    "v": _via,
    "msg": _header,
    "hf": _header,
    "contact": _header,
    "call_id": _header,
    "callid": _header,
}

SELECTS = {
    "$sel": NamedVariable(
        "$sel(cfg_get.tm.fr_timer): a parameter; times in ms, of a table how many rows; $sel(ruri.user)", selected
    )
}
