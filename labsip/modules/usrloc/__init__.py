"""usrloc: the location table, which user is at which address (Kamailio's module of that name).

`contact` is one binding, `store` where it is kept beyond the process and how that is waited for, `table` the tables of
a proxy.
"""

from labsip.modules.usrloc.contact import Contact, aor_of, domain_of, match
from labsip.modules.usrloc.store import Change, Store, Told
from labsip.modules.usrloc.table import UsrLoc

__all__ = ["Change", "Contact", "Store", "Told", "UsrLoc", "aor_of", "domain_of", "match"]
