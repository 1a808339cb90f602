"""The commands of sqlops, said to a real Kamailio and to us: each has a file of its own with the same table in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from labsip.db import SqlFile, quoted
from labsip.modules import pv
from labsip.proxy.settings import Settings
from labsip.vocabulary import Ksr, settings_of
from tests.kamailio.case import Case, Said

DRIVER = "db_sqlite"
"""What Kamailio needs for it (Debian's kamailio-sqlite-modules)."""
PARAMETERS = f"""loadmodule "{DRIVER}.so"
loadmodule "sqlops.so"
modparam("sqlops", "sqlcon", "ca=>sqlite:///FOLDER/theirs.db")
"""
TABLE = """
CREATE TABLE users (id INTEGER, name VARCHAR(20), note TEXT, photo BLOB, share REAL);
INSERT INTO users VALUES (1, 'alice', NULL, x'616263', 0.5), (2, 'bob', '', NULL, NULL), (3, 'o''neil', 'x y', NULL, 2);
"""
PARTS = (
    "is $dbr(ra=>rows) $dbr(ra=>cols) $dbr(ra=>[0,0]) $dbr(ra=>[0,1]) $dbr(ra=>[0,2]) $dbr(ra=>[0,3]) $dbr(ra=>[1,1]) "
    "$dbr(ra=>[1,2])$dbr(ra=>[2,1]) $dbr(ra=>[9,0]) $dbr(ra=>[0,9]) $dbr(ra=>colname[1]) $dbr(ra=>colname[9]) "
    "$dbr(ra=>[$var(i),$var(i)])"
)


def prepare(folder: Path) -> None:
    """Make both files."""
    for name in ("theirs.db", "ours.db"):
        db = sqlite3.connect(folder / name)
        db.executescript(TABLE)
        db.close()


def settings(server: str, folder: Path) -> Settings:
    """The same parameters, and our name."""
    return settings_of(None, server=server, sqlcon={"ca": SqlFile(folder / "ours.db")})


def _asked(query: str, result: str = "ra", text: str = PARTS) -> tuple[str, Said]:
    """Run a query, and tell its code and what it brought."""

    def said(ksr: Ksr) -> int:
        ksr["$var(i)"] = 1
        code = int(ksr.sql_query("ca", query, result) if result else ksr.sql_query("ca", query))
        return ksr.sl_send_reply(298, pv.expand(ksr._turn, f"{text} code {code}"))

    kept = f', "{result}"' if result else ""
    said_there = f'$var(i) = 1; sql_query("ca", "{query}"{kept}); $var(c) = $rc;'
    return f'{said_there} sl_send_reply("298", "{text} code $var(c)");', said


def _freed(ksr: Ksr) -> int:
    ksr.sql_query("ca", "SELECT * FROM users", "ra")
    code = int(ksr.sql_result_free("ra"))
    return ksr.sl_send_reply(298, pv.expand(ksr._turn, f"{PARTS} code {code}"))


ABOUT_CALLER = 'sql_query("ca", "SELECT * FROM users WHERE name = $(fU{sql.val})", "ra");'


def _about_caller(ksr: Ksr) -> int:
    return ksr.sql_query("ca", f"SELECT * FROM users WHERE name = {quoted(ksr['$fU'])}", "ra")


# fmt: off
CASES = (
    Case("sql_query, rows",             *_asked("SELECT * FROM users ORDER BY id")),
    Case("sql_query, no rows",          *_asked("SELECT * FROM users WHERE id = 9")),
    Case("sql_query, no name",          *_asked("SELECT * FROM users", "")),
    Case("sql_query, INSERT",           *_asked("INSERT INTO users (id, name) VALUES (7, 'dora')")),
    Case("sql_query, INSERT, no name",  *_asked("INSERT INTO users (id, name) VALUES (8, 'emil')", "")),
    Case("sql_query, what was changed", *_asked("SELECT id, name FROM users WHERE id > 6 ORDER BY id")),
    Case("sql_query, DELETE",           *_asked("DELETE FROM users WHERE id > 6")),
    Case("sql_query, no SQL",           *_asked("SELEC nothing")),
    Case("sql_query, no such table",    *_asked("SELECT * FROM nowhere")),
    Case("sql_query, nothing at all",   *_asked("")),
    Case("sql_query, the result is gone", *_asked("SELECT * FROM users", "rb")),
    Case("sql_query, names of columns", *_asked("SELECT count(*), max(id) AS highest, 'text' FROM users", "rb",
                                                "is $dbr(rb=>[0,0]) $dbr(rb=>[0,1]) $dbr(rb=>[0,2]) "
                                                "$dbr(rb=>colname[0]) $dbr(rb=>colname[1]) $dbr(rb=>colname[2])")),
    Case("sql_query, a value quoted",   ABOUT_CALLER,
         _about_caller, headers=("From: <sip:alice@HOST>;tag=f",)),
    Case("sql_query, a quote quoted",   ABOUT_CALLER,
         _about_caller, headers=("From: <sip:o'neil@HOST>;tag=f",),
         differs=("a quote is doubled, in Kamailio's {sql.val} it is escaped with a backslash",
                  "SQLite understands nothing else")),
    Case("sql_query, a real number",    *_asked("SELECT share FROM users WHERE id = 1", "rb", "is $dbr(rb=>[0,0])"),
         differs=("a number with a decimal point is text, in Kamailio $null", "so it can be read")),
    Case("sql_query, two statements",   *_asked("SELECT 1; SELECT 2"),
         differs=("-1, in Kamailio the first is run", "someone who can add to a query can't add a statement")),
    Case("sql_result_free",             'sql_query("ca", "SELECT * FROM users", "ra"); sql_result_free("ra"); '
         f'$var(c) = $rc; sl_send_reply("298", "{PARTS} code $var(c)");', _freed),
    Case("sql_result_free, once more",  'sql_result_free("ra");',  lambda k: k.sql_result_free("ra")),
)
# fmt: on
