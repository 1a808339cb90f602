"""Messages as text, written and read by a few lines of their own, so that labsip's parser is not its own judge."""

from __future__ import annotations

import re
from collections.abc import Sequence

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "k": "supported"}
LIST = re.compile(r"""((?:"(?:\\.|[^"])*"|<[^>]*>|[^,"<])+)""")
"""A value of a comma-separated header: commas in quotes and in <…> belong to it."""
HEAD = re.compile(rb".*?\r\n\r\n", re.DOTALL)


class Message:
    """A message as it came, or as it was sent."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.first, *self.lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "replace")).split("\r\n")

    def all(self, name: str) -> list[str]:
        """The header lines of that name, in order, each as it stands behind its colon."""
        return [line.partition(":")[2].strip() for line in self.lines if name_of(line) == name.lower()]

    def values(self, name: str) -> list[str]:
        """The values of that header, where commas separate them, top to bottom."""
        return [value.strip() for line in self.all(name) for value in LIST.findall(line) if value.strip()]

    def get(self, name: str) -> str:
        """The first line of that name, "" if there is none."""
        return next(iter(self.all(name)), "")

    def param(self, name: str, of: str) -> str:
        """A parameter of the first value of a header: `param("branch", "Via")`; "" without a value, "-" if missing."""
        value = next(iter(self.values(of)), "").rpartition(">")[2]
        found = re.search(rf";\s*{name}\s*(?:=\s*([^;\s]*))?(?=\s*(?:;|$))", value, re.IGNORECASE)
        return (found[1] or "") if found else "-"

    @property
    def uri(self) -> str:
        """The Request-URI."""
        return self.first.split(" ")[1]

    @property
    def status(self) -> str:
        """The status, "" for a request."""
        return self.first.split(" ")[1] if self.first.upper().startswith("SIP/2.0 ") else ""

    @property
    def method(self) -> str:
        """The method, of a response that of its request."""
        return (self.get("CSeq") if self.status else self.first).split(" ")[1 if self.status else 0]

    def fits(self, wanted: str) -> bool:
        """Whether it is what is meant by a method, or by how a status begins: `INVITE`, `486`, `4`."""
        if wanted[0].isdigit():
            return self.status.startswith(wanted)
        return not self.status and self.method == wanted

    @property
    def target(self) -> str:
        """The URI of its Contact."""
        found = re.search(r"<([^>]*)>", self.get("Contact"))
        return found[1] if found else self.get("Contact").partition(";")[0]

    def __str__(self) -> str:
        """`INVITE`, `404 Not Found`, `200 OK (BYE)`."""
        if not self.status:
            return self.method
        of = "" if self.method == "INVITE" else f" ({self.method})"
        return self.first.removeprefix("SIP/2.0 ") + of


def write(first: str, usual: Sequence[str], own: Sequence[str], body: str | bytes) -> bytes:
    """A message of the usual header lines, and of a case's `own`.

    These take the place of the usual ones of their name, with nothing behind the colon to leave them out; the rest
    follows below.
    """
    data = body.encode() if isinstance(body, str) else body
    names = {name_of(line) for line in own}
    vias = [line for line in own if name_of(line) == "via"]  # stay on top
    lines = [
        *vias,
        *(line for line in usual if name_of(line) not in names),
        *(line for line in own if line not in vias),
    ]
    lines = [line for line in lines if line.partition(":")[2].strip()]
    lines += [] if "content-length" in names else [f"Content-Length: {len(data)}"]
    return "\r\n".join([first, *lines, "", ""]).encode() + data


def cut(stream: bytes) -> tuple[bytes, bytes]:
    """The first whole message of a stream, by its Content-Length, b"" if there is none yet; and what follows it."""
    stream = stream.lstrip(b"\r\n")
    head = HEAD.match(stream)
    if not head:
        return b"", stream
    end = head.end() + int(Message(head[0]).get("Content-Length") or 0)
    return (stream[:end], stream[end:]) if len(stream) >= end else (b"", stream)


def name_of(line: str) -> str:
    """What a header line is, in small letters and in full."""
    name = line.partition(":")[0].strip().lower()
    return COMPACT.get(name, name)
