"""What a module's table says of its commands, and what it refuses."""

from __future__ import annotations

import pytest

from labsip.modules import core, sl
from labsip.modules.maxfwd import EXPORTS as MAXFWD
from labsip.proxy.exports import HOOKS, Module
from labsip.sip.errors import NoSuchName
from labsip.vocabulary import EXPORTS, MODULES
from tests.proxy.kemi import RETURNS, WITHOUT


@pytest.mark.parametrize(
    ("name", "kemi", "counts"),
    [
        ("lookup", "registrar.lookup", (1, 2)),
        ("sl_send_reply", "sl.sl_send_reply", (1, 2)),
        ("sl_reply", "", (1, 2)),
        ("t_relay", "tm.t_relay", (0, 0)),
        ("is_myself", "is_myself", (1, 1)),
    ],
)
def test_a_command_has_its_kemi_name_and_how_many_arguments_it_takes(
    name: str, kemi: str, counts: tuple[int, int]
) -> None:
    command = EXPORTS.commands[name]
    module = next(module for module in MODULES if command in module.commands)
    assert (module.kemi(command), command.counts) == (kemi, counts)


def test_every_command_has_the_name_and_the_type_that_kemi_has() -> None:
    names = {module.kemi(command): command for module in MODULES for command in module.commands}
    assert {name: command.returns.__name__ for name, command in names.items() if name} == RETURNS
    assert {name for name, command in EXPORTS.commands.items() if command not in map(names.get, RETURNS)} == WITHOUT


def test_every_command_stands_in_one_table_and_every_hook_has_its_name() -> None:
    names = [command.name for module in MODULES for command in module.commands]
    assert len(names) == len(set(names)) == len(EXPORTS.commands)
    assert all(hook.__name__ in HOOKS for module in MODULES for hook in module.hooks)
    assert MAXFWD.state is None


def test_a_hook_there_is_not_is_told_with_the_nearest_there_is() -> None:
    def on_respone() -> None:
        """Misspelt."""

    with pytest.raises(NoSuchName, match="module mine: no hook on_respone; did you mean on_response"):
        Module("mine", state=sl.Sl, hooks=(on_respone,))


def test_a_command_prints_how_it_is_written() -> None:
    assert repr(core.append_branch) == '<command append_branch(uri="", q="")>'
