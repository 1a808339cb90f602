"""What a KEMI method is handed as `msg`: Kamailio's older way to the message, from before KSR."""

from __future__ import annotations

from labsip.proxy.turn import Turn
from labsip.sip.message import Request, Response


class RouterMessage:
    """The message at hand, to look at; KSR has all there is to say of it."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    @property
    def Type(self) -> str:  # noqa: N802
        """`SIP_REQUEST` or `SIP_REPLY`."""
        return "SIP_REQUEST" if isinstance(self._turn.message, Request) else "SIP_REPLY"

    @property
    def Method(self) -> str | None:  # noqa: N802
        """The method of a request."""
        return self._turn.message.method if isinstance(self._turn.message, Request) else None

    @property
    def RURI(self) -> str | None:  # noqa: N802
        """The Request-URI, as it came in."""
        return self._turn.message.uri if isinstance(self._turn.message, Request) else None

    @property
    def Status(self) -> str | None:  # noqa: N802
        """The status of a response, as text."""
        return str(self._turn.message.status) if isinstance(self._turn.message, Response) else None

    @property
    def src_address(self) -> tuple[str, int]:
        """Host and port it came from."""
        return self._turn.datagram.src.host, self._turn.datagram.src.port

    @property
    def dst_address(self) -> tuple[str, int]:
        """Host and port of ours it came to."""
        return self._turn.datagram.dst.host, self._turn.datagram.dst.port

    def getHeader(self, name: str) -> str | None:  # noqa: N802
        """The first header of that name."""
        return self._turn.message.get(name)
