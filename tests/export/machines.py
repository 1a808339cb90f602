"""Machines for the folder that `labsip export` makes: network namespaces on one bridge, gone with their `with` block.

They share one file system, in which /etc/kamailio is the folder's; so its files are used where they will be.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from time import sleep

import pytest

from tests.processes import LOOK, Process

PHONES = "192.0.2.100"
"""Where the phones are: on the bridge itself."""
BUILD = """
set -e
ip link set lo up
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
mkdir /var/lib/kamailio
mount --bind "$1/kamailio" /etc/kamailio
ip link add bridge type bridge
ip addr add {phones}/24 dev bridge
ip link set bridge up
{machines}
echo built
exec sleep infinity
"""
MACHINE = """
ip netns add {name}
ip link add to-{name} type veth peer name eth0 netns {name}
ip link set to-{name} master bridge up
ip -n {name} link set lo up
ip -n {name} addr add {host}/24 dev eth0
ip -n {name} link set eth0 up
mkdir /run/kamailio-{name}
"""
UNSHARED = ("unshare", *(() if os.geteuid() == 0 else ("--map-root-user",)), "--net", "--mount", "--pid", "--fork",
            "--kill-child", "--mount-proc")  # fmt: skip
EXEC = re.compile(r"^ExecStart=(.*)$", re.MULTILINE)


class Machines(Process):
    """The machines, by name and address; when this ends, so does all that runs on them."""

    def __init__(self, folder: Path, hosts: Mapping[str, str]) -> None:
        machines = "".join(MACHINE.format(name=name, host=host) for name, host in hosts.items())
        script = BUILD.format(phones=PHONES, machines=machines)
        super().__init__(*UNSHARED, "sh", "-c", script, "sh", folder)
        unit = (folder / "systemd" / "kamailio-lab@.service").read_text()
        self._start = EXEC.findall(unit)[0]

    def get_ready(self) -> None:
        while "built" not in self.out:
            if not self.runs:
                pytest.skip(f"nobody may make network namespaces here: {self.err}")
            sleep(LOOK)
        children = Path(f"/proc/{self._popen.pid}/task/{self._popen.pid}/children")
        self._inside = children.read_text().split()[0]

    def inside(self, *command: str | Path) -> tuple[str | Path, ...]:
        """A command that runs where the machines are, and the phones."""
        return ("nsenter", "--target", self._inside, "--net", "--mount", "--pid", "--", *command)

    def run(self, *command: str | Path) -> str:
        """Run it there to its end; what it printed."""
        return subprocess.run(self.inside(*command), capture_output=True, text=True, check=False, timeout=30).stdout

    def kamailio(self, name: str) -> Kamailio:
        """Kamailio on a machine, by the command of the systemd unit."""
        return Kamailio(self, name, self._start.replace("%i", name).split())

    def kill(self, name: str) -> None:
        """All that runs on a machine is gone in an instant."""
        for pid in self.run("ip", "netns", "pids", name).split():
            self.run("kill", "-9", pid)

    def rpc(self, name: str, *command: str) -> str:
        """What kamcmd says of a machine's Kamailio."""
        return self.run("kamcmd", "-s", f"unix:/run/kamailio-{name}/kamailio_ctl", *command)

    def received(self, name: str, method: str) -> int:
        """How many requests with that method a machine's Kamailio has had."""
        found = re.search(r"= (\d+)", self.rpc(name, "stats.get_statistics", f"rcv_requests_{method.lower()}"))
        return int(found[1]) if found else 0


class Kamailio(Process):
    """One of them."""

    def __init__(self, machines: Machines, name: str, start: list[str]) -> None:
        super().__init__(*machines.inside("ip", "netns", "exec", name, *start))
        self._machines, self._name = machines, name

    def get_ready(self) -> None:
        self.wait_until("answer to kamcmd", lambda: self._machines.rpc(self._name, "core.uptime"))
