"""allow_source_address: whom the list names."""

from __future__ import annotations

import pytest

from labsip.modules.permissions import read_address_list
from labsip.sip.errors import LabError
from labsip.vocabulary import Ksr
from tests.ends import Bench

LIST = """
# group  address  mask  port  tag
1 127.0.10.200              # a carrier
2 127.0.10.0   24  0 phones
2 [2001:db8::] 32
3 127.0.10.106 32 5060 with-port
4 127.0.10.106 0  5099
"""


def codes(host: str, *groups: int | str) -> list[int]:
    """What the command returns for a request from there."""
    said: list[int] = []

    def route(ksr: Ksr) -> None:
        said.extend(int(ksr.allow_source_address(group)) for group in groups)
        if not groups:
            said.append(int(ksr.allow_source_address()))

    bench = Bench(route, address_list=LIST)
    end = bench.end("somebody", host)
    end.send(end.request("MESSAGE"))
    return said


def test_an_address_is_looked_for_in_one_group_the_first_unless_another_is_named() -> None:
    assert codes("127.0.10.200") == [1]
    assert codes("127.0.10.201") == [-1]
    assert codes("127.0.10.200", 1, "2", 3, 99) == [1, 1, -1, -1]


def test_a_network_allows_all_its_addresses() -> None:
    assert codes("127.0.10.17", 2) == [1]
    assert codes("127.0.11.17", 2) == [-1]
    assert codes("2001:db8:1::5", 2) == [1]


def test_a_port_is_compared_where_there_is_one() -> None:
    assert codes("127.0.10.106", 3, 4) == [1, -1]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("1", "a group alone, no address"),
        ("one 127.0.0.1", "the group must be a number"),
        ("1 example.com", "'example.com' does not appear to be an IPv4 or IPv6 network"),
        ("1 127.0.0.1 40", "'127.0.0.1/40' does not appear to be an IPv4 or IPv6 network"),
        ("1 127.0.0.1 32 any", "the port must be a number"),
    ],
)
def test_a_line_that_can_t_be_read_is_refused(line: str, problem: str) -> None:
    with pytest.raises(LabError) as refused:
        read_address_list(f"# addresses\n{line}\n")
    assert str(refused.value).startswith(f"address_list, line 2: {problem}")
