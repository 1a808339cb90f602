"""What a route in Python becomes in a kamailio.cfg, and what is refused there."""

from __future__ import annotations

import textwrap

import pytest

from labsip import Lab, LabError
from labsip.dialects.translation import cfg_text, script_in
from labsip.sip.transport import Address

HERE = [Address("127.0.0.1", 5070)]


def cfg_of(text: str) -> str:
    """A file's text as a kamailio.cfg."""
    return cfg_text(script_in(textwrap.dedent(text).encode(), "route.py"), HERE)


def block_of(statements: str, before: str = "") -> str:
    """The request_route for these statements, without its braces."""
    body = textwrap.indent(textwrap.dedent(statements).strip(), "    ")
    text = cfg_of(f"{before}\ndef request_route(ksr):\n{body}\n")
    return textwrap.dedent(text.partition("request_route {\n")[2].partition("\n}")[0])


def refused(statements: str, before: str = "") -> str:
    with pytest.raises(LabError) as told:
        block_of(statements, before)
    return str(told.value)


@pytest.mark.parametrize(
    ("python", "cfg"),
    [
        ('ksr.sl_reply(404, "Not Found")', 'sl_reply("404", "Not Found");'),
        ("ksr.sl_reply(486)", 'sl_reply("486", "Busy Here");'),
        ("ksr.setflag(1)", "setflag(1);"),
        ("ksr.t_set_fr(0, 5000)", "t_set_fr(0, 5000);"),
        ('ksr.xlog("to $ru")', 'xlog("to $ru\\n");'),
        ('ksr.append_hf("X-Price: 5$")', 'append_hf("X-Price: 5$$\\r\\n");'),
        ("ksr.append_hf(f\"X: {ksr['$fU']}.\")", 'append_hf("X: $(fU).\\r\\n");'),
        (
            "ksr.sl_reply(200, f\"{ksr['$fU']} there\")",
            '$var(reason_) = $fU + " there";\nsl_reply("200", "$var(reason_)");',
        ),
        ("ksr.exit()", "exit;"),
        ("return", "exit;"),
        ("pass", ";"),
        ('ksr["$ru"] = "sip:" + ksr["$tU"] + "@b"', '$ru = "sip:" + $tU + "@b";'),
        ('ksr["$ru"] = f"sip:{ksr[\'$tU\']}@b"', '$ru = "sip:" + $tU + "@b";'),
        ('ksr["$var(n)"] = ksr["$rp"] + 1', "$var(n) = (int)$rp + 1;"),
        ('ksr["$var(n)"] = 2 - (3 - ksr["$sp"])', "$var(n) = 2 - (3 - $sp);"),
        ('ksr["$rU"] = None', "$rU = $null;"),
        ('name = str(ksr["$ua"] or "")', '$var(name) = "" + $ua;'),
        ('ksr["$sht(a=>$si)"] = (ksr["$sht(a=>$si)"] or 0) + 1', "$sht(a=>$si) = $sht(a=>$si) + 1;"),
    ],
)
def test_a_statement(python: str, cfg: str) -> None:
    assert block_of(python) == cfg


@pytest.mark.parametrize(
    ("python", "cfg"),
    [
        ('ksr.is_method("INVITE") and not ksr.has_totag()', 'is_method("INVITE") && !has_totag()'),
        ('not ksr["$rU"]', "$rU == $null"),
        ('ksr["$ua"]', '$ua != ""'),
        ('ksr["$sp"]', "$sp != 0"),
        ('ksr["$rU"] == "108"', '$rU == "108"'),
        ('"108" != ksr["$rU"]', '$rU != "108"'),
        ('ksr["$rU"] == ""', '$rU == "" && $rU != $null'),
        ('ksr["$du"] is None', "$du == $null"),
        ('ksr["$rU"] in ("1", "2")', '$rU == "1" || $rU == "2"'),
        ('ksr["$rU"] not in ("1", "2")', '!($rU == "1" || $rU == "2")'),
        ('"sip" in ksr["$ua"]', 'str_find("$ua", "sip")'),
        ('ksr["$rU"].startswith("00")', 'starts_with("$rU", "00")'),
        ('OUT.fullmatch(ksr["$rU"] or "")', '$rU =~ "^((0|\\\\+)[0-9]+|1)$"'),
        ('re.search("[0-9]", ksr["$rU"])', '$rU =~ "[0-9]"'),
        ('(ksr.has_totag() or ksr["$sp"] > 5) and ksr["$sp"] < 9', "(has_totag() || $sp > 5) && $sp < 9"),
        ('not (ksr["$sp"] > 5)', "$sp <= 5"),
    ],
)
def test_a_condition(python: str, cfg: str) -> None:
    before = 'import re\nOUT = re.compile(r"(0|\\+)\\d+|1")'
    assert block_of(f"if {python}:\n    ksr.exit()", before) == f"if ({cfg}) {{\n    exit;\n}}"


def test_a_code_is_looked_at_after_its_command() -> None:
    assert block_of('if ksr.lookup("location") == -2:\n    return') == (
        'lookup("location");\nif ($rc == -2) {\n    exit;\n}'
    )


def test_a_code_in_a_variable_is_true_above_zero() -> None:
    made = block_of('code = ksr.lookup("location")\nif not code:\n    return\nif code:\n    return')
    assert "if ($var(code) <= 0) {" in made
    assert "if ($var(code) > 0) {" in made


def test_an_if_within_an_expression_becomes_one_around_it() -> None:
    made = block_of('ksr.sl_reply(200 if ksr.has_totag() else 403, "x")')
    assert made == 'if (has_totag()) {\n    sl_reply("200", "x");\n} else {\n    sl_reply("403", "x");\n}'


def test_a_while_may_go_on_as_long_as_in_python() -> None:
    text = cfg_of("def request_route(ksr):\n    n = 0\n    while n < 200:\n        n += 1\n")
    assert "max_while_loops=1000000\n" in text
    assert "while ($var(n) < 200) {\n        $var(n) = $var(n) + 1;" in text


BLOCKS = '''
from labsip import Lab

lab = Lab(net="memory", seed=1, fr_timer=5, htable="a=>autoexpire=60", domains=("sip.example",))

@lab.request_route
def request_route(ksr):
    """The order of things."""
    # first of all
    ksr.force_rport()  # always
    if known(ksr, "106"):
        ksr.t_on_failure("NEXT")
    ksr.route("OUT")
    ksr["$sht(a=>b)"] = 1

def known(ksr, user):
    if ksr["$fU"] == user:
        return True
    return ksr.has_totag()

@lab.route("OUT")
def out(ksr):
    ksr.t_relay()

@lab.failure_route("NEXT")
def next_one(ksr):
    ksr.t_relay()
'''


def test_a_whole_file_with_its_comments_settings_and_blocks() -> None:
    text = cfg_of(BLOCKS)
    assert text.partition("loadmodule")[0] == (
        "#!KAMAILIO\n# Made by labsip from a route in Python.\n\ndebug=2\nchildren=1\nauto_aliases=no\ndns=no\n"
        'rev_dns=no\ndisable_tcp=yes\nlisten=udp:127.0.0.1:5070\nalias="sip.example"\n\n'
    )
    assert 'modparam("tm", "fr_timer", 5000)\nmodparam("htable", "htable", "a=>autoexpire=60")\n' in text
    assert text.partition('autoexpire=60")\n\n')[2] == textwrap.dedent("""\
        # The order of things.
        request_route {
            # first of all
            force_rport();  # always
            $var(user) = "106";
            if (route(KNOWN)) {
                t_on_failure("NEXT");
            }
            route(OUT);
            $sht(a=>b) = 1;
        }

        route[KNOWN] {
            if ($fU == $var(user)) {
                return 1;
            }
            has_totag();
            return $rc;
        }

        route[OUT] {
            t_relay();
        }

        failure_route[NEXT] {
            t_relay();
        }
        """)


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ('d = {"a": 1}', 'no dictionary; keep values in a hash table, ksr["$sht(table=>key)"]'),
        ("n = [x for x in (1, 2)]", "no list comprehension; write a while"),
        ("for n in range(3):\n    pass", "no for; write a while with a number in a variable"),
        ("try:\n    pass\nexcept ValueError:\n    pass", "no try; a command that fails returns a code"),
        ('print("x")', 'no print; write ksr.xlog("…")'),
        ('ksr["$var(x)"] = 1.5', "no 1.5; its numbers are whole"),
        ('if ksr["$sp"] == "5060":\n    pass', "a text is compared with a number, which are never equal in Python"),
        ('if ksr["$avp(x)"]:\n    pass', "it may be anything; compare it"),
        ('ksr["$var(x)"] = 1\nif ksr["$var(x)"] is None:\n    pass', "is never None in a kamailio.cfg"),
        ('ksr.is_method(ksr["$rU"])', "is_method takes no variable in a kamailio.cfg"),
        ('ksr.sethost(ksr["$fd"])', 'write ksr["$rd"] = …'),
        ("ksr.dlg_keep_ends()", "Kamailio has no command dlg_keep_ends"),
        ("ksr.t_relya()", "no command t_relya; did you mean t_relay?"),
        ('ksr["$rX"] = 1', "no variable $rX; did you mean"),
        ('ksr.route("OTU")', "there is no route OTU"),
        ('import re\nre.search("abc", ksr["$rU"])', "no import"),
        ('if re.search("abc", ksr["$rU"]):\n    pass', "capital and small letters for the same; say re.IGNORECASE"),
        ("while ksr.t_relay() == -1:\n    pass", "the condition of a while must be a single one"),
        ('if ksr.has_totag() and ksr.lookup("location") == -2:\n    pass', "only be looked at before all else"),
        ("exit()", "no exit; write ksr.exit()"),
        ("a, b = 1, 2", "sets one variable at a time"),
    ],
)
def test_what_has_no_counterpart_is_refused_with_its_line_and_what_to_write(python: str, message: str) -> None:
    told = refused(python, "import re")
    assert message in told
    assert "of route.py: " in told


def test_all_refusals_are_told_at_once() -> None:
    told = refused('d = {}\nksr.sl_reply(200, "OK")\nprint("x")').splitlines()
    assert [line.partition(":")[0] for line in told] == ["line 3 of route.py", "line 5 of route.py"]


def test_a_setting_that_kamailio_has_not_is_named() -> None:
    with pytest.raises(LabError, match="detect_loops=True is labsip's own, Kamailio has no such parameter"):
        cfg_of("lab = Lab(detect_loops=True)\ndef request_route(ksr):\n    ksr.t_relay()\n")


def test_passwords_of_a_lab_stand_in_a_hash_table() -> None:
    text = cfg_of(
        'lab = Lab(users={"106": "secret106"})\ndef request_route(ksr):\n'
        '    if not ksr.auth_check("lab", "subscriber", 1):\n'
        '        ksr.auth_challenge("lab", 1)\n'
    )
    assert "if (!route(AUTH_CHECK)) {" in text
    assert 'pv_auth_check("lab", "$sht(passwd=>$au)", "0", "1");' in text
    assert '$sht(passwd=>106) = "secret106";' in text


def test_with_a_database_auth_check_stays() -> None:
    text = cfg_of(
        'lab = Lab(auth_db_url="mysql://a:b@h/d")\ndef request_route(ksr):\n    ksr.auth_check("lab", "subscriber")\n'
    )
    assert 'auth_check("lab", "subscriber", "0");' in text
    assert 'loadmodule "db_mysql.so"\n' in text
    assert 'modparam("auth_db", "db_url", "mysql://a:b@h/d")' in text


def test_a_lab_says_its_route_as_it_stands_and_where_it_listens() -> None:
    lab = Lab(net="memory", seed=1, fr_timer=5)

    @lab.request_route
    def request_route(ksr: object) -> None:
        ksr.sl_reply(480, "Not now")  # type: ignore[attr-defined]

    text = lab.to_cfg()
    assert f"listen=udp:{lab.address}\n" in text
    assert 'sl_reply("480", "Not now");' in text
    other = Lab(net="memory", seed=1, name="other")
    other.cfg(text)
    assert other.phone("106").options().flow.status.max() == 480


def test_a_lab_without_a_route_says_so() -> None:
    with pytest.raises(LabError, match="there is no route yet"):
        Lab(net="memory").to_cfg()


def test_a_cfg_is_one_already() -> None:
    lab = Lab(net="memory")
    lab.cfg("request_route { exit; }")
    with pytest.raises(LabError, match="this route is a kamailio.cfg already"):
        lab.to_cfg()
