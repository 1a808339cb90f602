"""Variables compiled: each look is a call of the function that reads it, found once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from labsip.dialects.cfg.faults import Fault
from labsip.dialects.cfg.nodes import Pvar, Template, Transform
from labsip.dialects.cfg.python_code import TURN, BlockFrame, constant, joined, name
from labsip.dialects.cfg.values import MethodName, shown
from labsip.proxy.exports import Exports, NamedVariable, Transformation, Value, Variable
from labsip.sip.errors import LabError

TEXTS_FIRST = frozenset(("rp", "cs", "dp", "op", "sel"))
"""Numbers that are texts first: `+` joins to them."""


class Missing(Exception):
    """Something the configuration says is not there."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Pvars:
    """Variables of one block."""

    def __init__(self, code: BlockFrame, exports: Exports) -> None:
        self._code = code
        self._exports = exports

    def read(self, pvar: Pvar) -> ast.expr:
        """Its value."""
        variable, code = self._variable(pvar), self._code
        if isinstance(variable, NamedVariable):
            value = code.call(variable.get, name(TURN), self._key(pvar))
        else:
            value = code.call(variable.get, name(TURN))
        for transform in pvar.transforms:
            known = self._exports.transformations.get(transform.name)
            if known is None:
                raise Missing(Fault(transform.spot, f"no transformation {{{transform.name}}}"))
            if known.check is not None:
                _check(known.check, transform)
            given = ast.List([self.filled(one) for one in transform.arguments], ast.Load())
            value = code.call(_apply_of(known), value, given)
        if pvar.name in TEXTS_FIRST and not pvar.transforms:
            value = code.call(_as_text, value)
        return code.at(value, pvar.spot)

    def operand(self, pvar: Pvar) -> ast.expr:
        """Its value where it is calculated with: a method is a number there."""
        if pvar.name == "rm" and not pvar.transforms:
            return self._code.call(MethodName, self.read(pvar))
        return self.read(pvar)

    def setting(self, pvar: Pvar) -> tuple[object, list[ast.expr]]:
        """The function that sets it, and what that takes before the value."""
        variable = self._variable(pvar)
        if variable.set is None or pvar.transforms:
            raise Missing(Fault(pvar.spot, f"{pvar.text} can only be read"))
        named = [self._key(pvar)] if isinstance(variable, NamedVariable) else []
        return variable.set, [name(TURN), *named]

    def _variable(self, pvar: Pvar) -> Variable | NamedVariable:
        variable = self._exports.variables.get(f"${pvar.name}")
        if variable is None:
            raise Missing(Fault(pvar.spot, f"no variable ${pvar.name}"))
        if isinstance(variable, NamedVariable) and pvar.inner is None:
            raise Missing(Fault(pvar.spot, f"${pvar.name} needs a name in brackets"))
        return variable

    def _key(self, pvar: Pvar) -> ast.expr:
        """What stands in its brackets, and its index behind it."""
        parts: Template = pvar.inner or ()
        if pvar.index is None:
            return self.filled(parts)
        index = pvar.index if isinstance(pvar.index, Pvar) else str(pvar.index)
        return self.filled((*parts, "[", index, "]"))

    def filled(self, parts: Template) -> ast.expr:
        """A text with variables in it."""
        found: list[ast.expr] = []
        for part in parts:
            if isinstance(part, Pvar):
                found.append(self._code.call(shown, self.read(part)))
            elif found and isinstance(found[-1], ast.Constant):
                found[-1] = constant(f"{found[-1].value!s}{part}")
            else:
                found.append(constant(part))
        if not found:
            return constant("")
        return found[0] if len(found) == 1 else joined(found)


def _check(check: Callable[[Value, Sequence[str]], object], transform: Transform) -> None:
    written = ["".join(part for part in parts if isinstance(part, str)) for parts in transform.arguments]
    try:
        check("", written)
    except LabError as error:
        raise Missing(Fault(transform.spot, str(error))) from None


def _apply_of(transformation: Transformation) -> object:
    return transformation.apply


def _as_text(value: Value) -> Value:
    return value if value is None else str(value)
