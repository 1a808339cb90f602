"""What can happen to a datagram on its way: loss, delay, reordering, duplication, and messages lost on purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Self

from labsip.modules.registrar.binding import METHODS
from labsip.proxy.arguments import checked_amount, checked_count, checked_seconds, checked_text
from labsip.sip.errors import BadMessage, LabError, did_you_mean
from labsip.sip.message import Request, parse_message
from labsip.sip.transport import Address, Datagram

AT_ONCE: tuple[float, ...] = (0.0,)
"""The delay of one copy that nothing holds back."""


@dataclass
class Loss:
    """Messages to be lost: `what` as in `Wire.drop`, so many `times`, None for always."""

    what: str | None
    times: int | None

    def __str__(self) -> str:
        """`the next ACK`, `the next 2 messages`, `every BYE`."""
        what = self.what or "message"
        if self.times is None:
            return f"every {what}"
        return f"the next {what}" if self.times == 1 else f"the next {self.times} {what}{'' if self.what else 's'}"

    def hits(self, data: bytes) -> bool:
        """Whether it loses this datagram; counts it if so."""
        if self.times == 0 or (self.what is not None and self.what.upper() not in words_for(data)):
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(repr=False)
class Wire:
    """The way from party `src` to party `dst`, by name, None for any. As made, it changes nothing.

    What it does by chance comes from `random` alone, so a run with the same seed and messages goes the same way.
    """

    src: str | None
    dst: str | None
    random: Random
    loss: float = 0.0
    """Share of the datagrams that get lost, 0 to 1."""
    delay: float = 0.0
    """Seconds longer on the way."""
    jitter: float = 0.0
    """Up to so many seconds more, drawn for each datagram; above their distance it changes their order."""
    duplicate: float = 0.0
    """Share of the datagrams that arrive twice, 0 to 1."""
    losses: list[Loss] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<wire {self.src or 'anybody'} → {self.dst or 'anybody'}: {', '.join(self.faults) or 'whole'}>"

    @property
    def faults(self) -> list[str]:
        """What is wrong with it, in words; empty for a wire as made."""
        # fmt: off
        faults = (
            (self.loss == 1,                     "cut"),
            (0 < self.loss < 1,                  f"loses {self.loss:.0%}"),
            (self.delay > 0,                     f"{self.delay:g} s late"),
            (self.jitter > 0,                    f"up to {self.jitter:g} s out of order"),
            (self.duplicate > 0,                 f"doubles {self.duplicate:.0%}"),
        )
        # fmt: on
        return [text for holds, text in faults if holds] + [f"loses {one}" for one in self.losses if one.times != 0]

    def set(self, **changes: float) -> Self:
        """Change `loss`, `delay`, `jitter` or `duplicate`. Raises LabError for another name or an impossible value."""
        for name in changes:
            if name not in ("loss", "delay", "jitter", "duplicate"):
                raise LabError(f"a wire has no {name}; it has loss, delay, jitter and duplicate")
        shares = ("loss", "duplicate")
        checked = {
            name: checked_amount(value, name, most=1) if name in shares else checked_seconds(value, name)
            for name, value in changes.items()
        }
        for name, value in checked.items():
            setattr(self, name, value)
        return self

    def drop(self, what: str | int | None = None, times: int | None = 1) -> Self:
        """Lose the next `times` messages that are `what`; times=None: all of them, what=None: whatever comes.

        what: a method (`ACK`), or a response by status (`180`), class (`2xx`) or status line (`180 Ringing`), to one
        method only with that in brackets: `200 (INVITE)`. Raises LabError for a method that looks misspelt.
        """
        kind = None if what is None else _kind(what)
        self.losses.append(Loss(kind, None if times is None else checked_count(times, "times")))
        return self

    def clear(self) -> Self:
        """Let everything through again."""
        self.losses.clear()
        return self.set(loss=0, delay=0, jitter=0, duplicate=0)

    def joins(self, src: str | None, dst: str | None) -> bool:
        """Whether a datagram between these two goes this way."""
        return self.src in (None, src) and self.dst in (None, dst)

    def delays(self, data: bytes) -> tuple[float, ...]:
        """Seconds longer on the way, for each copy that arrives: none if it is lost, two if it is doubled."""
        if any(one.hits(data) for one in self.losses):
            return ()
        if self.loss and self.random.random() < self.loss:
            return ()
        copies = 2 if self.duplicate and self.random.random() < self.duplicate else 1
        return tuple(self.delay + (self.random.uniform(0, self.jitter) if self.jitter else 0) for _ in range(copies))


class Wires:
    """All wires of a network. Each has luck of its own, from the seed and its ends: one more changes no other's."""

    def __init__(self, seed: object) -> None:
        self._seed = seed
        self._wires: dict[tuple[str | None, str | None], Wire] = {}

    def __len__(self) -> int:
        return len(self._wires)

    def __iter__(self) -> Iterator[Wire]:
        return iter(self._wires.values())

    def between(self, src: str | None, dst: str | None) -> Wire:
        """The wire between these ends, a new one the first time."""
        if (src, dst) not in self._wires:
            self._wires[src, dst] = Wire(src, dst, Random(f"{self._seed}/wire/{src}/{dst}"))
        return self._wires[src, dst]

    def delays(self, datagram: Datagram, names: Mapping[Address, str]) -> tuple[float, ...]:
        """As `Wire.delays`, for all wires a datagram goes through."""
        src, dst = names.get(datagram.src), names.get(datagram.dst)
        delays = AT_ONCE
        for wire in self._wires.values():
            if wire.joins(src, dst):
                delays = tuple(before + more for before in delays for more in wire.delays(datagram.data))
        return delays


def _kind(what: object) -> str:
    """The kind of message that `drop` is given, as text."""
    number = isinstance(what, int) and not isinstance(what, bool)
    kind = checked_text(str(what) if number else what, "a kind of message", 'drop("ACK")')
    if kind.isalpha() and kind.upper() not in METHODS and (near := did_you_mean(kind.upper(), METHODS)):
        raise LabError(f"no method {kind}{near}")
    return kind


def words_for(data: bytes) -> set[str]:
    """All names of a message in `Wire.drop`, in capitals; none for what is no SIP."""
    try:
        message = parse_message(data)
        if isinstance(message, Request):
            return {message.method.upper()}
        names = {str(message.status), f"{message.status // 100}xx", message.summary}
        return {command.upper() for name in names for command in (name, f"{name} ({message.cseq.method})")}
    except BadMessage:
        return set()
