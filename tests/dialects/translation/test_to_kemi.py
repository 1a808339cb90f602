"""What a route in Python becomes in a KEMI script, and what is refused there."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from labsip import Lab, LabError
from labsip.dialects.translation import kemi_cfg, kemi_text, script_in
from labsip.sip.transport import Address


def script(statements: str, before: str = "") -> str:
    body = textwrap.indent(textwrap.dedent(statements).strip(), "    ")
    return kemi_text(script_in(f"{before}\ndef request_route(ksr):\n{body}\n".encode(), "route.py"))


def body_of(statements: str, before: str = "") -> str:
    """The function for these statements."""
    return textwrap.dedent(script(statements, before).partition("def request_route():\n")[2].partition("\n\n\n")[0])


@pytest.mark.parametrize(
    ("python", "kemi"),
    [
        ('ksr.sl_reply("404", "No")', 'KSR.sl.sl_send_reply(404, "No")'),
        ("ksr.sl_reply(486)", 'KSR.sl.sl_send_reply(486, "Busy Here")'),
        ('ksr.save("location")', 'KSR.registrar.save("location", 0)'),
        ('ksr.lookup("location", "sip:a@b")', 'KSR.registrar.lookup_uri("location", "sip:a@b")'),
        ('if not ksr.lookup("location"):\n    return', 'if KSR.registrar.lookup("location") <= 0:\n    return'),
        ('if ksr.is_method("INVITE"):\n    pass', 'if KSR.is_method("INVITE"):\n    pass'),
        ("ksr.t_check_trans()", "checked(KSR.tm.t_check_trans())"),
        ("ksr.exit()", "sys.exit()"),
        ('ksr["$ru"] = "sip:a@b"', 'KSR.pv.sets("$ru", "sip:a@b")'),
        ('ksr["$var(n)"] += 1', 'KSR.pv.seti("$var(n)", KSR.pv.get("$var(n)") + 1)'),
        ('ksr["$rU"] = None', 'KSR.pv.unset("$rU")'),
        ('ksr["$avp(x)"] = ksr["$du"]', 'put("$avp(x)", KSR.pv.get("$du"))'),
        ('code = ksr.lookup("location")', 'code = Code(KSR.registrar.lookup("location"))'),
        ('ksr.xlog("L_INFO", "to $ru")', 'KSR.xlog.xinfo("to $ru\\n")'),
        ("ksr.xlog(f\"{ksr['$fU']} says {{hello}}\")", "KSR.xlog.xerr(f\"{KSR.pv.get('$fU')} says {{hello}}\\n\")"),
        ("ksr.xlog(f\"{chr(10).join(['a', 'b'])}.\")", "KSR.xlog.xerr(f\"{chr(10).join(['a', 'b'])}.\\n\")"),
        ('n = {x: 1 for x in ("a", "b")}', 'n = {x: 1 for x in ("a", "b")}'),
        ("ksr.xlog(NAME)", 'KSR.xlog.xerr("x\\n")'),
    ],
)
def test_a_statement(python: str, kemi: str) -> None:
    assert body_of(python, 'NAME = "x"') == kemi


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ("ksr.strip(1)", 'KEMI has no strip; write ksr["$rU"] = ksr["$rU"][1:]'),
        ('if ksr["$rc"] == 1:\n    pass', "KEMI has no $rc; keep the code in a variable"),
        ("ksr.dlg_keep_ends()", "Kamailio has no command dlg_keep_ends"),
        ('ksr.route("X")', "there is no route X"),
        ("k = ksr", "ksr can only be handed to a function of the route"),
        ("ksr.xlog(NOWHERE)", "NOWHERE is nothing that is known here"),
    ],
)
def test_what_has_no_counterpart_is_refused_with_its_line(python: str, message: str) -> None:
    with pytest.raises(LabError) as told:
        script(python)
    assert message in str(told.value)
    assert "line 3 of route.py: " in str(told.value)


def test_comments_functions_and_constants_go_with_it() -> None:
    text = kemi_text(
        script_in(
            b'OUR = "106"\ndef helper(ksr, n=1):\n    return ksr["$fU"] == OUR\n'
            b'def request_route(ksr):\n    """All."""\n'
            b"    # first\n    if helper(ksr):  # us\n        ksr.t_relay()\n",
            "route.py",
        )
    )
    assert 'OUR = "106"\n' in text
    assert 'def helper(n=1):\n    return KSR.pv.get("$fU") == OUR\n' in text
    assert (
        'def request_route():\n    """All."""\n    # first\n    if helper():  # us\n        KSR.tm.t_relay()\n' in text
    )


def test_a_function_that_is_not_handed_the_message_goes_with_it() -> None:
    text = script("ksr.sl_reply(200, twice('a'))", "def twice(text):\n    return text * 2\n")
    assert "def twice(text):\n    return text * 2\n" in text
    assert 'KSR.sl.sl_send_reply(200, str(twice("a")))' in text


def test_its_kamailio_cfg_loads_it_and_the_modules_it_needs() -> None:
    made = script_in(b'def request_route(ksr):\n    ksr.save("location")\n', "route.py")
    text = kemi_cfg(made, "/etc/kamailio/routes.py", [Address("127.0.0.1")])
    assert 'modparam("usrloc", "preload", "location")' in text
    assert 'modparam("app_python3", "load", "/etc/kamailio/routes.py")' in text
    assert text.endswith('cfgengine "python"\n')


def test_a_lab_says_its_route_as_kemi(tmp_path: Path) -> None:
    lab = Lab(net="memory", seed=1, step="auth")
    (tmp_path / "route.py").write_text(lab.to_kemi())
    other = Lab(net="memory", seed=1, name="other")
    other.kemi(tmp_path / "route.py")
    assert other.phone("106", password="secret106").register().flow.status.max() == 401
    assert other.location["AoR"].tolist() == ["106"]
