"""Programs in processes of their own: what they print, how they end; and `labsip serve` among them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from errno import EADDRINUSE
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryFile
from time import monotonic, sleep
from typing import NoReturn, Self

import pytest

from labsip.sip.transport import Address

LABSIP = Path(sys.executable).with_name("labsip")
"""The command, as it is installed beside this Python."""
PATIENCE = 60.0
"""Seconds to wait for a program, on a machine that is busy with something else."""
PORTS = range(10_000, 32_768)
"""Below those that Linux and macOS hand out (ip_local_port_range): one of them would be gone before it is used."""
LOOK = 0.01
"""Seconds between two looks at something that gives no sign when it changes."""


class Process:
    """A program that runs while its `with` block does, or until it ends by itself."""

    def __init__(self, *command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
        self.command = list(map(str, command))
        self._cwd, self._env = cwd, env
        self._out, self._err = TemporaryFile(), TemporaryFile()  # noqa: SIM115

    def __enter__(self) -> Self:
        self._popen = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._err,
            cwd=self._cwd,
            env=self._env,
            start_new_session=True,
        )
        try:
            self.get_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)  # its children, too
        self._popen.wait()
        self._out.close()
        self._err.close()

    def get_ready(self) -> None:
        """Wait until it can be used; called when it has been started."""

    @property
    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self._popen.poll() is None

    @property
    def out(self) -> str:
        """What it has printed on standard output."""
        return _all_of(self._out.fileno())

    @property
    def err(self) -> str:
        """What it has printed on standard error."""
        return _all_of(self._err.fileno())

    def wait_until(self, what: str, holds: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Wait until something holds that this program brings about; fail if it ends before, or takes too long."""
        deadline = monotonic() + seconds
        while not holds():
            if self._popen.poll() is not None and not holds():
                self.fail(f"ended with {self._popen.returncode}, and before that: no {what}")
            if monotonic() > deadline:
                self.fail(f"no {what} in {seconds:.0f} s")
            sleep(LOOK)

    def finish(self, seconds: float = PATIENCE) -> int:
        """Wait until it ends by itself; its exit code."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.fail(f"did not end in {seconds:.0f} s")

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal and wait until it ends; its exit code."""
        self._popen.send_signal(by)
        return self.finish()

    def tell(self, what: signal.Signals) -> None:
        """Send it a signal."""
        self._popen.send_signal(what)

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._popen.pid

    def fail(self, what: str) -> NoReturn:
        """Fail the test, and show what the program printed."""
        command = " ".join(self.command)
        pytest.fail(f"{command}: {what}\n--- its output\n{self.out}\n--- its errors\n{self.err}", pytrace=False)


class Serve(Process):
    """`labsip serve`, as soon as it listens. Without addresses it is on 127.0.0.1, on a port the system picks."""

    def __init__(self, *options: str, listen: tuple[str, ...] = ("udp:127.0.0.1:0",)) -> None:
        super().__init__(LABSIP, "serve", *(f"--listen={address}" for address in listen), *options)
        self._count = len(listen)

    def get_ready(self) -> None:
        self.wait_until("command that it listens", lambda: self.out.count("listens on") == self._count)
        self.addresses = [Address.parse(text) for text in re.findall(r"listens on ([^,]+),", self.out)]
        """Where it listens, in the order of `listen`."""

    @property
    def address(self) -> Address:
        """Where it listens; the first, if there are more."""
        return self.addresses[0]


def free_address(host: str = "127.0.0.1", kind: socket.SocketKind = socket.SOCK_DGRAM) -> Address:
    """An address nobody has at the moment, over UDP or TCP, and that the system gives to nobody who asks for any."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    proto = "udp" if kind == socket.SOCK_DGRAM else "tcp"
    while True:
        address = Address(host, SystemRandom().choice(PORTS), proto)
        with socket.socket(family, socket.SOCK_DGRAM) as udp, socket.socket(family, socket.SOCK_STREAM) as tcp:
            try:
                udp.bind(address[:2])
                tcp.bind(address[:2])
            except OSError as error:
                if error.errno != EADDRINUSE:
                    raise
            else:
                return address


def _has_ipv6() -> bool:
    try:
        return bool(free_address("::1"))
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="this machine speaks no IPv6")


def _all_of(file: int) -> str:
    return os.pread(file, os.fstat(file).st_size, 0).decode("utf-8", "replace")
