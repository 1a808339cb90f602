"""SIP over WebSocket (RFC 7118), for phones in a browser: one SIP message in each message of RFC 6455.

A browser connects to us, never we to it: messages for it go out on the connection it made. The `websockets` library
does the frames, without a socket; limits of number, time and size are those of any stream.
"""

from __future__ import annotations

import errno
import os

from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from labsip.sip.errors import BadMessage
from labsip.sip.framing import MAX_HEAD, MAX_MESSAGE, PONG

SUBPROTOCOL = Subprotocol("sip")
"""What both ends must agree on (RFC 7118 §4.1)."""
NOT_TEXT = 1007
"""The status of a close where a text is no UTF-8 (RFC 6455 §7.4.1)."""


class WebSocket:
    """The server's end of one WebSocket: takes the bytes of a connection, in order and in pieces of any size."""

    refused = b""
    """No request is answered by itself: the close says why."""

    def __init__(self) -> None:
        self.fault: BadMessage | None = None
        """Why nothing more is read."""
        self.ended = False
        """Whether the other end has closed it."""
        self._protocol = ServerProtocol(subprotocols=[SUBPROTOCOL], max_size=MAX_MESSAGE)
        self._parts: list[bytes] = []
        self._text = False
        self._asked = 0
        self._answers = b""

    @property
    def begun(self) -> bool:
        """Whether part of a message is there, or of the handshake, and the rest is not."""
        return self.fault is None and not self.ended and (self._protocol.state is State.CONNECTING or self.held > 0)

    @property
    def held(self) -> int:
        """Bytes of it that are there."""
        if self._protocol.state is State.CONNECTING:
            return self._asked
        return sum(map(len, self._parts)) + len(self._protocol.reader.buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes; returns the SIP messages now whole, in order. Nothing more comes after a `fault`."""
        whole: list[bytes] = []
        if self.fault is not None or self.ended:
            return whole
        if self._protocol.state is State.CONNECTING:
            self._asked += len(data)
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._shake_hands(event)
            elif isinstance(event, Frame) and self.fault is None:
                self._take(event, whole)
        if self._protocol.state is State.CONNECTING and self._asked > MAX_HEAD:
            self.fault = BadMessage("the handshake is too long")
        self._answers += self._output()
        self._judge()
        return whole

    def answers(self) -> bytes:
        """What the protocol itself has to send, once: the end of the handshake, pongs, a close."""
        answers, self._answers = self._answers, b""
        return answers

    def wrap(self, data: bytes) -> bytes:
        """A message as it goes over the connection: as text if it is UTF-8 (RFC 7118 §5). Raises OSError."""
        try:
            if _is_text(data):
                self._protocol.send_text(data)
            else:
                self._protocol.send_binary(data)
        except InvalidState:
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN)) from None
        return self._output()

    def _shake_hands(self, request: Request) -> None:
        """Accept or refuse: 400 without the subprotocol `sip`, 426 if it is no WebSocket at all."""
        response = self._protocol.accept(request)
        self._protocol.send_response(response)
        if response.status_code != 101:
            why = self._protocol.handshake_exc
            self.fault = BadMessage(f"refused with {response.status_code}: {why or response.reason_phrase}")

    def _take(self, frame: Frame, whole: list[bytes]) -> None:
        if frame.opcode is Opcode.CLOSE:
            self.ended = True
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        if frame.opcode is not Opcode.CONT:
            self._text = frame.opcode is Opcode.TEXT
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return
        data = b"".join(self._parts)
        self._parts.clear()
        if self._text and not _is_text(data):
            self._protocol.fail(NOT_TEXT)
            self.fault = BadMessage("a text that is no UTF-8")
        elif data.strip(PONG) or len(data) > len(PONG):  # an empty line answers a keepalive
            whole.append(data)

    def _judge(self) -> None:
        """Note whether the protocol has given up."""
        if self.fault is None and not self.ended and self._protocol.parser_exc is not None:
            self.fault = BadMessage(str(self._protocol.parser_exc))
        if self.fault is None and not self.ended and self._protocol.handshake_exc is not None:
            self.fault = BadMessage(str(self._protocol.handshake_exc))

    def _output(self) -> bytes:
        return b"".join(self._protocol.data_to_send())


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
