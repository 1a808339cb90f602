"""A route file that changes while `labsip serve` runs it: SIGHUP and `--watch`, and a call that is up meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from signal import SIGHUP
from typing import NamedTuple

import pytest

from tests.cli.phone import Socket
from tests.dialects.cfg import plays
from tests.dialects.kemi import scripts
from tests.peers.phones import Phones
from tests.processes import Serve


class Dialect(NamedTuple):
    """A way to write a route that registers, relays calls and answers OPTIONS with a word."""

    option: str
    name: str
    text: str
    """{word} is that word."""
    fault: str
    """What makes it wrong, put at its end."""
    done: str
    """What the log says when it has been read again."""
    told: str
    """What the log says of the fault; {line} is the line behind the text."""


CFG = """
loadmodule "usrloc.so"
loadmodule "registrar.so"
request_route {{
    if (is_method("OPTIONS")) {{ sl_send_reply("200", "{word}"); exit; }}
    if (is_method("REGISTER")) {{ save("location"); exit; }}
    if (has_totag()) loose_route(); else {{ record_route(); lookup("location"); }}
    t_relay();
}}
"""
KEMI = """\
        if KSR.is_OPTIONS():
            KSR.sl.send_reply(200, "{word}")
            return 1
        if KSR.is_REGISTER():
            KSR.registrar.save("location", 0)
            return 1
        if KSR.siputils.has_totag() > 0:
            KSR.rr.loose_route()
        else:
            KSR.rr.record_route()
            KSR.registrar.lookup("location")
        KSR.tm.t_relay()
        return 1
"""
DIALECTS = {
    "cfg": Dialect(
        "--cfg", "kamailio.cfg", plays.HEAD + CFG, "route[X] { no_such_thing(); }\n", "read again",
        ":{line}:12: no command no_such_thing",
    ),
    "kemi": Dialect(
        "--kemi", "routes.py", scripts.HEAD + KEMI, "        return return\n", "begun anew",
        "all stays as it was; routes.py, line {line}",
    ),
}  # fmt: skip


def word_of(serve: Serve) -> str:
    """What it answers an OPTIONS with."""
    with Socket("107", serve.address) as phone:
        return phone.answer("OPTIONS")


@pytest.mark.parametrize("trigger", ["SIGHUP", "--watch"])
@pytest.mark.parametrize("name", DIALECTS)
def test_a_new_text_takes_over_a_wrong_one_is_told_and_a_call_goes_on(name: str, trigger: str, tmp_path: Path) -> None:
    dialect = DIALECTS[name]
    file = tmp_path / dialect.name

    def change(text: str, told: Callable[[], object]) -> None:
        file.write_text(text)
        if trigger == "SIGHUP":
            serve.tell(SIGHUP)
        serve.wait_until("word of the change", told)

    new = dialect.text.format(word="New and longer")
    file.write_text(dialect.text.format(word="Old"))
    options = [trigger] if trigger.startswith("--") else []
    with Serve(dialect.option, str(file), *options) as serve, Phones(serve.address, "106", "108") as phones:
        assert word_of(serve) == "200 Old"
        phones.register()
        call = phones.call("106", "108")
        phones.until("108", "< ACK")
        change(new, lambda: f"{file}: {dialect.done}" in serve.err)
        assert word_of(serve) == "200 New and longer"
        line = len(new.splitlines()) + 1
        change(new + dialect.fault, lambda: dialect.told.format(line=line) in serve.err)
        assert "all stays as it was" in serve.err
        assert word_of(serve) == "200 New and longer"
        phones.do("106", lambda now: phones["106"].hang_up(call, now))
        phones.until("106", "< 200 OK (BYE)")
        assert serve.end() == 0
        assert [line for line in serve.err.splitlines() if not line.startswith("NOTICE: ")] == []


@pytest.mark.parametrize("name", DIALECTS)
def test_many_signals_in_a_row_do_no_harm(name: str, tmp_path: Path) -> None:
    dialect = DIALECTS[name]
    file = tmp_path / dialect.name
    file.write_text(dialect.text.format(word="Old"))
    with Serve(dialect.option, str(file)) as serve, Phones(serve.address, "106", "108") as phones:
        phones.register()
        call = phones.call("106", "108")
        for _ in range(100):
            serve.tell(SIGHUP)
        phones.until("108", "< ACK")
        file.write_text(dialect.text.format(word="New"))
        serve.tell(SIGHUP)  # if one is waiting already, it stands for this one, too
        serve.wait_until("new text", lambda: word_of(serve) == "200 New")
        phones.do("106", lambda now: phones["106"].hang_up(call, now))
        phones.until("106", "< 200 OK (BYE)")
        assert serve.end() == 0
        assert {line.partition(": ")[2].rpartition(": ")[2] for line in serve.err.splitlines()} == {dialect.done}
