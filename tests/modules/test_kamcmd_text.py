"""What kamcmd reads and prints."""

from __future__ import annotations

import pytest

from labsip.modules.ctl import arguments_of, text_of, text_of_fault
from labsip.proxy.rpc import Named, RpcFault
from labsip.sip.errors import LabError


def test_a_line_is_a_command_and_its_arguments() -> None:
    assert arguments_of("ul.add location s:106 sip:106@h 600 0.5 . -1 1e3 's:two words'") == [
        "ul.add", "location", "106", "sip:106@h", 600, 0.5, ".", -1, 1000.0, "two words",
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["nan", "inf", "0x10", "1_0", "١", "", "s"])
def test_a_word_that_is_no_number_is_a_text(word: str) -> None:
    assert arguments_of(f"x '{word}'") == ["x", word]


@pytest.mark.parametrize("line", ["", "  ", "core.echo 'a"])
def test_a_line_that_is_none_is_told_so(line: str) -> None:
    with pytest.raises(LabError, match=r"which command\?|is no command"):
        arguments_of(line)


def test_an_answer_looks_as_kamcmd_prints_it() -> None:
    value = {"q": 0.5, "whole": -1.0, "none": None, "bits": 4294967295, "list": [Named("C", {"a": ""}), {"b": 1}, 2]}
    assert text_of([value, "text", 7]) == (
        "{\n\tq: 0.500000\n\twhole: -1\n\tnone: <null string>\n\tbits: -1\n\tlist: {\n\t\tC: {\n\t\t\ta: \n\t\t}\n"
        "\t\t{\n\t\t\tb: 1\n\t\t}\n\t\t2\n\t}\n}\ntext\n7"
    )
    assert text_of([]) == ""
    assert text_of_fault(RpcFault(404, "Key not found")) == "error: 404 - Key not found"
