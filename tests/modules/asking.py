"""A proxy that asks for credentials, a phone that gives them, and what the commands of auth said to that."""

from __future__ import annotations

from typing import Any

from labsip.sip.digest import Challenge, Credentials, answer
from labsip.vocabulary import Ksr
from tests.ends import Bench, End

USERS = {"106": "secret106", "108": "secret108"}
URI = "sip:108@127.0.10.1"


def judge(ksr: Ksr) -> None:
    """Ask for credentials, or tell in the reason what the commands returned for them."""
    if ksr.is_method("OPTIONS"):
        ksr.auth_challenge("lab", 1)
        return
    commands = [ksr.auth_check("lab", "subscriber", 1), ksr.consume_credentials(), ksr.consume_credentials()]
    ksr.sl_reply(299, " ".join(str(int(code)) for code in commands))


def bench(**settings: Any) -> tuple[Bench, End]:
    made = Bench(judge, users=USERS, **settings)
    return made, made.end("106")


def challenge(end: End) -> Challenge:
    end.send(end.request("OPTIONS"))
    return Challenge.parse(end.response(407).get("Proxy-Authenticate") or "")


def code(end: End, credentials: Credentials | str | None, method: str = "MESSAGE", **options: Any) -> int:
    """What auth_check returned for a request with these credentials."""
    name = "Authorization" if method == "REGISTER" else "Proxy-Authorization"
    headers = [(name, str(credentials))] if credentials is not None else []
    (said,) = end.send(end.request(method, URI, headers=[*headers, *options.pop("headers", ())], **options))
    return int(said.split()[1])


def given(
    asked: Challenge, user: str = "106", password: str = "", *, method: str = "MESSAGE", nc: int = 1
) -> Credentials:
    return answer(asked, user, password or USERS.get(user, "x"), method, URI, cnonce="c", nc=nc)
