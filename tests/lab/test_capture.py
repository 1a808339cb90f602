"""What a lab did, as a file for Wireshark; what went wrong in it, in words."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from labsip import Lab, LabError, read_pcap
from labsip.pcap.write import CaptureWriter
from labsip.sip.transport import Address
from tests.net.nodes import Faulty


def messages(path: Path) -> list[tuple[str, bytes]]:
    flow = read_pcap(path)
    return [*zip(flow["summary"], flow["raw"], strict=True)]


@pytest.mark.parametrize("net", ["udp", "memory"])
def test_a_capture_holds_every_message_from_its_beginning_on(net: str, tmp_path: Path) -> None:
    with Lab(seed=1, net=net, name="capture") as lab:  # type: ignore[arg-type]
        lab.use("cancel")
        lab.phone("108").register()
        before = len(lab.flow)
        with lab.capture(tmp_path / "call.pcapng") as capture:
            lab.phone("106").call("108").hang_up()
        assert messages(capture.path) == [*zip(lab.flow["summary"], lab.flow["raw"], strict=True)][before:]


def test_a_capture_ends_with_its_lab(tmp_path: Path) -> None:
    with Lab(seed=1, net="memory", name="capture") as lab:
        lab.use("cancel")
        capture = lab.capture(tmp_path / "all.pcap")
        lab.phone("108").register()
    assert repr(capture) == f"<capture into {tmp_path / 'all.pcap'}, closed>"
    assert [summary for summary, _ in messages(capture.path)] == ["REGISTER", "200 OK (REGISTER)"]


def test_a_full_disk_ends_the_capture_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Lab(seed=1, net="memory", name="capture") as lab:
        lab.use("cancel")
        with lab.capture(tmp_path / "all.pcap"):
            monkeypatch.setattr(CaptureWriter, "flush", full)
            assert lab.phone("108").register().flow["status"].max() == 200
        assert "the capture ends: No space left on device" in list(lab.log["text"])


def test_the_record_and_a_call_of_it_can_be_written_afterwards(lab: Lab, tmp_path: Path) -> None:
    call = lab.phone("106").call("109")
    call.to_pcap(tmp_path / "call.pcapng")
    lab.to_pcap(tmp_path / "all.pcapng")
    assert messages(tmp_path / "call.pcapng") == [*zip(call.flow["summary"], call.flow["raw"], strict=True)]
    assert len(messages(tmp_path / "all.pcapng")) == len(lab.flow)
    assert b"lookup" in (tmp_path / "call.pcapng").read_bytes()  # the commands, as comments


def test_another_suffix_is_refused(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"call\.txt: write a \.pcap or a \.pcapng file"):
        lab.capture(tmp_path / "call.txt")


def test_the_calls_of_a_lab_are_a_table(lab: Lab) -> None:
    lab.phone("106").call("109")
    last = lab.calls.iloc[-1]
    assert (last["method"], last["caller"], last["callee"], last["status"]) == ("INVITE", "106", "109", 404)


def test_a_call_that_went_wrong_is_explained(lab: Lab) -> None:
    lab.use("first-call")
    lab.phone("108").ring()
    call = lab.phone("106").call("108")
    call.cancel()
    assert "501" in repr(call.explain())
    assert call.explain().names <= lab.explain().names


def test_a_capture_leaves_what_a_node_raised_to_the_next_cell(lab: Lab, tmp_path: Path) -> None:
    with lab.capture(tmp_path / "call.pcap") as capture:
        lab.testbed.net.attach(Faulty(Address("127.0.10.77"), ValueError("kept")), "faulty")
        assert capture._write()
        with pytest.raises(ValueError, match="kept"):
            lab.wait()
