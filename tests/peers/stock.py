"""The kamailio.cfg of the distribution, served by labsip and by a real Kamailio, with the same passwords and tables."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from labsip.db.urls import open_file
from labsip.sip.transport import Address
from tests.peers.kamailio import Kamailio
from tests.processes import Serve, free_address

STOCK = Path("/etc/kamailio/kamailio.cfg")
USERS = {"106": "secret106", "107": "secret107", "108": "secret108"}
MYSQL = "WITH_MYSQL"
"""What the file wants for anything with tables. No server runs here: labsip is told of an SQLite file, Kamailio too."""


def tables(path: Path, *statements: str) -> Path:
    """A database with Kamailio's tables, with a password for each of `USERS` and with what the statements insert."""
    insert = "INSERT INTO subscriber (username, domain, password) VALUES ('{}', '127.0.0.1', '{}')"
    with closing(open_file(str(path))) as database:
        for statement in (*(insert.format(*user) for user in USERS.items()), *statements):
            database.query(statement)
    return path


def labsip(database: Path, *defines: str, config: Path = STOCK, at: Address | None = None) -> Serve:
    """`labsip serve --cfg` with these defines, on UDP."""
    options = ("--cfg", str(config), "--db-url", f"mysql=sqlite:///{database}", *_given(defines))
    return Serve(*options, listen=(f"udp:{at or '127.0.0.1:0'}",))


def kamailio(folder: Path, database: Path, *defines: str, config: Path = STOCK, at: Address | None = None) -> Kamailio:
    """A real Kamailio with the same."""
    at = at or free_address()
    few = ("-n", "1", "-N", "1", "-M", "4")
    url = ("--loadmodule=db_sqlite.so", "-A", f'DBURL="sqlite:///{database}"')
    given = _given(name for name in defines if name != MYSQL)
    return Kamailio(folder, config, "-l", f"udp:{at}", *few, *url, *given, at=at)


def _given(defines: Iterable[str]) -> list[str]:
    return [word for name in defines for word in ("-A", name)]
