"""registrar: save, lookup, and what a REGISTER is answered (Kamailio's module of that name; RFC 3261 §10.3).

`binding` is what a REGISTER asks for, `answer` what it is told, `commands` what a route says,
`contact_variables` what it reads.
"""

from labsip.modules.registrar.answer import RegistrarParameters, Registrations, statistics
from labsip.modules.registrar.commands import lookup, registered, registered_at, save, unregister
from labsip.modules.registrar.contact_variables import VARIABLES
from labsip.proxy.exports import Module

EXPORTS = Module(
    "registrar",
    commands=(save, lookup, registered, registered_at, unregister),
    variables=VARIABLES,
    parameters=RegistrarParameters,
    state=Registrations,
    statistics=statistics,
)

__all__ = ["EXPORTS", "RegistrarParameters"]
