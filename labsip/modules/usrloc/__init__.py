"""usrloc: the location table, which user is at which address (Kamailio's module of that name).

`contact` is one binding, `store` where it is kept beyond the process and how that is waited for, `locations` the tables
of a proxy, `ul_rpcs` what is asked of them from outside.
"""

from labsip.modules.usrloc.contact import Contact, ExpiredContact, Origin, UsrLocParameters, aor_of, domain_of, match
from labsip.modules.usrloc.locations import EXPIRED, UsrLoc
from labsip.modules.usrloc.store import Change, Report, Store
from labsip.modules.usrloc.ul_rpcs import RPCS, statistics
from labsip.proxy.exports import Module

EXPORTS = Module(
    "usrloc",
    parameters=UsrLocParameters,
    state=UsrLoc,
    hooks=(UsrLoc.before_request, UsrLoc.wake, UsrLoc.next_wake, UsrLoc.held),
    events=(EXPIRED,),
    rpcs=RPCS,
    statistics=statistics,
)

__all__ = [
    "EXPORTS",
    "Change",
    "Contact",
    "ExpiredContact",
    "Origin",
    "Report",
    "Store",
    "UsrLoc",
    "UsrLocParameters",
    "aor_of",
    "domain_of",
    "match",
]
