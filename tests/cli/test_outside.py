"""Whatever is in a capture or a name, and wherever output goes: no command dies of it, and no terminal obeys it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from labsip.pcap import write_pcap
from labsip.sip.transport import Address
from labsip.trace import DatagramRow
from tests.conftest import PROJECT
from tests.processes import LABSIP, PATIENCE

BUSY = str(PROJECT / "data" / "pcaps" / "03_busy.pcap")
BAD = b"\x1b[2J\xe2\x80\xae\xff\x9b\xc2\x9b\xed\xb2\x80\xe2\x80\xa8\x07"
"""An escape sequence, a right-to-left override, bytes that are no UTF-8, C1 controls, a surrogate, a line separator."""
SDP = b"v=0\r\ns=%b\r\nc=IN IP4 192.0.2.1%b\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=%b\r\n" % (BAD, BAD, BAD)
COMMANDS = ["calls", "ladder --sdp", "ladder --format=html", "explain"]
PLACES = [{"LANG": "C"}, {"PYTHONIOENCODING": "ascii"}]


def message(first: bytes, call_id: bytes, cseq: bytes, body: bytes = b"") -> bytes:
    lines = [
        first,
        b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + call_id,
        b"From: <sip:a" + BAD + b"@lab.example>;tag=" + BAD,
        b"To: " + BAD + b" <sip:b@lab.example>",
        b"Call-ID: " + call_id,
        b"CSeq: " + cseq,
        b"User-Agent: " + BAD,
        b"Content-Type: application/sdp",
        b"Content-Length: %d" % len(body),
    ]
    return b"\r\n".join([*lines, b"", body])


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture of messages that have such bytes wherever there is room, under a name that is no UTF-8."""
    one, other = Address("192.0.2.1"), Address("192.0.2.2")
    messages = [
        message(b"INVITE sip:b" + BAD + b"@lab.example SIP/2.0", b"1" + BAD, b"1 INVITE", SDP),
        message(b"SIP/2.0 486 Busy" + BAD, b"1" + BAD, b"1 INVITE"),
        message(b"IN" + BAD + b" sip:b@lab.example SIP/2.0", b"2", b"1 IN" + BAD),
        message(b"REGISTER sip:lab.example" + BAD + b" SIP/2.0", b"3", b"1 REGISTER"),
    ]
    ends = [(one, other), (other, one)]
    rows = [DatagramRow(n, n / 10, *ends[n == 1], raw, None, None) for n, raw in enumerate(messages)]
    plain = tmp_path_factory.mktemp("hostile") / "plain.pcap"
    write_pcap(plain, rows)
    path = Path(os.fsdecode(os.fsencode(plain.parent) + b"/\x1b[2J\xff.pcap"))
    path.write_bytes(plain.read_bytes())
    return path


def run(*words: str, env: dict[str, str] | None = None, **streams: int) -> tuple[int, bytes, bytes]:
    """How it ends, what it writes on standard output, and on standard error."""
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL} | streams
    done = subprocess.run([LABSIP, *words], env=os.environ | (env or {}), timeout=PATIENCE, check=False, **given)  # type: ignore[call-overload]
    return done.returncode, done.stdout or b"", done.stderr or b""


@pytest.mark.parametrize("env", PLACES, ids=str)
def test_no_byte_of_a_capture_reaches_the_terminal_as_more_than_a_letter(hostile: Path, env: dict[str, str]) -> None:
    for command in COMMANDS:
        code, out, err = run(*command.split(), str(hostile), env=env)
        assert (code, err) == (0, b""), command
        assert all(line.isprintable() for line in out.decode().split("\n")), command
    code, out, err = run("compare", str(hostile), BUSY, env=env)
    assert (code, err) == (1, b"")
    assert all(line.isprintable() for line in out.decode().split("\n"))


@pytest.mark.parametrize("words", ["calls {0}.not", "ladder {0} -o {0}/a.png", "explain {0} --call={0}", "lab {0}"])
def test_a_name_in_an_error_moves_no_cursor_and_is_one_line(hostile: Path, words: str) -> None:
    code, out, err = run(*words.format(hostile).split(" "))
    assert code in (1, 2)
    assert out == b""
    assert err.startswith(b"Error: ")
    assert err.endswith(b"\n")
    assert err.decode()[:-1].isprintable()


@pytest.mark.parametrize("words", ["calls", "ladder --format=svg", "--help"])
def test_output_that_nobody_takes_ends_a_command_quietly(words: str) -> None:
    command = words.split() if "help" in words else [*words.split(), BUSY]
    reading, writing = os.pipe()
    os.close(reading)
    assert run(*command, stdout=writing) == (1, b"", b"")
    os.close(writing)
    full = os.open("/dev/full", os.O_WRONLY)
    assert run(*command, stdout=full) == (1, b"", b"Error: standard output: No space left on device\n")
    os.close(full)


@pytest.mark.parametrize("command", ["calls", "ladder"])
def test_standard_streams_may_be_closed(command: str) -> None:
    closed = subprocess.run(["sh", "-c", f'"$0" {command} "$1" >&- 2>&-', LABSIP, BUSY], check=False)
    assert closed.returncode == 0
    nothing = subprocess.run(["sh", "-c", f'"$0" {command} - <&-', LABSIP], capture_output=True, check=False)
    assert (nothing.returncode, nothing.stdout) == (1, b"")
    assert nothing.stderr.startswith(b"Error: ")
    assert nothing.stderr.count(b"\n") == 1
