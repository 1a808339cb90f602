"""Digest: how to prove that one knows a password without sending it (RFC 3261 §22, RFC 7616, RFC 8760)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from labsip.sip.errors import BadMessage
from labsip.sip.uri import split_outside_quotes

# fmt: off
ALGORITHMS: dict[str, Callable[[bytes], str]] = {      # RFC 8760 §2.1: these, and MD5 for old phones
    "SHA-256":     lambda data: hashlib.sha256(data).hexdigest(),
    "SHA-512-256": lambda data: hashlib.new("sha512_256", data).hexdigest(),
    "MD5":         lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
}
# fmt: on
"""By name as in the header, the best first."""
_UNQUOTED = {"algorithm", "qop", "nc", "stale"}
"""Parameters of Authorization that stand without quotes (RFC 7616 §3.4); in a challenge qop has them (§3.3)."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What WWW-Authenticate or Proxy-Authenticate asks.

    Quoted values are kept as they stand between their quotes, escapes included: that is how they are sent back and
    hashed (RFC 7616 §3.4, unq). An empty value is not an absent one.
    """

    realm: str
    nonce: str
    algorithm: str = ""
    """Empty: not named, which means MD5."""
    qop: str = ""
    """`auth`, `auth,auth-int`, or empty: as in RFC 2069, which has none."""
    stale: bool = False
    """The password was right, the nonce was too old."""
    opaque: str | None = None
    """None: absent."""

    @classmethod
    def parse(cls, text: str) -> Challenge:
        """Raises BadMessage (400) if it is no Digest challenge."""
        given = _parse(text)
        if "realm" not in given or "nonce" not in given:
            raise BadMessage(f"a challenge needs realm and nonce: {text!r}")
        return cls(
            given["realm"],
            given["nonce"],
            given.get("algorithm", ""),
            given.get("qop", ""),
            given.get("stale", "").lower() == "true",
            given.get("opaque"),
        )

    def __str__(self) -> str:
        optional = (("algorithm", self.algorithm), ("stale", "true" if self.stale else ""))
        quoted = (("realm", self.realm), ("nonce", self.nonce), ("opaque", self.opaque), ("qop", self.qop or None))
        parts = [f'{name}="{value}"' for name, value in quoted if value is not None]
        return "Digest " + ", ".join(parts + [f"{name}={value}" for name, value in optional if value])

    @property
    def known(self) -> bool:
        """Whether we can answer it."""
        return (self.algorithm or "MD5").upper() in ALGORITHMS and (not self.qop or "auth" in _list(self.qop))


@dataclass(frozen=True, slots=True)
class Credentials:
    """What Authorization or Proxy-Authorization answers; quoted values as in Challenge."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = ""
    qop: str = ""
    nc: str = ""
    cnonce: str | None = None
    opaque: str | None = None

    @classmethod
    def parse(cls, text: str) -> Credentials:
        """Raises BadMessage (400) if they are no Digest credentials, or something is missing in them."""
        given = _parse(text)
        missing = [name for name in ("username", "realm", "nonce", "uri", "response") if name not in given]
        if missing:
            raise BadMessage(f"credentials without {', '.join(missing)}: {text!r}")
        if given.get("qop") and not ("cnonce" in given and given.get("nc")):
            raise BadMessage(f"credentials with qop need cnonce and nc (RFC 7616 §3.4): {text!r}")
        return cls(**{name: given[name] for name in cls.__dataclass_fields__ if name in given})

    def __str__(self) -> str:
        given = [(name, getattr(self, name)) for name in self.__dataclass_fields__]
        written = [
            f"{name}={value}" if name in _UNQUOTED else f'{name}="{value}"'
            for name, value in given
            if (value if name in _UNQUOTED else value is not None)
        ]
        return "Digest " + ", ".join(written)

    def proves(self, ha1: str, method: str, body: bytes = b"") -> bool:
        """Whether the response is that of somebody who knows the password; takes the same time either way.

        Raises BadMessage (400) for an algorithm or a qop we don't know.
        """
        right = response(self, ha1, method, body)
        return hmac.compare_digest(right.encode(), self.response.lower().encode("utf-8", "surrogateescape"))


class Ha1(str):
    """What a server may keep instead of a password: H(user:realm:password)."""

    with_realm: str
    """The same where the user's name is written `user@realm`, "" if that is not known."""

    def __new__(cls, text: str, with_realm: str = "") -> Self:
        made = super().__new__(cls, text)
        made.with_realm = with_realm
        return made


def ha1(username: str, realm: str, password: str, algorithm: str = "MD5") -> str:
    """The hash of user, realm and password (RFC 7616 §3.4.2); a server can keep it instead of the password."""
    return _hash(algorithm)(f"{username}:{realm}:{password}".encode("utf-8", "surrogateescape"))


def response(credentials: Credentials, ha1: str, method: str, body: bytes = b"") -> str:
    """The hash that proves it (RFC 7616 §3.4.1). Raises BadMessage (400) for an unknown algorithm or qop."""
    digest = _hash(credentials.algorithm or "MD5")
    what = f"{method}:{credentials.uri}"
    if credentials.qop.lower() == "auth-int":
        what += f":{digest(body)}"
    elif credentials.qop.lower() not in ("", "auth"):
        raise BadMessage(f"qop {credentials.qop!r} is not known; auth and auth-int are")
    parts = [ha1, credentials.nonce]
    if credentials.qop:
        parts += [credentials.nc, credentials.cnonce or "", credentials.qop]
    parts.append(digest(what.encode("utf-8", "surrogateescape")))
    return digest(":".join(parts).encode("utf-8", "surrogateescape"))


def answer(
    challenge: Challenge, username: str, password: str, method: str, uri: str, *, cnonce: str = "", nc: int = 1
) -> Credentials:
    """Credentials for a challenge (RFC 3261 §22.2). `cnonce` is needed where it asks for qop; `nc` counts its uses.

    Raises BadMessage (400) for an algorithm or a qop we don't know.
    """
    if not challenge.known:
        raise BadMessage(f"this challenge can't be answered: {challenge}")
    qop = "auth" if challenge.qop else ""
    name = _escaped(username)
    empty = Credentials(
        name,
        challenge.realm,
        challenge.nonce,
        _escaped(uri),
        "",
        challenge.algorithm,
        qop,
        f"{nc:08x}" if qop else "",
        cnonce if qop else None,
        challenge.opaque,
    )
    key = ha1(name, challenge.realm, password, challenge.algorithm or "MD5")
    return replace(empty, response=response(empty, key, method))


def _hash(algorithm: str) -> Callable[[bytes], str]:
    known = ALGORITHMS.get(algorithm.upper())
    if known is None:
        raise BadMessage(f"algorithm {algorithm!r} is not known; {', '.join(ALGORITHMS)} are")
    return known


def _parse(text: str) -> dict[str, str]:
    scheme, rest = (*text.split(None, 1), "", "")[:2]
    if scheme.lower() != "digest":
        raise BadMessage(f"only Digest is known: {text!r}")
    given: dict[str, str] = {}
    for part in split_outside_quotes(rest, ","):
        name, equals, value = part.strip().partition("=")
        if not equals:
            continue
        value = value.strip()
        if value.startswith('"') and value.endswith('"') and len(value) > 1:
            value = value[1:-1]
        given.setdefault(name.strip().lower(), value)
    return given


def _escaped(text: str) -> str:
    """A text as it stands between quotes (RFC 3261 §25.1: quoted-pair)."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _list(text: str) -> list[str]:
    return [part.strip().lower() for part in text.split(",")]
