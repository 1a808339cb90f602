"""The kamailio.cfg of the distribution, served by labsip and by a real Kamailio, with the same passwords and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from labsip.db.urls import open_file
from labsip.sip.transport import Address
from tests.peers.baresip import Baresip
from tests.peers.kamailio import Kamailio
from tests.processes import Serve, free_address

STOCK = Path("/etc/kamailio/kamailio.cfg")
USERS = {"106": "secret106", "107": "secret107", "108": "secret108"}
MYSQL = "WITH_MYSQL"
"""What the file wants for anything with tables. No server runs here: labsip is told of an SQLite file, Kamailio too."""
Servers = dict[str, Address]
"""Where they are, by name; one is "kamailio"."""
Told = list[list[str]]
"""What each of some phones said and heard."""


def tables(path: Path, *statements: str) -> Path:
    """A database with Kamailio's tables, with a password for each of `USERS` and with what the statements insert."""
    insert = "INSERT INTO subscriber (username, domain, password) VALUES ('{}', '127.0.0.1', '{}')"
    with closing(open_file(str(path))) as database:
        for statement in (*(insert.format(*user) for user in USERS.items()), *statements):
            database.query(statement)
    return path


def labsip(
    database: Path, *defines: str, config: Path = STOCK, at: Address | None = None, options: tuple[str, ...] = ()
) -> Serve:
    """`labsip serve --cfg` with these defines, on UDP unless told; `options`: more of its command line."""
    options = ("--cfg", str(config), "--db-url", f"mysql=sqlite:///{database}", *_given(defines), *options)
    return Serve(*options, listen=((at or Address("127.0.0.1", 0)).with_proto,))


def kamailio(folder: Path, database: Path, *defines: str, config: Path = STOCK, at: Address | None = None) -> Kamailio:
    """A real Kamailio with the same."""
    at = at or free_address()
    few = ("-n", "1", "-N", "1", "-M", "4")
    url = ("--loadmodule=db_sqlite.so", "-A", f'DBURL="sqlite:///{database}"')
    given = _given(name for name in defines if name != MYSQL)
    return Kamailio(folder, config, "-l", f"udp:{at}", *few, *url, *given, at=at)


def same(servers: Servers, played: Callable[[Address, Path], Told], folder: Path) -> Told:
    """What was told where it was played on each server, which must be the same.

    But for a caller's ACKs, of which baresip's trace leaves one out now and then; the callee tells of them, too.
    """
    told = {}
    for name, address in servers.items():
        (folder / name).mkdir()
        told[name] = played(address, folder / name)
    compared = {name: [[line for line in phone if line != "> ACK"] for phone in lines] for name, lines in told.items()}
    for name, lines in compared.items():
        assert lines == compared["kamailio"], f"{name}: {lines}\nkamailio: {compared['kamailio']}"
    return told["kamailio"]


def talk_and_give_up(alice: Baresip, bob: Baresip) -> None:
    """She calls 108, who takes it and hangs up; then once more, and gives up while it rings."""
    alice.dial("108")
    bob.hears("CALL_INCOMING")
    bob.say("accept")
    alice.hears("CALL_ESTABLISHED")
    bob.hears("CALL_ESTABLISHED")
    bob.say("hangup")
    alice.hears("CALL_CLOSED")
    alice.dial("108")
    alice.hears("CALL_RINGING")
    bob.hears("CALL_INCOMING")
    alice.say("hangup")
    bob.hears("CALL_CLOSED")


def ended(*phones: Baresip) -> Told:
    """What phones have told when nothing is on its way any more."""
    for phone in phones:
        phone.rest()
    return [phone.told for phone in phones]


def _given(defines: Iterable[str]) -> list[str]:
    return [word for name in defines for word in ("-A", name)]
