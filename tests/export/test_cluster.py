"""Real Kamailios from the folder that `labsip export` makes, each in a network namespace."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from labsip.dialects.translation import kemi_text, script_of_routes
from labsip.export import Deployment, deployment_files, route_of_kemi, route_of_script, write_folder
from labsip.steps import STEPS
from tests.export.machines import PHONES, Machines
from tests.processes import Process

CALLS = 10
BLOCKS = script_of_routes(STEPS["blocks"], {})


class Phones:
    """SIPp with the scenarios of the folder, on the bridge."""

    def __init__(self, machines: Machines, folder: Path, shared: str) -> None:
        self._machines, self._folder, self._shared = machines, folder, shared

    def play(self, scenario: str, port: int, *options: str) -> Process:
        """One scenario, as the README has it, but that Call-IDs are the same in each run."""
        there = () if scenario == "answer" else (self._shared,)
        command = ("sipp", *there, "-sf", self._folder / "sipp" / f"{scenario}.xml", "-i", PHONES, "-p", str(port))
        return Process(*self._machines.inside(*command, "-nostdin", "-timeout", "40s", "-timeout_error", *options))

    def register(self, user: str, port: int, *options: str) -> None:
        with self.play("register", port, "-m", "1", "-key", "user", user, "-cid_str", f"{user}-%u", *options) as phone:
            finish(phone)

    def call(self, name: str, milliseconds: int) -> Process:
        """106 calls 108, ten times."""
        hold = ("-d", str(milliseconds), "-cid_str", f"{name}-%u", "-m", str(CALLS), "-r", str(CALLS))
        return self.play("call", 5083, "-s", "108", "-key", "user", "106", *hold)


def finish(sipp: Process) -> None:
    if sipp.finish():
        sipp.fail("a call did not go as its scenario says")


def needs(need: Callable[[str], str]) -> None:
    for program in ("kamailio", "kamcmd", "sipp", "unshare", "nsenter", "ip"):
        need(program)


def test_a_node_dies_and_its_calls_can_be_hung_up_and_new_ones_go_on(
    need: Callable[[str], str], tmp_path: Path
) -> None:
    needs(need)
    deployment, folder = Deployment.of(3), tmp_path / "deployment"
    write_folder(folder, deployment_files(route_of_script(BLOCKS), deployment))
    hosts = dict(zip(deployment.names, deployment.hosts, strict=True))
    with ExitStack() as stack:
        machines = stack.enter_context(Machines(folder, hosts | {"front": deployment.shared}))
        for name in (*hosts, "front"):
            stack.enter_context(machines.kamailio(name))
        machines.wait_until("three nodes alive", lambda: machines.rpc("front", "dispatcher.list").count("AP") == 3)
        phones = Phones(machines, folder, deployment.shared)

        phones.register("108", 5082)
        stack.enter_context(phones.play("answer", 5082))
        machines.wait_until("all to know 108", lambda: all(knows_108(machines, name) for name in hosts))
        [registrar] = [name for name in hosts if machines.received(name, "REGISTER")]

        calls = stack.enter_context(phones.call("held", 10_000))
        machines.wait_until("calls to be up", lambda: sum(machines.received(name, "ACK") for name in hosts) >= CALLS)
        assert all(machines.received(name, "INVITE") for name in hosts)
        assert not any(machines.received(name, "BYE") for name in hosts)
        machines.kill(registrar)
        finish(calls)

        with phones.call("new", 100) as new:
            finish(new)
        assert machines.rpc("front", "dispatcher.list").count("IP") == 1

        stack.enter_context(machines.kamailio(registrar))
        machines.wait_until("the table, from the other nodes", lambda: knows_108(machines, registrar))
        machines.wait_until("three nodes again", lambda: machines.rpc("front", "dispatcher.list").count("AP") == 3)


def test_nodes_with_a_kemi_script_share_their_table_too(need: Callable[[str], str], tmp_path: Path) -> None:
    needs(need)
    deployment, folder = Deployment.of(2), tmp_path / "deployment"
    write_folder(folder, deployment_files(route_of_kemi({"lab_route.py": kemi_text(BLOCKS)}), deployment))
    with ExitStack() as stack:
        hosts = dict(zip(deployment.names, deployment.hosts, strict=True))
        machines = stack.enter_context(Machines(folder, hosts | {"front": deployment.shared}))
        for name in (*hosts, "front"):
            stack.enter_context(machines.kamailio(name))
        machines.wait_until("two nodes alive", lambda: machines.rpc("front", "dispatcher.list").count("AP") == 2)
        phones = Phones(machines, folder, deployment.shared)
        phones.register("108", 5082)
        machines.wait_until("all to know 108", lambda: all(knows_108(machines, name) for name in hosts))
        stack.enter_context(phones.play("answer", 5082))
        with phones.call("kemi", 100) as calls:
            finish(calls)
        assert all(machines.received(name, "INVITE") for name in hosts)


def test_a_phone_that_answers_nothing_makes_no_node_look_dead(need: Callable[[str], str], tmp_path: Path) -> None:
    needs(need)
    need("sipsak")
    deployment, folder = Deployment.of(2), tmp_path / "deployment"
    write_folder(folder, deployment_files(route_of_script(BLOCKS), deployment))
    with ExitStack() as stack:
        hosts = dict(zip(deployment.names, deployment.hosts, strict=True))
        machines = stack.enter_context(Machines(folder, hosts | {"front": deployment.shared}))
        for name in (*hosts, "front"):
            stack.enter_context(machines.kamailio(name))
        machines.wait_until("two nodes alive", lambda: machines.rpc("front", "dispatcher.list").count("AP") == 2)
        Phones(machines, folder, deployment.shared).register("108", 5082)
        machines.wait_until("all to know 108", lambda: all(knows_108(machines, name) for name in hosts))
        said = machines.run("sipsak", "-M", "-B", "hello", "-s", f"sip:108@{deployment.shared}", "-vv")
        assert "408" in said
        assert machines.rpc("front", "dispatcher.list").count("AP") == 2
        assert sum(machines.received(name, "MESSAGE") for name in hosts) == 1


def test_whether_a_kamailio_lives_is_asked_by_options(need: Callable[[str], str], tmp_path: Path) -> None:
    needs(need)
    need("sipsak")
    deployment, folder = Deployment.of(2), tmp_path / "deployment"
    write_folder(folder, deployment_files(route_of_script(script_of_routes(STEPS["stub480"], {})), deployment))
    with Machines(folder, {"node1": deployment.hosts[0], "front": deployment.shared}) as machines, ExitStack() as stack:

        def healthy(name: str) -> bool:
            ask = ("sh", "-c", '"$0" "$1" && echo yes', folder / "container" / "healthy", f"/run/kamailio-{name}")
            return "yes" in machines.run("ip", "netns", "exec", name, *ask)

        for name in ("node1", "front"):
            stack.enter_context(machines.kamailio(name))
        assert healthy("node1")
        machines.wait_until("front with a node", lambda: healthy("front"))
        machines.kill("node1")
        machines.wait_until("front without nodes", lambda: not healthy("front"))


def knows_108(machines: Machines, name: str) -> bool:
    return f"sip:108@{PHONES}:5082" in machines.rpc(name, "ul.dump")


def test_one_machine_with_a_database_knows_its_phones_after_it_died(need: Callable[[str], str], tmp_path: Path) -> None:
    needs(need)
    need("sqlite3")
    deployment, folder = Deployment.of(1, database="sqlite"), tmp_path / "deployment"
    route = route_of_script(script_of_routes(STEPS["auth"], {}))
    write_folder(folder, deployment_files(route, deployment))
    with ExitStack() as stack:
        machines = stack.enter_context(Machines(folder, {"node1": deployment.shared}))
        for tables in ("standard", "usrloc"):
            script = f"sqlite3 /var/lib/kamailio/node1.sqlite </usr/share/kamailio/db_sqlite/{tables}-create.sql"
            machines.run("sh", "-c", script)
        stack.enter_context(machines.kamailio("node1"))
        phones = Phones(machines, folder, deployment.shared)
        phones.register("108", 5082, "-au", "108", "-ap", "secret108")
        stack.enter_context(phones.play("answer", 5082))
        machines.kill("node1")
        stack.enter_context(machines.kamailio("node1"))
        with phones.play("call", 5083, "-m", "1", "-d", "100", "-s", "108", "-key", "user", "106",
                         "-au", "106", "-ap", "secret106") as call:  # fmt: skip
            finish(call)
