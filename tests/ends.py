"""A proxy between scripted ends: they say what a test tells them to, in virtual time, without sockets."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import count
from random import Random
from typing import Any

from labsip.dialects.python import Python
from labsip.proxy.script import Route, Routes
from labsip.sip.build import build_ack, build_cancel, build_request, build_response
from labsip.sip.headers import NameAddr
from labsip.sip.message import Message, Request, Response, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import build_proxy, settings_of

PROXY = Address("127.0.10.1")
LARGEST = 65507
"""Bytes a UDP datagram can carry."""

Lines = Sequence[tuple[str, str]]


class Bench:
    """One proxy, its ends, and the messages that went between them."""

    def __init__(self, routes: Routes | Route, *, seed: object = 1, **settings: Any) -> None:
        made = routes if isinstance(routes, Routes) else Routes(routes)
        parameters = settings_of(made, **settings)
        self.proxy = build_proxy(made, [PROXY], ids=Random(f"{seed}/proxy"), settings=parameters, dialect=Python())
        self.now = 0.0
        self.passed: list[tuple[float, str, str, Message]] = []
        self._ends: dict[Address, End] = {}
        self._counter = count(1)

    def end(self, name: str, host: str | None = None) -> End:
        """The end of that name, at 127.0.10.name unless `host` says otherwise."""
        return End(self, name, Address(host or f"127.0.10.{name}"))

    def deliver(self, data: bytes, src: Address) -> list[Datagram]:
        """Give the proxy a datagram, and carry what comes of it; returns what the proxy sent at once."""
        return self._carry([Datagram(data, src, PROXY)])

    def fail(self, data: bytes, dst: Address) -> None:
        """Tell the proxy that the transport could not send this."""
        self._carry(self.proxy.send_failed(Datagram(data, PROXY, dst), self.now))

    def wait(self, seconds: float) -> None:
        """Let that much time pass."""
        end = self.now + seconds
        while (due := self.proxy.next_wake()) is not None and due <= end:
            self.now = max(self.now, due)
            self._carry(self.proxy.wake(self.now))
        self.now = end

    def _carry(self, datagrams: list[Datagram]) -> list[Datagram]:
        queue, sent = deque(datagrams), []
        while queue:
            datagram = queue.popleft()
            if len(datagram.data) > LARGEST:
                queue += self.proxy.send_failed(datagram, self.now)
                continue
            if datagram.src == PROXY:
                sent.append(datagram)
            self._log(datagram)
            if datagram.dst == PROXY:
                queue += self.proxy.receive(datagram, self.now)
            elif datagram.dst in self._ends:
                self._ends[datagram.dst].heard.append(parse_message(datagram.data))
        return sent

    def _log(self, datagram: Datagram) -> None:
        try:
            message = parse_message(datagram.data)
        except ValueError:
            return
        self.passed.append((self.now, self._name(datagram.src), self._name(datagram.dst), message))

    def _name(self, address: Address) -> str:
        return "proxy" if address == PROXY else self._ends[address].name if address in self._ends else str(address)

    @property
    def flow(self) -> list[str]:
        """What went over the wire, a line a message: `106 -> proxy  INVITE`, `proxy -> 106  200 OK (BYE)`."""
        return [f"{src} -> {dst}  {told(message)}" for _, src, dst, message in self.passed]

    @property
    def notes(self) -> list[str]:
        """The proxy's plain words."""
        return [text for _, text in self.proxy.trace.notes]


class End:
    """Somebody on the wire. `heard` is what came to it."""

    def __init__(self, bench: Bench, name: str, address: Address) -> None:
        self.bench = bench
        self.name = name
        self.address = address
        self.heard: list[Request | Response] = []
        bench._ends[address] = self

    @property
    def summaries(self) -> list[str]:
        """What came to it, in short."""
        return [told(message) for message in self.heard]

    def hears(self, kind: str) -> Request:
        """The last request of that method that came to it."""
        return next(m for m in reversed(self.heard) if isinstance(m, Request) and m.method == kind)

    def response(self, status: int) -> Response:
        """The last response of that status that came to it."""
        return next(m for m in reversed(self.heard) if isinstance(m, Response) and m.status == status)

    def send(self, message: Message | bytes) -> list[str]:
        """Send it to the proxy; returns what came back to this end at once, in short."""
        before = len(self.heard)
        self.bench.deliver(bytes(message), self.address)
        return self.summaries[before:]

    def request(
        self,
        method: str,
        uri: str = "sip:108@127.0.10.1",
        *,
        call: str = "",
        to: str = "",
        via: str = "",
        cseq: int = 1,
        headers: Lines = (),
        body: bytes = b"",
    ) -> Request:
        """A request as a phone writes it; `call` names the call it belongs to, `headers` replace or follow its own."""
        number = next(self.bench._counter)
        lines = {
            "Via": via or f"SIP/2.0/UDP {self.address};rport;branch=z9hG4bK{self.name}x{number}",
            "Max-Forwards": "70",
            "From": f"<sip:{self.name}@127.0.10.1>;tag={self.name}f",
            "To": to or f"<{uri}>",
            "Call-ID": call or f"call{number}",
            "CSeq": f"{cseq} {method}",
        }
        extra = [(name, value) for name, value in headers if name not in lines]
        lines |= {name: value for name, value in headers if name in lines}
        return build_request(method, uri, [*((n, v) for n, v in lines.items() if v), *extra], body)

    def register(self, contact: str = "", expires: int | None = 3600, **options: Any) -> list[str]:
        """Send a REGISTER for its name; `contact` as the header's value, "-" for none."""
        lines = [] if contact == "-" else [("Contact", contact or f"<sip:{self.name}@{self.address}>")]
        lines += [] if expires is None else [("Expires", str(expires))]
        to = options.pop("to", f"<sip:{self.name}@127.0.10.1>")
        return self.send(self.request("REGISTER", "sip:127.0.10.1", to=to, headers=lines, **options))

    def invite(self, uri: str = "sip:108@127.0.10.1", **options: Any) -> Request:
        """Send an INVITE; returns it."""
        lines = [("Contact", f"<sip:{self.name}@{self.address}>"), *options.pop("headers", ())]
        request = self.request("INVITE", uri, headers=lines, **options)
        self.send(request)
        return request

    def answer(
        self, request: Request, status: int, reason: str = "OK", *, headers: Lines = (), body: bytes = b""
    ) -> None:
        """Answer a request that came to it."""
        lines = [("Record-Route", value) for value in request.get_all("Record-Route")]
        lines += [("Contact", f"<sip:{self.name}@{self.address}>"), *headers]
        tag = "" if status == 100 else f"{self.name}t"
        self.send(build_response(request, status, reason, to_tag=tag, headers=lines, body=body))

    def ack(self, invite: Request, status: int) -> None:
        """Acknowledge the negative final response to its INVITE, hop by hop."""
        self.send(build_ack(invite, self.response(status)))

    def cancel(self, invite: Request, *, reasons: Sequence[str] = ()) -> list[str]:
        """Give up its INVITE."""
        return self.send(build_cancel(invite, reasons=reasons))

    def within(self, method: str, invite: Request, *, cseq: int | None = None, body: bytes = b"") -> Request:
        """Send a request inside the dialog of an INVITE that was answered 200, one it sent or one that came to it.

        Along the route the dialog has (RFC 3261 §12.1, §12.2.1).
        """
        if invite in self.heard:  # it was called
            routes, target, to = invite.values("Record-Route"), invite.contacts[0].uri, str(invite.from_)
            me = f"{invite.to};tag={self.name}t"
        else:
            answer = next(m for m in self.heard if m.branch == invite.branch and m.start_line.startswith("SIP/2.0 200"))
            routes, target, to = answer.values("Record-Route")[::-1], answer.contacts[0].uri, str(answer.to)
            me = str(invite.from_)
        number = cseq or invite.cseq.number + (method != "ACK")
        lines = [("From", me), *(("Route", value) for value in routes)]
        request = self.request(method, target, call=invite.call_id, to=to, cseq=number, headers=lines, body=body)
        self.send(request)
        return request


def told(message: Message) -> str:
    """A message as a ladder writes it."""
    if isinstance(message, Response) and message.cseq.method != "INVITE":
        return f"{message.summary} ({message.cseq.method})"
    assert isinstance(message, Request | Response)
    return message.summary


def tag_of(message: Message) -> str:
    """The To-tag, "" if there is none."""
    return NameAddr.parse(message.get("To") or "").tag or ""
