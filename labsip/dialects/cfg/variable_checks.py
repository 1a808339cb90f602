"""What is wrong with variables, in code and in texts: names that don't exist, brackets and indexes they don't take."""

from __future__ import annotations

from collections.abc import Container, Iterator, Set
from dataclasses import dataclass, replace

from labsip.dialects.cfg.catalogue import SURVEYED, VARIABLES
from labsip.dialects.cfg.faults import Fault, nearest
from labsip.dialects.cfg.known import FIRST_VARIABLE_ALONE, LITERAL_UNLESS_VARIABLE, Known, KnownVariable
from labsip.dialects.cfg.nodes import Pvar, Text
from labsip.dialects.cfg.pvars import template
from labsip.dialects.cfg.transformation_catalogue import TRANSFORMATIONS


@dataclass(frozen=True)
class VariableChecks:
    """What a configuration may say of variables."""

    known: Known
    loaded: Set[str]
    """The modules it loads."""
    lost: Container[str]
    """Names that may be declared in what could not be read."""
    marked: bool = False
    """The file says #!KAMAILIO."""

    def text(self, text: Text) -> Iterator[Fault]:
        """Those in a text that a command fills in, which `kamailio -c` does not look at."""
        parts, faults = template(text)
        for part in parts:
            if isinstance(part, Pvar):
                faults = (*faults, *self.variable(part))
        for fault in faults:
            yield replace(fault, late=True)

    def variable(self, pvar: Pvar) -> Iterator[Fault]:
        """One, and those within it."""
        for fault in self._whole(pvar):
            alias = not self.marked and pvar.text == f"${pvar.name}"  # Kamailio takes it for $avp(name)
            yield replace(fault, late=fault.late or alias)

    def _whole(self, pvar: Pvar) -> Iterator[Fault]:
        variable = self.known.variables.get(pvar.name)
        found = self._unknown(pvar) if variable is None else self._misuse(pvar, variable)
        if found is not None:
            yield found
        for part in (*(pvar.inner or ()), pvar.index):
            if isinstance(part, Pvar):
                yield from self._whole(part)
        for transform in pvar.transforms:
            if transform.name not in self.known.transformations:
                near = nearest(transform.name, self.known.transformations)
                of, name = TRANSFORMATIONS.get(transform.name), f"{{{transform.name}}}"
                said = f"labsip does not have {name}, a transformation of {of}" if of else f"no transformation {name}"
                yield Fault(transform.spot, said, near, late=True)
            for argument in transform.arguments:
                for part in argument:
                    if isinstance(part, Pvar):
                        yield from self._whole(part)

    def _unknown(self, pvar: Pvar) -> Fault | None:
        name, accepted = pvar.name, self.known.accepted & self.loaded
        if owners := VARIABLES.get(name):
            if owners & accepted:
                return None
            if owners & self.loaded:
                return Fault(pvar.spot, f"labsip does not have ${name}, a variable of {min(owners)}", late=True)
            return self._not_loaded(pvar, min(owners))
        if accepted:
            return None
        names = self.known.variables
        bare = name.rstrip(".")
        near = f"a . belongs to the name; write $({bare})." if bare in names and bare != name else ""
        near = near or nearest(name, names).replace("did you mean ", "did you mean $")
        return Fault(pvar.spot, f"no variable ${name}", near, late=not self.loaded <= SURVEYED)

    def _misuse(self, pvar: Pvar, variable: KnownVariable) -> Fault | None:
        name = pvar.name
        if variable.named and pvar.inner is None:
            return Fault(pvar.spot, f"${name} needs a name in brackets", f"write it as in ${name}(name)")
        if variable.named and not pvar.inner:
            return Fault(pvar.spot, f"${name}() has no name in its brackets", f"write it as in ${name}(name)")
        if not variable.named and pvar.inner is not None:
            return Fault(pvar.spot, f"${name} takes no name in brackets", f"write ${name}")
        if not variable.named and pvar.index is not None:
            return Fault(pvar.spot, f"${name} takes no index", f"write ${name}")
        if variable.module and not {variable.module, *VARIABLES.get(name, ())} & self.loaded:
            return self._not_loaded(pvar, variable.module)
        return None

    def _not_loaded(self, pvar: Pvar, module: str) -> Fault | None:
        if module in self.lost:
            return None
        message = f"${pvar.name} is a variable of {module}, which is not loaded"
        return Fault(pvar.spot, message, f'write loadmodule "{module}.so"')


def not_filled(command: str, text: Text) -> Iterator[Fault]:
    """A text of which Kamailio takes the first variable alone, or none of its variables."""
    parts, _ = template(text)
    variables = [part for part in parts if isinstance(part, Pvar)]
    begins = text.value.lstrip().startswith("$")
    if not variables or command not in (FIRST_VARIABLE_ALONE if begins else LITERAL_UNLESS_VARIABLE):
        return
    if not begins:
        message = f"{command} takes this text as it is: variables are not filled in"
    elif any(not isinstance(part, str) or part.strip() for part in parts if part is not variables[0]):
        message = f"{command} takes {variables[0].text} alone: the text begins with it"
    else:
        return
    yield Fault(text.spot, message, "put the whole text into a $var before", severe=False)
