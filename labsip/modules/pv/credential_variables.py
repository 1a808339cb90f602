"""Variables of the credentials a request brings: `$au`, `$ar` and their like, whether they prove anything or not."""

from __future__ import annotations

from collections.abc import Callable

from labsip.proxy.exports import Value, Variable
from labsip.proxy.turn import Turn
from labsip.sip.digest import Credentials
from labsip.sip.errors import BadMessage


def _credential(part: Callable[[Credentials], Value]) -> Callable[[Turn], Value]:
    """Reads a part of them; None where there are none, or none that can be read."""

    def get(turn: Turn) -> Value:
        given = turn.message.get("Proxy-Authorization") or turn.message.get("Authorization")
        try:
            return part(Credentials.parse(given)) or None if given else None
        except BadMessage:
            return None

    return get


def _user(given: Credentials) -> str:
    return given.username.partition("@")[0]


def _domain(given: Credentials) -> str:
    return given.username.partition("@")[2]


def _caller(turn: Turn) -> Value:
    """Who has logged in; without that, the user of From."""
    return turn.user or turn.message.from_.sip_uri.user_name


def _caller_uri(turn: Turn) -> Value:
    """`user@realm` of whoever has logged in; without that, of From."""
    realm = _credential(lambda given: given.realm)(turn) if turn.user else turn.message.from_.sip_uri.host
    return f"{_caller(turn) or ''}@{realm}"


# fmt: off
CREDENTIALS = {
    "$au": Variable("user of the credentials, without its @domain", _credential(_user)),
    "$aU": Variable("user of the credentials, as it is there", _credential(lambda given: given.username)),
    "$ad": Variable("what stands behind the @ of their user", _credential(_domain)),
    "$ar": Variable("realm of the credentials", _credential(lambda given: given.realm)),
    "$aa": Variable("algorithm of the credentials", _credential(lambda given: given.algorithm)),
    "$adu": Variable("URI of the credentials", _credential(lambda given: given.uri)),
    "$adn": Variable("nonce of the credentials", _credential(lambda given: given.nonce)),
    "$adr": Variable("response of the credentials", _credential(lambda given: given.response)),
    "$adc": Variable("cnonce of the credentials", _credential(lambda given: given.cnonce)),
    "$ado": Variable("opaque of the credentials", _credential(lambda given: given.opaque)),
    "$AU": Variable("user who has logged in, or of From", _caller),
    "$Au": Variable("user@realm of whoever has logged in, or of From", _caller_uri),
}
# fmt: on
