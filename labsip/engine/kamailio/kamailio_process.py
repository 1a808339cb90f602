"""A Kamailio as a child process: found, started in a folder of its own, ended with the lab and with Python."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from labsip.engine.kamailio.cfg_folder import CfgFolder
from labsip.sip.errors import LabError

GUARDIAN = Path(__file__).with_name("guardian.py")
SBIN = "/usr/sbin", "/usr/local/sbin"
"""Where packages put it, and where the PATH of an ordinary user may not lead."""
MISSING = (
    "there is no kamailio on the PATH; install one, on Debian and Ubuntu: sudo apt install kamailio "
    "kamailio-python3-modules (the second is for KEMI scripts). It need not be started: the lab starts its own"
)
SHARED_MIB, PRIVATE_MIB = 64, 8
"""Memory it gets; 64 MB is its default."""
PATIENCE = 10.0
"""Seconds it may take to end, before nobody waits for it."""


def find_kamailio() -> str:
    """The path of the program. Raises LabError, with how to install it, if there is none."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SBIN])
    found = shutil.which("kamailio", path=path)
    if found is None:
        raise LabError(MISSING)
    return found


def new_folder() -> Path:
    """A folder for one process."""
    return Path(mkdtemp(prefix="labsip-kamailio-"))


def command_of(program: str, folder: Path, files: CfgFolder, arguments: Sequence[str]) -> list[str]:
    """What all runs have in common."""
    memory = ["-m", str(SHARED_MIB), "-M", str(PRIVATE_MIB)]
    places = ["-f", str(files.main), "-w", str(files.home), "-Y", str(folder)]
    return [program, *places, "-E", "--log-engine=json", *memory, *arguments]


def _environment(files: CfgFolder) -> dict[str, str]:
    """For a KEMI script, of which a copy runs, the folder where it finds its modules."""
    environment = dict(os.environ)
    if files.cfg is None:
        environment["PYTHONPATH"] = os.pathsep.join([str(files.home), environment.get("PYTHONPATH", "")]).rstrip(":")
    return environment


def refusal(command: Sequence[str]) -> list[bytes]:
    """The log of `kamailio -c`, if it finds fault with a configuration; it starts nothing."""
    try:
        done = subprocess.run([*command, "-c"], capture_output=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return []
    return done.stderr.splitlines() if done.returncode else []


class KamailioProcess:
    """One run of Kamailio.

    folder: goes away with it. files: what it is started on. arguments: those beside the ones each run has.
    """

    def __init__(self, program: str, folder: Path, files: CfgFolder, arguments: Sequence[str] = ()) -> None:
        self.folder = folder
        command = [*command_of(program, folder, files, arguments), "-DD"]
        log, its_log = os.pipe()
        try:
            self._guardian = subprocess.Popen(
                [sys.executable, "-I", "-S", str(GUARDIAN), str(folder), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=its_log,
                env=_environment(files),
                start_new_session=True,
            )
        except OSError:
            os.close(log)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            os.close(its_log)
        os.set_blocking(log, False)
        self.log = log
        """Where its log comes out, a line an event."""
        self.log_ended = False
        """Whether it has ended, by whatever it did."""
        atexit.register(self.end)

    def read_log(self) -> bytes:
        """What it has written to its log since."""
        read: list[bytes] = []
        with suppress(BlockingIOError):
            while not self.log_ended:
                part = os.read(self.log, 1 << 16)
                self.log_ended = not part
                read.append(part)
        return b"".join(read)

    @property
    def code(self) -> int | None:
        """Its exit code, None while it runs; negative: the signal that ended it."""
        try:
            code = self._guardian.wait(PATIENCE if self.log_ended else 0)
        except subprocess.TimeoutExpired:
            return None
        return 128 - code if 128 < code < 128 + 65 else code  # as the guardian says it

    def end(self) -> None:
        """End it, and whatever it started. May be called twice."""
        atexit.unregister(self.end)
        if self._guardian.stdin is None or self._guardian.stdin.closed:
            return
        self._guardian.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._guardian.wait(PATIENCE)
        os.close(self.log)
        self.log_ended = True
        shutil.rmtree(self.folder, ignore_errors=True)
