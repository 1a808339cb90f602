"""A command said for a request to a real Kamailio and to us: what a case is, and the script that says all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr

Said = Callable[[Ksr], Any]


@dataclass(frozen=True)
class Case:
    """A request, and a command said for it: in the script of kamailio.cfg and in Python."""

    name: str
    cfg: str
    """Statements; the last one's return code is looked at."""
    python: Said
    method: str = "MESSAGE"
    uri: str = "sip:108@HOST"
    headers: tuple[str, ...] = ()
    """Lines that take the place of those of that name, or follow the others."""
    call: str = ""
    """Cases of one call have the same Call-ID and branch."""
    forwards: bool = False
    """The request comes back to who sent it, who answers it 200."""
    differs: tuple[str, str] = ("", "")
    """What we do otherwise on purpose, and why."""


REGISTER: dict[str, Any] = {
    "method": "REGISTER",
    "uri": "sip:HOST",
    "cfg": 'save("location");',
    "python": lambda k: k.save("location"),
}


def config(host: str, port: int, client: int, of: Sequence[Case], parameters: str) -> str:
    """A script that says the commands of the case named in X-Case, and tells the last return code in a 299."""
    cases = "".join(
        f'\tif ($hdr(X-Case) == "{number}") {{\n\t\t{_placed(case.cfg, host, port, client)}\n\t\t$var(rc) = $rc;\n'
        f'\t\tsl_send_reply("299", "rc=$var(rc)");\n\t\texit;\n\t}}\n'
        for number, case in enumerate(of)
    )
    return (
        'modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")\n'
        f'{parameters}request_route {{\n\tif (is_method("ACK")) exit;\n{cases}\tsl_send_reply("200", "ready");\n}}\n'
        + 'onreply_route[X] { xlog("x"); }\nfailure_route[X] { xlog("x"); }\nbranch_route[X] { xlog("x"); }\n'
        + "branch_route[DROP] { drop; }\n"
    )


def routes(of: Sequence[Case]) -> Routes:
    """The same script in Python."""

    def request_route(ksr: Ksr) -> None:
        if ksr.is_method("ACK"):
            return
        number = ksr["$hdr(X-Case)"]
        if number is None:
            ksr.sl_send_reply(200, "ready")
            return
        code = of[int(str(number))].python(ksr)
        ksr.sl_send_reply(299, f"rc={int(code)}")

    def block(ksr: Ksr) -> None:
        ksr.xlog("x")

    named: dict[str, Any] = {"X": block}
    return Routes(request_route, onreply_routes=named, failure_routes=named, branch_routes={**named, "DROP": Ksr.drop})


def request(number: int, host: str, port: int, client: int, of: Sequence[Case]) -> bytes:
    """The request of a case."""
    case = of[number]
    name = case.call or f"case{number}"
    lines = {
        "Via": f"SIP/2.0/UDP {host}:{client};rport;branch=z9hG4bK{name}",
        "Max-Forwards": "70",
        "From": "<sip:106@HOST>;tag=f",
        "To": "<sip:108@HOST>",
        "Call-ID": name,
        "CSeq": f"1 {case.method}",
        "X-Case": str(number),
        "Content-Length": "0",
    }
    extra = []
    for line in case.headers:
        header, _, value = line.partition(":")
        if header in lines and value != "-":
            lines[header] = value.strip()
        elif header in lines:
            del lines[header]
        else:
            extra.append(line)
    text = [f"{case.method} {case.uri} SIP/2.0", *(f"{n}: {v}" for n, v in lines.items()), *extra, "", ""]
    return _placed("\r\n".join(text), host, port, client).encode()


def _placed(text: str, host: str, port: int, client: int) -> str:
    return text.replace("HOST", host).replace("CPORT", str(client)).replace("PORT", str(port))
