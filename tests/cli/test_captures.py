"""`labsip calls`, `ladder`, `explain` and `compare`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from struct import unpack_from

import pytest
from click.testing import CliRunner, Result

from labsip.cli.main import main
from labsip.sip.errors import LabError
from tests.conftest import PROJECT
from tests.processes import LABSIP, PATIENCE

PCAPS = PROJECT / "data" / "pcaps"
BUSY, ANSWERED, CANCELLED = (str(PCAPS / f"{name}.pcap") for name in ("03_busy", "05_answered", "05_cancelled"))
NAMES = ("127.0.10.1=proxy", "127.0.10.106=106", "127.0.10.108=108")
NAMED = [part for name in NAMES for part in ("--name", name)]


def run(*commands: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, commands, input=stdin)


def test_calls_is_a_table_a_row_a_call() -> None:
    lines = run("calls", ANSWERED, *NAMED).output.splitlines()
    assert lines[0].split() == [
        "t", "method", "caller", "callee", "src", "dst", "result", "status", "set_up", "duration", "repeats", "legs",
    ]  # fmt: skip
    assert lines[-1].split()[:9] == ["3", "0.001", "INVITE", "106", "108", "106", "108", "ended", "by"]
    assert run("calls", ANSWERED, "--csv").output.splitlines()[0].startswith("call,t,until,method,caller,callee,src,")


def test_ladder_is_the_text_of_the_whole_file_or_of_one_call_by_number_or_call_id() -> None:
    whole = run("ladder", CANCELLED, *NAMED).output
    assert [command in whole for command in ("REGISTER", "CANCEL", "487 Request Terminated")] == [True, True, True]
    by_number, by_id = (run("ladder", CANCELLED, *NAMED, "--call", call).output for call in ("3", "ac5@"))
    assert by_number == by_id
    assert "REGISTER" not in by_number
    assert by_number.splitlines()[0].split() == ["106", "proxy", "108"]


@pytest.mark.parametrize(
    ("form", "begins"),
    [("mermaid", b"sequenceDiagram"), ("svg", b"<?xml"), ("png", b"\x89PNG"), ("html", b"<!doctype")],
)
def test_ladder_has_other_forms_by_name_or_by_the_files_suffix(tmp_path: Path, form: str, begins: bytes) -> None:
    assert run("ladder", BUSY, "--format", form).stdout_bytes.startswith(begins)
    file = tmp_path / f"a.{'mmd' if form == 'mermaid' else form}"
    assert run("ladder", BUSY, "-o", str(file)).output == ""
    assert file.read_bytes().startswith(begins)


def test_ladder_says_where_the_media_should_go_and_joins_legs() -> None:
    assert "audio 127.0.10.106:4000 sendrecv" in run("ladder", BUSY, "--sdp").output
    assert run("ladder", BUSY, "--call", "3", "--legs").exit_code == 0


def test_explain_says_what_went_wrong() -> None:
    done = run("explain", BUSY, *NAMED)
    assert done.output.startswith("1. ack-ignored: 106 acknowledged the 486 Busy Here, but proxy sent it 2 times.\n")
    assert "finds anything wrong" in run("explain", BUSY, "--call", "1").output


def test_compare_puts_two_files_side_by_side_and_its_code_says_whether_they_differ() -> None:
    differ = run("compare", ANSWERED, CANCELLED, *NAMED)
    assert differ.exit_code == 1
    assert differ.output.splitlines()[0].split() == ["05_answered.pcap", "05_cancelled.pcap"]
    assert ": only in 05_cancelled.pcap\n" in differ.output
    same = run("compare", BUSY, BUSY)
    assert (same.exit_code, same.output.splitlines()[-1]) == (0, "they are alike, message by message")


@pytest.mark.parametrize("command", ["calls", "explain", "ladder"])
def test_a_minus_is_standard_input(command: str) -> None:
    fed = run(command, "-", *NAMED, stdin=Path(BUSY).read_bytes())
    assert fed.exit_code == 0
    if command != "ladder":
        assert fed.output == run(command, BUSY, *NAMED).output
    else:
        assert fed.output.count("486 Busy Here") == 3
        assert "486 Busy Here (again)" in fed.output


def test_a_ladder_of_standard_input_can_be_one_call_and_say_the_media() -> None:
    one = run("ladder", "-", "--call", "ac5@", "--sdp", stdin=Path(BUSY).read_bytes()).output
    assert "REGISTER" not in one
    assert "audio 127.0.10.106:4000 sendrecv" in one


def test_a_ladder_is_drawn_while_the_capture_goes_on() -> None:
    data = Path(BUSY).read_bytes()
    first = 24 + 16 + int(unpack_from("<I", data, 24 + 8)[0])
    with subprocess.Popen([LABSIP, "ladder", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(data[:first])
        process.stdin.flush()
        drawn = [process.stdout.readline() for _ in range(2)]  # comes before anything more is sent
        assert b"REGISTER" in drawn[1]
        rest, _ = process.communicate(data[first:], timeout=PATIENCE)
        assert rest.count(b"REGISTER") == 3
        assert process.returncode == 0


def test_what_was_left_out_of_a_file_is_said_on_standard_error(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(Path(BUSY).read_bytes()[:1000])
    for command in ("calls", "ladder", "explain"):
        assert "left out: packet 3: the last " in run(command, str(cut)).stderr
    assert "left out: packet 3: the last " in run("ladder", "-", stdin=cut.read_bytes()).stderr


@pytest.mark.parametrize(
    ("commands", "told"),
    [
        (["calls", "nowhere.pcap"], "there is no file nowhere.pcap"),
        (["explain", str(PROJECT / "README.md")], "README.md: this is neither pcap nor pcapng: it begins with b'# "),
        (["ladder", str(PROJECT)], f"{PROJECT} can't be read: Is a directory"),
        (["ladder", BUSY, "--call", "9"], "no call 9: there are 3, see labsip calls"),
        (["ladder", BUSY, "--call", "reg-"], "no call reg-: 2 calls begin so"),
        (
            ["ladder", BUSY, "-o", "a.gif"],
            "a picture can't be saved as 'a.gif'; its name must end in one of .png, .svg",
        ),
        (["ladder", BUSY, "-o", "nowhere/a.png"], "there is no folder nowhere; make it, or name a file elsewhere"),
        (["calls", BUSY, "--name", "proxy"], "'proxy' gives no name; write ADDRESS=NAME, as in 192.0.2.1=proxy"),
        (["calls", BUSY, "--name", "x=proxy"], "'x' is no address; write ADDRESS=NAME, as in 192.0.2.1=proxy"),
        (["calls", BUSY, "--name", "127.0.10.1:x=proxy"], "'127.0.10.1:x' is no address"),
        (["ladder", BUSY, "--legs"], "--legs are those of one call; give --call, too"),
        (["compare", "-", "-"], "only one of the two can be standard input"),
    ],
)
def test_a_mistake_says_what_and_where_and_what_to_do(commands: list[str], told: str) -> None:
    done = run(*commands)
    assert done.exit_code in (1, 2)
    assert told in " ".join(done.output.split())


def test_they_load_pandas_only_when_they_are_run() -> None:
    look = "import sys, labsip.cli.captures; print('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], check=True, capture_output=True).stdout == b"False\n"


def test_a_picture_is_not_poured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from labsip.cli import captures

    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    monkeypatch.setattr(captures.sys, "stdout", Terminal())
    with pytest.raises(LabError, match=r"a picture goes into a file: -o ladder\.png"):
        captures.draw(captures.flow_of(BUSY, ()), False, ".png", None)
