"""kamcmd and kamcli of the distribution, and a program that speaks HTTP, ask labsip and a real Kamailio the same."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from labsip.modules.ctl import binrpc
from labsip.sip.transport import Address
from tests.cli.phone import Socket
from tests.peers.asked import AskedKamailio, Place, asked_labsip, masked, play
from tests.processes import PATIENCE, Serve, free_address

READING = """\
ul.dump
ul.dump brief
ul.lookup location s:106
ul.lookup location 106
ul.lookup location s:106@anywhere
ul.lookup location s:999
ul.lookup nowhere s:106
ul.lookup
core.uptime
core.version
core.shmmem m
core.shmmem z
core.echo a 1 2.5 s:7
core.echo
core.prints a
core.sockets_list
core.aliases_list
sl.stats
stats.get_statistics sl:
stats.get_statistics usrloc: registrar:
stats.get_statistics blocked_ips accepted_regs
stats.get_statistics nosuch
stats.get_statistics
stats.fetch sl: usrloc:
stats.fetchn sl:
htable.get a caller
htable.get a n
htable.get a nokey
htable.get x nokey
htable.get a
htable.dump a
htable.dump b
htable.dump x
htable.listTables
pike.list
pike.list ALL
pike.list WARM
pike.list x
dispatcher.list
permissions.addressDump
permissions.subnetDump
pv.shvGet n
pv.shvGet
pv.shvGet nosuch
cfg.get gw
cfg.get gw ip
cfg.get maxfwd
cfg.get nosuch x
cfg.get
cfg.list gw
dlg.list
dlg.stats_active
dlg.dlg_list nosuch
dlg.dlg_list
system.methodHelp nosuch
nosuch.command"""
CHANGING = """\
ul.add location s:200 sip:200@127.0.0.1:7200 600 0.5 . 0 1 15
ul.lookup location s:200
ul.add location s:201 sip:201@127.0.0.1:7200 0 1.0 . 0 0 0
ul.lookup location s:201
ul.add location s:202
ul.add nowhere s:200 sip:200@127.0.0.1:7200 600 0.5 . 0 0 0
ul.rm_contact location s:200 sip:200@127.0.0.1:7200
ul.rm_contact location s:200 sip:200@127.0.0.1:7200
ul.rm_contact location s:106 sip:nobody@127.0.0.1
ul.rm_contact location
ul.rm location s:106
ul.rm location s:106
ul.rm nowhere s:106
ul.rm location 106
ul.dump
htable.sets b k1 v1
htable.sets b k2 5
htable.sets b 5 7
htable.seti b k3 5
htable.seti b k3 s:x
htable.dump b
htable.delete b k1
htable.delete b k1
htable.delete x k1
htable.dump b
htable.flush b
htable.dump b
dispatcher.set_state
dispatcher.set_state ip 1 sip:127.0.0.1:7001
dispatcher.list
dispatcher.set_state dp 1 all
dispatcher.set_state x 1 all
dispatcher.list
dispatcher.set_state ap 1 all
dispatcher.set_state i 2 all
dispatcher.list
dispatcher.set_state t 1 all
dispatcher.set_state tp 2 all
dispatcher.list
dispatcher.set_state a 9 sip:127.0.0.1:7001
dispatcher.list
pv.shvSet n int 8
pv.shvSet n int s:12
pv.shvSet s str s:12
pv.shvSet nosuch int 3
pv.shvSet n foo 3
pv.shvSet n
pv.shvGet
cfg.set_now_int gw n 6
cfg.set_now_string gw ip 5.6.7.8
cfg.get gw
cfg.set_now_int tm fr_timer 20000
cfg.set_now_int tm fr_timer s:x
cfg.set_now_int tm nosuch 5
cfg.set_now_int registrar max_expires 120
cfg.get registrar max_expires
cfg.set_now_int maxfwd max_limit 300"""


class Pair:
    """Both, after the same calls, and their phones."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self.kamailio, self.labsip = Place.made(folder / "kamailio"), Place.made(folder / "labsip")
        opened.enter_context(AskedKamailio(self.kamailio))
        self.serve = opened.enter_context(asked_labsip(self.labsip))
        self._ports: dict[Place, tuple[int, ...]] = {}
        for place in (self.kamailio, self.labsip):
            caller, callee = (opened.enter_context(Socket(user, place.udp)) for user in ("106", "108"))
            self._ports[place] = caller.at.port, callee.at.port
            play(place.udp, caller, callee)

    def both(self, ask: Callable[[Place], str]) -> tuple[str, str]:
        """What Kamailio says, and what labsip says, without what they can't have in common."""
        said = [masked(ask(place), place, *self._ports[place]) for place in (self.kamailio, self.labsip)]
        return said[0], said[1]


@pytest.fixture(scope="module")
def pair(need: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    need("kamailio")
    need("kamcmd")
    with ExitStack() as opened:
        yield Pair(tmp_path_factory.mktemp("asked"), opened)


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout


def kamcmd(place: Place, line: str) -> str:
    return run("kamcmd", "-s", f"unix:{place.ctl}", *line.split())


def test_kamcmd_is_told_the_same(pair: Pair) -> None:
    """In this order: the commands that change something come last."""
    for line in [*READING.split("\n"), *CHANGING.split("\n")]:
        kamailio, labsip = pair.both(lambda place, line=line: kamcmd(place, line))  # type: ignore[misc]
        assert labsip == kamailio, line
    told = "NOTICE: labsip: rpc: ul.rm location 106 (unix:"
    pair.serve.wait_until("note of what was changed", lambda: told in pair.serve.err)


KAMCLI = """\
[main]
domain=lab.example
[db]
rwurl=sqlite:///none
[ctl]
type=jsonrpc
[jsonrpc]
transport=socket
srvaddr={0}
rcvaddr={1}/reply.sock
outformat=json
"""


def kamcli(place: Place, line: str) -> str:
    config = place.folder / "kamcli.ini"
    config.write_text(KAMCLI.format(place.rpc, place.folder))
    return re.sub(r'"id": \d+', '"id": 1', run("kamcli", "-c", str(config), *line.split()))


@pytest.mark.parametrize("line", ["ul show", "rpc dispatcher.list", "rpc nosuch"])
def test_kamcli_is_told_the_same(need: Callable[[str], str], pair: Pair, line: str) -> None:
    need("kamcli")
    kamailio, labsip = pair.both(lambda place: kamcli(place, line))
    assert labsip == kamailio
    assert "jsonrpc" in labsip


def http(place: Place, path: str, body: str | None = None) -> str:
    """Status, the headers that matter, and the body."""
    asked = Request(f"http://{place.tcp.host}:{place.tcp.port}{path}", None if body is None else body.encode())
    try:
        answer = urlopen(asked, timeout=PATIENCE)
    except HTTPError as error:
        answer = error
    with answer:
        headers = [f"{name}: {answer.headers[name]}" for name in ("Content-Type", "Content-Length")]
        return "\n".join([f"{answer.status} {answer.reason}", *headers, answer.read().decode()])


@pytest.mark.parametrize("method", ["core.echo", "nosuch", "htable.dump", "sl.stats", "stats.fetchn", "htable.delete"])
def test_json_over_http_is_answered_byte_for_byte(pair: Pair, method: str) -> None:
    params = {"htable.dump": ["a"], "stats.fetchn": ["registrar:"]}.get(method, ["a", 1, "x\n\u00e9"])
    body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 7})
    kamailio, labsip = pair.both(lambda place: http(place, "/RPC", body))
    if method == "sl.stats":  # each has counted what it was asked itself
        kamailio, labsip = (re.sub(r"\d+,|Length: \d+", "", text) for text in (kamailio, labsip))
    assert labsip == kamailio


@pytest.mark.parametrize("path", ["/somewhere?x=1", "/close"])
def test_a_page_is_answered_byte_for_byte(pair: Pair, path: str) -> None:
    kamailio, labsip = pair.both(lambda place: http(place, path))
    assert labsip == kamailio
    assert f"<p>{path} from 127.0.0.1 by GET</p>" in labsip


def test_over_tcp_kamcmd_reads_and_changes_nothing_unless_told_so(need: Callable[[str], str]) -> None:
    need("kamcmd")
    for options, says in (((), "error: 403 - ul.rm changes something"), (("--ctl-write",), "")):
        at = free_address(kind=socket.SOCK_STREAM)
        with Serve(f"--ctl=tcp:{at}", *options):
            assert run("kamcmd", "-s", f"tcp:{at}", "ul.rm", "location", "s:106").startswith(says)
            assert "Size: 1024" in run("kamcmd", "-s", f"tcp:{at}", "ul.dump")


def test_two_hundred_contacts_are_dumped(need: Callable[[str], str], tmp_path: Path) -> None:
    """Of more, kamcmd says that the reply is too big, as of a Kamailio's."""
    need("kamcmd")
    path = tmp_path / "ctl"
    with Serve(f"--ctl=unix:{path}"), closing(socket.socket(socket.AF_UNIX)) as sock:
        sock.connect(str(path))
        sock.settimeout(PATIENCE)
        for user in range(200):
            arguments = ["location", f"u{user}", f"sip:u{user}@127.0.0.1", 0, 1.0, ".", 0, 0, 0]
            sock.sendall(binrpc.request("ul.add", arguments))
            assert sock.recv(100)
        dumped = run("kamcmd", "-s", f"unix:{path}", "ul.dump")
    assert dumped.count("Address: sip:u") == 200


STOCK = Path("/etc/kamailio/kamailio.cfg")


def test_the_stock_configuration_answers_json(need: Callable[[str], str]) -> None:
    """Unchanged, with WITH_JSONRPC: its block lets this machine ask."""
    need("kamailio")
    place = Address("127.0.0.1", free_address(kind=socket.SOCK_STREAM).port, "tcp")
    with Serve("--cfg", str(STOCK), "-A", "WITH_JSONRPC", listen=(f"tcp:{place}",)) as serve:
        body = json.dumps({"jsonrpc": "2.0", "method": "core.echo", "params": ["a"], "id": 7}).encode()
        with urlopen(Request(f"http://{place}/RPC", body), timeout=PATIENCE) as answer:
            assert answer.read() == b'{\n\t"jsonrpc":\t"2.0",\n\t"result":\t["a"],\n\t"id":\t7\n}'
        with urlopen(f"http://{place}/x", timeout=PATIENCE) as answer:
            assert answer.read() == b"<html><body>Wrong URL /x</body></html>"
        assert "ERROR" not in serve.err
