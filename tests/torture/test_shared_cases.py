"""What phones and peers really send: inputs that lie in ../shared/cases, beside the clone; README has outcomes."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

from labsip.steps import STEPS
from labsip.vocabulary import location
from tests.ends import Bench

Shared = Callable[[str], Path]

# fmt: off
PROXY = {
    "user_params_npdi":     (["MESSAGE"], []),
    "via_lower_case":       (["MESSAGE"], []),
    "header_without_colon": ([],          ["400 Bad Request (MESSAGE)"]),
    "proxy_require_empty":  ([],          ["400 Bad Proxy Require Header (MESSAGE)"]),
    "from_list":            ([],          ["400 Bad Request (MESSAGE)"]),
    "contact_stray_colon":  ([],          ["400 Bad Request (REGISTER)"]),
}
"""What 108 hears, and what the sender."""
PHONE = {
    "phone_bodies":    ["ISUP, handling=optional: ['SIP/2.0 180 Ringing', 'SIP/2.0 200 OK']",
                        "Content-Encoding: gzip: ['SIP/2.0 415 Unsupported Media Type']"],
    "phone_responses": [r""".* realm="", nonce="n", .*""", r""".* opaque="".*""", r".*: until 60\.100, 200 OK>"],
    "uri_equality":    [r".*: wanted False, is False"] * 2 + [r".*: wanted True, is True"],
}
"""Patterns of the lines a script prints."""
# fmt: on


@pytest.mark.parametrize(("name", "outcome"), PROXY.items())
def test_the_proxy_does_what_is_right(shared: Shared, name: str, outcome: tuple[list[str], list[str]]) -> None:
    bench = Bench(STEPS["full"], domains=("lab.example",))
    bob, sender = bench.end("108"), bench.end("106")
    bob.register(to="<sip:108@lab.example>")
    bob.heard.clear()
    sender.send((shared("cases") / f"{name}.sip").read_bytes())
    assert (bob.summaries, sender.summaries) == outcome
    assert [row["Address"] for row in location(bench.proxy, bench.now)] == ["sip:108@127.0.10.108:5060"]


def test_every_reason_of_a_cancel_reaches_the_phone(shared: Shared) -> None:
    script = (shared("cases") / "cancel_two_reasons.py").read_text()
    given = re.findall(r"""['"]Reason: (.*?)['"][,)]""", script)
    bench = Bench(STEPS["full"], domains=("lab.example",))
    bob, alice = bench.end("108"), bench.end("106")
    bob.register(to="<sip:108@lab.example>")
    invite = alice.invite("sip:108@lab.example")
    bob.answer(bob.hears("INVITE"), 180, "Ringing")
    alice.cancel(invite, reasons=given)
    assert len(given) == 2
    assert bob.hears("CANCEL").get_all("Reason") == given


@pytest.mark.parametrize(("name", "lines"), PHONE.items())
def test_the_phone_does_what_is_right(
    shared: Shared, capsys: pytest.CaptureFixture[str], name: str, lines: list[str]
) -> None:
    runpy.run_path(str(shared("cases") / f"{name}.py"))
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(lines)
    for said, wanted in zip(printed, lines, strict=True):
        assert said == wanted or re.fullmatch(wanted, said), said
