"""Addresses and destinations from files and from tables of Kamailio's."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from labsip.db import read_addresses, read_destinations
from labsip.modules.dispatcher import read_list
from labsip.modules.permissions import read_address_list
from labsip.sip.errors import LabError
from labsip.sip.transport import Address

TABLES = """
CREATE TABLE address (id INTEGER PRIMARY KEY, grp INTEGER, ip_addr VARCHAR, mask INTEGER, port SMALLINT, tag VARCHAR);
INSERT INTO address VALUES (1, 1, '127.0.10.200', 32, 0, NULL), (2, 2, '127.0.10.0', 24, 5060, 'phones');
CREATE TABLE dispatcher (id INTEGER PRIMARY KEY, setid INTEGER, destination VARCHAR, flags INTEGER, priority INTEGER,
    attrs VARCHAR, description VARCHAR);
INSERT INTO dispatcher VALUES (1, 1, 'sip:127.0.10.201', 0, 0, '', ''), (2, 1, 'sip:127.0.10.202', 0, 10, 'a=b', 'x');
"""


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    db = sqlite3.connect(tmp_path / "kamailio.db")
    db.executescript(TABLES)
    db.close()
    return tmp_path / "kamailio.db"


def test_a_file_is_the_text_it_holds(tmp_path: Path) -> None:
    (tmp_path / "address.list").write_text("1 127.0.10.200\n")
    assert read_addresses(tmp_path / "address.list") == "1 127.0.10.200\n"


def test_a_table_of_addresses_is_read_as_a_list(tables: Path) -> None:
    groups = read_address_list(read_addresses(tables))
    assert groups[1][0].matches(Address("127.0.10.200"))
    assert [groups[2][0].matches(Address("127.0.10.9", port)) for port in (5060, 5061)] == [True, False]


def test_a_table_of_destinations_is_read_as_a_list(tables: Path) -> None:
    uris = [destination.uri for destination in read_list(read_destinations(str(tables)))[1].destinations]
    assert uris == ["sip:127.0.10.202", "sip:127.0.10.201"]


def test_what_can_t_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"nowhere can't be read: No such file"):
        read_addresses(tmp_path / "nowhere")
    sqlite3.connect(tmp_path / "empty.db").executescript("CREATE TABLE x (a); ").connection.close()
    with pytest.raises(LabError, match=r"empty.db has no table address with grp, ip_addr, mask, port, tag"):
        read_addresses(tmp_path / "empty.db")
