"""How `Lab` gets its methods and tables from files of their own, so that it stays a list of what there is.

A method is a function whose first parameter is the lab, and a line in `Lab`: `cfg = route_sources.cfg`. A table is a
function of the testbed, and a line there: `acc = LabTable(views.acc)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Never, Protocol, Self, TypeVar, overload

from labsip.testbed import Testbed

T = TypeVar("T")


class OnTestbed(Protocol):
    """Something that stands on a testbed: a lab."""

    @property
    def testbed(self) -> Testbed:
        """Network, engine, phones and trace."""


class LabTable(Generic[T]):
    """An attribute of a lab that a function draws from its testbed whenever somebody asks; it can't be set."""

    def __init__(self, draw: Callable[[Testbed], T]) -> None:
        self.draw = draw
        self.__doc__ = draw.__doc__

    @overload
    def __get__(self, lab: None, owner: type) -> Self: ...

    @overload
    def __get__(self, lab: OnTestbed, owner: type) -> T: ...

    def __get__(self, lab: OnTestbed | None, owner: type) -> T | Self:
        return self if lab is None else self.draw(lab.testbed)

    def __set__(self, lab: OnTestbed, value: Never) -> None:
        raise AttributeError(f"lab.{self.draw.__name__} is there to be read, not to be set")
