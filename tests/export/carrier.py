"""A carrier, as a program: it answers one call, and hangs up by the way that Record-Route has, which SIPp would not."""

from __future__ import annotations

import re
import socket
import sys

HERE, PORT, FRONT = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def lines(message: str, *names: str) -> list[str]:
    """The header lines with these names, in order."""
    return [line for line in message.split("\r\n") if line.partition(":")[0] in names]


def until(carrier: socket.socket, start: str) -> tuple[str, tuple[str, int]]:
    """The next message that begins so, and where it came from."""
    while True:
        raw, source = carrier.recvfrom(65535)
        if (message := raw.decode()).startswith(start):
            return message, source


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as carrier:
    carrier.bind((HERE, PORT))
    carrier.settimeout(30)
    invite, node = until(carrier, "INVITE")
    caller, callee = (lines(invite, name)[0].partition(": ")[2] for name in ("From", "To"))
    contact = f"Contact: <sip:555@{HERE}:{PORT}>"
    copied = lines(invite, "Via", "Record-Route", "From", "Call-ID", "CSeq")
    ok = ["SIP/2.0 200 OK", *copied, f"To: {callee};tag=b", contact, "Content-Length: 0", "", ""]
    carrier.sendto("\r\n".join(ok).encode(), node)
    until(carrier, "ACK")
    routes = [line.removeprefix("Record-") for line in lines(invite, "Record-Route")]
    first = re.findall(r"<sip:([^:;>]+)(?::(\d+))?", routes[0])[0]
    assert first == (FRONT, "5070"), routes
    target = re.findall("<(.*)>", lines(invite, "Contact")[0])[0]
    via = f"Via: SIP/2.0/UDP {HERE}:{PORT};branch=z9hG4bKbye"
    dialog = [f"From: {callee};tag=b", f"To: {caller}", *lines(invite, "Call-ID"), "CSeq: 1 BYE"]
    bye = [f"BYE {target} SIP/2.0", via, *routes, *dialog, "Max-Forwards: 70", "Content-Length: 0", "", ""]
    carrier.sendto("\r\n".join(bye).encode(), (FRONT, 5070))
    until(carrier, "SIP/2.0 200")
