"""The two formats: byte orders, clocks, interfaces, names, gzip, pipes; and files that are cut or damaged."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from struct import pack

import pytest

from labsip.pcap import Capture
from labsip.sip.errors import LabError
from tests.pcap import judges, wire

FRAMES = [wire.ether(wire.udp(wire.message(call_id=f"call{n}"))) for n in range(10)]
MESSAGES = [wire.message(call_id=f"call{n}") for n in range(10)]


def read(data: bytes) -> tuple[list[bytes], list[str]]:
    """The messages, and what was left out."""
    capture = Capture(BytesIO(data))
    return [row.raw for row in capture], capture.left_out.lines()


def pcapng(order: str = "<") -> bytes:
    packets = (wire.packet(frame, n * 1000, order=order) for n, frame in enumerate(FRAMES))
    return wire.section(order) + wire.interface(1, order=order) + b"".join(packets)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D])
def test_pcap_is_read_in_both_byte_orders_and_both_resolutions(order: str, magic: int) -> None:
    capture = Capture(BytesIO(wire.pcap(FRAMES, order=order, magic=magic)))
    rows = list(capture)
    assert [row.raw for row in rows] == MESSAGES
    assert rows[9].t == pytest.approx(0.009 if magic == 0xA1B2C3D4 else 0.000009, abs=1e-12)
    assert capture.start == 1_700_000_000


def test_the_packet_headers_of_kuznetzov_are_read() -> None:
    file = wire.pcap([], magic=0xA1B2CD34)
    for frame in FRAMES:
        file += pack("<IIII", 1, 0, len(frame), len(frame)) + bytes(8) + frame
    assert read(file) == (MESSAGES, [])


@pytest.mark.parametrize("order", "<>")
def test_pcapng_is_read_in_both_byte_orders(order: str) -> None:
    assert read(pcapng(order)) == (MESSAGES, [])


def test_each_interface_has_its_own_link_type_and_clock() -> None:
    packet = wire.udp(MESSAGES[0])
    file = wire.section() + wire.interface(1) + wire.interface(101, pack("<HHB3x", 9, 1, 9) + bytes(4))
    file += wire.interface(101, pack("<HHB3x", 9, 1, 0x80 | 10) + pack("<HHqI", 14, 8, 40, 0))
    file += wire.packet(FRAMES[0], 50_000_000, 0)
    file += wire.packet(packet, 50_000_000_500, 1)
    file += wire.packet(packet, 10 * 1024 + 512, 2)
    capture = Capture(BytesIO(file))
    assert [row.t for row in capture] == pytest.approx([0, 500e-9, 0.5], abs=1e-12)
    assert capture.start == 50


def test_a_new_section_has_its_own_byte_order_and_interfaces() -> None:
    assert read(pcapng("<") + pcapng(">"))[0] == MESSAGES * 2


def test_old_and_simple_packet_blocks_are_read() -> None:
    frame = FRAMES[0]
    old = wire.block(2, pack("<HHIIII", 0, 0, 0, 0, len(frame), len(frame)) + frame)
    simple = wire.block(3, pack("<I", len(frame)) + frame)
    assert read(wire.section() + wire.interface(1) + old + simple)[0] == MESSAGES[:1] * 2


def test_an_interface_nobody_described_is_said_with_packet_numbers() -> None:
    file = wire.section() + wire.interface(1) + wire.packet(FRAMES[0]) + wire.packet(FRAMES[1], 0, 3)
    assert read(file) == (MESSAGES[:1], ["packet 2: interface 3 is described nowhere"])


def test_name_resolution_blocks_name_the_hosts() -> None:
    v4 = pack("<HH", 1, 10) + b"\x0a\0\0\1alice\0" + bytes(2)
    v6 = pack("<HH", 2, 20) + bytes.fromhex("20010db8000000000000000000000001") + b"\x1b[b\0"
    file = pcapng() + wire.block(4, v4 + v6 + bytes(4))
    capture = Capture(BytesIO(file))
    assert len(list(capture)) == 10
    assert capture.hosts == {"10.0.0.1": "alice", "2001:db8::1": "[b"}, "nothing that steers a terminal is let through"


def test_a_gzip_is_unpacked() -> None:
    assert read(gzip.compress(wire.pcap(FRAMES))) == (MESSAGES, [])
    assert read(gzip.compress(pcapng()[:400]) + gzip.compress(pcapng()[400:])) == (MESSAGES, [])


def test_a_cut_gzip_gives_what_is_whole_and_says_so() -> None:
    frames = [wire.ether(wire.udp(wire.message(os.urandom(500)))) for _ in range(100)]
    packed = gzip.compress(wire.pcap(frames))
    found, left_out = read(packed[: len(packed) // 2])
    assert 30 < len(found) < 60
    assert left_out[-1] == f"packet {len(found) + 1}: the gzip is damaged or cut here"


def test_a_gzip_bomb_is_not_unpacked_to_the_end() -> None:
    bomb = gzip.compress(wire.pcap([bytes(200_000)]) + wire.pcap([bytes(200_000)])[24:] * 300, 1)
    capture = Capture(BytesIO(bomb))
    assert list(capture) == []
    assert "the gzip unpacks to more than 200 times its size" in repr(capture.left_out)


def test_a_pipe_gives_each_message_when_it_comes() -> None:
    reading, writing = os.pipe()
    file = wire.pcap(FRAMES)
    first = 24 + 16 + len(FRAMES[0])
    os.write(writing, file[:first])
    with os.fdopen(reading, "rb") as pipe:
        rows = iter(Capture(pipe))
        assert next(rows).raw == MESSAGES[0], "the second packet is not waited for"
        thread = threading.Thread(target=lambda: (os.write(writing, file[first:]), os.close(writing)))
        thread.start()
        assert [row.raw for row in rows] == MESSAGES[1:]
        thread.join()


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "empty"), (b"PK\3\4 not a capture at all", "neither pcap nor pcapng"), (b"\xd4\xc3\xb2\xa1", "neither")],
)
def test_what_is_no_capture_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(LabError, match=says):
        Capture(BytesIO(data))


@pytest.mark.parametrize("make", [lambda: wire.pcap(FRAMES), pcapng], ids=["pcap", "pcapng"])
def test_a_file_cut_anywhere_gives_its_whole_packets(make: Callable[[], bytes]) -> None:
    file = make()
    for cut in range(28, len(file), 7):
        found, left_out = read(file[:cut])
        assert found == MESSAGES[: len(found)]
        whole = read(file[: cut - 1])[0] != found or not left_out
        assert whole or left_out[0].startswith(f"packet {len(found) + 1}: the last ")


@pytest.mark.parametrize(("make", "header"), [(lambda: wire.pcap(FRAMES), 16), (pcapng, 28)], ids=["pcap", "pcapng"])
def test_behind_damage_reading_goes_on_at_the_next_whole_packet(make: Callable[[], bytes], header: int) -> None:
    file = bytearray(make())
    at = file.index(FRAMES[4]) - header
    file[at : at + 60] = b"\xee" * 60
    found, left_out = read(bytes(file))
    assert found == MESSAGES[:4] + MESSAGES[5:]
    assert len(left_out) == 1
    assert left_out[0].startswith("packet 5: ")
    assert left_out[0].endswith(" bytes before it are damaged")


@pytest.mark.parametrize("size", [0x7FFFFFFF, 0xFFFFFFFF, 3000])
def test_a_length_that_cannot_be_right_does_not_hide_the_packets_behind_it(size: int) -> None:
    file = bytearray(wire.pcap(FRAMES))
    at = file.index(FRAMES[4])
    file[at - 8 : at - 4] = pack("<I", size)
    found, left_out = read(bytes(file))
    assert found[:4] == MESSAGES[:4]
    assert found[-2:] == MESSAGES[-2:] or size == 3000
    assert left_out


def test_a_message_the_capture_cut_short_is_said_with_packet_numbers() -> None:
    file = wire.pcap(FRAMES[:2])
    short = FRAMES[2][:100]
    file += pack("<IIII", 1_700_000_000, 0, len(short), len(FRAMES[2])) + short
    assert read(file) == (MESSAGES[:2], ["packet 3: a SIP message the capture kept only the beginning of"])


def test_editcap_makes_the_same_messages_of_every_format(tmp_path: Path, need: Callable[[str], str]) -> None:
    import subprocess

    editcap = need("editcap")
    source = tmp_path / "source.pcap"
    source.write_bytes(wire.pcap(FRAMES))
    for form in ("pcap", "pcapng", "nsecpcap", "modpcap"):
        made = tmp_path / form
        subprocess.run([editcap, "-F", form, source, made], check=True)
        assert read(made.read_bytes()) == (MESSAGES, []), form
    assert judges.messages(source) == MESSAGES
