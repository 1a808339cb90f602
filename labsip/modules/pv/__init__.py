"""pv: the message through Kamailio's pseudo-variables, `ksr["$ru"]` (Kamailio's core and its module pv).

`access` reads and sets them by name and fills texts in, `pvtext` reads how they are written. The tables: variables of
the message in `message_variables`, `header_variables`, `credential_variables`, `request_uri` and `address_variables`,
of the script in `script_variables`, of the clock in `time_variables`, what a script keeps (`$var`, `$avp`, `$xavp`,
`$shv`) in `stores` (`shared_rpcs`: asked from outside), `$sel` in `selects`; `transformations` with their `encodings`,
and `uri_transformations`. Routes that are functions and those of a kamailio.cfg share them all.
"""

from labsip.modules.pv.access import check, expand, filled, find, read, substitution, write
from labsip.modules.pv.address_variables import ADDRESSES
from labsip.modules.pv.credential_variables import CREDENTIALS
from labsip.modules.pv.header_variables import HEADERS
from labsip.modules.pv.message_variables import MESSAGE
from labsip.modules.pv.request_uri import REQUEST_URI
from labsip.modules.pv.script_variables import SCRIPT
from labsip.modules.pv.selects import SELECTS
from labsip.modules.pv.shared_rpcs import RPCS
from labsip.modules.pv.stores import STORES, ProcessVariables, PvParameters
from labsip.modules.pv.time_variables import TIMES
from labsip.modules.pv.transformations import STRINGS
from labsip.modules.pv.uri_transformations import ADDRESSES_AND_URIS, SOCKETS, URLS
from labsip.proxy.exports import Module

__all__ = [
    "EXPORTS",
    "SOCKETS",
    "URLS",
    "ProcessVariables",
    "check",
    "expand",
    "filled",
    "find",
    "read",
    "substitution",
    "write",
]

EXPORTS = Module(
    "pv",
    variables={
        **MESSAGE,
        **HEADERS,
        **CREDENTIALS,
        **REQUEST_URI,
        **ADDRESSES,
        **SCRIPT,
        **TIMES,
        **SELECTS,
        **STORES,
    },
    transformations={**STRINGS, **ADDRESSES_AND_URIS},
    parameters=PvParameters,
    state=ProcessVariables,
    rpcs=RPCS,
)
