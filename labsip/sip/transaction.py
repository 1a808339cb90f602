"""Client and server transactions with their messages (RFC 3261 §17): what a machine's run says is done here."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from labsip.sip.build import build_ack
from labsip.sip.machines import ACK, FAIL, MACHINES, PASS, RESEND, SEND, TIMEOUT, Do
from labsip.sip.message import Message, Request, Response
from labsip.sip.run import Run, status_class
from labsip.sip.timing import RFC, Timing, reliable
from labsip.sip.transport import Address, Datagram

COOKIE = "z9hG4bK"
"""How a branch begins that is unique (§8.1.1.7)."""

Key = tuple[str, ...]


class Outcome(NamedTuple):
    """What an event led to: datagrams to send, and what the transaction user must hear."""

    send: list[Datagram]
    up: bool = False
    """The message is for the transaction user."""
    timeout: str = ""
    """The timer that ended the wait for an answer: B, C, F, H or cancel."""
    failed: bool = False
    """The transport could not send."""


NOTHING, PASSED = Outcome([]), Outcome([], up=True)


def server_key(request: Request) -> Key:
    """Which server transaction a request belongs to (§17.2.3); an ACK to its INVITE's."""
    method = "INVITE" if request.method == "ACK" else request.method
    via, branch = request.via, request.branch
    if has_own_branch(branch):
        return branch, via.sender, method
    # a peer of RFC 2543: all that must be equal, except for the To-tag, which an ACK has and its INVITE lacks
    return str(via), request.uri, request.from_.tag or "", request.call_id, str(request.cseq.number), method


def has_own_branch(branch: str) -> bool:
    """Whether a branch is an id: the cookie alone is none, though it looks like RFC 3261 (RFC 4475 §3.2.1)."""
    return len(branch) > len(COOKIE) and branch.startswith(COOKIE)


def cancels(cancel: Request, invite: Request) -> bool:
    """Whether a CANCEL repeats what it must of its INVITE (§9.1): Request-URI, Call-ID, From's tag, CSeq's number."""
    return cancel.uri == invite.uri and _identity(cancel) == _identity(invite)


def _identity(request: Request) -> tuple[str, str, int]:
    return request.call_id, request.from_.tag or "", request.cseq.number


def client_key(message: Message) -> Key:
    """Which client transaction a response, or the request itself, belongs to (§17.1.3)."""
    return message.branch, message.cseq.method


class ClientTransaction:
    """One request on its way to one address, repeated until answered (§17.1)."""

    __slots__ = ("command", "dst", "key", "request", "run", "src")

    def __init__(
        self,
        request: Request,
        src: Address,
        dst: Address,
        now: float,
        timing: Timing = RFC,
        *,
        command: int | None = None,
        key: Key | None = None,
    ) -> None:
        kind = "INVITE client" if request.method == "INVITE" else "client"
        self.request = request
        self.key = key or client_key(request)
        """How responses find it. Passed in by whoever built the request, it need not be read again."""
        self.src = src
        self.dst = dst
        self.command = command
        self.run = Run(MACHINES[kind], now, _over(dst, timing))

    def __repr__(self) -> str:
        return f"<{self.request.method} to {self.dst}: {self.run.state}>"

    def start(self) -> list[Datagram]:
        """The request, first time."""
        return [Datagram(self.request.raw, self.src, self.dst, self.command)]

    def receive(self, response: Response, now: float) -> Outcome:
        """A response of this transaction."""
        return self._outcome(self.run.fire(status_class(response.status), now), response)

    def cancel(self, now: float) -> None:
        """A CANCEL was sent for this request: wait no longer than 64*T1 for its final response (§9.1)."""
        self.run.fire("cancel", now)

    def retime(self, timing: Timing, now: float) -> None:
        """Other lengths for its timers; a running one whose length changes begins again."""
        self.run.retime(_over(self.dst, timing), now)

    def fail(self, now: float) -> Outcome:
        """The transport could not send the request."""
        return self._outcome(self.run.fire("transport error", now), None)

    def wake(self, now: float) -> Outcome:
        """Fire the timers that are due."""
        return _fired(self.run, self._outcome, now)

    def _outcome(self, done: tuple[Do, ...], response: Response | None) -> Outcome:
        if RESEND not in done and ACK not in done and FAIL not in done:
            return PASSED if PASS in done else NOTHING
        send = []
        if RESEND in done:
            send.append(Datagram(self.request.raw, self.src, self.dst))
        if ACK in done and response is not None:
            send.append(Datagram(build_ack(self.request, response).raw, self.src, self.dst))
            self.request.forget()  # it is held for 64*T1 from here on, and what was read takes more than its text
        return Outcome(send, up=PASS in done, failed=FAIL in done)


class ServerTransaction:
    """One request that came in, and its responses, repeated until acknowledged (§17.2)."""

    __slots__ = ("dst", "last", "request", "run", "src")

    def __init__(self, request: Request, src: Address, dst: Address, now: float, timing: Timing = RFC) -> None:
        kind = "INVITE server" if request.method == "INVITE" else "server"
        self.request = request
        self.src = src
        self.dst = dst
        """Where its responses go (§18.2.2)."""
        self.last: bytes | None = None
        self.run = Run(MACHINES[kind], now, _over(dst, timing))

    def __repr__(self) -> str:
        return f"<{self.request.method} from {self.dst}: {self.run.state}>"

    def receive(self, request: Request, now: float) -> Outcome:
        """The request again, or the ACK of its final response."""
        event = request.method if request.method in ("INVITE", "ACK") else "request"
        return self._outcome(self.run.fire(event, now), None)

    def respond(self, status: int, raw: bytes, now: float, command: int | None = None) -> list[Datagram]:
        """Send a response; nothing is sent where the machine has no arrow for it (a second final, say)."""
        done = self.run.fire(f"send {status_class(status)}", now)
        if SEND not in done:
            return []
        self.last = raw
        return [Datagram(raw, self.src, self.dst, command)]

    def wake(self, now: float) -> Outcome:
        """Fire the timers that are due."""
        return _fired(self.run, self._outcome, now)

    def _outcome(self, done: tuple[Do, ...], command: int | None) -> Outcome:
        send = [Datagram(self.last, self.src, self.dst, command)] if RESEND in done and self.last else []
        return Outcome(send, up=PASS in done, failed=FAIL in done)


def _fired(run: Run, outcome: Callable[[tuple[Do, ...], None], Outcome], now: float) -> Outcome:
    due = run.next_due
    if due is None or now < due:
        return NOTHING
    send: list[Datagram] = []
    expired = ""
    for timer, done in run.wake(now):
        send += outcome(done, None).send
        if TIMEOUT in done:
            expired = timer
    return Outcome(send, timeout=expired)


def _over(dst: Address, timing: Timing) -> Timing:
    return reliable(timing) if dst.reliable else timing
