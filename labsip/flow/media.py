"""The media a message asks for: the streams of its session description, with address and direction."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from labsip.flow.rows import Flow
from labsip.sip.errors import BadMessage
from labsip.sip.message import Message, parse_message
from labsip.sip.sdp import CONTENT_TYPE, SessionDescription
from labsip.sip.transport import Address

if TYPE_CHECKING:
    import pandas as pd


class Stream(NamedTuple):
    """One media stream, as its receiver wants it. `str` is what a ladder writes below the arrow."""

    kind: str
    """audio, video, ..."""
    host: str
    port: int
    """0: refused, or switched off."""
    direction: str
    ice: bool = False
    """Whether ICE finds out where it goes; `host` may be nowhere then."""

    def __str__(self) -> str:
        where = f"{Address(self.host, self.port)} {self.direction}" if self.port else "refused"
        return f"{self.kind} {where}"


def streams(message: Message) -> list[Stream]:
    """The streams in a message's session description; none without one, or if it can't be read."""
    try:
        if (message.get("Content-Type") or "").partition(";")[0].strip().lower() != CONTENT_TYPE:
            return []
        sdp = SessionDescription.parse(message.body)
    except BadMessage:
        return []
    return [Stream(one.kind, sdp.host_of(one), one.port, sdp.direction_of(one), sdp.uses_ice(one)) for one in sdp.media]


def with_media(flow: Flow | pd.DataFrame) -> pd.DataFrame:
    """The flow's table with one column more, media: `audio 192.0.2.6:40000 sendrecv`, several joined by `, `."""
    flow = Flow.of(flow, ("raw",))
    return flow.table().assign(media=[media_of(one.raw) for one in flow])


@lru_cache(maxsize=4096)
def media_of(raw: bytes) -> str:
    """The media a datagram asks for, as a ladder writes them; "" for none."""
    try:
        return ", ".join(map(str, streams(parse_message(raw))))
    except BadMessage:
        return ""
