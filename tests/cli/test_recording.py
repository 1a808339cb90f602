"""`labsip serve --capture`: what passed, in a file."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from labsip.cli import recording as recording_module
from labsip.cli.recording import PORTION, recording
from labsip.net.memory import MemoryNet
from labsip.pcap.read import read_pcap
from labsip.pcap.write import Writer
from labsip.sip.transport import Address
from labsip.trace import Passed
from tests.cli.phone import Socket
from tests.processes import LABSIP, Process, Serve

CALLER, PROXY = Address("127.0.10.106"), Address("127.0.10.1")


def row(number: int, raw: bytes = b"OPTIONS sip:a@h SIP/2.0\r\n\r\n") -> Passed:
    return Passed(number, number / 10, CALLER, PROXY, raw, None, None)


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
        ("missing/calls.pcap", "No such file or directory; name a file"),
    ],
)
def test_a_file_that_can_not_be_written_ends_it_before_it_listens(tmp_path: Path, file: str, why: str) -> None:
    with Process(LABSIP, "serve", "--listen=udp:127.0.0.1:0", f"--capture={tmp_path / file}") as serve:
        assert serve.finish() != 0
        assert why in serve.err
        assert serve.out == ""


def test_a_message_that_fits_no_datagram_is_left_out_and_told(tmp_path: Path) -> None:
    file = tmp_path / "seen.pcap"
    with MemoryNet() as net, recording(file, net) as keep:
        told = list(keep([row(0), row(1, b"x" * 70_000), row(2)], []))
    assert len(told) == 1
    assert told[0].startswith("not in the capture: ")
    assert len(read_pcap(file)) == 2


def test_a_long_backlog_is_written_in_portions_and_the_network_has_its_turn_between_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "seen.pcap"
    written = []
    monkeypatch.setattr(recording_module, "give_way", lambda _: written.append(len(read_pcap(file))))
    with MemoryNet() as net, recording(file, net) as keep:
        assert list(keep([row(number) for number in range(2 * PORTION + 5)], [])) == []
    assert written == [PORTION, 2 * PORTION, 2 * PORTION + 5]


def test_a_full_disk_ends_the_capture_and_not_the_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "seen.pcap"
    with MemoryNet() as net, recording(file, net) as keep:
        monkeypatch.setattr(Writer, "flush", full)
        assert list(keep([row(0), row(1)], [])) == ["the capture ends: No space left on device"]
        monkeypatch.undo()
        assert list(keep([row(2)], [])) == []
    assert len(read_pcap(file)) == 0
