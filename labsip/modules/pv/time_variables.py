"""Variables of the clock, in UTC: when the message was received, as a number and as a text."""

from __future__ import annotations

from datetime import UTC, datetime

from labsip.proxy.exports import NamedVariable, Value, Variable
from labsip.proxy.turn import Turn
from labsip.sip.errors import NoSuchName

PARTS = {
    "sec": "%S", "min": "%M", "hour": "%H", "mday": "%d", "mon": "%m", "year": "%Y", "wday": "%w", "yday": "%j",
}  # fmt: skip


def _moment(turn: Turn) -> datetime:
    return datetime.fromtimestamp(turn.proxy.began + turn.now, UTC)


def _seconds(turn: Turn) -> int:
    return int(turn.proxy.began + turn.now)


def _date(turn: Turn) -> Value:
    return _moment(turn).strftime("%a %b %d %H:%M:%S %Y")


def _part(turn: Turn, part: str) -> Value:
    """`$time(hour)`; wday is 1 on Sunday."""
    if part not in PARTS:
        raise NoSuchName("part of $time", part, PARTS)
    return int(_moment(turn).strftime(PARTS[part])) + (part == "wday")


def _exact(turn: Turn, part: str) -> Value:
    """`$TV(s)` seconds, `$TV(u)` microseconds, `$TV(Sn)` both as a text; without n, as they were first asked for."""
    now = turn.proxy.began + turn.now
    micros = int(now % 1 * 1_000_000)
    parts: dict[str, Value] = {"s": int(now), "u": micros, "S": f"{int(now)}.{micros:06d}"}
    if part.removesuffix("n") not in parts:
        raise NoSuchName("part of $TV", part, ("s", "u", "sn", "un", "Sn"))
    return parts[part.removesuffix("n")]


def _formatted(turn: Turn, text: str) -> Value:
    return _moment(turn).strftime(text)


# fmt: off
TIMES: dict[str, Variable | NamedVariable] = {
    "$Ts": Variable("seconds since 1970", _seconds),
    "$TS": Variable("seconds since 1970", _seconds),
    "$Tb": Variable("when the proxy began, in seconds since 1970", lambda turn: int(turn.proxy.began)),
    "$Tf": Variable("date and time", _date),
    "$TF": Variable("date and time", _date),
    "$TV": NamedVariable("$TV(Sn): seconds since 1970 to the microsecond", _exact),
    "$time": NamedVariable("$time(hour): a part of the time; sec, min, hour, mday, mon, year, wday, yday", _part),
    "$utime": NamedVariable("the same in UTC", _part),
    "$timef": NamedVariable("$timef(%H:%M): the time, written so", _formatted),
    "$utimef": NamedVariable("the same in UTC", _formatted),
}
# fmt: on
