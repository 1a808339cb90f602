"""The proxy asked as kamcmd asks it, in a cell."""

from __future__ import annotations

import pytest

from labsip import Lab, LabError
from labsip.proxy.exports import Module
from labsip.proxy.rpc import rpc


def test_a_cell_shows_what_kamcmd_prints(lab: Lab) -> None:
    shown = lab.kamcmd("ul.dump brief")
    assert repr(shown) == shown
    assert shown.startswith("{\n\tDomains: {\n\t\tDomain: {\n\t\t\tDomain: location\n")


def test_arguments_are_kamcmds(lab: Lab) -> None:
    assert lab.kamcmd("ul.lookup location 106") == "error: 500 - Not enough parameters (table and AOR to lookup)"
    assert f"Address: {lab.location.Address[0]}\n" in lab.kamcmd("ul.lookup location s:106")
    assert lab.kamcmd("nosuch") == "error: 500 - command nosuch not found"
    with pytest.raises(LabError, match="is no command"):
        lab.kamcmd("core.echo 'a")


@pytest.mark.labsip_only("a real Kamailio's log says nothing of it")
def test_what_a_cell_changes_stands_in_the_log(lab: Lab) -> None:
    assert lab.kamcmd("ul.rm location s:106") == ""
    assert lab.location.AoR.tolist() == ["108"]
    assert lab.log.text.tolist() == ["rpc: ul.rm location 106 (the lab)"]


def test_a_module_of_ones_own_may_be_asked() -> None:
    @rpc("greeter.greet")
    def greet(_proxy, _now, name: str = "you"):
        """Greets."""
        return {"hello": name}

    with Lab(net="memory", modules=[Module("greeter", rpcs=(greet,))]) as lab:
        assert lab.kamcmd("greeter.greet Bob") == "{\n\thello: Bob\n}"
        assert lab.kamcmd("system.methodHelp greeter.greet") == "Greets."
