"""The commands of Kamailio's modules, and those of ours that are among them."""

from __future__ import annotations

from labsip.dialects.cfg.catalogue import CATALOGUE, OWNERS, SURVEYED, VARIABLES
from labsip.vocabulary import EXPORTS
from tests.dialects.cfg.texts import KNOWN


def test_a_row_has_module_counts_and_blocks() -> None:
    row = CATALOGUE["t_relay"]
    assert (row.module, row.counts, row.constant) == ("tm", {0, 2}, True)
    assert row.blocks == {"request_route", "route", "event_route", "failure_route"}
    assert CATALOGUE["xlog"].counts == {1, 2, 3}
    assert CATALOGUE["t_drop_replies"].blocks == {"failure_route"}
    assert "reply_route" in CATALOGUE["send_reply"].blocks
    assert "reply_route" not in CATALOGUE["t_on_failure"].blocks


def test_our_commands_are_in_the_module_that_kamailio_has_them_in() -> None:
    ours = {command.name: command.of or module.name for module in EXPORTS.modules for command in module.commands}
    wrong = {name: of for name, of in ours.items() if name in CATALOGUE and CATALOGUE[name].module != of}
    assert wrong == {}


def test_our_commands_stand_where_kamailio_has_them_at_most() -> None:
    ours = {name: {str(kind) for kind in command.kinds} for name, command in EXPORTS.commands.items()}
    wider = {name: kinds - CATALOGUE[name].blocks for name, kinds in ours.items() if name in CATALOGUE}
    assert {name: kinds for name, kinds in wider.items() if kinds} == {}


def test_commands_that_labsip_lacks_are_known_as_such() -> None:
    assert KNOWN.commands["t_relay"].here
    assert not KNOWN.commands["t_uac_send"].here


def test_names_of_other_modules_are_known_with_all_that_have_them() -> None:
    assert CATALOGUE["handle_publish"].module == "presence"
    assert OWNERS["is_in_profile"] == {"dialog", "ims_dialog"}
    assert CATALOGUE["is_in_profile"].module == "dialog"
    assert VARIABLES["ws_conid"] == {"websocket"}
    assert {"db_mysql", "websocket", "tm"} <= SURVEYED
