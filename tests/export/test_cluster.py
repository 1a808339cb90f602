"""Real Kamailios from the folder that `labsip export` makes, each in a network namespace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from labsip.dialects.cfg.reading import parse_cfg
from labsip.dialects.translation import kemi_text, script_of_routes
from labsip.export import (
    Deployment,
    LabRoute,
    deployment_files,
    route_of_cfg,
    route_of_kemi,
    route_of_script,
    write_folder,
)
from labsip.steps import STEPS
from tests.export.machines import PHONES, Machines
from tests.processes import Process

CALLS = 10
BLOCKS = script_of_routes(STEPS["blocks"], {})
ASK = '"$0" "$1" && echo yes'
MESSAGE = """\
<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="message">
  <send retrans="500"><![CDATA[
MESSAGE sip:108@[remote_ip] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:106@[remote_ip]>;tag=[pid]SIPpTag[call_number]
To: <sip:108@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 MESSAGE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="408"/>
</scenario>
"""
CARRIER = f"""\
#!KAMAILIO
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
request_route {{
    if (has_totag()) {{
        if (loose_route() || t_check_trans()) t_relay();
        exit;
    }}
    record_route();
    $du = "sip:{PHONES}:5082";
    t_relay();
}}
"""
"""Everything goes to a carrier, straight from a node."""
CARRIER_PROGRAM = Path(__file__).with_name("carrier.py")
OVER = """<recv request="BYE"/><send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send></scenario>"""


class Cluster(Machines):
    """Machines with a deployment's Kamailios, and phones: SIPp on the bridge, as the README has it."""

    def __init__(self, folder: Path, deployment: Deployment) -> None:
        self.nodes = dict(zip(deployment.names, deployment.hosts, strict=True))
        self.front = ["front"] * deployment.has_front
        super().__init__(folder, self.nodes | dict.fromkeys(self.front, deployment.shared))
        self._folder, self._shared, self._begun = folder, deployment.shared, 0

    def sipp(self, scenario: str | Path, port: int, *options: str) -> Process:
        """One scenario; Call-IDs are the same in each run."""
        there = () if Path(scenario).stem == "answer" else (self._shared,)
        file = scenario if isinstance(scenario, Path) else self._folder / "sipp" / f"{scenario}.xml"
        self._begun += 1
        cid = ("-cid_str", f"%u-{self._begun}")
        played = ("sipp", *there, "-sf", file, "-i", PHONES, "-p", str(port), "-nostdin", *cid, *options)
        return Process(*self.inside(*played, "-timeout", "40s", "-timeout_error"))

    def play(self, scenario: str | Path, port: int, *options: str) -> None:
        """The same to its end."""
        with self.sipp(scenario, port, "-m", "1", *options) as phone:
            finish(phone)

    def calls(self, milliseconds: int) -> Process:
        """106 calls 108, ten times."""
        hold = ("-d", str(milliseconds), "-m", str(CALLS), "-r", str(CALLS))
        return self.sipp("call", 5083, "-s", "108", "-key", "user", "106", *hold)

    def register(self) -> None:
        """108 says where it is, and all nodes know it."""
        self.play("register", 5082, "-key", "user", "108")
        self.wait_until("node that knows 108, and the others", lambda: all(map(self.knows_108, self.nodes)))

    def knows_108(self, name: str) -> bool:
        return f"sip:108@{PHONES}:5082" in self.rpc(name, "ul.dump")

    def alive(self) -> int:
        """How many nodes the front takes for alive."""
        return self.rpc("front", "dispatcher.list").count("AP")

    def wait_for(self, count: int) -> None:
        self.wait_until(f"{count} nodes alive", lambda: self.alive() == count)

    def is_healthy(self, name: str) -> bool:
        """What the container's own script says."""
        ask = ("sh", "-c", ASK, self._folder / "container" / "healthy", f"/run/kamailio-{name}")
        return "yes" in self.run("ip", "netns", "exec", name, *ask)


def finish(sipp: Process) -> None:
    if sipp.finish():
        sipp.fail("a call did not go as its scenario says")


Start = Callable[[LabRoute, Deployment], Cluster]


@pytest.fixture
def start(need: Callable[[str], str], tmp_path: Path) -> Iterator[Start]:
    """Put a deployment on machines; `.stack` is what ends with it."""
    for program in ("kamailio", "kamcmd", "sipp", "sipsak", "sqlite3", "unshare", "nsenter", "ip"):
        need(program)
    with ExitStack() as stack:

        def begin(route: LabRoute, deployment: Deployment) -> Cluster:
            folder = tmp_path / "deployment"
            write_folder(folder, deployment_files(route, deployment))
            return stack.enter_context(Cluster(folder, deployment))

        yield begin


@contextmanager
def running(cluster: Cluster) -> Iterator[ExitStack]:
    """All its Kamailios run, and the front has seen the nodes."""
    with ExitStack() as stack:
        for name in (*cluster.nodes, *cluster.front):
            stack.enter_context(cluster.kamailio(name))
        if cluster.front:
            cluster.wait_for(len(cluster.nodes))
        yield stack


def test_a_node_dies_and_its_calls_can_be_hung_up_and_new_ones_go_on(start: Start) -> None:
    cluster = start(route_of_script(BLOCKS), Deployment.of(3))
    with running(cluster) as stack:
        cluster.register()
        [registrar] = [name for name in cluster.nodes if cluster.received(name, "REGISTER")]
        with cluster.sipp("answer", 5082), cluster.calls(10_000) as calls:
            up = "ten calls that are up"
            cluster.wait_until(up, lambda: sum(cluster.received(name, "ACK") for name in cluster.nodes) >= CALLS)
            assert all(cluster.received(name, "INVITE") for name in cluster.nodes)
            assert not any(cluster.received(name, "BYE") for name in cluster.nodes)
            cluster.kill(registrar)
            finish(calls)
            with cluster.calls(100) as more:
                finish(more)
        cluster.wait_for(2)

        stack.enter_context(cluster.kamailio(registrar))
        cluster.wait_for(3)
        cluster.register()  # a node that begins anew asks the others once, which may get lost


def test_nodes_with_a_kemi_script_share_their_table_too(start: Start) -> None:
    cluster = start(route_of_kemi({"lab_route.py": kemi_text(BLOCKS)}), Deployment.of(2))
    with running(cluster) as stack:
        cluster.register()
        stack.enter_context(cluster.sipp("answer", 5082))
        with cluster.calls(100) as calls:
            finish(calls)
        assert all(cluster.received(name, "INVITE") for name in cluster.nodes)


def test_a_phone_that_answers_nothing_makes_no_node_look_dead(start: Start, tmp_path: Path) -> None:
    (tmp_path / "message.xml").write_text(MESSAGE)
    cluster = start(route_of_script(BLOCKS), Deployment.of(2))
    with running(cluster):
        cluster.register()
        cluster.play(tmp_path / "message.xml", 5083)
        assert cluster.alive() == 2
        heard = [cluster.received(name, "MESSAGE") for name in cluster.nodes]
        assert 0 in heard, "a second node had it too"


def test_a_carrier_that_a_node_called_without_the_front_can_hang_up(start: Start, tmp_path: Path) -> None:
    cluster = start(route_of_cfg(parse_cfg(CARRIER, "kamailio.cfg").cfg), Deployment.of(2))
    call = (tmp_path / "deployment" / "sipp" / "call.xml").read_text()
    (tmp_path / "hear.xml").write_text(call.partition("<pause/>")[0] + OVER)
    answer = cluster.inside(sys.executable, CARRIER_PROGRAM, PHONES, "5082", "192.0.2.10")
    with running(cluster), Process(*answer) as carrier:
        cluster.play(tmp_path / "hear.xml", 5083, "-s", "555", "-key", "user", "106")
        if carrier.finish():
            carrier.fail("did not hang up")


def test_whether_a_kamailio_lives_is_asked_by_options(start: Start) -> None:
    cluster = start(route_of_script(script_of_routes(STEPS["stub480"], {})), Deployment.of(2))
    with running(cluster):
        assert all(map(cluster.is_healthy, ("node1", "node2", "front")))
        for name in cluster.nodes:
            cluster.kill(name)
        cluster.wait_for(0)
        assert not cluster.is_healthy("front")


def test_one_machine_with_a_database_knows_its_phones_after_it_died(start: Start) -> None:
    cluster = start(route_of_script(script_of_routes(STEPS["auth"], {})), Deployment.of(1, database="sqlite"))
    for tables in ("standard", "usrloc"):
        file = f"/usr/share/kamailio/db_sqlite/{tables}-create.sql"
        cluster.run("sh", "-c", f"sqlite3 /var/lib/kamailio/node1.sqlite <{file}")
    with running(cluster) as stack:
        cluster.play("register", 5082, "-key", "user", "108", "-au", "108", "-ap", "secret108")
        stack.enter_context(cluster.sipp("answer", 5082))
        cluster.kill("node1")
        stack.enter_context(cluster.kamailio("node1"))
        caller = ("-s", "108", "-key", "user", "106", "-au", "106", "-ap", "secret106")
        cluster.play("call", 5083, "-d", "100", *caller)
