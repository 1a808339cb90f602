"""TLS for the connections of a network: our certificate, and which certificates are accepted."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from labsip.sip.errors import LabError

Secure = Callable[[socket.socket], ssl.SSLSocket]
"""Makes a TLS socket of a connected one; the handshake is still to come."""


@dataclass(frozen=True)
class Tls:
    """Both sides: for peers that connect to us, and for those we connect to."""

    server: ssl.SSLContext
    client: ssl.SSLContext

    @classmethod
    def load(cls, certificate: Path, key: Path, ca: Path | None = None) -> Tls:
        """From PEM files. `ca`: the authorities that sign certificates of peers we call; None: those are not verified.

        Raises LabError if a file can't be read, needs a passphrase, or the key is not that of the certificate.
        """
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if ca is None:
            client.check_hostname = False
            client.verify_mode = ssl.CERT_NONE
        certified((server, client), certificate, key)
        if ca is not None:
            try:
                client.load_verify_locations(ca)
            except OSError as error:
                raise LabError(f"{ca} has no certificates that could be read (PEM): {_why(error)}") from None
        return cls(server, client)

    def renew(self, certificate: Path, key: Path) -> None:
        """Use these files for connections to come. Raises LabError; then everything stays as it was."""
        certified((ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),), certificate, key)
        certified((self.server, self.client), certificate, key)

    def accepted(self, sock: socket.socket) -> ssl.SSLSocket:
        """For a connection somebody made to us."""
        return self.server.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)

    def calling(self, host: str) -> Secure:
        """For a connection made to that host, whose certificate must name it if certificates are checked."""
        return lambda sock: self.client.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)


def certified(contexts: Iterable[ssl.SSLContext], certificate: Path, key: Path) -> None:
    """Load a certificate with its key into each. Raises LabError, naming the file that is wrong."""

    def no_password() -> str:
        raise LabError(f"{key} needs a passphrase, and nobody is there to type it; give a key without one")

    try:
        for context in contexts:
            context.load_cert_chain(certificate, key, no_password)
    except OSError as error:
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            raise LabError(f"the key in {key} is not that of the certificate in {certificate}; give a pair") from None
        needed = ((certificate, "CERTIFICATE"), (key, "PRIVATE KEY"))
        wrong = " and ".join(f"{file} has no {what}" for file, what in needed if what not in _text(file))
        raise LabError(f"{wrong or f'no TLS with {certificate} and {key}'} (PEM): {_why(error)}") from None


def _text(file: Path) -> str:
    try:
        return file.read_text("latin-1")
    except OSError:
        return ""


def _why(error: OSError) -> str:
    """OpenSSL's reason, without the line of its source."""
    return str(error.strerror or error).partition(" (_ssl.c")[0]


def say_goodbye(sock: socket.socket) -> None:
    """Tell the other end of a TLS connection that no more comes; nothing over TCP."""
    with suppress(OSError, ValueError):
        if isinstance(sock, ssl.SSLSocket):
            sock.unwrap()
