"""Sockets by which a proxy is asked from outside, over real connections."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from labsip.modules.ctl import FAULT, REPLY, PacketReader, binrpc
from labsip.modules.ctl.binrpc import Packet
from labsip.net.control import CONNECTIONS, Control, ControlAddress
from labsip.net.sockets import SocketNet
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import Value
from labsip.proxy.script import Routes
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.vocabulary import build_proxy, settings_of
from tests.processes import free_address

PATIENCE = 30.0


@pytest.fixture
def net() -> Iterator[SocketNet]:
    with SocketNet() as network:
        yield network


@pytest.fixture
def proxy(net: SocketNet) -> Proxy:
    routes = Routes(lambda ksr: ksr.sl_reply(200))
    made = build_proxy(routes, [net.reserve(Address("127.0.0.1", 0))], trace=net.trace, settings=settings_of(routes))
    net.attach(made, "proxy")
    return made


class Asker:
    """Somebody who speaks binrpc."""

    def __init__(self, at: str | tuple[str, int]) -> None:
        self.sock = socket.socket(socket.AF_UNIX if isinstance(at, str) else socket.AF_INET)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(at)
        self._reader = PacketReader(1 << 30)
        self._heard: list[Packet] = []

    def hear(self) -> list[Value]:
        """The next answer; nothing where the connection has ended."""
        while not self._heard and (data := self.sock.recv(65536)):
            self._heard += self._reader.feed(data, REPLY, FAULT)
        return binrpc.decoded(self._heard.pop(0).body) if self._heard else []

    def ask(self, name: str, *arguments: Value) -> list[Value]:
        self.sock.sendall(binrpc.request(name, arguments))
        return self.hear()

    def close(self) -> None:
        self.sock.close()


def opened(net: SocketNet, proxy: Proxy, text: str, *, writes: bool = True) -> Control:
    return Control(net, proxy, ControlAddress.parse(text), writes=writes)


def test_kamcmd_is_answered_on_a_unix_socket_of_its_owner(net: SocketNet, proxy: Proxy, tmp_path: Path) -> None:
    path = tmp_path / "ctl"
    with closing(opened(net, proxy, f"unix:{path}")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with closing(Asker(str(path))) as asker:
            assert asker.ask("core.echo", "a", 5) == ["a", "5"]
            assert asker.ask("nosuch") == [500, "command nosuch not found"]
            assert asker.ask("ul.rm", "location", "106") == []
    assert not path.exists()
    assert "rpc: ul.rm location 106 (unix:" in net.trace.notes[-1][1]


def test_over_tcp_only_what_reads_is_answered(net: SocketNet, proxy: Proxy) -> None:
    at = free_address(kind=socket.SOCK_STREAM)
    with closing(opened(net, proxy, f"tcp:{at}", writes=False)), closing(Asker(at[:2])) as asker:
        assert asker.ask("core.echo", "a") == ["a"]
        assert asker.ask("ul.rm", "location", "106")[0] == 403
    assert "refused" in net.trace.notes[-1][1]


def test_many_requests_at_once_are_answered_in_order(net: SocketNet, proxy: Proxy, tmp_path: Path) -> None:
    path = tmp_path / "ctl"
    with closing(opened(net, proxy, str(path))), closing(Asker(str(path))) as asker:
        asker.sock.sendall(b"".join(binrpc.request("core.echo", [f"n{number}"]) for number in range(300)))
        assert [asker.hear() for _ in range(300)] == [[f"n{number}"] for number in range(300)]


def test_somebody_who_reads_no_answers_holds_nobody_up(net: SocketNet, proxy: Proxy, tmp_path: Path) -> None:
    path, large = tmp_path / "ctl", binrpc.request("core.echo", ["x" * 60_000])
    with closing(opened(net, proxy, str(path))), closing(Asker(str(path))) as lazy, closing(Asker(str(path))) as asker:
        lazy.sock.settimeout(0.5)
        with pytest.raises(TimeoutError):
            lazy.sock.sendall(large * 1000)
        assert asker.ask("core.echo", "a") == ["a"]


def test_what_is_no_binrpc_is_told_so_and_ends(net: SocketNet, proxy: Proxy, tmp_path: Path) -> None:
    path = tmp_path / "ctl"
    with closing(opened(net, proxy, str(path))), closing(Asker(str(path))) as asker:
        asker.sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert asker.hear() == [400, "bad request: corrupted packet"]
        assert asker.hear() == []


def test_there_are_only_so_many_connections(net: SocketNet, proxy: Proxy, tmp_path: Path) -> None:
    path = tmp_path / "ctl"
    with closing(opened(net, proxy, str(path))):
        askers = [Asker(str(path)) for _ in range(CONNECTIONS)]
        assert all(asker.ask("core.echo", "a") == ["a"] for asker in askers)
        with closing(Asker(str(path))) as late:
            assert late.hear() == []
        for asker in askers:
            asker.close()


def test_kamcli_is_answered_in_datagrams(net: SocketNet, proxy: Proxy, tmp_path: Path) -> None:
    path, mine = tmp_path / "rpc.sock", tmp_path / "mine.sock"
    with closing(opened(net, proxy, f"jsonrpc:{path}")), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        sock.settimeout(PATIENCE)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as nameless:
            nameless.sendto(b"nobody waits for an answer", str(path))
        sock.bind(str(mine))
        for data in (b'{"jsonrpc":"2.0","method":"core.echo","params":["a"],"id":7}', b"{", b""):
            sock.sendto(data, str(path))
        answers = [json.loads(sock.recv(65536)) for _ in range(3)]
    assert answers[0] == {"jsonrpc": "2.0", "result": ["a"], "id": 7}
    assert [answer["error"]["code"] for answer in answers[1:]] == [-32700, -32700]


def test_an_answer_to_somebody_who_is_gone_is_noted(net: SocketNet, proxy: Proxy, tmp_path: Path) -> None:
    path, mine = tmp_path / "rpc.sock", tmp_path / "mine.sock"
    with closing(opened(net, proxy, f"jsonrpc:{path}")), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(mine))
        mine.unlink()
        sock.sendto(b"{", str(path))
        assert net.wait(lambda: any("could not answer" in text for _, text in net.trace.notes), PATIENCE)


def test_what_a_crash_left_behind_makes_room(net: SocketNet, proxy: Proxy, tmp_path: Path) -> None:
    path = tmp_path / "ctl"
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(path))
    with closing(opened(net, proxy, str(path))), closing(Asker(str(path))) as asker:
        assert asker.ask("core.echo", "a") == ["a"]


def test_somebody_elses_socket_and_files_are_left_alone(net: SocketNet, proxy: Proxy, tmp_path: Path) -> None:
    path, file = tmp_path / "ctl", tmp_path / "file"
    file.write_text("mine")
    with closing(opened(net, proxy, str(path))):
        for kind in ("unix", "jsonrpc"):
            with pytest.raises(LabError, match="somebody else is asked at"):
                opened(net, proxy, f"{kind}:{path}")
    with pytest.raises(LabError, match="is no socket; it is left alone"):
        opened(net, proxy, str(file))
    assert file.read_text() == "mine"
    with pytest.raises(LabError, match="no socket can be made at"):
        opened(net, proxy, f"unix:{tmp_path}/none/ctl")
    with pytest.raises(LabError, match="no socket can be made at"):
        opened(net, proxy, f"unix:{tmp_path}/{'x' * 200}")


def test_an_address_is_a_unix_path_or_on_loopback() -> None:
    parsed = [str(ControlAddress.parse(text)) for text in ("/run/ctl", "unixs:a/b", "jsonrpc:c", "tcp:localhost:2046")]
    assert parsed == ["unix:/run/ctl", "unix:a/b", "jsonrpc:c", "tcp:127.0.0.1:2046"]
    assert str(ControlAddress.parse("tcp:[::1]:2046")) == "tcp:[::1]:2046"


@pytest.mark.parametrize(
    "text", ["", "unix:", "udp:127.0.0.1:2046", "tcp:127.0.0.1", "tcp:h:x", "tcp:name:1", "tcp:10.0.0.1:1"]
)
def test_what_is_none_is_told_what_to_write(text: str) -> None:
    with pytest.raises(LabError, match=r"write unix:PATH or tcp:127\.0\.0\.1:PORT for kamcmd, jsonrpc:PATH for kamcli"):
        ControlAddress.parse(text)
