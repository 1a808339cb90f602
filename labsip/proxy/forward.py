"""Writing what goes out (RFC 3261 §16.6, §16.7): own Via on top of requests, own Via off responses, lumps applied."""

from __future__ import annotations

from labsip.proxy.lump import Lump, Lumps
from labsip.sip.headers import Via, split_list
from labsip.sip.message import Message, Request, Response
from labsip.sip.transport import DEFAULT_PORT, Address, bracketed


def own_via(socket: Address, branch: str) -> str:
    """The Via line this node adds; the port only where it is not 5060, as Kamailio writes it."""
    port = "" if socket.port == DEFAULT_PORT else f":{socket.port}"
    return f"Via: SIP/2.0/UDP {bracketed(socket.host)}{port};branch={branch}"


def received(via: Via, src: Address, *, force_rport: bool, at_end: bool) -> Via:
    """A caller's Via with what we know of where it came from (RFC 3261 §18.2.1, RFC 3581 §4).

    `rport` is filled where it stands; `received` goes behind the host in a request, to the end in a response
    (`at_end`), which is where Kamailio puts it.
    """
    wants_rport = via.rport is not None
    host = src.host
    params = dict(via.params)
    new: list[tuple[str, str | None]] = []
    if force_rport and not wants_rport:
        new.append(("rport", str(src.port)))
    if wants_rport or force_rport or via.host.strip("[]") != host:
        new.append(("received", host))
    known = {name for name, _ in new}
    kept = [
        (name, str(src.port) if name.lower() == "rport" else value)
        for name, value in params.items()
        if name.lower() not in known
    ]
    return Via(via.transport, via.host, via.port, tuple(kept + new if at_end else new + kept))


def reply_address(via: Via, src: Address, *, force_rport: bool) -> Address:
    """Where a response goes (RFC 3261 §18.2.2): the source; its port only with rport (RFC 3581 §4), else Via's."""
    if via.rport is not None or force_rport:
        return src
    return Address(src.host, via.port or DEFAULT_PORT)


def request_bytes(request: Request, uri: str, via_line: str, callers_via: Via, lumps: Lumps) -> bytes:
    """The request as it leaves: new Request-URI, own Via below what the route put on top, the caller's Via completed."""
    changes = Lumps(lumps)
    start_line = f"{request.method} {uri} SIP/2.0".encode("utf-8", "surrogateescape")
    changes.append(Lump(0, len(request.start_line.encode("utf-8", "surrogateescape")), start_line))
    changes.prepend_header(request, via_line)
    changes.append(replace_top_via(request, str(callers_via)))
    return changes.apply(request.raw)


def response_bytes(response: Response, lumps: Lumps) -> bytes:
    """The response as it leaves: without the topmost Via, which was ours (§16.7 step 3)."""
    return Lumps([*lumps, replace_top_via(response, None)]).apply(response.raw)


def replace_top_via(message: Message, value: str | None) -> Lump:
    """The lump that puts `value` in the place of the topmost Via, or takes that Via out."""
    line = message.find("Via")[0]
    values = split_list(line.value)
    if value is not None:
        values[0] = value
    elif len(values) == 1:
        return Lump(line.start, line.stop)
    else:
        values = values[1:]
    text = f"{line.name}: {', '.join(values)}\r\n"
    return Lump(line.start, line.stop, text.encode("utf-8", "surrogateescape"))
