"""What a route is and what it holds in its hand: the routing of one message, and words as functions on it."""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from labsip.proxy.lump import Lumps
from labsip.sip.errors import LabError, NoSuchName
from labsip.sip.message import Request, Response
from labsip.sip.transport import Address, Datagram

if TYPE_CHECKING:
    from labsip.proxy.receive import Proxy

P = ParamSpec("P")
Route = Callable[[Any], object]
"""A block of the script: it takes the routing at hand; what an ordinary route returns is its return code."""


class Kind(StrEnum):
    """The kinds of route, as kamailio.cfg calls them."""

    REQUEST = "request_route"
    FAILURE = "failure_route"
    ONREPLY = "onreply_route"
    BRANCH = "branch_route"


REQUEST, FAILURE, ONREPLY, BRANCH = Kind.REQUEST, Kind.FAILURE, Kind.ONREPLY, Kind.BRANCH
ANY = (REQUEST, FAILURE, ONREPLY, BRANCH)


class Exit(Exception):
    """The script ends here, whatever route said so (`exit`, or a word that returned 0)."""


class Drop(Exit):
    """As Exit, and the response (onreply_route) or the branch (branch_route) is not sent."""


class Code(int):
    """A return code of Kamailio: true above zero, so that `if not ksr.lookup("location")` means what it does there."""

    def __bool__(self) -> bool:
        return self > 0


@dataclass
class Routes:
    """The script: every block a route file can have."""

    request_route: Route
    routes: dict[str, Route] = field(default_factory=dict)
    onreply_route: Route | None = None
    onreply_routes: dict[str, Route] = field(default_factory=dict)
    failure_routes: dict[str, Route] = field(default_factory=dict)
    branch_routes: dict[str, Route] = field(default_factory=dict)

    def named(self, kind: Kind, name: str) -> Route:
        """The named block of that kind. Raises NoSuchName with the nearest name there is."""
        blocks = {ONREPLY: self.onreply_routes, FAILURE: self.failure_routes, BRANCH: self.branch_routes}
        known = blocks.get(kind, self.routes)
        if name not in known:
            raise NoSuchName("route" if kind is REQUEST else kind, name, known)
        return known[name]


@dataclass
class Target:
    """One place a request may go: a member of the target set (RFC 3261 §16.5)."""

    uri: str
    dst_uri: str | None = None
    q: float = 0.0


class Routing:
    """One message on its way through the script; `Ksr` adds the words. Variables are read and set as `ksr["$ru"]`."""

    def __init__(
        self, proxy: Proxy, message: Request | Response, datagram: Datagram, now: float, kind: Kind = REQUEST
    ) -> None:
        self._proxy = proxy
        self._message = message
        self._datagram = datagram
        self._now = now
        self._kind = kind
        self._route = str(kind)
        self._uri = message.uri if isinstance(message, Request) else ""
        self._dst_uri: str | None = None
        self._targets: list[Target] = []
        self._lumps = Lumps()
        self._force_rport = False
        self._avps: dict[str, object] = {}
        self._vars: dict[str, object] = {}
        self._flags: set[int] = set()
        self._out: list[Datagram] = []
        self._word: int | None = None
        self._printed = ""
        self._uri_is_new = True
        """The Request-URI has not been used for a branch yet (Kamailio's ruri_mark_new)."""
        self._branch_index = 0
        self._tm: Any = None
        """The transaction the message belongs to (tm's `Cell`), None before there is one."""
        self._armed: dict[str, str] = {}
        """Names of the blocks t_on_failure, t_on_reply and t_on_branch asked for."""
        self._fr: float | None = None
        self._fr_inv: float | None = None

    def __repr__(self) -> str:
        return f"<{self._route} for {self._message.summary} from {self._datagram.src}>"

    @property
    def _socket(self) -> Address:
        """The address of ours the message came in on."""
        return self._datagram.dst

    @property
    def _request(self) -> Request:
        """The message, where it must be a request."""
        if not isinstance(self._message, Request):
            raise LabError(f"{self._route} runs for a response; this needs a request")
        return self._message

    def _send(self, data: bytes, src: Address, dst: Address) -> None:
        self._out.append(Datagram(data, src, dst, self._word))


def word(*kinds: Kind) -> Callable[[Callable[Concatenate[Any, P], int]], Callable[Concatenate[Any, P], Code]]:
    """Make a function a word that routes of these kinds may say, as in the export table of its Kamailio module.

    The int it returns becomes a `Code`; 0 ends the script, as Kamailio does; each call leaves a row in the trace.
    Saying it in another kind of route, or with wrong arguments, raises LabError.
    """

    def make(function: Callable[Concatenate[Any, P], int]) -> Callable[Concatenate[Any, P], Code]:
        name = function.__name__.rstrip("_")

        @functools.wraps(function)
        def say(ksr: Any, /, *args: P.args, **kwargs: P.kwargs) -> Code:
            if ksr._kind not in kinds:
                places = " or ".join(dict.fromkeys(kinds))
                raise LabError(f"{name}() can't be said in a {ksr._kind}; it belongs in a {places}")
            _check_arguments(function, name, ksr, args, kwargs)
            with _Saying(ksr, name, args, kwargs) as saying:
                code = Code(function(ksr, *args, **kwargs))
                saying.result = code
            if code == 0:
                raise Exit
            return code

        return say

    return make


class _Saying:
    """One word being said: its row in the trace, which what it sends refers to."""

    def __init__(self, ksr: Routing, name: str, args: tuple[object, ...], kwargs: dict[str, object]) -> None:
        self.ksr = ksr
        self.name = name
        self.args = args
        self.kwargs = kwargs
        self.result: int | None = None
        caller = sys._getframe(2)
        self.line = caller.f_lineno - caller.f_code.co_firstlineno + 1

    def __enter__(self) -> _Saying:
        self.outer = self.ksr._word
        self.row = self.ksr._word = self.ksr._proxy.trace.begin_word()
        return self

    def __exit__(self, *exc: object) -> None:
        ksr = self.ksr
        ksr._word = self.outer
        args = ", ".join([*map(_written, self.args), *(f"{k}={_written(v)}" for k, v in self.kwargs.items())])
        printed, ksr._printed = ksr._printed, ""
        ksr._proxy.trace.word(self.row, ksr._now, ksr._route, self.line, self.name, args, self.result, printed)


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


@functools.lru_cache(maxsize=256)
def _signature(function: Callable[..., int]) -> inspect.Signature:
    return inspect.signature(function)


@functools.lru_cache(maxsize=256)
def _arity(function: Callable[..., int]) -> tuple[int, int]:
    """How many arguments by position a word needs and takes, without the routing itself."""
    parameters = list(_signature(function).parameters.values())[1:]
    return sum(p.default is p.empty for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD), len(parameters)


def _check_arguments(
    function: Callable[..., int], name: str, ksr: Routing, args: tuple[object, ...], kwargs: dict[str, object]
) -> None:
    least, most = _arity(function)
    if not kwargs and least <= len(args) <= most:
        return
    try:
        _signature(function).bind(ksr, *args, **kwargs)
    except TypeError as error:
        usage = str(_signature(function).replace(return_annotation=inspect.Signature.empty))
        usage = usage.replace("(ksr: 'Routing', /, ", "(").replace("(ksr: 'Routing', /)", "()").replace("'", "")
        raise LabError(f"{name}: {error}; write {name}{usage}") from None
