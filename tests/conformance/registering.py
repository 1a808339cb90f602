"""What a phone says to a registrar, and what it is told."""

from __future__ import annotations

from tests.conformance.agent import DOMAIN, Agent
from tests.conformance.message import Message


def register(agent: Agent, *lines: str, to: str = "", wanted: str = "200") -> Message:
    """Send a REGISTER of the agent's Contact, or with these lines instead; returns the response."""
    agent.ask("REGISTER", f"sip:{DOMAIN}", f"To: <{to or agent.aor}>", *lines)
    return agent.hear(wanted)


def listed(agent: Agent) -> list[str]:
    """The URIs a query finds."""
    return uris(register(agent, "Contact:"))


def uris(response: Message) -> list[str]:
    """Those of the Contacts of a response, in alphabetical order."""
    return sorted(value.partition(">")[0].lstrip("<") for value in response.values("Contact"))


def at(agent: Agent, *users: str) -> tuple[str, ...]:
    """The URIs of these users at the agent's address."""
    return tuple(f"sip:{user}@{agent.at}" for user in users)


def values(*contacts: str) -> str:
    """A Contact header of these URIs."""
    return "Contact: " + ", ".join(f"<{uri}>" for uri in contacts)
