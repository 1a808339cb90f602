"""What is written is read the same, by us and by tshark, without a complaint; and sngrep shows the same calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from labsip.pcap import Capture, pcap_writer, read_pcap, write_pcap
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.trace import CommandRow, DatagramRow
from tests.pcap import judges, wire

ALICE, PROXY, BOB = Address("127.0.0.1", 5061), Address("127.0.0.1", 5060), Address("127.0.0.1", 5062)
CAROL, DAVE = Address("::1", 5060), Address("::1", 5062)
NAMES = {ALICE: "alice", PROXY: "proxy", BOB: "bob", CAROL: "carol", DAVE: "dave"}
SMALL, LARGE = wire.message(call_id="small"), wire.message(b"x" * 5000, call_id="large")


def row(
    number: int, src: Address, dst: Address, raw: bytes, proto: str = "udp", command: int | None = None
) -> DatagramRow:
    return DatagramRow(number, number / 1000, src, dst, raw, None, command, False, proto)


ROWS = [
    row(0, ALICE, PROXY, SMALL),
    row(1, PROXY, BOB, LARGE),
    row(2, CAROL, DAVE, SMALL),
    row(3, DAVE, CAROL, LARGE),
    row(4, ALICE, PROXY, LARGE, "tcp"),
    row(5, PROXY, ALICE, SMALL, "tcp"),
    row(6, ALICE, PROXY, SMALL, "tcp"),
    row(7, CAROL, DAVE, LARGE, "tcp"),
]


@pytest.fixture(params=[".pcap", ".pcapng"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"written{request.param}"


@pytest.mark.parametrize("documentation_addresses", [False, True])
def test_what_is_written_is_read_the_same(path: Path, documentation_addresses: bool) -> None:
    write_pcap(path, ROWS, NAMES, documentation_addresses=documentation_addresses)
    with path.open("rb") as file:
        capture = Capture(file)
        found = list(capture)
    assert not capture.left_out
    assert [(one.t, one.raw, one.proto) for one in found] == [(one.t, one.raw, one.proto) for one in ROWS]
    if not documentation_addresses:
        assert [(one.src, one.dst) for one in found] == [(one.src, one.dst) for one in ROWS]


@pytest.mark.parametrize("documentation_addresses", [False, True])
def test_tshark_reads_it_without_a_complaint(
    path: Path, documentation_addresses: bool, need: Callable[[str], str]
) -> None:
    need("tshark")
    write_pcap(path, ROWS, NAMES, documentation_addresses=documentation_addresses)
    assert judges.messages(path) == [one.raw for one in ROWS]
    assert judges.complaints(path) == []


def test_each_party_gets_a_documentation_address_of_its_own(path: Path) -> None:
    write_pcap(path, ROWS, NAMES, documentation_addresses=True)
    with path.open("rb") as file:
        found = {(one.src, one.dst) for one in Capture(file)}
    places = {str(end) for ends in found for end in ends}
    assert places == {
        "192.0.2.1:5061", "192.0.2.2:5060", "192.0.2.3:5062", "[2001:db8::1]:5060", "[2001:db8::2]:5062",
    }  # fmt: skip


def test_pcapng_names_the_parties_and_pcap_has_no_place_for_names(tmp_path: Path) -> None:
    for suffix, expected in ((".pcapng", ["alice", "proxy"]), (".pcap", ["192.0.2.1", "192.0.2.2"])):
        write_pcap(tmp_path / f"named{suffix}", ROWS[:1], NAMES, documentation_addresses=True)
        flow = read_pcap(tmp_path / f"named{suffix}")
        assert [flow.src[0], flow.dst[0]] == expected


def test_a_host_of_several_parties_gets_the_name_of_none(tmp_path: Path) -> None:
    write_pcap(tmp_path / "one_host.pcapng", ROWS[:2], NAMES)
    flow = read_pcap(tmp_path / "one_host.pcapng")
    assert list(flow.src) == ["127.0.0.1:5061", "127.0.0.1:5060"]


def test_tshark_shows_the_names_and_what_the_route_said(tmp_path: Path, need: Callable[[str], str]) -> None:
    need("tshark")
    commands = [
        CommandRow(7, 0.0, 0, "request_route", 3, "lookup", '"location"', 1),
        CommandRow(8, 0.0, 0, "request_route", 4, "xlog", '"hello"', 1, "hello"),
        CommandRow(9, 0.0, 0, "request_route", 5, "t_relay", "", None),
    ]
    path = tmp_path / "commands.pcapng"
    rows = [row(0, ALICE, PROXY, SMALL), row(1, PROXY, BOB, LARGE, command=9)._replace(lost=True)]
    write_pcap(path, rows, NAMES, commands=commands, documentation_addresses=True)
    shown = judges.tshark(path, "-N", "n", "-T", "fields", "-e", "_ws.col.Source", "-e", "frame.comment").splitlines()
    lookup, relay = 'request_route line 3: lookup("location") → 1', "request_route line 5: t_relay()"
    assert shown[0] == f'alice\t{lookup}\\nrequest_route line 4: xlog("hello") → 1: hello\\n{relay}'
    assert shown[1] == f"proxy\tsent by {relay}\\nlost on the way"
    assert {line.rstrip() for line in shown[2:]} == {"proxy"}, "the comment stands on the first fragment"


def test_a_comment_of_foreign_bytes_or_of_too_many_is_written_as_far_as_it_can_be(
    tmp_path: Path, need: Callable[[str], str]
) -> None:
    need("tshark")
    path = tmp_path / "commands.pcapng"
    foreign, long = b"\xff\xfe".decode("utf-8", "surrogateescape"), "é" * 40_000
    commands = [
        CommandRow(n, 0.0, n, "request_route", 3, "xlog", "", 1, text) for n, text in enumerate((foreign, long))
    ]
    write_pcap(path, ROWS[:2], NAMES, commands=commands)
    shown = judges.tshark(path, "-T", "fields", "-e", "frame.comment").splitlines()
    assert shown[0] == "request_route line 3: xlog() → 1: \\udcff\\udcfe"
    assert shown[1].startswith("request_route line 3: xlog() → 1: éé")
    assert shown[1].endswith("é")
    assert judges.complaints(path) == []


def test_sngrep_shows_the_same_calls(tmp_path: Path, need: Callable[[str], str], shared: Callable[[str], Path]) -> None:
    sngrep = need("sngrep")
    source = shared("captures") / "step5_fork.pcap"
    flow = read_pcap(source)
    same, documented = tmp_path / "same.pcap", tmp_path / "documented.pcapng"
    write_pcap(same, flow)
    write_pcap(documented, flow, documentation_addresses=True)
    call = re.escape(flow.call_id.iloc[-1])
    for path in (source, same, documented):
        assert judges.sngrep_calls(sngrep, path) == flow.call_id.nunique() == 4
        assert judges.sngrep_calls(sngrep, path, call) == 1


def test_a_flow_that_was_read_is_written_with_its_names_and_its_date(path: Path) -> None:
    source = BytesIO(wire.pcap([wire.ether(wire.udp(SMALL)), wire.ether(wire.tcp(1, SMALL))]))
    flow = read_pcap(source, {"10.0.0.1": "alice"})
    write_pcap(path, flow)
    again = read_pcap(path, {"10.0.0.1": "alice"})
    assert again.attrs["start"] == flow.attrs["start"] == 1_700_000_000
    assert again.equals(flow)


def test_a_part_of_a_flow_can_be_written(path: Path) -> None:
    flow = read_pcap(BytesIO(wire.pcap([wire.ether(wire.udp(each)) for each in (SMALL, LARGE)])))
    write_pcap(path, flow[flow.call_id == "large"])
    assert list(read_pcap(path).call_id) == ["large"]


def test_a_party_whose_address_nobody_knows_is_asked_for() -> None:
    flow = read_pcap(BytesIO(wire.pcap([wire.ether(wire.udp(SMALL))])), {"10.0.0.1": "alice"})
    flow.attrs.clear()
    with pytest.raises(LabError, match=r"no address is known for alice; say names=\{"):
        write_pcap("never.pcap", flow)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([row(0, ALICE, PROXY, bytes(65_508))], "65,508 bytes from 127.0.0.1:5061"),
        ([row(0, ALICE, CAROL, SMALL)], "two versions of IP"),
        ([row(0, Address("alice"), PROXY, SMALL)], "'alice' is no IP address"),
    ],
)
def test_what_no_packet_can_carry_is_said(tmp_path: Path, rows: list[DatagramRow], says: str) -> None:
    with pytest.raises(LabError, match=says):
        write_pcap(tmp_path / "never.pcap", rows)


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"flow\.cap: write a \.pcap or a \.pcapng file"):
        write_pcap(tmp_path / "flow.cap", ROWS)


def test_more_parties_than_documentation_addresses_are_refused(tmp_path: Path) -> None:
    rows = [row(n, Address(f"10.0.{n >> 8}.{n & 255}"), PROXY, SMALL) for n in range(763)]
    with pytest.raises(LabError, match="documentation addresses for 762 parties"):
        write_pcap(tmp_path / "many.pcap", rows, documentation_addresses=True)


def test_rows_can_be_written_one_by_one_and_are_in_the_file_at_once(path: Path) -> None:
    names: dict[Address, str] = {}
    with pcap_writer(path, names, documentation_addresses=True) as writer:
        for one in ROWS[:3]:
            names.update({one.src: NAMES[one.src], one.dst: NAMES[one.dst]})
            writer.write(one)
            capture = Capture(BytesIO(path.read_bytes()))
            assert list(capture)[-1].raw == one.raw
    assert set(capture.hosts.values()) == (set(NAMES.values()) if path.suffix == ".pcapng" else set())
