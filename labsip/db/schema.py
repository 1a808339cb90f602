"""Kamailio's tables, as its own scripts make them in an SQLite file: those the modules here read and write."""

from __future__ import annotations

from labsip.db.location import COLUMNS

ID = "id INTEGER PRIMARY KEY NOT NULL"
SHORT = "VARCHAR(64) DEFAULT '' NOT NULL"
_CALL = f"""{ID}, method VARCHAR(16) DEFAULT '' NOT NULL, from_tag VARCHAR(128) DEFAULT '' NOT NULL,
    to_tag VARCHAR(128) DEFAULT '' NOT NULL, callid VARCHAR(255) DEFAULT '' NOT NULL,
    sip_code VARCHAR(3) DEFAULT '' NOT NULL, sip_reason VARCHAR(128) DEFAULT '' NOT NULL, time TIMESTAMP NOT NULL"""
_MORE = "".join(f", {name} {SHORT}" for name in ("src_user", "src_domain", "src_ip", "dst_ouser", "dst_user"))
_EXTRA = f"{_MORE}, dst_domain VARCHAR(128) DEFAULT '' NOT NULL"
"""Columns that kamailio.cfg's own remarks ask for with WITH_ACCDB."""
# fmt: off
TABLES = {
    "version": f"{ID}, table_name VARCHAR(32) NOT NULL UNIQUE, table_version INTEGER DEFAULT 0 NOT NULL",
    "subscriber": f"{ID}, username {SHORT}, domain {SHORT}, password {SHORT}, ha1 VARCHAR(128) DEFAULT '' NOT NULL, "
                  "ha1b VARCHAR(128) DEFAULT '' NOT NULL, UNIQUE (username, domain)",
    "location": f"{ID}, {', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())}",
    "dbaliases": f"{ID}, alias_username {SHORT}, alias_domain {SHORT}, username {SHORT}, domain {SHORT}",
    "speed_dial": f"{ID}, username {SHORT}, domain {SHORT}, sd_username {SHORT}, sd_domain {SHORT}, "
                  f"new_uri VARCHAR(255) DEFAULT '' NOT NULL, fname {SHORT}, lname {SHORT}, description {SHORT}, "
                  "UNIQUE (username, domain, sd_domain, sd_username)",
    "domain": f"{ID}, domain VARCHAR(64) NOT NULL UNIQUE, did VARCHAR(64), "
              "last_modified TIMESTAMP DEFAULT '2000-01-01 00:00:01' NOT NULL",
    "domain_attrs": f"{ID}, did VARCHAR(64) NOT NULL, name VARCHAR(32) NOT NULL, type INTEGER NOT NULL, "
                    "value VARCHAR(255) NOT NULL, last_modified TIMESTAMP DEFAULT '2000-01-01 00:00:01' NOT NULL",
    "trusted": f"{ID}, src_ip VARCHAR(50) NOT NULL, proto VARCHAR(4) NOT NULL, from_pattern VARCHAR(64), "
               "ruri_pattern VARCHAR(64), tag VARCHAR(64), priority INTEGER DEFAULT 0 NOT NULL",
    "address": f"{ID}, grp INTEGER DEFAULT 1 NOT NULL, ip_addr VARCHAR(50) NOT NULL, mask INTEGER DEFAULT 32 NOT NULL, "
               "port SMALLINT DEFAULT 0 NOT NULL, tag VARCHAR(64)",
    "dispatcher": f"{ID}, setid INTEGER DEFAULT 0 NOT NULL, destination VARCHAR(192) DEFAULT '' NOT NULL, "
                  "flags INTEGER DEFAULT 0 NOT NULL, priority INTEGER DEFAULT 0 NOT NULL, "
                  f"attrs VARCHAR(128) DEFAULT '' NOT NULL, description {SHORT}",
    "htable": f"{ID}, key_name {SHORT}, key_type INTEGER DEFAULT 0 NOT NULL, value_type INTEGER DEFAULT 0 NOT NULL, "
              "key_value VARCHAR(128) DEFAULT '' NOT NULL, expires INTEGER DEFAULT 0 NOT NULL",
    "acc": f"{_CALL}{_EXTRA}",
    "missed_calls": f"{_CALL}{_EXTRA}",
}
INDEXES = {
    "subscriber_username_idx": "subscriber (username)",
    "dbaliases_alias_idx": "dbaliases (alias_username, alias_domain)",
    "acc_callid_idx": "acc (callid)",
    "missed_calls_callid_idx": "missed_calls (callid)",
}
# fmt: on


VERSIONS = {
    "subscriber": 7, "location": 9, "dbaliases": 1, "speed_dial": 2, "domain": 2, "domain_attrs": 1, "address": 6,
    "trusted": 6, "dispatcher": 4, "htable": 2, "acc": 5, "missed_calls": 4,
}  # fmt: skip
"""What Kamailio looks for in `version` before it takes a table: a file of ours may be its own, too."""


def statements() -> list[str]:
    """What makes them in a new file."""
    tables = [f"CREATE TABLE {name} ({columns})" for name, columns in TABLES.items()]
    indexes = [f"CREATE INDEX {name} ON {columns}" for name, columns in INDEXES.items()]
    rows = ", ".join(f"('{name}', {version})" for name, version in VERSIONS.items())
    return [*tables, *indexes, f"INSERT INTO version (table_name, table_version) VALUES {rows}"]
