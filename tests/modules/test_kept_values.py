"""Whatever bytes a message brings: kept as a key, hashed, asked for in a database, they are but a value."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from labsip.db import SqlFile, quoted
from labsip.vocabulary import Ksr
from tests.ends import Bench

DESTINATIONS = "1 sip:127.0.10.201\n1 sip:127.0.10.202"
seen: list[tuple[object, ...]] = []


def route(ksr: Ksr) -> None:
    """Keep it under itself, choose by it, and look for it among the users, where it is not."""
    value = ksr["$ci"]
    ksr["$sht(a=>$ci)"] = ksr[f"$sht(b=>{value})"] = value
    chosen, found = int(ksr.ds_select_dst(1, 0)), int(ksr.sql_query("ca", f"SELECT {quoted(value)} WHERE 0", "ra"))
    seen.append((ksr["$sht(a=>$ci)"] == ksr[f"$sht(b=>{value})"] == value, chosen, found))


@settings(max_examples=40)
@given(st.binary(min_size=1, max_size=40).filter(lambda raw: not set(raw) & set(b"\r\n\0") and raw == raw.strip()))
@example(b"'; DROP TABLE users; --")
@example(b"$hdr(From)")
@example(b"=>)(")
@example(b"\xff\xfe")
def test_it_is_but_a_value(raw: bytes) -> None:
    seen.clear()
    database = SqlFile(":memory:")
    bench = Bench(route, htable=("a=>", "b=>"), dispatcher_list=DESTINATIONS, sqlcon={"ca": database})
    caller = bench.end("106")
    caller.send(bytes(caller.request("MESSAGE", call="CALL")).replace(b"CALL", raw))
    database.close()
    assert not bench.proxy.errors
    (told,) = seen
    assert told[:2] == (True, 1)
    assert told[2] == (2 if _is_text(raw) else -1)


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
