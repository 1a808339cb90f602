"""What goes to a terminal or to whoever reads standard output and standard error of `labsip serve`."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic, sleep

import pytest

from labsip.cli.terminal import Lines, visible
from labsip.sip.transport import Address
from tests.cli.phone import Socket
from tests.processes import LABSIP, LOOK, PATIENCE, free_address


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J é\r\nINFO: <script>: forged", r"\x1b[2J é\r\nINFO: <script>: forged"),
        ("user\u202e3pm.exe", r"user\u202e3pm.exe"),
        ("\x9b31m", r"\x9b31m"),
        ("name\udcff", r"name\udcff"),
        ("→ häßlich 電話", "→ häßlich 電話"),
    ],
)
def test_nothing_from_outside_moves_a_cursor_turns_a_line_round_or_can_not_be_printed(text: str, shown: str) -> None:
    assert visible(text) == shown


@contextmanager
def piped(size: int = 4096) -> Iterator[tuple[int, int]]:
    """A pipe that is full soon: where to read, where to write."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, size)
    try:
        yield reading, writing
    finally:
        os.close(reading)


def test_lines_that_were_lost_are_counted_where_they_are_missing() -> None:
    with piped() as (reading, writing), os.fdopen(writing, "w") as stream:
        lines = Lines(stream)
        said = 0
        while said < 100_000 and not (lines._outlet and lines._outlet.full):
            lines.say(f"line {said} {'x' * 500}")
            said += 1
        lines.say("one more", "and another")
        got = b""
        while lines._outlet and lines._outlet.full:
            got += os.read(reading, 1 << 16)
        lines.say("the last")
        while not got.endswith(b"the last\n"):
            got += os.read(reading, 1 << 16)
        lines.end()
    told = got.decode().splitlines()
    assert told[-3].startswith(f"line {said - 1} ")
    assert told[-2] == "NOTICE: labsip: ... 2 lines before this could not be written"
    assert len(told) == said + 2


def test_lines_for_a_stream_that_is_closed_go_nowhere() -> None:
    lines = Lines(None)
    lines.say("nobody hears this")
    lines.end()


@contextmanager
def serving(
    *, out: int | None = subprocess.DEVNULL, err: int | None = subprocess.DEVNULL, close: str = ""
) -> Iterator[tuple[Address, subprocess.Popen[bytes]]]:
    """`labsip serve` with these as its standard output and standard error, as soon as it answers; close: `>&-` ..."""
    at = free_address()
    command = f'exec "$0" serve --listen=udp:{at} {close}'
    with subprocess.Popen(["sh", "-c", command, LABSIP], stdin=subprocess.DEVNULL, stdout=out, stderr=err) as process:
        try:
            yield at, process
        finally:
            process.kill()


def answers(at: Address) -> bool:
    """Wait until it does; it listens some time after it was started."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        with Socket("106", at) as phone:
            phone._socket.settimeout(1.0)
            try:
                if phone.answer("OPTIONS") == "200 Keepalive":
                    return True
            except (TimeoutError, ConnectionRefusedError):
                sleep(LOOK)
    return False


def ended(process: subprocess.Popen[bytes]) -> int:
    """How it ends when it is told to."""
    process.send_signal(signal.SIGTERM)
    return process.wait(PATIENCE)


@pytest.mark.parametrize("which", ["out", "err"])
def test_a_reader_that_stalls_holds_up_neither_messages_nor_the_end(which: str) -> None:
    with piped() as (_, writing):
        os.set_blocking(writing, False)
        with suppress(BlockingIOError):
            while os.write(writing, b"x" * 4096):
                pass
        os.set_blocking(writing, True)
        with serving(**{which: writing}) as (at, process):
            assert answers(at)
            with Socket("106", at) as phone:
                for number in range(100):
                    phone.send(b"INVITE rubbish %d\r\n\r\n" % number)
                assert phone.answer("OPTIONS") == "200 Keepalive"
            assert ended(process) == 0
            assert os.get_blocking(writing)  # whoever shares it finds it as it was
        os.close(writing)


@pytest.mark.parametrize("which", ["out", "err"])
def test_a_reader_that_goes_away_does_not_end_it(which: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with serving(**{which: writing}) as (at, process):
        os.close(writing)
        assert answers(at)
        with Socket("106", at) as phone:
            phone.send(b"rubbish\r\n\r\n")
            assert phone.answer("OPTIONS") == "200 Keepalive"
        assert process.poll() is None
        assert ended(process) == 0


@pytest.mark.parametrize("close", [">&-", "2>&-", ">&- 2>&-", ">/dev/full 2>/dev/full"])
def test_it_serves_without_anybody_to_talk_to(close: str) -> None:
    with serving(close=close) as (at, process):
        assert answers(at)
        with Socket("106", at) as phone:
            phone.send(b"rubbish\r\n\r\n")
            phone.register()
            assert phone.answer("OPTIONS") == "200 Keepalive"
        assert ended(process) == 0
