"""A kamailio.cfg in a lab: as a text, as a file, as a cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labsip import Lab, LabError
from labsip.lab import magic
from tests.dialects.cfg.plays import HEAD

ANSWER = HEAD + 'request_route {\n    sl_reply(480, "Not now");\n}\n'


class Shell:
    """What IPython is for a magic."""

    def __init__(self, **names: object) -> None:
        self.user_ns = names
        self.magics: dict[str, Any] = {}

    def register_magic_function(self, function: Any, _kind: str, name: str) -> None:
        """Keep it."""
        self.magics[name] = function


def answers(lab: Lab) -> list[str]:
    flow = lab.phone("106").options().flow
    return [one for one in flow.summary.tolist() if one != "OPTIONS"]


def test_a_lab_runs_a_kamailio_cfg_and_shows_its_lines() -> None:
    with Lab(net="memory", name="cfg") as lab:
        lab.cfg(ANSWER)
        assert answers(lab) == ["480 Not now (OPTIONS)"]
        assert lab.steps()[["line", "command"]].to_numpy().tolist() == [[13, 'sl_reply(480, "Not now")']]


def test_a_file_is_read_with_its_defines(tmp_path: Path) -> None:
    file = tmp_path / "kamailio.cfg"
    file.write_text(
        HEAD + '#!ifdef BUSY\nrequest_route { sl_reply(486, "Busy"); }\n#!else\nrequest_route { }\n#!endif\n'
    )
    with Lab(net="memory", name="cfg") as lab:
        lab.cfg(file, ["BUSY"])
        assert answers(lab) == ["486 Busy (OPTIONS)"]


def test_a_fault_leaves_the_route_as_it_was() -> None:
    with Lab(net="memory", name="cfg") as lab:
        lab.cfg(ANSWER)
        with pytest.raises(LabError, match=r"kamailio.cfg:13:5: no command sl_relpy") as wrong:
            lab.cfg(ANSWER.replace("sl_reply", "sl_relpy"))
        assert "^^^^^^^^" in str(wrong.value)
        assert answers(lab) == ["480 Not now (OPTIONS)"]


def test_a_file_that_is_not_there_is_told() -> None:
    with Lab(net="memory", name="cfg") as lab, pytest.raises(LabError, match=r"nowhere.cfg can't be read"):
        lab.cfg("nowhere.cfg")


def test_a_cell_is_the_cfg_of_the_newest_lab_or_of_the_one_it_names() -> None:
    shell = Shell()
    magic.load(shell)
    with Lab(net="memory", name="one") as one, Lab(net="memory", name="two") as two:
        shell.user_ns["mine"] = one
        shell.magics["kamailio"]("", ANSWER)
        shell.magics["kamailio"]("mine -A X", ANSWER.replace("480", "481"))
        assert (answers(one), answers(two)) == (["481 Not now (OPTIONS)"], ["480 Not now (OPTIONS)"])
        with pytest.raises(LabError, match="no lab nobody"):
            shell.magics["kamailio"]("nobody", ANSWER)


def test_tab_knows_commands_and_variables() -> None:
    assert "t_relay" in magic.completions("t_re")
    assert "$ru" in magic.completions("$r")
    assert magic.completions("") == []


@pytest.mark.parametrize(("typed", "found", "other"), [("$r", "rU", "record_route"), ("t_re", "t_relay", "rU")])
def test_tab_in_a_cell_tells_a_variable_from_a_command(typed: str, found: str, other: str) -> None:
    from IPython.core.completer import IPCompleter, provisionalcompleter

    shell: Any = Shell()
    shell.Completer = IPCompleter(namespace={})  # type: ignore[no-untyped-call]
    magic.load(shell)
    cell = f"%%kamailio\nrequest_route {{\n  {typed}"
    with provisionalcompleter():
        texts = [one.text for one in shell.Completer.completions(cell, len(cell))]
    assert found in texts
    assert other not in texts
