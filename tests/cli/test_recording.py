"""`labsip serve --capture`: what passed, in a file."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from time import sleep

import pytest

from labsip.cli import recording as recording_module
from labsip.cli.recording import PORTION, Recording
from labsip.net.memory import MemoryNet
from labsip.pcap import capture_file
from labsip.pcap.read import read_pcap
from labsip.sip.transport import Address
from labsip.trace import DatagramRow
from tests.cli.phone import Socket
from tests.processes import LABSIP, LOOK, PATIENCE, Process, Serve

CALLER, PROXY = Address("127.0.10.106"), Address("127.0.10.1")


def row(number: int, raw: bytes = b"OPTIONS sip:a@h SIP/2.0\r\n\r\n") -> DatagramRow:
    return DatagramRow(number, number / 10, CALLER, PROXY, raw, None, None)


def test_each_message_is_in_the_file_with_what_the_route_said_of_it(tmp_path: Path) -> None:
    file = tmp_path / "seen.pcapng"
    with Serve("--step=stub480", f"--capture={file}") as serve, Socket("106", serve.address) as phone:
        assert phone.answer("INVITE", "sip:108@lab.example") == "480 Temporarily Unavailable"
        assert serve.end() == 0
        assert serve.err == ""
    flow = read_pcap(file)
    assert list(flow["summary"]) == ["INVITE", "480 Temporarily Unavailable"]
    assert str(serve.address) in flow["src"].iloc[1]
    assert 'sl_reply(480, "Temporarily Unavailable") → 1'.encode() in file.read_bytes()


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("calls.txt", "write a .pcap or a .pcapng file"),
        ("missing/calls.pcap", "there is no folder"),
    ],
)
def test_a_file_that_can_not_be_written_ends_it_before_it_listens(tmp_path: Path, file: str, why: str) -> None:
    with Process(LABSIP, "serve", "--listen=udp:127.0.0.1:0", f"--capture={tmp_path / file}") as serve:
        assert serve.finish() != 0
        assert why in serve.err
        assert serve.out == ""


@contextmanager
def recorded(file: Path) -> Iterator[Recording]:
    """A recording of nobody's network; all that was kept is in its file afterwards."""
    with MemoryNet() as net, Recording(file, net) as recording:
        yield recording
        recording._outlet.end(PATIENCE) if recording._outlet else None


def test_a_message_that_fits_no_datagram_is_left_out_and_told(tmp_path: Path) -> None:
    file = tmp_path / "seen.pcap"
    with recorded(file) as recording:
        told = list(recording.keep([row(0), row(1, b"x" * 70_000), row(2)], []))
    assert len(told) == 1
    assert told[0].startswith("not in the capture: ")
    assert len(read_pcap(file)) == 2


def test_a_long_backlog_is_written_in_portions_and_the_network_has_its_turn_between_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    portions: list[float] = []
    monkeypatch.setattr(recording_module, "give_way", portions.append)
    with recorded(tmp_path / "seen.pcap") as recording:
        assert list(recording.keep([row(number) for number in range(2 * PORTION + 5)], [])) == []
    assert len(portions) == 3
    assert len(read_pcap(tmp_path / "seen.pcap")) == 2 * PORTION + 5


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
def test_a_capture_that_is_there_is_continued(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"seen{suffix}"
    for number in range(3):
        with recorded(file) as recording:
            assert list(recording.keep([row(number)], [])) == []
    flow = read_pcap(file)
    assert (len(flow), flow.attrs["left_out"]) == (3, [])


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
@pytest.mark.parametrize("damage", [lambda _: b"precious" * 100, lambda whole: whole[:-7], lambda whole: whole[1:]])
def test_what_is_no_whole_capture_stays_as_it_is_and_that_is_told_once(
    tmp_path: Path, suffix: str, damage: Callable[[bytes], bytes]
) -> None:
    file = tmp_path / f"seen{suffix}"
    with recorded(file) as recording:
        list(recording.keep([row(0)], []))
    before = damage(file.read_bytes())
    file.write_bytes(before)
    with recorded(file) as recording:
        told = [*recording.keep([row(0)], []), *recording.keep([row(1)], [])]
        assert told == [
            f"nothing is captured: {file} is there already, and is no capture that can be continued; "
            "move it, and send SIGHUP"
        ]
        assert file.read_bytes() == before
        file.rename(tmp_path / "moved")
        assert list(recording.begin_anew()) == [f"the capture goes on in {file}"]
        assert list(recording.keep([row(2)], [])) == []
    assert len(read_pcap(file)) == 1


def test_a_capture_nothing_was_written_to_is_empty_and_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / "seen.pcap"
    with recorded(file):
        pass
    assert file.read_bytes() == b""
    with recorded(file) as recording:
        assert list(recording.keep([row(0)], [])) == []
    assert len(read_pcap(file)) == 1


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
def test_a_full_disk_ends_the_capture_and_leaves_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    def full(descriptor: int, chunk: bytes) -> None:
        os.write(descriptor, chunk[:50])
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / f"seen{suffix}"
    with recorded(file) as recording:
        assert list(recording.keep([row(0)], [])) == []
        written(recording)
        monkeypatch.setattr(capture_file, "write_all", full)
        told = [*recording.keep([row(1)], [])]
        written(recording)
        told += [*recording.keep([row(2)], []), *recording.keep([row(3)], [])]
        assert told == ["the capture ends: No space left on device; SIGHUP has it go on"]
        monkeypatch.undo()
        assert list(recording.begin_anew()) == [f"the capture goes on in {file}"]
        assert list(recording.keep([row(4)], [])) == []
    flow = read_pcap(file)
    assert flow.attrs["left_out"] == []
    assert list(flow["t"].round(1)) == [0.0, 0.4]


def written(recording: Recording) -> None:
    """Wait until all is written that is kept by now."""
    while recording._outlet is not None and recording._outlet._waiting:
        sleep(LOOK)


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
def test_after_the_file_was_renamed_the_capture_goes_on_in_a_new_one(tmp_path: Path, suffix: str) -> None:
    file, old = tmp_path / f"seen{suffix}", tmp_path / f"old{suffix}"
    with recorded(file) as recording:
        list(recording.keep([row(0), row(1)], []))
        assert list(recording.begin_anew()) == []  # it is where it was
        file.rename(old)
        list(recording.keep([row(2)], []))
        before = recording._outlet
        assert list(recording.begin_anew()) == [f"the capture goes on in {file}"]
        list(recording.keep([row(3)], []))
        assert before is not None
        before.end(PATIENCE)
    assert (len(read_pcap(old)), len(read_pcap(file))) == (3, 1)


def test_a_new_file_that_can_not_be_leaves_the_capture_in_the_old_one(tmp_path: Path) -> None:
    file, old = tmp_path / "seen.pcap", tmp_path / "old.pcap"
    with recorded(file) as recording:
        list(recording.keep([row(0)], []))
        file.rename(old)
        file.mkdir()
        assert list(recording.begin_anew()) == [
            f"the capture: all stays as it was; {file}: Is a directory; name a file that can be written"
        ]
        list(recording.keep([row(1)], []))
    assert len(read_pcap(old)) == 2


def test_what_a_reader_that_stalls_does_not_get_is_counted_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "seen.pcap"
    os.mkfifo(pipe)
    monkeypatch.setattr(recording_module, "MOST", 1 << 20)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with recorded(pipe) as recording:
        big = [row(number, b"x" * 60_000) for number in range(50)]
        told = [text for _ in range(5) for text in recording.keep(big, [])]
        assert told == ["the capture is not written as fast as messages come: from here on some are missing in it"]
        outlet = recording._outlet
        while outlet is not None and outlet.full:
            if select([reading], [], [], 0.1)[0]:  # of what was read last the outlet may not know yet
                os.read(reading, 1 << 16)
        assert list(recording.keep([row(51)], [])) == ["200 messages are missing in the capture"]
        os.close(reading)


def test_a_pipe_nobody_reads_holds_up_neither_messages_nor_the_end(tmp_path: Path) -> None:
    pipe = tmp_path / "seen.pcap"
    os.mkfifo(pipe)
    with Serve(f"--capture={pipe}") as serve, Socket("106", serve.address) as phone:
        assert phone.answer("OPTIONS") == "200 Keepalive"
        assert serve.end() == 0
        assert serve.out.endswith("labsip ends\n")
        assert serve.err == "NOTICE: labsip: 2 messages are missing in the capture\n"


def test_who_reads_a_pipe_later_gets_the_capture_from_its_beginning(tmp_path: Path) -> None:
    pipe, copy = tmp_path / "seen.pcap", tmp_path / "copy.pcap"
    os.mkfifo(pipe)
    with Serve(f"--capture={pipe}") as serve, Socket("106", serve.address) as phone:
        assert phone.answer("OPTIONS") == "200 Keepalive"
        with pipe.open("rb") as reading:
            assert serve.end() == 0
            copy.write_bytes(reading.read())
        assert serve.err == ""
    assert len(read_pcap(copy)) == 2


def test_a_reader_that_goes_away_ends_the_capture_and_not_the_proxy(tmp_path: Path) -> None:
    pipe = tmp_path / "seen.pcapng"
    os.mkfifo(pipe)
    with Serve(f"--capture={pipe}") as serve, Socket("106", serve.address) as phone:
        with pipe.open("rb"):
            assert phone.answer("OPTIONS") == "200 Keepalive"
        phone.answer("OPTIONS")
        serve.wait_until("command of the end", lambda: "the capture ends: Broken pipe" in serve.err)
        assert phone.answer("OPTIONS") == "200 Keepalive"
        assert serve.end() == 0
