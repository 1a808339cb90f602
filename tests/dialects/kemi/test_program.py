"""A KEMI script begins: what stops it, what is told of it, where its lines are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from labsip.dialects.kemi import load
from labsip.dialects.python import Patience, Python
from labsip.sip.errors import LabError
from tests.dialects.kemi.scripts import FIRST, HEAD, asked, begun, errors, printed, with_route
from tests.ends import Bench


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "import KSR\ndef mod_init() return 1\n",
            "routes.py, line 2, column 16: expected ':'\n    def mod_init() return 1\n                   ^",
        ),
        ("1 / 0\n", "line 1 of routes.py: 1 / 0\nroutes.py does not begin: ZeroDivisionError: division by zero"),
        (
            "def mod_init():\n    return nothing\n",
            "mod_init, line 2 of routes.py: return nothing\n"
            "routes.py does not begin: NameError: name 'nothing' is not defined",
        ),
        ("import KSR\n", "routes.py has no mod_init(); it returns the object whose methods are the routes"),
        (
            "def mod_init(): pass\n",
            "routes.py: mod_init() returned None; it must return the object whose methods are the routes",
        ),
        (
            "class Routes: pass\ndef mod_init(): return Routes()\n",
            "routes.py: Routes has no ksr_request_route(self, msg), so nobody would be answered",
        ),
        (
            HEAD.replace("return 0", "return -1") + "        return 1\n",
            "routes.py: child_init(1) returned -1; 0 means all is well",
        ),
        (
            "import nosuch\n",
            "line 1 of routes.py: import nosuch\n"
            "routes.py does not begin: ModuleNotFoundError: No module named 'nosuch'",
        ),
        ("import sys\nsys.exit(2)\n", "line 2 of routes.py: sys.exit(2)\nroutes.py does not begin: SystemExit: 2"),
        (
            "import KSR\nKSR.tm.t_relya()\n",
            "line 2 of routes.py: KSR.tm.t_relya()\nroutes.py does not begin: "
            "AttributeError: module 'KSR.tm' has no attribute 't_relya'; did you mean t_relay?",
        ),
    ],
)
def test_what_can_not_begin_is_told_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(LabError) as refused:
        begun(tmp_path, text)
    assert str(refused.value) == told


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"nosuch\.py can't be read: No such file"):
        load(tmp_path / "nosuch.py")


@pytest.mark.parametrize("text", [b"\0", b"x = '\xff'", b"(" * 5000, b"-" * 100_000 + b"1"])
def test_bytes_that_are_no_python_are_refused_in_words(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "routes.py").write_bytes(text)
    with pytest.raises(LabError, match=r"routes\.py"):
        load(tmp_path / "routes.py")


def test_what_it_logs_while_it_begins_is_kept(tmp_path: Path) -> None:
    program = begun(
        tmp_path,
        HEAD.replace("return Routes()", 'KSR.info("begin\\n"); return Routes()').replace(
            "return 0", 'KSR.warn("%d %s" % (rank, KSR.pv.get("$rm"))); return 0'
        )
        + "        return 1\n",
    )
    assert [(row.name, row.text, row.line) for row in program.printed] == [
        ("info", "begin", 4),
        ("warn", "1 OPTIONS", 8),
    ]
    assert program.remarks == ()


def test_a_method_without_which_kamailio_stumbles_is_told_once(tmp_path: Path) -> None:
    text = HEAD.replace("ksr_onsend_route", "onsend") + "        KSR.sl.send_reply(200, 'OK'); return 1\n"
    program = begun(tmp_path, text)
    assert program.remarks == (
        "routes.py: Routes has no ksr_onsend_route; in Kamailio 5.6 the next call of KSR raises a SystemError then: "
        "write def ksr_onsend_route(self, msg): return 1",
    )
    assert asked(program).flow[-1] == "proxy -> 106  200 OK (MESSAGE)"


def test_a_route_that_returns_no_number_is_told_once(tmp_path: Path) -> None:
    bench = asked(with_route(tmp_path, "KSR.sl.send_reply(200, 'OK')"))
    bench.end("106").send(bench.end("106").request("MESSAGE"))
    assert bench.notes == [
        "ksr_request_route returned None, not a number; in Kamailio 5.6 the next call of KSR raises a TypeError then: "
        "end each way through it with return 1"
    ]


def test_an_exception_is_told_with_the_lines_of_the_file_and_the_request_goes_unanswered(tmp_path: Path) -> None:
    bench = asked(with_route(tmp_path, "self.help()", "def help(self):\n    raise ValueError('a fault')"))
    assert errors(bench) == [
        f"request_route, line {FIRST} of routes.py: self.help()\n"
        f"help, line {FIRST + 2} of routes.py: raise ValueError('a fault')\n"
        "ValueError: a fault"
    ]
    assert bench.flow == ["106 -> proxy  MESSAGE"]


def test_sys_exit_ends_the_route_without_a_word(tmp_path: Path) -> None:
    bench = asked(with_route(tmp_path, "import sys\nKSR.sl.send_reply(200, 'OK')\nsys.exit()"))
    assert bench.flow[-1] == "proxy -> 106  200 OK (MESSAGE)"
    assert errors(bench) == []


def test_a_command_stands_at_its_line_of_the_file(tmp_path: Path) -> None:
    bench = asked(
        with_route(
            tmp_path, "KSR.force_rport()\nself.answer()", "def answer(self):\n    KSR.sl.send_reply(486, 'Busy')"
        )
    )
    rows = sorted(bench.proxy.trace.commands)
    assert [(row.name, row.line) for row in rows] == [("force_rport", FIRST), ("send_reply", FIRST + 3)]
    assert {row.file for row in rows} == {str(tmp_path / "routes.py")}


def test_a_block_shows_its_own_lines(tmp_path: Path) -> None:
    source = Bench(with_route(tmp_path, "return 1").routes).proxy.source("request_route")
    assert source == (
        ("    def ksr_request_route(self, msg):", "        return 1"),
        FIRST - 1,
        str(tmp_path / "routes.py"),
    )


def test_a_route_that_never_ends_is_stopped_at_its_line_and_its_request_answered_500(tmp_path: Path) -> None:
    program = with_route(tmp_path, "while True:\n    KSR.is_INVITE()")
    bench = Bench(program.routes, max_lines=100)
    bench.proxy.dialect = Python(Patience(lambda: 0.0))
    bench.end("106").send(bench.end("106").request("MESSAGE"))
    assert bench.flow[-1] == "proxy -> 106  500 Server Internal Error (MESSAGE)"
    assert f"line {FIRST + 1} of routes.py: KSR.is_INVITE()" in errors(bench)[0]


def test_callbacks_are_methods_by_their_names(tmp_path: Path) -> None:
    program = with_route(
        tmp_path,
        """
        if KSR.is_INVITE():
            KSR.tm.t_on_failure("other")
            KSR.pv.sets("$du", "sip:127.0.10.108")
            KSR.tm.t_relay()
        return 1
        """,
        """
        def other(self, msg):
            KSR.tm.t_reply(480, "Nobody")
            return 1
        """,
    )
    bench = Bench(program.routes)
    callee, caller = bench.end("108"), bench.end("106")
    caller.invite()
    callee.answer(callee.hears("INVITE"), 486, "Busy Here")
    assert caller.summaries[-1] == "480 Nobody"


def test_a_response_that_the_script_drops_goes_no_further(tmp_path: Path) -> None:
    text = HEAD.replace("def ksr_reply_route(self, msg):", "def ksr_reply_route(self, msg):\n        KSR.set_drop()")
    program = begun(tmp_path, f"{text}        KSR.pv.sets('$du', 'sip:127.0.10.108'); KSR.tm.t_relay(); return 1\n")
    bench = asked(program)
    callee = bench.end("108")
    callee.send(bench.end("106").request("MESSAGE"))
    callee.answer(callee.hears("MESSAGE"), 200)
    assert "proxy -> 106  200 OK (MESSAGE)" not in bench.flow


def test_files_beside_it_are_its_own_and_find_ksr_too(tmp_path: Path) -> None:
    benches = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        (folder / "parts").mkdir(parents=True)
        (folder / "helper.py").write_text(f"import KSR\ndef say():\n    KSR.info('helper {number}')\n")
        (folder / "parts" / "__init__.py").write_text("from .deep import NUMBER\n")
        (folder / "parts" / "deep.py").write_text(f"import KSR\nNUMBER = {number}\n")
        route = """
        import helper
        from parts import deep, NUMBER
        import parts.deep
        helper.say()
        KSR.info(str(parts.deep.NUMBER + NUMBER))
        return 1
        """
        benches.append(asked(with_route(folder, route)))
    assert [printed(bench) for bench in benches] == [["helper 1", "2"], ["helper 2", "4"]]
    assert not {"KSR", "helper", "parts", "parts.deep", "routes"} & set(sys.modules)
    assert sorted(benches[0].proxy.trace.commands)[0].file == str(tmp_path / "1" / "helper.py")


def test_an_error_in_a_file_beside_it_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("x = 1\n1 / 0\n")
    with pytest.raises(LabError, match=r"line 1 of routes\.py: import helper\nline 2 of helper\.py: 1 / 0\n"):
        begun(tmp_path, "import helper\n")


def test_outside_a_script_ksr_says_what_it_is() -> None:
    with pytest.raises(ImportError, match=r"KSR is what a server hands to a KEMI script .* labsip serve --kemi FILE"):
        __import__("KSR")
