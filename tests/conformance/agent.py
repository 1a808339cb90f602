"""A user agent of plain text and a plain socket: it says what a case writes out."""

from __future__ import annotations

import socket
from itertools import count
from time import monotonic

from tests.conformance.message import Message, cut, write
from tests.processes import free_address

DOMAIN = "lab.example"
"""The domain of every proxy under test."""
AT_ONCE = 1.0
"""Seconds until a proxy from which nothing comes is asked whether it has nothing to say."""
SOON = 5.0
"""Seconds to wait for a connection, or for its end: the proxy can't be asked whether it comes."""
PATIENCE = 20.0
"""Seconds to wait for the answer to that."""
_numbers = count(1)


class Otherwise(Exception):
    """What was seen instead of what a case asks for. Its text is what the table shows."""


class Agent:
    """Somebody at a socket who talks to one proxy. `name` stands in the table, `user` in its messages."""

    def __init__(self, name: str, proxy: str, sock: socket.socket, *, user: str = "", pace: float = 1) -> None:
        self.name, self.proxy, self.sock, self._pace = name, proxy, sock, pace
        self.user = user or f"{name}{next(_numbers)}"
        self.kind = "TCP" if sock.type == socket.SOCK_STREAM else "UDP"
        self._peer = _address(proxy)
        self.at = host_port(sock)
        """Its address, HOST:PORT."""
        self.aor = f"sip:{self.user}@{DOMAIN}"
        """What others call."""
        self.contact = f"sip:{self.user}@{self.at}" + (";transport=tcp" if self.kind == "TCP" else "")
        """Where it is."""
        self._heard: set[bytes] = set()
        self._stream = b""

    # -- saying --

    def send(self, data: bytes | str) -> Message:
        """Send this as it is; lines of a text may end in a plain newline. Returns it to be read."""
        raw = data.replace("\r\n", "\n").replace("\n", "\r\n").encode() if isinstance(data, str) else data
        if self.kind == "TCP":
            try:
                self.sock.sendall(raw)
            except ConnectionError as error:
                raise Otherwise(f"the {self.name}'s connection is closed") from error
        else:
            self.sock.sendto(raw, self._peer)
        return Message(raw)

    def ask(self, method: str, uri: str, *lines: str, body: str | bytes = b"") -> Message:
        """Send a request; returns it.

        `lines` take the place of the usual ones of their name, and follow them if there are none; `"Contact:"` with
        nothing behind leaves the usual one out.
        """
        return self.send(self.request(method, uri, *lines, body=body))

    def request(self, method: str, uri: str, *lines: str, body: str | bytes = b"") -> bytes:
        """The bytes that `ask` sends."""
        number = next(_numbers)
        usual = [
            f"Via: SIP/2.0/{self.kind} {self.at};branch=z9hG4bK{self.user}x{number};rport",
            "Max-Forwards: 70",
            f"From: <{self.aor}>;tag={self.user}f",
            f"To: <{uri}>",
            f"Call-ID: {self.user}-{number}",
            f"CSeq: 1 {method}",
            f"Contact: <{self.contact}>",
        ]
        return write(f"{method} {uri} SIP/2.0", usual, lines, body)

    def answer(self, request: Message, status: str, *lines: str, body: str | bytes = b"") -> Message:
        """Answer a request that came, `"486 Busy Here"`, along its Vias; `lines` as in `ask`. Returns what was sent."""
        to = request.get("To")
        if "tag=" not in to and not status.startswith("100"):
            to += f";tag={self.user}t"
        usual = [f"{name}: {value}" for name in ("Via", "Record-Route") for value in request.all(name)]
        usual += [f"{name}: {request.get(name)}" for name in ("From", "Call-ID", "CSeq")]
        usual += [f"To: {to}", f"Contact: <{self.contact}>"]
        return self.send(write(f"SIP/2.0 {status}", usual, lines, body))

    def ack(self, invite: Message, response: Message) -> Message:
        """Acknowledge a negative final response to its INVITE, hop by hop (RFC 3261 §17.1.1.3)."""
        return self._of(invite, "ACK", response.get("To"))

    def cancel(self, invite: Message) -> Message:
        """Give its INVITE up (RFC 3261 §9.1)."""
        return self._of(invite, "CANCEL", invite.get("To"))

    def _of(self, invite: Message, method: str, to: str) -> Message:
        number = invite.get("CSeq").split()[0]
        lines = [f"{name}: {invite.get(name)}" for name in ("Via", "From", "Call-ID")]
        lines += [f"Route: {route}" for route in invite.all("Route")]
        return self.ask(method, invite.uri, *lines, f"To: {to}", f"CSeq: {number} {method}", "Contact:")

    def register(self, *lines: str) -> Message:
        """Be registered before a case begins, whatever the case is about."""
        call = f"Call-ID: setup-{self.user}-{next(_numbers)}"
        self.ask("REGISTER", f"sip:{DOMAIN}", f"To: <{self.aor}>", call, *lines)
        return self.hear("200")

    # -- hearing --

    def hear(self, wanted: str, within: float = AT_ONCE) -> Message:
        """The next new message, a method or a status: `hear("INVITE")`, `hear("486")`, `hear("4")` for any 4xx.

        It is waited for until `within` seconds have passed and the proxy, asked by an OPTIONS, has nothing to say
        before it answers that. What came before is passed over, and so is 100 to an INVITE unless it is wanted.
        Raises Otherwise.
        """
        named = wanted.ljust(3, "x") if wanted.isdigit() else wanted
        while message := self._next(within):
            if message.fits(wanted):
                return message
            if not _trying(message):
                raise Otherwise(f"the {self.name} hears {message} instead of {named}")
        raise Otherwise(f"the {self.name} hears nothing instead of {named}")

    def hear_again(self, message: Message, within: float = AT_ONCE) -> None:
        """Wait until the same message comes once more. Raises Otherwise."""
        while repeat := self._next(within, repeats=True):
            if repeat.raw == message.raw:
                return
        raise Otherwise(f"the {self.name} does not hear {message} again")

    def hear_not_again(self, message: Message, *, within: float) -> None:
        """Make sure that neither the same message nor a new one comes in so many seconds. Raises Otherwise.

        What a timer sent before it was stopped counts, too: `hear_nothing()` at that moment passes it over.
        """
        known = set(self._heard)
        while repeat := self._next(within, repeats=True):
            if repeat.raw == message.raw:
                raise Otherwise(f"the {self.name} hears {message} again")
            if repeat.raw not in known and not _trying(repeat):
                raise Otherwise(f"the {self.name} hears {repeat} where nothing should come")

    def hear_nothing(self, within: float = 0, *, not_even_100: bool = False) -> None:
        """Make sure that nothing new has come, nor comes within so many seconds. Raises Otherwise.

        Repeats of what was heard before do not count, and are passed over.
        """
        while message := self._next(within):
            if not_even_100 or not _trying(message):
                raise Otherwise(f"the {self.name} hears {message} where nothing should come")

    def hear_bytes(self, wanted: bytes) -> None:
        """The next bytes of its connection, of a message or not. Raises Otherwise."""
        self.sock.settimeout(SOON * self._pace)
        while len(self._stream) < len(wanted):
            try:
                data = self.sock.recv(len(wanted) - len(self._stream))
            except (TimeoutError, ConnectionError):
                data = b""
            if not data:
                break
            self._stream += data
        got, self._stream = self._stream[: len(wanted)], self._stream[len(wanted) :]
        if got != wanted:
            raise Otherwise(f"the {self.name} hears {got!r} instead of {wanted!r}")

    def hear_end(self) -> None:
        """Make sure that the proxy closes the connection, whatever it says before. Raises Otherwise."""
        self.sock.settimeout(SOON * self._pace)
        try:
            while self.sock.recv(65535):
                pass
        except ConnectionError:
            pass
        except TimeoutError as error:
            raise Otherwise(f"the {self.name}'s connection stays open") from error

    def _next(self, within: float, repeats: bool = False) -> Message | None:
        """What comes next; None when there is nothing, for certain: the proxy has answered what was asked later."""
        asked, end = "", monotonic() + within * self._pace
        while True:
            raw = self._receive(end - monotonic())
            if raw is None:
                if asked:
                    raise RuntimeError(f"{self.proxy} answers no OPTIONS any more")
                asked, end = self._ping(), monotonic() + PATIENCE
                continue
            message = Message(raw)
            if message.get("Call-ID").startswith("ping-"):
                if message.get("Call-ID") == asked:
                    return None
            elif repeats or raw not in self._heard:
                self._heard.add(raw)
                return message

    def _ping(self) -> str:
        call = f"ping-{next(_numbers)}"
        self.ask("OPTIONS", f"sip:{self.proxy}", f"Call-ID: {call}")
        return call

    def _receive(self, seconds: float) -> bytes | None:
        """A message from the wire, None when none comes in time."""
        end = monotonic() + seconds
        while True:
            whole, self._stream = cut(self._stream)
            if whole:
                return whole
            self.sock.settimeout(max(end - monotonic(), 0.001))
            try:
                data = self.sock.recv(65535)
            except TimeoutError:
                return None
            except ConnectionError:
                data = b""
            if self.kind == "UDP":
                return data
            if not data:
                raise Otherwise(f"the {self.name}'s connection is closed")
            self._stream += data


class Door:
    """Where TCP connections come in, and UDP is free at the same port."""

    def __init__(self, proxy: str, pace: float = 1) -> None:
        self._proxy, self._pace = proxy, pace
        address = free_address(kind=socket.SOCK_STREAM)
        self.sock = socket.create_server((address.host, address.port))
        self.at = host_port(self.sock)
        """Its address, HOST:PORT."""

    def open(self, name: str, user: str = "") -> Agent:
        """Who is called by the next connection. Raises Otherwise."""
        self.sock.settimeout(SOON * self._pace)
        try:
            sock, _ = self.sock.accept()
        except TimeoutError as error:
            raise Otherwise(f"the {name} gets no connection") from error
        return Agent(name, self._proxy, sock, user=user, pace=self._pace)


def datagrams(proxy: str, port: int = 0) -> socket.socket:
    """A UDP socket on the host of that proxy, and its family."""
    host, _ = _address(proxy)
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, port))
    return sock


def connected(proxy: str) -> socket.socket:
    """A TCP connection to that proxy."""
    try:
        sock = socket.create_connection(_address(proxy))
    except OSError as error:
        raise Otherwise("the proxy takes no connection") from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a message in pieces shall arrive in pieces
    return sock


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def host_port(sock: socket.socket) -> str:
    """Where a socket is bound, as it stands in a URI."""
    host, port, *_ = sock.getsockname()
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _trying(message: Message) -> bool:
    """A 100 to an INVITE: it may come at any time, and means nothing but "wait" (RFC 3261 §16.7 step 2)."""
    return message.status == "100" and message.method == "INVITE"
