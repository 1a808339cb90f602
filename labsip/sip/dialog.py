"""Dialogs (RFC 3261 §12): what the two ends of a call remember about each other from request to request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from labsip.sip.build import build_request
from labsip.sip.errors import BadMessage
from labsip.sip.headers import NameAddr
from labsip.sip.message import Message, Request, Response
from labsip.sip.transport import Address
from labsip.sip.uri import SipUri, as_request_uri

DialogId = tuple[str, str, str]
"""Call-ID, local tag, remote tag (§12)."""


@dataclass(slots=True)
class Dialog:
    """One end's view of a dialog.

    Before the other end has given its tag there is no dialog yet, only what the requests of one Call-ID share (§8.1.1);
    they are built the same way, and those of a REGISTER or a MESSAGE never become more.
    """

    call_id: str
    local: NameAddr
    """This end, with its tag: the From of its requests."""
    remote: NameAddr
    """The other end, with its tag as soon as it is known."""
    remote_target: str
    """The URI its requests go to: the other end's Contact."""
    route_set: tuple[NameAddr, ...] = ()
    """The proxies between, next hop first."""
    local_cseq: int = 0
    """Number of the last request sent, 0 before the first."""
    remote_cseq: int | None = None
    """Number of the last request received, None before the first."""
    confirmed: bool = False
    """By a 2xx; early until then."""

    @classmethod
    def accept(cls, request: Request, tag: str) -> Dialog:
        """The called end's view of the dialog a request opens (§12.1.1): Record-Route in order; early.

        Raises BadMessage (400) if the Contact, From, To or a Record-Route can't be read.
        """
        return cls(
            request.call_id,
            local=_with_tag(request.to, tag),
            remote=_with_tag(request.from_, request.from_.tag),
            remote_target=_contact(request) or as_request_uri(request.from_.uri),
            route_set=tuple(request.record_routes),
            remote_cseq=request.cseq.number,
        )

    def answered(self, response: Response) -> Dialog:
        """The calling end's view, as a 101 to 2xx response makes it (§12.1.2): Record-Route reversed.

        Each To-tag of a forked request makes a dialog of its own; the 2xx of an early one makes it anew (§13.2.2.4).
        A Contact or a Record-Route that can't be read is passed over: a 2xx has to be acknowledged (§13.2.2.4).
        Raises BadMessage if To can't be read.
        """
        return replace(
            self,
            remote=_with_tag(self.remote, response.to.tag),
            remote_target=_target(response) or self.remote_target,
            route_set=tuple(reversed(response.addresses("Record-Route"))),
            confirmed=response.status >= 200,
        )

    @property
    def id(self) -> DialogId:
        """Call-ID, local tag, remote tag."""
        return self.call_id, self.local.tag or "", self.remote.tag or ""

    @property
    def next_hop(self) -> Address:
        """Where its requests are sent: the first of the route set, else the remote target (§8.1.2, §12.2.1.1)."""
        return SipUri.parse(self.route_set[0].uri if self.route_set else self.remote_target).address

    def receive(self, request: Request) -> None:
        """Note a request of the other end (§12.2.2). Raises BadMessage (500) if it comes out of order."""
        number = request.cseq.number
        if self.remote_cseq is not None and number < self.remote_cseq:
            raise BadMessage(f"CSeq {number} after {self.remote_cseq}", 500)
        self.remote_cseq = number

    def refresh(self, message: Message) -> None:
        """The other end has moved: take the Contact of its accepted re-INVITE or UPDATE, or of its 2xx (§12.2.1.2)."""
        read = _contact if isinstance(message, Request) else _target
        self.remote_target = read(message) or self.remote_target

    def build_request(
        self, method: str, via: str, *, contact: str = "", headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> Request:
        """The next request, its CSeq one higher; `via` and `contact` are values of those headers."""
        self.local_cseq += 1
        return self._build(method, self.local_cseq, via, contact, headers, body)

    def build_ack(self, cseq: int, via: str, *, headers: Iterable[tuple[str, str]] = ()) -> Request:
        """The ACK for a 2xx, with the number of its INVITE (§13.2.2.4)."""
        return self._build("ACK", cseq, via, "", headers, b"")

    def _build(
        self, method: str, cseq: int, via: str, contact: str, headers: Iterable[tuple[str, str]], body: bytes
    ) -> Request:
        uri, routes = self._way()
        lines = [("Via", via), ("Max-Forwards", "70"), ("From", str(self.local)), ("To", str(self.remote))]
        lines += [("Call-ID", self.call_id), ("CSeq", f"{cseq} {method}")]
        lines += [("Contact", contact)] if contact else []
        lines += [("Route", str(route)) for route in routes]
        return build_request(method, uri, [*lines, *headers], body)

    def _way(self) -> tuple[str, list[NameAddr]]:
        """Request-URI and Route headers (§12.2.1.1)."""
        if not self.route_set:
            return self.remote_target, []
        first = SipUri.parse(self.route_set[0].uri)
        if first.has("lr"):
            return self.remote_target, list(self.route_set)
        # a strict router takes its own URI from the Request-URI, without what may not stand there (§19.1.1)
        params = tuple(param for param in first.params if param[0].lower() != "method")
        uri = first._replace(params=params, headers="")
        return str(uri), [*self.route_set[1:], NameAddr(self.remote_target)]


def dialog_id(request: Request) -> DialogId:
    """The dialog a received request belongs to: its To-tag is ours (§12.2.2)."""
    return request.call_id, request.to.tag or "", request.from_.tag or ""


def _contact(message: Message) -> str:
    """The first Contact as a Request-URI (§12.1.1), "" if there is none. Raises BadMessage if it is no SIP URI."""
    values = message.values("Contact")
    if not values:
        return ""
    uri = NameAddr.parse(values[0]).uri
    SipUri.parse(uri)
    return as_request_uri(uri)


def _target(message: Message) -> str:
    """The same, but also "" if it is no SIP URI."""
    try:
        return _contact(message)
    except BadMessage:
        return ""


def _with_tag(address: NameAddr, tag: str | None) -> NameAddr:
    return NameAddr(address.uri, (("tag", tag),) if tag else (), address.display)
