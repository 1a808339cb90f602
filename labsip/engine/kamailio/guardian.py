"""Runs a program, and ends it with whoever started it: `python guardian.py FOLDER COMMAND ARGUMENT …`

It is a process of its own. Its standard input is a pipe whose other end nobody but its parent has: the pipe ends when
the parent does, by whatever it ends. Then, or when the program has ended by itself, all that the program started is
ended and the folder is gone. It imports nothing of labsip, and exits as the program did.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

PATIENCE = 2.0
"""Seconds a program may take to end."""
LOOK = 0.1
"""Seconds between two looks at it, where the system does not say when it ends."""
DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""


def guard(folder: str, *command: str) -> int:
    """Run it until it ends, or our input does; its exit code, 128 and the signal's number if a signal ended it."""
    try:
        program = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, process_group=0, preexec_fn=_end_with_parent
        )
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # so that its log ends when it does
        try:
            _wait(program)
        finally:
            _end(program)
        return program.returncode if program.returncode >= 0 else 128 - program.returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end_with_parent() -> None:
    """Should somebody kill this guardian, the program is told to end (Linux)."""
    with suppress(ImportError, OSError, AttributeError):
        from ctypes import CDLL

        CDLL(None).prctl(DEATH_SIGNAL, signal.SIGTERM)


def _wait(program: subprocess.Popen[bytes]) -> None:
    pipe = sys.stdin.fileno()
    watched = [pipe]
    with suppress(AttributeError, OSError):  # Linux
        watched.append(os.pidfd_open(program.pid))
    while program.poll() is None:
        ready, _, _ = select.select(watched, [], [], None if len(watched) > 1 else LOOK)
        if pipe in ready and not os.read(pipe, 1):
            return


def _end(program: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        program.terminate()
        os.killpg(program.pid, signal.SIGCONT)  # one that was stopped would not hear of it
    with suppress(subprocess.TimeoutExpired):
        program.wait(PATIENCE)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


if __name__ == "__main__":
    sys.exit(guard(str(Path(sys.argv[1])), *sys.argv[2:]))
