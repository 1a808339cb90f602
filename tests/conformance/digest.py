"""Digest as a phone does it (RFC 7616), of a few lines of its own, so that labsip's is not its own judge."""

from __future__ import annotations

import re
from hashlib import md5, sha256

from tests.conformance.agent import Agent
from tests.conformance.case import MEMBERS, Scene
from tests.conformance.message import Message

HASHES = {"MD5": md5, "SHA-256": sha256}


def told(response: Message) -> dict[str, str]:
    """The parameters of the challenge in a 401 or 407."""
    value = response.get("WWW-Authenticate") or response.get("Proxy-Authenticate")
    found: list[tuple[str, str]] = re.findall(r'([\w-]+)\s*=\s*("[^"]*"|[^\s,]*)', value)
    return {name.lower(): value.strip('"') for name, value in found}


def answer(challenge: Message, asked: Message, username: str, *, password: str = "", nc: int = 1, **own: str) -> str:
    """The header line that answers a 401 or 407 to that request, or to another like it; `own` parameters go before."""
    given = told(challenge)
    a = {
        "username": username,
        "realm": given.get("realm", ""),
        "nonce": given.get("nonce", ""),
        "uri": asked.uri,
        "algorithm": given.get("algorithm", "MD5"),
        "qop": "auth",
        "nc": f"{nc:08x}",
        "cnonce": "0a4f113b",
        **own,
    }

    def hashed(*parts: str) -> str:
        return HASHES[a["algorithm"]](":".join(parts).encode()).hexdigest()

    key = hashed(a["username"], a["realm"], password or MEMBERS[username])
    proof = hashed(key, a["nonce"], a["nc"], a["cnonce"], a["qop"], hashed(asked.method, a["uri"]))
    quoted = (f'{name}="{a[name]}"' for name in ("username", "realm", "nonce", "uri", "cnonce"))
    bare = (f"{name}={a[name]}" for name in ("algorithm", "qop", "nc"))
    name = "Authorization" if challenge.status == "401" else "Proxy-Authorization"
    return f"{name}: Digest " + ", ".join([*quoted, *bare, f'response="{proof}"'])


def ask(agent: Agent, method: str, uri: str, *lines: str) -> tuple[Message, Message]:
    """Ask something, be challenged, and ask it again with an answer; returns the challenge, and what was sent then."""
    asked = agent.ask(method, uri, *lines)
    challenge = agent.hear("401" if method == "REGISTER" else "407")
    if method == "INVITE":
        agent.ack(asked, challenge)
    return challenge, agent.ask(method, uri, *lines, answer(challenge, asked, agent.user))


def register(agent: Agent, *lines: str) -> Message:
    """Register an agent with its password; returns the 200."""
    ask(agent, "REGISTER", f"sip:{Scene.domain}", f"To: <{agent.aor}>", *lines)
    return agent.hear("200")


def members(scene: Scene) -> tuple[Agent, Agent]:
    """A caller, not registered, and a registered callee; both have passwords."""
    caller, callee = scene.member("caller"), scene.member("callee")
    register(callee)
    return caller, callee
