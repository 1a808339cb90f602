"""A real Kamailio, with a configuration of ../shared/kamailio on an address of its own."""

from __future__ import annotations

import socket
from pathlib import Path

from labsip.sip.transport import Address
from tests.processes import Process, free_address


class Kamailio(Process):
    """Kamailio, as soon as all of its processes run. `options`: more of its command line.

    at: where the options have it listen; else it listens where the configuration's LISTEN says.
    """

    def __init__(self, folder: Path, config: Path, *options: str, at: Address | None = None) -> None:
        self.address = at or free_address()
        control = free_address(kind=socket.SOCK_STREAM)
        super().__init__(
            "kamailio", "-f", config, "-DD", "-E", "-Y", folder, "-P", folder / "kamailio.pid", "-m", "32",
            "-A", f"LISTEN=udp:{self.address}", "-A", f'CTL="tcp:{control}"', *options,
        )  # fmt: skip

    def get_ready(self) -> None:
        self.wait_until("word of its last process", lambda: "io_listen_loop" in self.err)  # sockets were opened before
