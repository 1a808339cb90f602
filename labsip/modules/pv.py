"""pv: the message through Kamailio's pseudo-variables, `ksr["$ru"]`, as a table (Kamailio's core and pv module)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from labsip.modules import auth, htable, sqlops
from labsip.proxy.arguments import checked_uri
from labsip.proxy.route import Routing
from labsip.sip.errors import BadMessage, LabError, NoSuchName
from labsip.sip.headers import NameAddr
from labsip.sip.memory import remembered
from labsip.sip.message import Request, Response
from labsip.sip.uri import SipUri

Value = object
"""str or int, None where Kamailio says $null."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One pseudo-variable: what it means, how to read it, and how to set it where Kamailio lets a route set it."""

    about: str
    get: Callable[[Routing], Value]
    set: Callable[[Routing, Value], None] | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A pseudo-variable with a name in brackets, as in $hdr(User-Agent)."""

    about: str
    get: Callable[[Routing, str], Value]
    set: Callable[[Routing, str, Value], None] | None = None


def _uri(ksr: Routing) -> SipUri:
    return SipUri.parse(ksr._uri, any_scheme=True)


def _part(part: Callable[[SipUri], Value]) -> Callable[[Routing], Value]:
    """Reads a part of the Request-URI; a reply has none."""
    return lambda ksr: part(_uri(ksr)) if ksr._uri else None


def _set_uri(ksr: Routing, value: Value) -> None:
    try:
        SipUri.parse(str(value), any_scheme=True)
    except BadMessage:
        raise LabError(f'{str(value)!r} is no URI; write it as in "sip:user@host"') from None
    if ksr._path:  # it led to the one before
        ksr._path, ksr._dst_uri = "", None
    ksr._uri = str(value)
    ksr._uri_is_new = True


def _set_user(ksr: Routing, value: Value) -> None:
    known = _uri(ksr)
    params = (known.user or "").removeprefix(known.user_name or "")  # those of user=phone stay, as in Kamailio
    _set_uri(ksr, known._replace(user=None if value is None else f"{value}{params}"))


def _set_host(ksr: Routing, value: Value) -> None:
    _set_uri(ksr, _uri(ksr)._replace(host=str(value)))


def _set_port(ksr: Routing, value: Value) -> None:
    digits = str(value)
    if value is not None and not (digits.isascii() and digits.isdigit() and 0 < int(digits) < 65536):
        raise LabError(f"$rp must be a number from 1 to 65535, not {value!r}")
    _set_uri(ksr, _uri(ksr)._replace(port=None if value is None else int(digits)))


def _set_dst(ksr: Routing, value: Value) -> None:
    ksr._dst_uri = None if value is None else str(checked_uri(str(value)))
    ksr._uri_is_new = True


def _of(name: str, part: Callable[[NameAddr], Value]) -> Callable[[Routing], Value]:
    def get(ksr: Routing) -> Value:
        return part(ksr._message.from_ if name == "From" else ksr._message.to)

    return get


def _header(name: str) -> Callable[[Routing], Value]:
    return lambda ksr: ksr._message.get(name)


def _status(ksr: Routing) -> Value:
    return ksr._message.status if isinstance(ksr._message, Response) else None


def _reply_code(ksr: Routing) -> Value:
    if isinstance(ksr._message, Response):
        return ksr._message.status
    return 0 if ksr._tm is None else ksr._tm.best or ksr._tm.status


def _credential(ksr: Routing, part: str) -> Value:
    try:
        found = auth.credentials(ksr) if isinstance(ksr._message, Request) else None
    except BadMessage:
        return None
    return None if found is None else getattr(found[0], part)


def _method(ksr: Routing) -> Value:
    return ksr._message.method if isinstance(ksr._message, Request) else ksr._message.cseq.method


def _name_addr(prefix: str, header: str) -> dict[str, Variable]:
    return {
        f"${prefix}u": Variable(f"URI of {header}", _of(header, lambda a: a.uri)),
        f"${prefix}U": Variable(f"user of {header}", _of(header, lambda a: a.sip_uri.user_name)),
        f"${prefix}d": Variable(f"domain of {header}", _of(header, lambda a: a.sip_uri.host)),
        f"${prefix}n": Variable(f"display name of {header}", _of(header, lambda a: a.display or None)),
        f"${prefix}t": Variable(f"tag of {header}", _of(header, lambda a: a.tag)),
    }


# fmt: off
VARIABLES: dict[str, Variable] = {
    "$rm": Variable("method (of a reply: CSeq's)", _method),
    "$ru": Variable("Request-URI, as it will be sent", lambda k: k._uri or None, _set_uri),
    "$rU": Variable("its user", _part(lambda uri: uri.user_name), _set_user),
    "$rd": Variable("its domain", _part(lambda uri: uri.host), _set_host),
    "$rp": Variable("its port, 5060 if it names none", _part(lambda uri: uri.address.port), _set_port),
    "$ou": Variable("Request-URI, as it came in", lambda k: getattr(k._message, "uri", None)),
    "$du": Variable("where to send it, if not to the Request-URI", lambda k: k._dst_uri, _set_dst),
    **_name_addr("f", "From"),
    **_name_addr("t", "To"),
    "$ci": Variable("Call-ID", lambda k: k._message.call_id),
    "$cs": Variable("CSeq number", lambda k: k._message.cseq.number),
    "$ct": Variable("Contact header", _header("Contact")),
    "$ua": Variable("User-Agent header", _header("User-Agent")),
    "$cl": Variable("Content-Length", lambda k: k._message.content_length),
    "$rb": Variable("body", lambda k: k._message.body.decode("utf-8", "surrogateescape")),
    "$mb": Variable("the whole message", lambda k: str(k._message)),
    "$ml": Variable("its length in bytes", lambda k: len(k._message.raw)),
    "$si": Variable("address it came from", lambda k: k._datagram.src.host),
    "$sp": Variable("port it came from", lambda k: k._datagram.src.port),
    "$Ri": Variable("address of ours it came to", lambda k: k._datagram.dst.host),
    "$Rp": Variable("port of ours it came to", lambda k: k._datagram.dst.port),
    "$pr": Variable("transport", lambda k: k._datagram.dst.proto),
    "$rs": Variable("status of the reply", _status),
    "$rr": Variable("reason of the reply", lambda k: getattr(k._message, "reason", None)),
    "$T_reply_code": Variable("status tm deals with now", _reply_code),
    "$T_branch_idx": Variable("number of the branch", lambda k: k._branch_index),
    "$au": Variable("user of the credentials", lambda k: _credential(k, "username")),
    "$ar": Variable("realm of the credentials", lambda k: _credential(k, "realm")),
    "$null": Variable("nothing", lambda k: None),  # noqa: ARG005
}
NAMED: dict[str, Named] = {
    "$hdr": Named("first header of that name", lambda k, name: k._message.get(name)),
    "$avp": Named("kept with the transaction", lambda k, name: k._avps.get(name),
                  lambda k, name, value: _keep(k._avps, name, value)),
    "$var": Named("kept while this script runs; 0 if never set", lambda k, name: k._vars.get(name, 0),
                  lambda k, name, value: _keep(k._vars, name, value)),
    "$sht": Named("kept in an htable: $sht(table=>key)", lambda k, name: htable.read(k, _filled(k, name)),
                  lambda k, name, value: htable.write(k, _filled(k, name), value)),
    "$shtex": Named("seconds until that item ends", lambda k, name: htable.read_expire(k, _filled(k, name)),
                    lambda k, name, value: htable.write_expire(k, _filled(k, name), value)),
    "$dbr": Named("part of what sql_query brought: $dbr(ra=>rows)", lambda k, name: sqlops.read(k, _filled(k, name))),
    "$shtinc": Named("that item, and one more", lambda k, name: htable.increment(k, _filled(k, name))),
}
# fmt: on
_NAME = re.compile(r"(\$\w+)(?:\(([^()]*)\))?\Z")
_WITH_KEY = re.compile(r"(\$sht(?:ex|inc)?|\$dbr)\((.*)\)\Z", re.DOTALL)
"""Those whose key may hold anything: a message may have brought it."""
_IN_TEXT = re.compile(r"\$\$|\$\w+(?:\((?:[^()]|\([^()]*\))*\))?")


def _keep(store: dict[str, object], name: str, value: Value) -> None:
    if value is None:
        store.pop(name, None)
    else:
        store[name] = value


def read(ksr: Routing, name: str) -> Value:
    """Value of a pseudo-variable. Raises NoSuchName if there is none of that name."""
    variable, inner = _find(name)
    if isinstance(variable, Named):
        return variable.get(ksr, inner)
    return variable.get(ksr)


def write(ksr: Routing, name: str, value: Value) -> None:
    """Set a pseudo-variable. Raises LabError if it can only be read."""
    variable, inner = _find(name)
    if isinstance(variable, Named) and variable.set is not None:
        variable.set(ksr, inner, value)
    elif isinstance(variable, Variable) and variable.set is not None:
        variable.set(ksr, value)
    else:
        settable = [*(n for n, v in VARIABLES.items() if v.set), *(f"{n}(name)" for n, v in NAMED.items() if v.set)]
        raise LabError(f"{name} ({variable.about}) can be read but not set; a route can set {', '.join(settable)}")


def check(name: str) -> None:
    """Raises LabError if there is no pseudo-variable of that name, or there is another in it that does not exist."""
    _, inner = _find(name)
    for match in _IN_TEXT.finditer(inner):
        if match[0] != "$$":
            check(match[0])


def expand(ksr: Routing, text: str) -> str:
    """A text with its $variables filled in; $null prints as <null>, as in Kamailio, and $$ as $."""

    def fill(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        value = read(ksr, match[0])
        return "<null>" if value is None else str(value)

    return _IN_TEXT.sub(fill, text)


def _filled(ksr: Routing, key: str) -> str:
    """A key with its $variables filled in; what only looks like one, and came with a message, stays as it is."""

    def fill(match: re.Match[str]) -> str:
        try:
            return expand(ksr, match[0])
        except LabError:
            return match[0]

    return _IN_TEXT.sub(fill, key)


@remembered(256)
def _find(name: str) -> tuple[Variable | Named, str]:
    match = _NAME.match(name) or _WITH_KEY.match(name)
    if match is None:
        raise LabError(f'{name!r} is no variable; write it as in ksr["$ru"] or ksr["$hdr(User-Agent)"]')
    head, inner = match[1], match[2]
    if inner is None and head in VARIABLES:
        return VARIABLES[head], ""
    if inner is not None and head in NAMED:
        return NAMED[head], inner
    if head in NAMED:
        raise LabError(f"{head} needs a name in brackets, as in {head}(name)")
    raise NoSuchName("variable", name, [*VARIABLES, *(f"{n}()" for n in NAMED)])
