"""auth_db: passwords from the table `subscriber` of a database (Kamailio's module of that name).

`auth_check` stands in `auth`; it asks here where `auth_db_url` is set, and else the setting `users`.
"""

from __future__ import annotations

from dataclasses import dataclass

from labsip.modules.databases import Databases, select
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.digest import Credentials, Ha1, ha1


@dataclass(frozen=True)
class AuthDbParameters:
    """Parameters of auth_db."""

    auth_db_url: str = ""
    """Where the table is (auth_db's db_url)."""
    calculate_ha1: bool = False
    """The column has passwords, not their hashes."""
    password_column: str = "ha1"
    auth_use_domain: bool = False
    """A user is user@domain (its use_domain)."""


class AuthDb(ModuleState):
    """It asks its database at the start, so that what can't be asked is refused then."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        url = proxy.settings.of(AuthDbParameters).auth_db_url
        if url:
            proxy.module(Databases).at(url, "auth_db")


def is_used(turn: Turn) -> bool:
    """Whether passwords come from a database."""
    return bool(turn.proxy.settings.of(AuthDbParameters).auth_db_url)


def proof(turn: Turn, table: str, realm: str, given: Credentials) -> str | None:
    """The HA1 that credentials must prove to know; None if there is no such user, or the table can't be asked."""
    parameters = turn.proxy.settings.of(AuthDbParameters)
    user, _, domain = given.username.partition("@")
    where = {"username": user}
    if parameters.auth_use_domain:
        where["domain"] = domain or realm
    found = select(turn, parameters.auth_db_url, "auth_db", table, (parameters.password_column,), where)
    secret = str(found.rows[0][0] or "") if found is not None and found.rows else ""
    if not secret:  # no password, no login
        return None
    return ha1(given.username, realm, secret, given.algorithm or "MD5") if parameters.calculate_ha1 else Ha1(secret)


EXPORTS = Module("auth_db", parameters=AuthDbParameters, state=AuthDb)
