"""The proxy: a node that takes datagrams in, runs the script for them, and says what goes out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from types import MethodType
from typing import Any, TypeVar

from labsip.proxy.dialect import Dialect, Plain, Source
from labsip.proxy.exports import HOOKS, Ending, Exports
from labsip.proxy.fault import RouteError, interrupted, said
from labsip.proxy.forward import is_awaited, on_a_new_connection, received, reply_address, response_bytes
from labsip.proxy.limits import STRAY, TOO_LARGE, UNREADABLE, Copies, check_size
from labsip.proxy.listening import Listening, is_ip
from labsip.proxy.script import EVENT, ONREPLY, ONSEND, REQUEST, Drop, Exit, Kind, Routes, Target
from labsip.proxy.settings import Settings
from labsip.proxy.turn import ModuleState, Turn
from labsip.proxy.validate import salvage, trimmed, validate, validate_response
from labsip.sip.build import build_response
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.headers import PHRASES, Via, split_list
from labsip.sip.message import Request, Response, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.trace import Trace

COPIED = ("Via", "From", "To", "Call-ID", "CSeq")
"""Headers a response takes over from its request (RFC 3261 §8.2.6.2)."""
_KNOWN = "ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE"
METHODS = frozenset(_KNOWN.split())
"""Those that are counted, each by itself."""
HTTP_EVENT = "xhttp:request"
"""The event that a request of HTTP is."""
PRE_ROUTING = "core:pre-routing"
"""The event of a message that came in, before any route sees it."""
BLANK = b"\r\n\0 "
"""What a keepalive may consist of."""

S = TypeVar("S", bound=ModuleState)


class Proxy(Listening):
    """A SIP proxy and registrar: what it does is in `routes`, which may be replaced at any time.

    secret: what it signs with, if that is to outlive the process; without it, something that `ids` makes. began: the
    wall clock's seconds since 1970 when the proxy's own clock was 0, which dates what is signed. dialect: how the
    blocks are written.
    """

    def __init__(
        self,
        routes: Routes,
        listen: Sequence[Address],
        *,
        ids: Random,
        exports: Exports,
        handle: Callable[[Turn], object],
        trace: Trace | None = None,
        settings: Settings | None = None,
        secret: bytes = b"",
        began: float = 0.0,
        dialect: Dialect | None = None,
    ) -> None:
        super().__init__(listen, settings or Settings())
        self.routes = routes
        self.ids = ids
        self.trace = trace or Trace()
        self.exports = exports
        self.handle = handle
        """Makes what a block holds in its hand, `ksr`, of a turn."""
        self.dialect: Dialect = dialect or Plain()
        """Runs the blocks, and knows their text."""
        self.errors: deque[RouteError] = deque(maxlen=100)
        self.stats: Counter[str] = Counter()
        """What was dropped or refused, and how often; `limits` has the names."""
        made = f"{ids.getrandbits(128):032x}"
        self.seed = secret.hex() or made
        """Goes into what nobody else may be able to make: stateless branches, the marks of dialogs."""
        self.began = began
        self.messages = 0
        """How many have come in."""
        self.requests: Counter[str] = Counter()
        """Of them, by method; those of methods nobody knows go together, under ""."""
        self.replies: Counter[int] = Counter()
        """By class: 2 for a 2xx."""
        self.since = 0.0
        """When it began, seconds of its clock."""
        self.modules: dict[type[ModuleState], ModuleState] = {}
        self._hooks: dict[str, list[Callable[..., Any]]] = {}
        """Which of them hook in where: most keep something for their commands, and do nothing else."""
        self._start()

    def __repr__(self) -> str:
        return f"<proxy on {', '.join(address.with_proto for address in self.addresses)}>"

    def _start(self) -> None:
        self.copies = Copies(self.settings.max_unanswered)
        self.modules, self._hooks = {}, {hook: [] for hook in HOOKS}
        for module in self.exports.modules:
            if module.state is not None:
                state = module.state(self)
                self.modules[type(state)] = state
                for hook in module.hooks:
                    self._hooks[hook.__name__].append(MethodType(hook, state))

    def restart(self, now: float) -> None:
        """As if the process had been started again: tables and transactions are gone, the routes stay."""
        self.end(now)
        self._start()
        self.requests.clear()
        self.replies.clear()
        self.since = now
        if self.trace.tables is not None:
            self.trace.tables.empty()
        self.trace.turn_over(now)
        self.trace.mark("proxy restarted")
        self.trace.note(now, "the proxy was restarted: its location table and its transactions are gone")

    def end(self, now: float) -> list[Datagram]:
        """It is over: the modules write what is to outlive it, the last one first. Nothing goes out; an `Act`."""
        for end in reversed(self._hooks["end"]):
            try:
                end(now)
            except LabError as error:
                self.trace.note(now, str(error))
        self._hooks["end"].clear()
        return []

    def module(self, kind: type[S]) -> S:
        """The state of that module."""
        return self.modules[kind]  # type: ignore[return-value]  # each is kept under its own class

    def source(self, label: str) -> Source:
        """The text of the block of that label; without lines if there is none, or its text can't be had."""
        block = self.routes.blocks().get(label)
        return Source() if block is None else self.dialect.source(block)

    # --- the node ---------------------------------------------------------------------------------------------

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:
        """Take one datagram; returns what goes out because of it. Whatever the bytes, it raises nothing."""
        if datagram.data[:1] in BLANK and not datagram.data.strip(BLANK):
            return []  # keepalive (RFC 5626 §3.5.1)
        turn, policy = None, self.settings.policy
        self.messages += 1
        try:
            message = parse_message(datagram.data)
            if policy.trimming:
                message = trimmed(message)
            check_size(message, self.settings)
            if policy.bad_lines and isinstance(message, Request):
                _ = message.index  # raises if its lines can't be told apart: then it is salvaged
            turn = Turn(self, message, datagram, now)
            if isinstance(message, Request):
                self._request(turn, message)
            else:
                self._response(turn, message)
        except BadMessage as bad:
            if turn is None and (out := self._other(datagram, now)) is not None:
                return out
            why = TOO_LARGE if bad.status == 513 else UNREADABLE
            self.drop(now, why, f"{datagram.src} sent something unusable: {bad.reason}")
            request = salvage(datagram.data) if turn is None and policy.bad_lines else None
            if request is not None:
                turn = Turn(self, request, datagram, now)
            if turn is not None:
                self._bad(turn, bad)
        self.trace.turn_over(now)
        return [] if turn is None else turn.outbox

    def _other(self, datagram: Datagram, now: float) -> list[Datagram] | None:
        """What is no SIP may be a module's; None if it is nobody's."""
        found = (on_other(datagram, now) for on_other in self._hooks["on_other"])
        out = next((out for out in found if out is not None), None)
        if out is not None:
            self.trace.turn_over(now)
        return out

    @property
    def takes_http(self) -> bool:
        """Whether there is a block for requests of HTTP."""
        return HTTP_EVENT in self.routes.event_routes

    def drop(self, now: float, why: str, text: str) -> None:
        """Count something that goes no further, and say so."""
        self.stats[why] += 1
        self.trace.note(now, text)

    def wake(self, now: float) -> list[Datagram]:
        """Let the modules do what is due."""
        out = [out for wake in self._hooks["wake"] for out in wake(now)]
        self.trace.turn_over(now)
        return out

    def next_wake(self) -> float | None:
        """When a module has something to do next (seconds)."""
        due = None
        for next_wake in self._hooks["next_wake"]:
            at = next_wake()
            if at is not None and (due is None or at < due):
                due = at
        return due

    @property
    def held(self) -> dict[str, int]:
        """What the modules keep at the moment, by name and how many: transactions, timers, contacts; 0 at rest."""
        return {name: number for held in self._hooks["held"] for name, number in held().items()}

    def send_failed(self, datagram: Datagram, now: float) -> list[Datagram]:
        """The transport could not send this datagram; returns what goes out because of that."""
        again = on_a_new_connection(datagram)
        if again is not None:
            return [again]
        out = [out for send_failed in self._hooks["send_failed"] for out in send_failed(datagram, now)]
        self.trace.turn_over(now)
        return out

    # --- the journey ------------------------------------------------------------------------------------------

    def _request(self, turn: Turn, request: Request) -> None:
        self.requests[request.method if request.method in METHODS else ""] += 1
        check_request(request)
        if self.settings.policy.validation:
            validate(request)
        if not self.happens(turn, PRE_ROUTING):
            return
        for before_request in self._hooks["before_request"]:
            if before_request(turn):
                return
        self.run(turn, REQUEST)
        for after_request in self._hooks["after_request"]:
            after_request(turn)
        if not turn.suspended:
            request.forget()

    def _response(self, turn: Turn, response: Response) -> None:
        self.replies[response.status // 100] += 1
        if not self.is_own_via(response.via):
            self.drop(turn.now, STRAY, f"{response.summary}: its topmost Via is not ours, dropped")
            return
        if self.settings.policy.bad_response:
            validate_response(response)
        if not self.happens(turn, PRE_ROUTING):
            return
        if self.routes.onreply_route is not None:
            try:
                self.run(turn, ONREPLY)
            except Drop:
                return
        for on_response in self._hooks["on_response"]:
            if on_response(turn):
                return
        self._forward_response(turn, turn.message if isinstance(turn.message, Response) else response)

    def _forward_response(self, turn: Turn, response: Response) -> None:
        """No transaction knows it: on to the next Via, statelessly (RFC 3261 §16.11)."""
        values = [value for line in response.find("Via")[:2] for value in split_list(line.value)]
        if len(values) < 2:  # ours alone: the transaction it answered is gone (§16.7 step 3)
            self.drop(turn.now, STRAY, f"{response.summary}: it was for us, who wait for it no more, dropped")
            return
        next_via = Via.parse(values[1])
        if self.settings.policy.stray_response and not is_awaited(response, next_via, self.seed):
            self.drop(turn.now, STRAY, f"{response.summary}: nobody waits for it, dropped")  # RFC 6026 §7.3
            return
        dst = next_via.reply_address
        if not is_ip(dst.host):
            self.drop(turn.now, STRAY, f"{response.summary}: {dst.host} in its next Via is no address, dropped")
            return
        leaving = Datagram(
            response_bytes(response, turn.lumps, dst), self.socket_for(dst, turn.socket), dst, turn.command
        )
        turn.outbox += self.let_out(turn, [leaving])

    def run(self, turn: Turn, kind: Kind, name: str = "") -> bool:
        """Run one block of the script for a message; True if it came to its end.

        A block that raises, or is not there any more, leaves a RouteError, and its request is answered 500. Raises
        Drop if the block said so.
        """
        before = turn.kind, turn.route
        turn.kind, turn.route = REQUEST if kind is EVENT else kind, f"{kind}[{name}]" if name else str(kind)
        try:
            self.dialect.run(self.routes.block(kind, name), turn)
        except Drop:
            if kind is not REQUEST:
                raise
        except Exit:
            pass
        except BadMessage as bad:  # the peer's fault
            if kind is REQUEST:
                raise  # `receive` answers it
            self.trace.note(turn.now, f"{turn.route}: {bad.reason}")
            return False
        except BaseException as raised:  # a learner's route may raise anything; the proxy goes on, the lab shows it
            if interrupted(raised):
                raise  # Ctrl-C: it is the cell that ends
            error = self.dialect.named(raised, turn)
            lines = [*self.dialect.trail(error, turn), said(error)]
            self.errors.append(RouteError(turn.route, turn.message.start_line, "\n".join(lines)))
            self.trace.note(turn.now, f"{turn.route} raised {said(error)}")
            stopped = not isinstance(raised, Exception)
            if kind not in (ONREPLY, ONSEND) and (stopped or self.routes.answers_errors):
                self._answer_error(turn, 500, PHRASES[500])
            return False
        finally:
            turn.kind, turn.route = before
        return True

    def happens(self, turn: Turn, event: str) -> bool:
        """Run the block of an event for the message at hand, if there is one. False: it said drop."""
        if event in self.routes.event_routes:
            try:
                self.run(turn, EVENT, event)
            except Drop:
                return False
        return True

    def let_out(self, turn: Turn, leaving: Sequence[Datagram]) -> list[Datagram]:
        """What is forwarded, on its way out for the first time: whatever the onsend_route lets pass.

        It sees responses only where the core's parameter `onsend_route_reply` says so.
        """
        sees = isinstance(turn.message, Request) or self.settings.onsend_route_reply
        if self.routes.onsend_route is None or not sees:
            return list(leaving)
        passed = []
        for turn.sent in leaving:
            with suppress(Drop):
                self.run(turn, ONSEND)
                passed.append(turn.sent)
        turn.sent = None
        return passed

    def _bad(self, turn: Turn, bad: BadMessage) -> None:
        """A message that can't be processed is answered where it can be (RFC 3261 §16.3)."""
        request = turn.message
        if not isinstance(request, Request) or request.method == "ACK":
            return
        try:
            check_request(request)
        except BadMessage:
            if self.settings.policy.bad_lines:
                self._tell(turn, request, bad)
            return  # without Via, From, To, Call-ID and CSeq there is nobody to answer and nothing to say
        self._answer_error(turn, bad.status, PHRASES.get(bad.status, PHRASES[400]))

    def _tell(self, turn: Turn, request: Request, bad: BadMessage) -> None:
        """A request whose headers can't be read: they go back where it came from, as they came (§8.2.6.2)."""
        lines = [("Server", self.settings.server)]
        try:
            if not all(map(request.count, COPIED)):
                return
            answer = build_response(request, bad.status, PHRASES.get(bad.status, PHRASES[400]), headers=lines)
        except BadMessage:
            return  # not even its lines can be told apart
        turn.send(answer.raw, turn.socket, turn.datagram.src)

    def tell(self, hook: str, turn: Turn, outcome: Ending) -> None:
        """Let the modules know how a transaction of a request ended: `on_final`, `on_failure`."""
        for told in self._hooks[hook]:
            told(turn, outcome)

    def _answer_error(self, turn: Turn, status: int, reason: str) -> None:
        any(on_error(turn, status, reason) for on_error in self._hooks["on_error"])

    # --- what modules build on --------------------------------------------------------------------------------

    def response(
        self, turn: Turn, status: int, reason: str, *, to_tag: str = "", headers: Sequence[tuple[str, str]] = ()
    ) -> Response:
        """A response made here to the request at hand, with our Server header; a 3xx names the target set."""
        request = turn.request
        if 300 <= status < 400:
            targets = [Target(turn.uri, q=turn.q)] if turn.uri != request.uri else []
            contacts = [target.contact for target in [*targets, *turn.targets]]
            turn.reply_headers += [("Contact", ", ".join(contacts))] if contacts else []
        via = received(request.via, turn.datagram.src, force_rport=turn.force_rport, at_end=True)
        extra = [*turn.reply_headers, *headers, ("Server", self.settings.server)]
        also = ("Record-Route",) if 180 <= status < 300 else ()  # it may make a dialog (RFC 3261 §12.1.1)
        if status == 100 and self.settings.policy.timestamp:
            also = ("Timestamp",)  # §8.2.6.1
        return build_response(request, status, reason, to_tag=to_tag, headers=extra, via=via, also=also)

    def reply_address(self, turn: Turn) -> Address:
        """Where responses to the request at hand go."""
        return reply_address(turn.request.via, turn.datagram.src, force_rport=turn.force_rport)


def check_request(request: Request) -> None:
    """What every request must have before a script sees it (RFC 3261 §8.1.1). Raises BadMessage."""
    for name in ("From", "Call-ID"):
        if not request.count(name):
            raise BadMessage(f"{name} header is missing")
    _ = request.via, request.to, request.cseq
