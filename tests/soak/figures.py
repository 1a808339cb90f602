"""How much of a soak, and what it came to: as text, and as the tables of docs/reliability.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Scale:
    """How much of a soak. Times in seconds."""

    calls: int = 1000
    """Held at once."""
    seconds: float = 600.0
    """For how long calls are made; half of that is the half-way mark."""
    seed: int = 1
    phones: int = 200
    hold: float = 60.0
    """How long a call is held, on the average."""
    loss: float = 0.1
    duplicate: float = 0.05
    """Shares of the datagrams, 0 to 1, on each of the two hops."""
    jitter: float = 0.2
    """Up to so many seconds late, each datagram for itself: so they overtake each other."""
    crash: float = 5.0
    """From one crash to the next."""
    digest: bool = False
    """Users have passwords: every call and every registration is challenged first."""
    expires: int = 120
    """What phones register for; they refresh at half time."""
    ring: int = 20_000
    """Rows the trace keeps."""


class Memory(NamedTuple):
    """What a process takes."""

    resident: float
    """In MB; 0 where the system does not say."""
    blocks: int = 0
    """Python's own count of what it has allocated."""


@dataclass
class Figures:
    """What a soak came to."""

    scale: Scale
    calls: int = 0
    most: int = 0
    """Calls held at once."""
    verdicts: Counter[str] = field(default_factory=Counter)
    """Calls by what became of them."""
    lost: Counter[str] = field(default_factory=Counter)
    """Lost calls, by why the protocol could not have saved them."""
    faults: list[str] = field(default_factory=list)
    """Those it could have saved, with their ladders; and all else that should not be."""
    wires: Mapping[str, int] = field(default_factory=dict)
    """As `Record.counts`."""
    crashes: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    """By the proxy, as `Proxy.stats`."""
    left: Mapping[str, int] = field(default_factory=dict)
    """What it held when all timers had run out, as `Proxy.held`."""
    memory: list[Memory] = field(default_factory=list)
    """At the half-way mark, and when no more calls were made."""
    time: float = 0.0
    """Seconds on the network's clock, virtual or not."""
    wall: float = 0.0
    cpu: float = 0.0
    """Seconds this process took."""

    @property
    def growth(self) -> float:
        """How much more memory than at the half-way mark, as a share, by whichever measure grew more."""
        before, after = self.memory
        return max(new / old - 1 for old, new in zip(before, after, strict=True) if old)

    @property
    def steady(self) -> bool:
        """Whether the half-way mark comes when calls have come and gone for a while, so that growth means something."""
        return self.scale.seconds >= 8 * self.scale.hold

    def __str__(self) -> str:
        rows = list(self._rows())
        width = max(len(what) for what, _ in rows)
        return "\n".join(f"{what:<{width}}  {value}" for what, value in rows)

    def _rows(self) -> Iterator[tuple[str, str]]:
        yield "seed", str(self.scale.seed)
        yield "calls", f"{self.calls}, up to {self.most} held at once"
        for what, number in self.verdicts.most_common():
            yield f"  {what}", str(number)
        for why, number in self.lost.most_common():
            yield f"  lost: {why}", str(number)
        wires = self.wires
        yield "messages", f"{wires['messages']}, of them repeated by their senders {wires['repeated']}"
        yield "  on the wires", ", ".join(f"{wires[name]} {name}" for name in ("lost", "duplicated", "overtaken"))
        yield "  sent to a phone that was gone", str(wires["crashed"])
        yield "phones that crashed", str(sum(self.crashes.values()))
        for what, number in sorted(self.crashes.items()):
            yield f"  {what}", str(number)
        yield "dropped by the proxy", _listed(self.dropped) or "nothing"
        yield "left over", _listed({name: n for name, n in self.left.items() if n}) or "nothing"
        yield "memory, half-way and at the end", " and ".join(f"{each.resident:.1f} MB" for each in self.memory)
        if all(each.blocks for each in self.memory):
            yield "  blocks of Python's allocator", " and ".join(str(each.blocks) for each in self.memory)
        yield "time on the network", f"{self.time:.0f} s"
        yield "time it took", f"{self.wall:.0f} s, CPU {self.cpu:.0f} s"
        yield "faults", str(len(self.faults))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))
