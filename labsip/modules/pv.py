"""pv: the message through Kamailio's pseudo-variables, `ksr["$ru"]`, as a table (Kamailio's core and pv module)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Sized
from functools import lru_cache
from typing import NamedTuple

from labsip.proxy.arguments import checked_uri
from labsip.proxy.exports import Exports, Module, NamedVariable, Transformation, Value, Variable
from labsip.proxy.settings import Settings
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage, LabError, NoSuchName
from labsip.sip.headers import NameAddr
from labsip.sip.memo import LONGEST
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


def _selected(turn: Turn, name: str) -> Value:
    """A parameter, by the module whose it is: cfg_get.module.name."""
    what, _, place = name.partition(".")
    module, _, parameter = place.partition(".")
    exports, settings = turn.proxy.exports, turn.proxy.settings
    kinds = {one.name: one.parameters for one in exports.modules if one.parameters is not None} | {"core": Settings}
    kind = kinds.get(module)
    if what != "cfg_get" or kind is None or exports.parameters.get(parameter) is not kind:
        raise LabError(f"$sel({name}) selects nothing here; write a parameter, as in $sel(cfg_get.tm.fr_timer)")
    value = getattr(settings if kind is Settings else settings.of(kind), parameter)
    if isinstance(value, float):
        return round(value * 1000)
    return len(value) if isinstance(value, Sized) and not isinstance(value, str) else value


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
    "$sel": NamedVariable("$sel(cfg_get.tm.fr_timer): a parameter; times in ms, of a table how many rows", _selected),
    "$avp": NamedVariable("kept with the transaction", lambda turn, name: turn.avps.get(name),
                  lambda turn, name, value: _keep(turn.avps, name, value)),
    "$var": NamedVariable("kept while this script runs; 0 if never set", lambda turn, name: turn.vars.get(name, 0),
                  lambda turn, name, value: _keep(turn.vars, name, value)),
}
# fmt: on
_NAME = re.compile(r"(\$\w+)(?:\(([^()]*)\))?\Z")
_WITH_KEY = re.compile(r"(\$\w+)\((.*)\)\Z", re.DOTALL)
_CHANGED = re.compile(r"\$\((\w+)(\([^()]*\))?(\[(?:-?\d+|\*)\])?((?:\{[^{}]*\})*)\)\Z", re.ASCII)
"""A variable with an index or transformations: $(hdr(Via)[1]), $(ru{uri.user})."""
_IN_TEXT = re.compile(
    r"\$\(\w+(?:\([^()]*\))?(?:\[[^\[\]]*\])?(?:\{[^{}]*\})*\)|\$\$|\$\w+(?:\((?:[^()]|\([^()]*\))*\))?"
)


def _keep(store: dict[str, object], name: str, value: Value) -> None:
    if value is None:
        store.pop(name, None)
    else:
        store[name] = value


def read(turn: Turn, name: str) -> Value:
    """Value of a pseudo-variable, with its transformations. Raises NoSuchName if there is none of that name."""
    found = find(turn.proxy.exports, name)
    variable = found.variable
    if isinstance(variable, NamedVariable):
        value = variable.get(turn, filled(turn, found.inner) if variable.expands else found.inner)
    else:
        value = variable.get(turn)
    for transformation, parameters in found.transformations:
        value = transformation.apply(value, parameters)
    return value


def write(turn: Turn, name: str, value: Value) -> None:
    """Set a pseudo-variable. Raises LabError if it can only be read."""
    exports = turn.proxy.exports
    variable, inner, changed = find(exports, name)
    if variable.set is None or changed:
        settable = [_spelled(n, v) for n, v in exports.variables.items() if v.set]
        raise LabError(f"{name} ({variable.about}) can be read but not set; a route can set {', '.join(settable)}")
    if isinstance(variable, NamedVariable):
        variable.set(turn, filled(turn, inner) if variable.expands else inner, value)
    else:
        variable.set(turn, value)


def check(exports: Exports, name: str) -> None:
    """Raises LabError if there is no pseudo-variable of that name, or there is another in it that does not exist."""
    for match in _IN_TEXT.finditer(find(exports, name).inner):
        if match[0] != "$$":
            check(exports, match[0])


def expand(turn: Turn, text: str) -> str:
    """A text with its $variables filled in; $null prints as <null>, as in Kamailio, and $$ as $."""

    def fill(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        value = read(turn, match[0])
        return "<null>" if value is None else str(value)

    return _IN_TEXT.sub(fill, text)


def filled(turn: Turn, key: str) -> str:
    """A key with its $variables filled in; what only looks like one, and came with a message, stays as it is."""

    def fill(match: re.Match[str]) -> str:
        try:
            return expand(turn, match[0])
        except LabError:
            return match[0]

    return _IN_TEXT.sub(fill, key)


class Found(NamedTuple):
    """What a name stands for."""

    variable: Variable | NamedVariable
    inner: str = ""
    """What stands in its brackets."""
    transformations: tuple[tuple[Transformation, tuple[str, ...]], ...] = ()
    """Each with its parameters, in the order they are applied."""


def find(exports: Exports, name: str) -> Found:
    """What a name stands for. Raises LabError for what is no variable, NoSuchName for one that does not exist."""
    return _known(exports, name) if len(name) <= LONGEST else _find(exports, name)


@lru_cache(maxsize=1024)
def _known(exports: Exports, name: str) -> Found:
    return _find(exports, name)


def _find(exports: Exports, name: str) -> Found:
    variables, changed = exports.variables, _CHANGED.match(name)
    if changed is not None:
        head, brackets, index, change = changed.groups(default="")
        found = _find(exports, f"${head}{brackets}")
        if index and not (isinstance(found.variable, NamedVariable) and found.variable.indexed):
            raise LabError(f"${head} takes no index; write ${head}{brackets}")
        transformations = tuple(_transformations(exports, change)) if change else ()
        return found._replace(inner=found.inner + index, transformations=transformations)
    match = _NAME.match(name)
    if match is None and (keyed := _WITH_KEY.match(name)) is not None:
        known = variables.get(keyed[1])
        match = keyed if isinstance(known, NamedVariable) and known.expands else None
    if match is None:
        raise LabError(f'{name!r} is no variable; write it as in ksr["$ru"] or ksr["$hdr(User-Agent)"]')
    head, inner = match[1], match[2]
    variable = variables.get(head)
    if inner is None and isinstance(variable, Variable):
        return Found(variable)
    if inner is not None and isinstance(variable, NamedVariable):
        return Found(variable, inner)
    if isinstance(variable, NamedVariable):
        raise LabError(f"{head} needs a name in brackets, as in {head}(name)")
    plain = [n for n, v in variables.items() if isinstance(v, Variable)]
    raise NoSuchName(
        "variable", name, [*plain, *(f"{n}()" for n, v in variables.items() if isinstance(v, NamedVariable))]
    )


def _transformations(exports: Exports, text: str) -> Iterator[tuple[Transformation, tuple[str, ...]]]:
    for part in text[1:-1].split("}{"):
        name, *parameters = part.split(",")
        if name not in exports.transformations:
            raise NoSuchName("transformation", name, exports.transformations)
        yield exports.transformations[name], tuple(parameters)


def _spelled(name: str, variable: Variable | NamedVariable) -> str:
    return f"{name}(name)" if isinstance(variable, NamedVariable) else name


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _uri_part(part: Callable[[SipUri], Value]) -> Callable[[Value, Sequence[str]], Value]:
    def apply(value: Value, _: Sequence[str]) -> Value:
        try:
            return part(SipUri.parse(_text(value), any_scheme=True))
        except BadMessage:
            return None

    return apply


TRANSFORMATIONS = {
    "s.len": Transformation("its length", lambda value, _: len(_text(value))),
    "s.substr": Transformation(
        "from an offset on, so many characters", lambda value, given: _substr(_text(value), given)
    ),
    "s.int": Transformation("the number it begins with, 0 if none", lambda value, _: _number(_text(value))),
    "s.tolower": Transformation("in lower case", lambda value, _: _text(value).lower()),
    "s.toupper": Transformation("in upper case", lambda value, _: _text(value).upper()),
    "uri.user": Transformation("user of a URI", _uri_part(lambda uri: uri.user_name)),
    "uri.host": Transformation("host of a URI", _uri_part(lambda uri: uri.host)),
    "uri.port": Transformation("port of a URI, 0 if it names none", _uri_part(lambda uri: uri.port or 0)),
}


def _substr(text: str, parameters: Sequence[str]) -> str:
    start, length = (int(number) for number in (*parameters, "0", "0")[:2])
    return text[start:][: length or None]


def _number(text: str) -> int:
    match = re.match(r"\s*([+-]?\d+)", text, re.ASCII)
    return int(match[1]) if match else 0


EXPORTS = Module("pv", variables=VARIABLES, transformations=TRANSFORMATIONS)
