"""TLS for the connections of a network: our certificate, and whose certificates are believed."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from labsip.sip.errors import LabError

Secure = Callable[[socket.socket], ssl.SSLSocket]
"""Makes a TLS socket of a connected one; the handshake is still to come."""


@dataclass(frozen=True)
class Tls:
    """Both sides of it: for who calls us, and for whom we call."""

    server: ssl.SSLContext
    client: ssl.SSLContext

    @classmethod
    def load(cls, certificate: Path, key: Path, ca: Path | None = None) -> Tls:
        """From PEM files. `ca`: who signed the certificates of those we call; None: theirs are not checked.

        Raises LabError if a file can't be read, or key and certificate are not of each other.
        """
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if ca is None:
            client.check_hostname = False
            client.verify_mode = ssl.CERT_NONE
        try:
            for context in (server, client):
                context.load_cert_chain(certificate, key)
            if ca is not None:
                client.load_verify_locations(ca)
        except OSError as error:
            names = f"{certificate}, {key}" + (f", {ca}" if ca else "")
            raise LabError(f"no TLS with {names}: {error.strerror or error}; they must be PEM files") from None
        return cls(server, client)

    def accepted(self, sock: socket.socket) -> ssl.SSLSocket:
        """For a connection somebody made to us."""
        return self.server.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)

    def calling(self, host: str) -> Secure:
        """For a connection made to that host, whose certificate must name it if certificates are checked."""
        return lambda sock: self.client.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)


def say_goodbye(sock: socket.socket) -> None:
    """Tell the other end of a TLS connection that no more comes; nothing over TCP."""
    with suppress(OSError, ValueError):
        if isinstance(sock, ssl.SSLSocket):
            sock.unwrap()
