"""registrar: REGISTER in, addresses out (Kamailio's module of that name; RFC 3261 §10).

`binding` is what a REGISTER asks for, `answer` what it is told, `commands` what a route says.
"""

from labsip.modules.registrar.commands import lookup, registered, save, unregister

__all__ = ["lookup", "registered", "save", "unregister"]
