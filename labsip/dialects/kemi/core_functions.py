"""KSR's own functions: `KSR.is_INVITE()`, `KSR.is_myself_ruri()`, `KSR.info(text)`, … (Kamailio: core/kemi.c).

Those that are commands of a kamailio.cfg too come from the modules' exports, as `KSR.force_rport`.
"""

from __future__ import annotations

from collections.abc import Callable

from labsip.dialects.kemi.hand import hand_now, tell
from labsip.dialects.kemi.ksr_functions import Definition
from labsip.modules.core import is_myself
from labsip.modules.xlog import LEVELS
from labsip.proxy.turn import Turn
from labsip.sip.message import Request

METHODS = (
    "ACK", "BYE", "CANCEL", "DELETE", "GET", "INFO", "INVITE", "KDMQ", "MESSAGE", "NOTIFY", "OPTIONS", "POST", "PRACK",
    "PUBLISH", "PUT", "REFER", "REGISTER", "SUBSCRIBE", "UPDATE",
)  # fmt: skip
"""Each has a question of its own, `KSR.is_ACK()`."""
LETTERS = {
    "I": "INVITE", "A": "ACK", "C": "CANCEL", "B": "BYE", "O": "OPTIONS", "R": "REGISTER", "M": "MESSAGE",
    "S": "SUBSCRIBE", "N": "NOTIFY", "P": "PUBLISH", "U": "UPDATE", "E": "PRACK", "F": "REFER", "G": "GET", "T": "POST",
    "V": "PUT", "D": "DELETE", "K": "KDMQ",
}  # fmt: skip
"""What `is_method_in` calls them; INFO has no letter."""
CARRIERS = ("UDP", "TCP", "TLS", "WS", "WSS")
LOGS = {"dbg": "L_DBG", "info": "L_INFO", "notice": "L_NOTICE", "warn": "L_WARN", "err": "L_ERR", "crit": "L_CRIT"}
"""Functions that log a text as it is, by the level of xlog."""


def _method(turn: Turn) -> str:
    message = turn.message
    return message.method if isinstance(message, Request) else message.cseq.method


def _asking(holds: Callable[[Turn], object]) -> Definition:
    """A question about the message: True or False."""
    return Definition(lambda turn: 1 if holds(turn) else -1, bool)


def _is(method: str) -> Definition:
    return _asking(lambda turn: _method(turn) == method)


def _came_by(*carriers: str) -> Definition:
    return _asking(lambda turn: turn.datagram.dst.proto in carriers)


def is_method_in(turn: Turn, /, letters: str) -> int:
    """Is the method one of these, as in "IBSU"? 1 yes · -1 no."""
    if unknown := set(letters) - set(LETTERS):
        tell(turn, f"KSR.is_method_in: no method has the letter {', '.join(sorted(unknown))}")
    return 1 if _method(turn) in [LETTERS.get(letter) for letter in letters] else -1


def is_proto(turn: Turn, /, letters: str) -> int:
    """Did it come by one of these: u for UDP, t TCP, e TLS, w WS, x WSS? Several may be given. 1 yes · -1 no."""
    known = {"u": "udp", "t": "tcp", "e": "tls", "w": "ws", "x": "wss"}
    return 1 if turn.datagram.dst.proto in [known.get(letter) for letter in letters.lower()] else -1


def is_src_port(turn: Turn, /, port: int) -> int:
    """Did it come from that port? 1 yes · -1 no."""
    return 1 if turn.datagram.src.port == port else -1


def is_dst_port(turn: Turn, /, port: int) -> int:
    """Did it come to that port of ours? 1 yes · -1 no."""
    return 1 if turn.datagram.dst.port == port else -1


def _mine(uri_of: Callable[[Turn], str | None]) -> Definition:
    """Whether a URI of the message is this proxy."""

    def asked(turn: Turn) -> int:
        uri = uri_of(turn)
        return is_myself(turn, uri) if uri else -1

    return Definition(asked, bool)


def set_drop(turn: Turn, /) -> int:  # noqa: ARG001
    """When the method at hand returns: drop the response, the branch or what is sent, as `drop` does. Nothing."""
    hand_now().dropped = True
    return 1


def _logging(level: str) -> Definition:
    """A function that logs a text as it is: a `$` in it is no variable."""

    def logs(turn: Turn, /, text: str) -> int:
        return _print(turn, level, text)

    return Definition(logs, None)


def _print(turn: Turn, level: str, text: str) -> int:
    if LEVELS[level] <= turn.proxy.settings.debug:
        turn.printed = text.rstrip("\n")
    return 1


def log(turn: Turn, /, level: str, text: str) -> int:
    """Log a text at a level: "info", "err", "warn", "notice", "crit" or "dbg"; any other counts as "err". Nothing."""
    return _print(turn, LOGS.get(level, "L_ERR"), text)


FUNCTIONS: dict[str, Definition] = {
    **{f"is_{method}": _is(method) for method in METHODS},
    **{f"is_{carrier}": _came_by(carrier.lower()) for carrier in CARRIERS},
    "is_WSX": _came_by("ws", "wss"),
    "is_IPv4": _asking(lambda turn: ":" not in turn.datagram.src.host),
    "is_IPv6": _asking(lambda turn: ":" in turn.datagram.src.host),
    "is_method_in": Definition(is_method_in, bool),
    "is_proto": Definition(is_proto, bool),
    "is_src_port": Definition(is_src_port, bool),
    "is_dst_port": Definition(is_dst_port, bool),
    "is_myself_ruri": _mine(lambda turn: turn.uri),
    "is_myself_furi": _mine(lambda turn: turn.message.from_.uri),
    "is_myself_turi": _mine(lambda turn: turn.message.to.uri),
    "is_myself_duri": _mine(lambda turn: turn.dst_uri),
    "is_myself_nhuri": _mine(lambda turn: turn.dst_uri or turn.uri),
    "is_myself_suri": _mine(lambda turn: f"sip:{turn.datagram.src}"),
    "is_myself_srcip": _mine(lambda turn: turn.datagram.src.host),
    "set_drop": Definition(set_drop, None),
    "log": Definition(log, None),
    **{name: _logging(level) for name, level in LOGS.items()},
}
"""By their names behind `KSR.`."""
