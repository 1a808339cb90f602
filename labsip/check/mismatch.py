"""A case that went otherwise than it should have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labsip.check.cases import Case
from labsip.check.differences import differences
from labsip.check.notation import hops_of, parse_flow
from labsip.flow.rows import Flow


@dataclass(frozen=True)
class Mismatch:
    """A case that went otherwise than it should have."""

    case: Case
    sentences: tuple[str, ...]
    """What each phone should have received and did not, and what the route raised."""
    flow: Flow


def mismatch_of(case: Case, flow: Flow, errors: Sequence[str]) -> Mismatch | None:
    """What is wrong with a flow, and with the route that made it; None if nothing is."""
    sentences = (*differences(parse_flow(case.expect), hops_of(flow, repeats=False)), *errors)
    return Mismatch(case, sentences, flow) if sentences else None
