"""What usrloc is asked from outside: `kamcmd ul.dump` and its like (Kamailio's usrloc/ul_rpc.c)."""

from __future__ import annotations

from collections import Counter
from math import inf

from labsip.modules.core_hash import core_hash
from labsip.modules.usrloc.contact import Contact
from labsip.modules.usrloc.locations import UsrLoc
from labsip.modules.usrloc.store import Change
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import Named, RpcFault, Value, rpc
from labsip.sip.errors import BadMessage
from labsip.sip.headers import NameAddr
from labsip.sip.transport import Address

SLOTS = 1024
"""Of Kamailio's hash table (hash_size), which a dump goes through in order."""


@rpc("ul.dump")
def ul_dump(proxy: Proxy, now: float, mode: str = "") -> Value:
    """All users and their contacts.

    `brief`: users alone.
    """
    usrloc = proxy.module(UsrLoc)
    domains = []
    for table in {"location": None, **usrloc.tables}:
        aors = sorted(usrloc.tables.get(table, ()), key=lambda aor: (core_hash(aor) % SLOTS, aor))
        listed = [Named("AoR", aor) if mode == "brief" else _user(proxy, table, aor, now) for aor in aors]
        fullest = max(Counter(core_hash(aor) % SLOTS for aor in aors).values(), default=0)
        stats: Value = {"Records": len(aors), "Max-Slots": fullest}
        domains.append(Named("Domain", {"Domain": table, "Size": SLOTS, "AoRs": listed, "Stats": stats}))
    return {"Domains": domains}


def _user(proxy: Proxy, table: str, aor: str, now: float) -> Named:
    return Named("Info", {"AoR": aor, "HashID": core_hash(aor), "Contacts": _contacts(proxy, table, aor, now)})


def _contacts(proxy: Proxy, table: str, aor: str, now: float) -> list[Value | Named]:
    return [Named("Contact", _row(proxy, contact, now)) for contact in proxy.module(UsrLoc).contacts(table, aor)]


def _row(proxy: Proxy, contact: Contact, now: float) -> Value:
    """A contact with Kamailio's types: times in seconds since 1970, no preference is a number, too."""
    row = contact.row(now)
    modified = int(proxy.began + contact.modified)
    row |= {"Methods": contact.methods & 0xFFFFFFFF, "Q": float(-1 if contact.q is None else contact.q)}
    row |= {"Last-Keepalive": modified, "Last-Modified": modified}
    del row["AoR"]
    return row  # type: ignore[return-value]  # texts and numbers


@rpc("ul.lookup", usage="Not enough parameters (table and AOR to lookup)")
def ul_lookup(proxy: Proxy, now: float, table: str, aor: str) -> Value:
    """One user and that one's contacts."""
    aor = _aor(proxy, table, aor)
    contacts = _contacts(proxy, table, aor, now)
    if not contacts:
        raise RpcFault(500, "AOR not found in location table")
    return {"AoR": aor, "Contacts": contacts}


@rpc("ul.rm", writes=True, usage="Not enough parameters (table and AOR to lookup)")
def ul_rm(proxy: Proxy, now: float, table: str, aor: str) -> None:
    """Forget a user, with all contacts."""
    proxy.module(UsrLoc).clear(table, _aor(proxy, table, aor), now)


@rpc("ul.rm_contact", writes=True, usage="Not enough parameters (table, AOR and contact)")
def ul_rm_contact(proxy: Proxy, _: float, table: str, aor: str, contact: str) -> None:
    """Forget one contact of a user."""
    records = proxy.module(UsrLoc).contacts(table, aor := _aor(proxy, table, aor))
    if not records:
        raise RpcFault(404, "AOR not found")
    gone = tuple(record for record in records if record.uri == contact)
    if not gone:
        raise RpcFault(404, "Contact not found")
    _change(proxy, table, aor, Change(gone=gone))


@rpc("ul.add", writes=True, usage="Not enough parameters or wrong format")
def ul_add(
    proxy: Proxy, now: float, table: str, aor: str, contact: str, expires: int, q: float, path: str, _flags: int,
    cflags: int, methods: int,
) -> None:  # fmt: skip
    """A contact for a user, new or in place of the same one.

    expires: seconds, 0 for ever. path: "." for none. _flags: not kept. methods: a bit mask.
    """
    usrloc = proxy.module(UsrLoc)
    aor = _aor(proxy, table, aor)
    try:
        address = NameAddr(contact)
        _ = address.sip_uri
    except BadMessage:
        raise RpcFault(500, "Not enough parameters or wrong format") from None
    if not 0 <= q <= 1 or expires < 0:
        raise RpcFault(500, "Not enough parameters or wrong format")
    same = next((record for record in usrloc.contacts(table, aor) if record.uri == contact), None)
    added = Contact(
        aor=aor,
        contact=address,
        q=float(q),
        expires_at=now + expires if expires else inf,
        call_id="rpc@labsip",
        cseq=1,
        user_agent="labsip RPC",
        socket=Address(""),
        methods=methods,
        ruid=usrloc.new_ruid() if same is None else same.ruid,
        modified=now,
        path="" if path in (".", "0") else path,
        domain=aor.partition("@")[2],
        flags=cflags,
    )
    _change(proxy, table, aor, Change(kept=(added,)))


def _change(proxy: Proxy, table: str, aor: str, change: Change) -> None:
    usrloc = proxy.module(UsrLoc)
    if aor in usrloc.waiting:
        raise RpcFault(500, "a change of that user is still being written; try again")
    usrloc.change(table, change, usrloc.noted)


def _aor(proxy: Proxy, table: str, aor: str) -> str:
    """The AoR as the table has it, which has no domains unless use_domain says so. Raises RpcFault for no table."""
    usrloc = proxy.module(UsrLoc)
    if table != "location" and table not in usrloc.tables:
        raise RpcFault(500, "Domain table not found")
    return aor if usrloc.parameters.use_domain else aor.partition("@")[0]


def statistics(proxy: Proxy, _: float) -> dict[str, int]:
    """How many contacts, and users, by table."""
    usrloc = proxy.module(UsrLoc)
    found = {"registered_users": sum(map(len, usrloc.tables.values()))}
    for table in {"location": None, **usrloc.tables}:
        contacts = [contact for records in usrloc.tables.get(table, {}).values() for contact in records]
        found[f"{table}_contacts"] = len(contacts)
        found[f"{table}_expires"] = usrloc.swept
        found[f"{table}_users"] = len(usrloc.tables.get(table, {}))
    return found


RPCS = (ul_dump, ul_lookup, ul_add, ul_rm, ul_rm_contact)
