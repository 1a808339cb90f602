"""auth: who is calling? (Kamailio's module of that name; RFC 3261 §22, RFC 7616)

A nonce carries its time and our signature, so nothing is kept for those who never come back with it; only how often
each was used is, while it is valid.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from struct import pack, unpack
from typing import NamedTuple
from urllib.parse import unquote

from labsip.modules import sl
from labsip.proxy.command import command
from labsip.proxy.exports import Module
from labsip.proxy.receive import Proxy
from labsip.proxy.script import FAILURE, REQUEST
from labsip.proxy.settings import Settings
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.digest import Challenge, Credentials, ha1
from labsip.sip.errors import BadMessage
from labsip.sip.message import HeaderLine
from labsip.sip.transport import Address, plain
from labsip.sip.uri import SipUri


@dataclass(frozen=True)
class AuthParameters:
    """Parameters of auth and auth_db."""

    users: Mapping[str, str] = field(default_factory=dict)
    """Passwords by user (the table `subscriber` of auth_db)."""
    realm: str = ""
    """What step full's challenges are for; "": the sender's domain if that is one of ours, else our first."""
    nonce_expire: float = 300.0
    """How long a challenge can be answered (auth)."""
    auth_algorithm: str = "MD5"
    """What challenges ask for, and no other answers: MD5, SHA-256 or SHA-512-256 (auth's `algorithm`)."""


OK, ERROR, INVALID_PASSWORD, USER_UNKNOWN, NONCE_EXPIRED = 1, -1, -2, -3, -4
NO_CREDENTIALS, NONCE_REUSED, USER_MISMATCH = -5, -6, -8
QOP_AUTH, QOP_AUTH_INT, STALE = 1, 2, 16
"""Flags of auth_challenge."""
HA1 = 1
"""Flag of pv_auth_check: what is given is no password but H(user:realm:password)."""
KEPT = 10_000
"""Nonces whose use is counted at a time; beyond that the oldest is forgotten."""
_SIGNED = 16
_MADE = ">dI?"

Secret = Callable[[Credentials], str | None]
"""Credentials → the HA1 they must prove to know, None if there is no such user."""


class Nonce(NamedTuple):
    """When a nonce was made (seconds), and whether the challenge it was in offered a qop."""

    t: float
    with_qop: bool


@dataclass(slots=True)
class LastCredentials:
    """The header line whose credentials auth_check looked at last: auth's note on a turn."""

    line: HeaderLine | None = None


class Auth(ModuleState):
    """auth's state in one proxy: what it signs nonces with, and how often each was used."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self._secret = proxy.ids.getrandbits(256).to_bytes(32, "big")
        self._made = 0
        self._used: dict[tuple[str, str], int] = {}
        """By nonce and user, the highest nc seen; oldest first."""

    def nonce(self, now: float, qop: str) -> str:
        """A nonce made now, unlike any other: two phones of one user may not use up each other's."""
        self._made += 1
        made = pack(_MADE, now, self._made & 0xFFFFFFFF, bool(qop))
        return b64encode(made + self._sign(made)).decode()

    def read(self, nonce: str) -> Nonce | None:
        """What a nonce of ours says, None if we did not make it."""
        try:
            raw = b64decode(nonce, validate=True)
        except ValueError:
            return None
        made, signature = raw[:-_SIGNED], raw[-_SIGNED:]
        if not hmac.compare_digest(self._sign(made), signature):
            return None
        t, _, with_qop = unpack(_MADE, made)
        return Nonce(t, with_qop)

    def fresh(self, credentials: Credentials) -> bool:
        """Whether nc rises with each use of a nonce (RFC 7616 §3.4); without qop it can't be told."""
        if not credentials.qop:
            return True
        count = int(credentials.nc, 16)
        used = credentials.nonce, credentials.username
        if count <= self._used.pop(used, 0):
            self._used[used] = count
            return False
        self._used[used] = count
        if len(self._used) > KEPT:
            del self._used[next(iter(self._used))]
        return True

    def _sign(self, made: bytes) -> bytes:
        return hmac.digest(self._secret, made, "sha256")[:_SIGNED]


@command(REQUEST)
def pv_auth_check(turn: Turn, /, realm: str, passwd: str, flags: int | str = 0, checks: int | str = 0) -> int:
    """Do the credentials in the request prove the knowledge of this password?

    `realm` "": our own, as `realm_of` has it. `flags` 1: passwd is HA1.
    `checks` 1: the user must be the one in From, and of a REGISTER in To as well.
    1 yes; also for ACK and CANCEL, which can't be challenged (RFC 3261 §22.1) · -1 unreadable, or another algorithm
    than we ask for · -2 wrong password · -4 nonce too old, or not ours · -5 no credentials for this realm · -6 used
    before · -8 somebody else's.   Kamailio: auth/auth_mod.c
    """

    realm = realm or realm_of(turn)

    def key(given: Credentials) -> str:
        return passwd if int(flags) & HA1 else ha1(given.username, realm, passwd, given.algorithm or "MD5")

    if not passwd:
        return ERROR  # no password, no login
    return check(turn, realm, key, user_of, must_match=bool(int(checks)))


@command(REQUEST, FAILURE, strict=True)
def auth_challenge(turn: Turn, /, realm: str, flags: int | str = 0) -> int:
    """Ask who it is: 401 to a REGISTER, 407 to all else.

    `flags`: 1 with qop auth, 2 with auth-int, 16 stale: only the nonce was too old. 1 sent · -1 not.
    Kamailio: auth/auth_mod.c
    """
    return _challenge(turn, realm, int(flags), www=turn.request.method == "REGISTER")


@command(REQUEST, FAILURE, kemi="", strict=True)
def www_challenge(turn: Turn, /, realm: str, flags: int | str = 0) -> int:
    """Ask as a registrar does, with 401. Flags as for auth_challenge. 1 sent · -1 not.   Kamailio: auth/auth_mod.c"""
    return _challenge(turn, realm, int(flags), www=True)


@command(REQUEST, FAILURE, kemi="", strict=True)
def proxy_challenge(turn: Turn, /, realm: str, flags: int | str = 0) -> int:
    """Ask as a proxy does, with 407. Flags as for auth_challenge. 1 sent · -1 not.   Kamailio: auth/auth_mod.c"""
    return _challenge(turn, realm, int(flags), www=False)


@command(REQUEST)
def consume_credentials(turn: Turn, /) -> int:
    """Take the credentials that were checked, right or wrong, out of what is forwarded (RFC 3261 §22.3).

    1 taken out · -1 none were checked.   Kamailio: auth/auth_mod.c
    """
    proof = turn.note(LastCredentials)
    line = proof.line
    if line is None:
        return -1
    turn.lumps.replace(line.start, line.stop)
    proof.line = None
    return 1


def realm_of(turn: Turn) -> str:
    """What a challenge is for where a route says "": the setting, else the sender's domain if ours, else our first."""
    ours = realms(turn.proxy.settings, turn.proxy.addresses)
    domain = turn.request.from_.sip_uri.host.lower()
    return domain if domain in ours else ours[0]


def realms(settings: Settings, addresses: Iterable[Address]) -> list[str]:
    """All that challenges may be for: the setting, else our domains and addresses."""
    realm = settings.of(AuthParameters).realm
    return [realm] if realm else [*settings.domains, *(address.host for address in addresses)]


def credentials(turn: Turn, realm: str | None = None, header: str = "") -> tuple[Credentials, HeaderLine] | None:
    """What the request offers for a realm, or for any: Authorization in a REGISTER, else Proxy-Authorization.

    header: that one instead. Raises BadMessage (400) if it can't be read; what is of another scheme is passed over.
    """
    usual = "Authorization" if turn.request.method == "REGISTER" else "Proxy-Authorization"
    for line in turn.request.find(header or usual):
        if line.value.lower().split(None, 1)[:1] != ["digest"]:
            continue
        given = Credentials.parse(line.value)
        if realm is None or given.realm == realm:
            return given, line
    return None


def check(
    turn: Turn,
    realm: str,
    key: Secret,
    whose: Callable[[Credentials], str],
    *,
    must_match: bool = False,
    header: str = "",
    method: str = "",
) -> int:
    """Judge what the request offers for a realm, in that header, made for that method. Returns as pv_auth_check."""
    if turn.request.method in ("ACK", "CANCEL"):  # §22.1: nobody can answer a challenge to them
        return OK
    try:
        found = credentials(turn, realm, header)
        if found is None:
            return NO_CREDENTIALS
        given, turn.note(LastCredentials).line = found
        code = _judge(turn, given, key, method or turn.request.method)
    except (BadMessage, ValueError):
        return ERROR
    if code != OK:
        return code
    if turn.proxy.settings.policy.digest_uri:
        _check_uri(turn, given.uri)
    turn.user = whose(given)
    return USER_MISMATCH if must_match and not _is_own(turn, turn.user) else OK


def user_of(given: Credentials) -> str:
    """Whose credentials they are: a phone may write `user@realm` for its user, as in Kamailio."""
    return given.username.partition("@")[0]


def _check_uri(turn: Turn, text: str) -> None:
    """The credentials are for this request (RFC 7616 §3.4.6): their uri names the resource that its Request-URI names.

    A proxy on the way may have changed parameters, the scheme, and one of our names for another; and whoever names us
    alone, as SIPp does, means what is asked of us. Raises BadMessage (400) if they are for something else.
    """
    given, asked = SipUri.parse(text, any_scheme=True), SipUri.parse(turn.request.uri, any_scheme=True)
    # a host of ours is as good as any other of them; a tel URI has none
    hosts = {"" if turn.proxy.is_for_us(uri) else plain(uri.host).lower() for uri in (given, asked) if uri.host}
    names_us_alone = given.user is None and hosts == {""}
    same_user = unquote(given.user_name or "") == unquote(asked.user_name or "")
    if not (same_user or names_us_alone) or len(hosts) > 1:
        raise BadMessage(f"the credentials are for {text}, the request is for {turn.request.uri}")


def _judge(turn: Turn, given: Credentials, key: Secret, method: str) -> int:
    """The credentials alone. Raises BadMessage or ValueError if they can't be read."""
    auth, settings = turn.module(Auth), turn.proxy.settings.of(AuthParameters)
    if (given.algorithm or "MD5").upper() != settings.auth_algorithm.upper():
        return ERROR  # else someone on the way could ask for the weakest
    nonce = auth.read(given.nonce)
    if nonce is None or turn.now - nonce.t > settings.nonce_expire:
        return NONCE_EXPIRED
    if turn.proxy.settings.policy.digest_qop and nonce.with_qop and not given.qop:
        return ERROR  # RFC 7616 §3.4: without qop nothing is counted, and what was heard could be said again
    known = key(given)
    proven = given.proves(known or "", method, turn.request.body)  # of nobody, too: the time it takes tells nothing
    if known is None:
        return USER_UNKNOWN
    if not proven:
        return INVALID_PASSWORD
    return OK if auth.fresh(given) else NONCE_REUSED


def _is_own(turn: Turn, username: str) -> bool:
    """Whether the request speaks for this user: in From; a REGISTER for the user in its To as well (RFC 3261 §10.3)."""
    request = turn.request
    spoken_for = [request.from_, request.to] if request.method == "REGISTER" else [request.from_]
    return all(unquote(who.sip_uri.user_name or "") == username for who in spoken_for)


def _challenge(turn: Turn, realm: str, flags: int, *, www: bool) -> int:
    qop = "auth-int" if flags & QOP_AUTH_INT else "auth" if flags & QOP_AUTH else ""
    algorithm = turn.proxy.settings.of(AuthParameters).auth_algorithm.upper()
    challenge = Challenge(
        realm or realm_of(turn),
        nonce=turn.module(Auth).nonce(turn.now, qop),
        algorithm="" if algorithm == "MD5" else algorithm,
        qop=qop,
        stale=bool(flags & STALE),
    )
    if www:
        return sl.answer_as_known(turn, 401, "Unauthorized", (("WWW-Authenticate", str(challenge)),))
    name = "Proxy-Authenticate"
    return sl.answer_as_known(turn, 407, "Proxy Authentication Required", ((name, str(challenge)),))


EXPORTS = Module(
    "auth",
    commands=(pv_auth_check, auth_challenge, www_challenge, proxy_challenge, consume_credentials),
    parameters=AuthParameters,
    state=Auth,
)
