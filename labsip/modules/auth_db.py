"""auth_db: passwords from the table `subscriber` of a database, or from the setting `users` (Kamailio's module)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from labsip.modules.auth import AuthParameters, Secret, check, realm_of, user_of
from labsip.modules.databases import Databases, select
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.script import REQUEST
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


@command(REQUEST)
def auth_check(turn: Turn, /, realm: str, table: str, flags: int | str = 0) -> int:
    """pv_auth_check for the users of the proxy: the rows of `table`, where there is a database, else `users`.

    `flags` 1: the user must be the one in From, and of a REGISTER in To as well.

    Returns as pv_auth_check, and -3 if there is no such user.   Kamailio: auth_db/auth_db_mod.c
    """
    return _check(turn, realm, table, must_match=bool(int(flags) & 1))


@command(REQUEST, kemi="")
def www_authorize(turn: Turn, /, realm: str, table: str) -> int:
    """auth_check for what Authorization offers, whatever the method. Returns as that.   Kamailio: auth_db"""
    return _check(turn, realm, table, header="Authorization")


@command(REQUEST, kemi="")
def www_authenticate(turn: Turn, /, realm: str, table: str, method: str = "") -> int:
    """The same; `method`: the one that the credentials were made for, if not this one.   Kamailio: auth_db"""
    return _check(turn, realm, table, header="Authorization", method=method)


@command(REQUEST, kemi="")
def proxy_authorize(turn: Turn, /, realm: str, table: str) -> int:
    """auth_check for what Proxy-Authorization offers, in a REGISTER too. Returns as that.   Kamailio: auth_db"""
    return _check(turn, realm, table, header="Proxy-Authorization")


def _check(turn: Turn, realm: str, table: str, *, must_match: bool = False, header: str = "", method: str = "") -> int:
    realm, users = realm or realm_of(turn), turn.proxy.settings.of(AuthParameters).users
    if turn.proxy.settings.of(AuthDbParameters).auth_db_url:
        secret: Secret = partial(_proof, turn, table, realm)
        whose = user_of
    else:
        secret, whose = partial(_known, users, realm), partial(_user_among, users)
    return check(turn, realm, secret, whose, must_match=must_match, header=header, method=method)


def _user_among(users: Mapping[str, str], given: Credentials) -> str:
    return given.username if users.get(given.username) else user_of(given)


def _known(users: Mapping[str, str], realm: str, given: Credentials) -> str | None:
    """The HA1 that credentials must prove to know, by the setting `users`; None if there is no such user."""
    user = _user_among(users, given)
    known = users.get(user)
    if not known:  # no password, no login
        return None
    if isinstance(known, Ha1):
        return known if user == given.username else known.with_realm or None
    return ha1(given.username, realm, known, given.algorithm or "MD5")


def _proof(turn: Turn, table: str, realm: str, given: Credentials) -> str | None:
    """The same by the table; None also if that can't be asked."""
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


EXPORTS = Module(
    "auth_db",
    commands=(
        auth_check,
        www_authorize,
        www_authenticate,
        proxy_authorize,
        proxy_authorize.alias("proxy_authenticate"),
    ),
    parameters=AuthDbParameters,
    state=AuthDb,
)
