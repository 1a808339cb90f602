"""Tables of a database that modules read at the start and write at the end, on a real Kamailio and here."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

from labsip.db import databases
from labsip.db.schema import statements
from labsip.dialects.cfg import script_of
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import build_proxy, settings_of
from tests.conftest import missing
from tests.kamailio.engine import HOST, MODULES, free_port, kamailio
from tests.kamailio.test_variables import told

LOADED = ("db_sqlite", "dispatcher", "htable", "domain", "permissions")
ROWS = """
INSERT INTO dispatcher (setid, destination, flags, priority, attrs) VALUES
    (1, 'sip:127.0.0.1:7001', 0, 0, ''), (1, 'sip:127.0.0.1:7002', 0, 0, 'weight=50'),
    (1, 'sip:127.0.0.1:7003', 0, 5, ''), (1, 'sip:127.0.0.1:7004', 1, 9, ''), (2, 'sip:127.0.0.1:7005', 0, 0, 'x');
INSERT INTO htable (key_name, key_type, value_type, key_value, expires) VALUES
    ('a', 0, 0, 'text', 0), ('b', 0, 1, '42', 0), ('c', 0, 0, '7', 0), ('d', 0, 0, 'past', 100),
    ('arr', 1, 0, 'one', 0), ('arr', 1, 0, 'two', 0), ('arr2', 1, 1, '5', 0), ('e', 0, 1, 'x', 0);
INSERT INTO domain (domain, did) VALUES ('lab.example', 'd1'), ('second.example', 'd1'), ('third.example', NULL);
INSERT INTO domain_attrs (did, name, type, value) VALUES
    ('d1', 'max', 0, '5'), ('d1', 'name', 2, 'Lab'), ('d1', 'name', 2, 'Other'), ('third.example', 't', 2, 'T');
INSERT INTO trusted (src_ip, proto, from_pattern, ruri_pattern, tag, priority) VALUES
    ('127.0.0.1', 'tcp', NULL, NULL, 'tcp', 0), ('127.0.0.1', 'any', '^sip:106@.*', '^sip:108', 'patterns', 1),
    ('127.0.0.1', 'udp', NULL, 'sip:200', 'uri', 5), ('10.0.0.1', 'any', NULL, NULL, 'first', 0),
    ('10.0.0.1', 'any', NULL, NULL, 'second', 0), ('10.0.0.1', 'any', NULL, NULL, 'third', 7),
    ('10.0.0.2', 'udp', '^sip:1', '', 'caller', 0), ('10.0.0.3', 'none', NULL, NULL, 'n', 0);
"""
PARAMETERS = """
modparam("dispatcher|htable|domain|permissions", "db_url", "sqlite://FILE")
modparam("dispatcher", "flags", 2)
modparam("htable", "htable", "h=>size=4;dbtable=htable;dbmode=1;autoexpire=600")
modparam("permissions", "db_mode", 1)
modparam("permissions", "peer_tag_avp", "$avp(tag)")
"""
ASKED = (
    ("", "a=$sht(h=>a) b=$sht(h=>b) c=$sht(h=>c) d=$sht(h=>d) e=$sht(h=>e) $sht(h=>arr[0]) $sht(h=>arr[1]) "
         "$sht(h=>arr::size) $sht(h=>arr) $sht(h=>arr2[0])"),
    ("$sht(h=>a) = $null; $sht(h=>new) = 5; $sht(h=>quote) = \"it's\"; $sht(h=>b) = $sht(h=>b) + 1;", "$sht(h=>b)"),
    ('ds_select_dst("1", "8"); $var(a) = $du; ds_next_dst(); $var(b) = $du; ds_next_dst();', "$var(a) $var(b) $du"),
    ('$var(r) = lookup_domain("lab.example");', "$var(r) $avp(max) $(avp(name)[*])"),
    ('$var(r) = lookup_domain("Second.Example", "p_");', "$var(r) $avp(p_max) $(avp(p_name)[*]) $avp(max)"),
    ('$var(r) = lookup_domain("third.example");', "$var(r) $avp(t)"),
    ('$var(r) = lookup_domain("none.example");', "$var(r)"),
    ('$var(r) = is_domain_local("lab.example");', "$var(r) $avp(max)"),
    ("$var(r) = allow_trusted();", "$var(r) $(avp(tag)[*])"),
    ('$ru = "sip:200@x"; $var(r) = allow_trusted();', "$var(r) $(avp(tag)[*])"),
    *((f"$var(r) = allow_trusted({given});", "$var(r) $(avp(tag)[*])") for given in (
        '"10.0.0.1", "udp"', '"10.0.0.2", "udp"', '"10.0.0.2", "tcp"', '"10.0.0.2", "udp", "sip:1x"',
        '"10.0.0.2", "udp", "sip:9x"', '"10.0.0.3", "udp"', '"10.0.0.9", "udp"', '"10.0.0.1", "xyz"',
    )),
)  # fmt: skip
"""Statements, and what is told behind them."""


def script(file: Path) -> str:
    loaded = "".join(f'loadmodule "{name}.so"\n' for name in LOADED)
    asked = "".join(
        f'    if ($hdr(X-Row) == "{number}") {{ {before} sl_send_reply("299", "={text}="); exit; }}\n'
        for number, (before, text) in enumerate(ASKED)
    )
    route = f'request_route {{\n{asked}    sl_send_reply("200", "ready");\n}}\n'
    return loaded + PARAMETERS.replace("FILE", str(file)) + route


def request(number: int, port: int, client: int) -> bytes:
    lines = (
        f"MESSAGE sip:108@{HOST}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {HOST}:{client};branch=z9hG4bKt{number}",
        f"From: <sip:106@{HOST}>;tag=f",
        f"To: <sip:108@{HOST}>",
        f"Call-ID: t{number}",
        "CSeq: 1 MESSAGE",
        f"X-Row: {number}",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()


def filled(file: Path) -> Path:
    """A file with our tables, which Kamailio must take as its own."""
    with closing(sqlite3.connect(file)) as db:
        db.executescript(";\n".join((*statements(), ROWS)))
    return file


def kept(file: Path) -> list[tuple[object, ...]]:
    """The rows of htable, by key."""
    with closing(sqlite3.connect(file)) as db:
        return sorted(db.execute("SELECT key_name, key_type, value_type, key_value, expires FROM htable").fetchall())


def theirs(need: Callable[[str], str], peer: socket.socket, port: int, folder: Path) -> list[str]:
    client, found = peer.getsockname()[1], []
    with kamailio(need, script(filled(folder / "theirs.db")), port, peer, folder):
        for number in range(len(ASKED)):
            peer.sendto(request(number, port, client), (HOST, port))
            found.append(told(peer.recv(65535)))
    return found


def ours(client: int, port: int, folder: Path) -> list[str]:
    loaded = "".join(f'loadmodule "{name}.so"\n' for name in MODULES.split())
    routes = script_of(f"#!KAMAILIO\n{loaded}{script(filled(folder / 'ours.db'))}").routes
    here, settings = Address(HOST, port), settings_of(routes, db_urls=databases({}))
    proxy = build_proxy(routes, [here], ids=Random(1), settings=settings)
    asked = [Datagram(request(number, port, client), Address(HOST, client), here) for number in range(len(ASKED))]
    found = [told(proxy.receive(one, 0.0)[0].data) for one in asked]
    proxy.end(0.0)
    assert not proxy.errors
    return found


def test_they_are_read_and_written_as_kamailio_does(need: Callable[[str], str], tmp_path: Path) -> None:
    if not list(Path("/usr/lib").glob("*/kamailio/modules/db_sqlite.so")):
        missing("Kamailio has no db_sqlite: apt install kamailio-sqlite-modules")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind((HOST, 0))
        port = free_port()
        real, here = theirs(need, peer, port, tmp_path), ours(peer.getsockname()[1], port, tmp_path)
    assert here == real
    assert kept(tmp_path / "ours.db") == kept(tmp_path / "theirs.db")
