"""The script: what a route is, the blocks there are, how one ends, and where a request may go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from labsip.sip.errors import NoSuchName

Route = Callable[[Any], object]
"""A block of the script: it takes the handle `ksr`, and what a `route[name]` returns is its return code."""


class Kind(StrEnum):
    """The kinds of route, as kamailio.cfg calls them."""

    REQUEST = "request_route"
    FAILURE = "failure_route"
    ONREPLY = "onreply_route"
    BRANCH = "branch_route"
    ONSEND = "onsend_route"
    EVENT = "event_route"


REQUEST, FAILURE, ONREPLY, BRANCH = Kind.REQUEST, Kind.FAILURE, Kind.ONREPLY, Kind.BRANCH
ONSEND, EVENT = Kind.ONSEND, Kind.EVENT
ANY = (REQUEST, FAILURE, ONREPLY, BRANCH, ONSEND)


class Exit(Exception):
    """The script ends here, in whatever block: `exit`, or a command that returned 0."""


class Drop(Exit):
    """As Exit, and the response (onreply_route) or the branch (branch_route) is not sent."""


class Code(int):
    """A return code of Kamailio: true above zero, so that `if not ksr.lookup("location")` means what it does there."""

    def __bool__(self) -> bool:
        return self > 0


CODES = {code: Code(code) for code in range(-10, 10)}
"""Those that commands return most, made once."""
ENDS = CODES[0]
"""The code that ends the script."""
LEFT = Code(0)
"""What a route returns that was left by `break`, as kamailio.cfg has it: 0 as well, but the script goes on."""


def no_route(_: Any) -> None:
    """What a proxy does without a route: nothing."""


@dataclass(frozen=True, eq=False)
class ScriptText:
    """The text that a script was made from, for an engine that runs the text itself."""

    language: str
    """`cfg` or `kemi`."""
    file: str
    """Its path; of a text without a file, what errors call it."""
    text: str | None = None
    """None: it stands in that file."""
    defines: Mapping[str, str | None] = field(default_factory=dict)
    """As `-A NAME` (None) and `-A NAME=value`."""


@dataclass
class Routes:
    """The script: every block a route file can have."""

    request_route: Route
    routes: dict[str, Route] = field(default_factory=dict)
    onreply_route: Route | None = None
    onreply_routes: dict[str, Route] = field(default_factory=dict)
    failure_routes: dict[str, Route] = field(default_factory=dict)
    branch_routes: dict[str, Route] = field(default_factory=dict)
    onsend_route: Route | None = None
    """Sees each request on its way out; `drop` keeps it here."""
    event_routes: dict[str, Route] = field(default_factory=dict)
    """By the name of the event: `htable:mod-init`. One that never happens is never run."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The parameters it runs with unless told otherwise, by their names: the head of a kamailio.cfg."""
    goes_on: bool = False
    """Whether a command that can't be done is logged and gives -1, as in Kamailio; else it raises a LabError."""
    at_start: Callable[[Any, float], None] | None = None
    """What is done once when a proxy begins to run it, with the proxy and the time in seconds."""
    answers_errors: bool = True
    """Whether a request whose block raised is answered 500. In KEMI it is not; one that was stopped always is."""
    origins: Mapping[Route, ScriptText] = field(default_factory=dict)
    """The text that each block was made from, for those that were made from one."""

    def block(self, kind: Kind, name: str = "") -> Route:
        """The block of that kind and name, without a name the main one. Raises NoSuchName with the nearest there is."""
        if not name:
            mains = {REQUEST: self.request_route, ONREPLY: self.onreply_route, ONSEND: self.onsend_route}
            if (main := mains.get(kind)) is not None:
                return main
        blocks = {ONREPLY: self.onreply_routes, FAILURE: self.failure_routes, BRANCH: self.branch_routes}
        blocks[EVENT] = self.event_routes
        known = blocks.get(kind, self.routes)
        if name not in known:
            raise NoSuchName("route" if kind is REQUEST else kind, name, known)
        return known[name]

    @property
    def origin(self) -> ScriptText | None:
        """The text that all blocks were made from, None if there is no such text."""
        found = {self.origins.get(block) for block in self.blocks().values()}
        return found.pop() if len(found) == 1 else None

    def blocks(self) -> dict[str, Route]:
        """Every block by its label, as in `failure_route[BUSY]`."""
        kinds = {
            "route": self.routes,
            ONREPLY: self.onreply_routes,
            FAILURE: self.failure_routes,
            BRANCH: self.branch_routes,
            EVENT: self.event_routes,
        }
        main = {str(REQUEST): self.request_route}
        main |= {} if self.onreply_route is None else {str(ONREPLY): self.onreply_route}
        main |= {} if self.onsend_route is None else {str(ONSEND): self.onsend_route}
        return main | {f"{kind}[{name}]": block for kind, blocks in kinds.items() for name, block in blocks.items()}

    def copy(self) -> Routes:
        """The same blocks in a script of its own: a block set in one is not in the other."""
        kinds = (self.routes, self.onreply_routes, self.failure_routes, self.branch_routes, self.event_routes)
        routes, onreply, failure, branch, event = map(dict, kinds)
        return replace(
            self,
            routes=routes,
            onreply_routes=onreply,
            failure_routes=failure,
            branch_routes=branch,
            event_routes=event,
        )


@dataclass
class Target:
    """One place a request may go: a member of the target set (RFC 3261 §16.5)."""

    uri: str
    dst_uri: str | None = None
    path: str = ""
    """Routes to put into the request: how the phone's registration came (RFC 3327)."""
    q: float | None = None
    """A contact's preference, None if it has none."""
    flags: int = 0
    """Of the branch (`setbflag`)."""

    @property
    def contact(self) -> str:
        """Its value in a Contact header."""
        return f"<{self.uri}>" if self.q is None else f"<{self.uri}>;q={self.q:g}"
