"""labsip and a real Kamailio with the same configuration and the same calls, to be asked by kamcmd and kamcli."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import NamedTuple

from labsip.sip.build import build_response
from labsip.sip.message import Request
from labsip.sip.transport import Address
from tests.cli.phone import Socket
from tests.processes import Process, Serve, free_address

CFG = Path(__file__).with_name("asked.cfg")
DESTINATIONS = "1 sip:127.0.0.1:7001 0 10 weight=50\n1 sip:127.0.0.1:7002\n2 sip:127.0.0.1:7003\n"
ADDRESSES = "1 127.0.10.200 32 0 tagA\n2 127.0.10.0 24\n"
INSTANCE = ';methods="INVITE,ACK,BYE,CANCEL";+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";reg-id=1'


class Place(NamedTuple):
    """Where somebody listens, and is asked."""

    udp: Address
    tcp: Address
    folder: Path

    @property
    def ctl(self) -> Path:
        """The socket of kamcmd."""
        return self.folder / "ctl"

    @property
    def rpc(self) -> Path:
        """The socket of kamcli."""
        return self.folder / "rpc.sock"

    @classmethod
    def made(cls, folder: Path) -> Place:
        """A folder with the lists, and free addresses."""
        folder.mkdir()
        (folder / "destinations").write_text(DESTINATIONS)
        (folder / "addresses").write_text(ADDRESSES)
        return cls(free_address(), free_address(kind=socket.SOCK_STREAM), folder)

    @property
    def defines(self) -> list[str]:
        """What the configuration is told about it."""
        return [
            "-A", f"LISTEN=udp:{self.udp}", "-A", f"LISTEN_TCP=tcp:{self.tcp}", "-A", f'CTL="unix:{self.ctl}"',
            "-A", f'RPC_SOCKET="{self.rpc}"', "-A", f'DESTINATIONS="{self.folder}/destinations"',
            "-A", f'ADDRESSES="{self.folder}/addresses"',
        ]  # fmt: skip


class AskedKamailio(Process):
    """A real Kamailio there."""

    def __init__(self, place: Place) -> None:
        self.place = place
        super().__init__(
            "kamailio", "-f", CFG, "-DD", "-E", "-Y", place.folder, "-P", place.folder / "pid", "-m", "32",
            *place.defines, cwd=place.folder,
        )  # fmt: skip

    def get_ready(self) -> None:
        """Both sockets are there, and it answers."""
        self.wait_until("sockets", lambda: self.place.ctl.exists() and self.place.rpc.exists())
        self.wait_until("answer", self._answers)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as asking, socket.socket() as calling:
            return not (asking.connect_ex(str(self.place.ctl)) or calling.connect_ex(self.place.tcp[:2]))


def asked_labsip(place: Place) -> Serve:
    """labsip there."""
    return Serve("--cfg", str(CFG), *place.defines, listen=(f"udp:{place.udp}", f"tcp:{place.tcp}"))


def play(proxy: Address, caller: Socket, callee: Socket) -> None:
    """Three contacts are registered, a call is answered, somebody sends too much."""
    caller.register()
    callee.register()
    callee.ask(
        "REGISTER", "sip:lab.example", ("Expires", "300"), ("Contact", f"<sip:108@127.0.0.1:7109>{INSTANCE}"),
        to="<sip:108@lab.example>",
    )  # fmt: skip
    callee.hear()
    caller.ask("INVITE", f"sip:108@{proxy}")
    invite = callee.hear()
    assert isinstance(invite, Request)
    callee.send(_answered(invite, callee.at))
    while not caller.hear().start_line.startswith("SIP/2.0 200"):
        pass
    for _ in range(20):
        caller.ask("OPTIONS", f"sip:{proxy}", ("User-Agent", "flood"))


def _answered(invite: Request, at: Address) -> bytes:
    lines = [("Record-Route", value) for value in invite.get_all("Record-Route")]
    return build_response(invite, 200, "OK", to_tag="t108", headers=[*lines, ("Contact", f"<sip:108@{at}>")]).raw


TIMES = "Expires|Last-\\w+|start_ts|init_ts|timeout|duration|expire|expires|now|up_since|uptime"
SIZES = "Ruid|cell|tindex|tlabel|h_id|table|free|used|real_used|max_used|total|leaf_hits_\\w+|tflags|ref_count"
MASKS = (
    (rf'("?({TIMES}|{SIZES})"?):\s*\S.*', r"\1: *"),
    (r"(kamailio|labsip) [\d.]+\S* \([^)]*\)", "VERSION"),
    (r'("?(User-Agent|Call-ID)"?): (\S*rpc\S*|.*RPC.*)', r"\1: *"),
)
"""What two runs, and two programs, can't have in common: times, ids, hashes, versions, and what is instead of them."""


def masked(text: str, place: Place, *ports: int) -> str:
    """A text without them, and without the ports of this place and of its phones."""
    names = {place.udp.port: "UDP", place.tcp.port: "TCP"} | {port: f"P{n}" for n, port in enumerate(ports)}
    for port, name in names.items():
        text = text.replace(f":{port}", f":{name}").replace(f"port: {port}", f"port: {name}")
    for pattern, instead in MASKS:
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    return text
