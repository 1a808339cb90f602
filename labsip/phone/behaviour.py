"""What a phone does by itself with a call that comes in."""

from __future__ import annotations

from dataclasses import dataclass

from labsip.sip.errors import LabError
from labsip.sip.headers import PHRASES

SOON = 0.2
"""Seconds after an INVITE by which a phone has answered something, or else sends 100 Trying (RFC 3261 §17.2.1)."""


@dataclass(frozen=True)
class Behaviour:
    """When it rings, and when it sends its final response; times in seconds, None: never by itself."""

    ring: float | None = 0.0
    """After the INVITE: 180 Ringing."""
    final: float | None = 0.0
    """After it began to ring, or after the INVITE if it does not ring: the final response."""
    status: int = 200
    reason: str = ""
    """Empty: the RFC's phrase."""
    contact: str = ""
    """URI to redirect the caller to, with a 3xx."""
    trying: bool = False
    """Whether it sends 100 Trying at once, whatever follows."""

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 699:
            raise LabError(f"{self.status} does not end a call; a final status is 200 to 699, for example 486")

    def __repr__(self) -> str:
        steps = ["100 Trying"] if self.says_trying else []
        if self.ring is not None:
            steps.append(f"180 Ringing{_later(self.ring)}")
        if self.final is not None:
            steps.append(f"{self.status} {self.phrase}{_later(self.final)}")
        return f"<on a call: {', '.join(steps) or 'nothing'}>"

    @property
    def phrase(self) -> str:
        """The final response's reason."""
        return self.reason or PHRASES.get(self.status, "Unknown")

    @property
    def says_trying(self) -> bool:
        """Whether it begins with 100 Trying."""
        first = self.ring if self.ring is not None else self.final
        return self.trying or (first is not None and first > SOON)


def answering(after: float = 0.0, *, ring: float = 0.0) -> Behaviour:
    """Ring `ring` seconds after the INVITE, answer `after` seconds later."""
    return Behaviour(ring, after)


def ringing(*, ring: float = 0.0) -> Behaviour:
    """Ring, and wait for somebody to say `answer` or `reject`."""
    return Behaviour(ring, None)


def busy_here() -> Behaviour:
    """486 Busy Here."""
    return rejecting(486)


def rejecting(
    status: int, reason: str = "", *, after: float = 0.0, ring: float | None = None, contact: str = ""
) -> Behaviour:
    """Refuse after that many seconds, having rung if `ring` is given; `contact` says where a 3xx sends the caller.

    Raises LabError if the status refuses nothing.
    """
    if status < 300:
        raise LabError(f"{status} refuses nothing; a status from 300 to 699 does, for example 486 or 603")
    return Behaviour(ring, after, status, reason, contact)


def trying() -> Behaviour:
    """100 Trying, and nothing more."""
    return Behaviour(None, None, trying=True)


def ignoring() -> Behaviour:
    """Send nothing at all."""
    return Behaviour(None, None)


def _later(seconds: float) -> str:
    return f" after {seconds:g} s" if seconds else ""
