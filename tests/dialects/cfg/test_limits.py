"""Whatever is handed to the reader, it comes back, soon, and with values."""

from __future__ import annotations

import os
import random
from cProfile import Profile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labsip.dialects.cfg import BadCfg, parse_cfg, review, scanner, script_of
from labsip.dialects.cfg.scanner import MOST_TOKENS
from tests.dialects.cfg.texts import FILE, KNOWN, MODULES

PROGRAM = (
    MODULES
    + """
#!define LIMIT 5
#!ifdef LIMIT
flags SEEN:3, NAT;
#!else
this is ( not read
#!endif
listen=udp:127.0.0.1:5060 advertise 192.0.2.1:5060
gw.ip = "10.0.0.1" desc "a gateway"
modparam("tm|sl", "fr_timer", 5000)
request_route {
    if (is_method("REGISTER") && src_ip != 10.0.0.0/8 || uri == myself) { save("location"); exit; }
    else if $var(x) =~ "^a" { $var(x) = (int)$(ru{s.len}) + LIMIT * -2; }
    while (defined $avp(x)) { $avp(x) = $null; if (!$var(y)) break; }
    switch ($rm) { case "A": case /"^B": xlog("L_INFO", "to $(hdr(To)[0]{uri.user}), $$\\n"); break; default: drop; }
    forward(127.0.0.1, 5060);
    route("A" + $rm);
}
route["A-B"] { return -1; /* a comment */ }
event_route[htable:mod-init] { $sht(t=>$rm) = @via[0].host; }
"""
)
PIECES = [
    *PROGRAM.split(),
    "{",
    "}",
    "(",
    ")",
    '"',
    "'",
    "$",
    "$(",
    "#!ifdef A\n",
    "#!endif\n",
    "#!define B B",
    "/*",
    "*/",
    "\x00",
]


def read_all(raw: bytes) -> None:
    """Read it, ask what is wrong, and print it."""

    def read(path: str) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", path)

    cfg, faults = parse_cfg(raw, FILE, read)
    found = [*faults, *review(cfg, KNOWN, formed=not faults)]
    assert str(BadCfg(found, cfg.texts)) or not found


@given(st.binary(max_size=300))
@example(b"\xff\xfe\x00")
@example(b"#!define A A\nA\n")
@example(b'#!subst "/(a*)*/x/"\n"' + b"a" * 100)
@example(b"include_file\x00\n")
@example(b'include_file "\x00"\n')
@example(b"$" * 100)
@example(b"route{" + b"case" * 20)
def test_any_bytes_are_read(raw: bytes) -> None:
    read_all(raw)


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_words_of_the_language_are_read(pieces: list[str]) -> None:
    read_all(" ".join(pieces).encode())


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_a_program_with_mistakes_is_read(seed: int, count: int) -> None:
    chance, text = random.Random(seed), PROGRAM
    for _ in range(count):
        at = chance.randrange(len(text))
        end = at + chance.randrange(8)
        text = text[:at] + chance.choice(["", chance.choice(PIECES), text[end : end + 10]]) + text[end:]
    read_all(text.encode())


def test_the_program_itself_is_well_formed() -> None:
    assert parse_cfg(PROGRAM, FILE).faults == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"x = 1;\n" * 25_000,
        b"#" * 1_000_000,
        b"/*" * 100_000,
        b'"' * 250_001,
        b"$(" * 250_000,
        b"$(a{s.len}" * 25_000,
        b"{" * 50_000,
        b"}" * 50_000,
        b"(" * 50_000,
        b"route { " + b"if (1) " * 50_000,
        b"route { $x = " + b"(" * 50_000,
        b"route { $x = " + b"- " * 50_000,
        b"route { xlog(" + b'"a" ' * 25_000 + b"); }",
        b'route { xlog("' + b"$(x(" * 125_000 + b'"); }',
        b"#!ifdef A\n" * 25_000,
        b"#!define A 1\n" * 25_000,
        b"#!define A\n" + b"#!ifdef A\n#!else\n#!endif\n" * 25_000,
        b"route[A] { exit; }\n" * 8_000,
        b'modparam("tm", "a", 1)\n' * 5_000,
        b"a." * 25_000,
        b"listen=" + b"a:" * 50_000,
        b"flags " + b", ".join(b"f%d" % number for number in range(25_000)),
        b"route { " + b"x" * 1_000_000 + b"(); }",
        b"route { route(" + b"x" * 1_000_000 + b"); }",
        b"x" * 1_000_000 + b" = 1",
        b"route { switch (1) { " + b"case 1: " * 50_000 + b"} }",
        b"\n" * 1_000_000,
    ],
    ids=lambda raw: f"{raw[:20]!r}",
)
def test_a_large_file_takes_time_in_proportion_to_its_size(raw: bytes) -> None:
    read_all(raw)


def test_more_words_than_kamailio_has_room_for_are_told() -> None:
    _, faults = parse_cfg(b";" * (MOST_TOKENS + 1), FILE)
    assert f"more than {MOST_TOKENS} words" in [fault.message for fault in faults]


@pytest.mark.parametrize("path", ["fifo", "folder", "/dev/zero", "/dev/tty", "not_there.cfg"])
def test_what_is_no_file_is_told_at_its_include_and_never_waited_for(path: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    main = tmp_path / "main.cfg"
    main.write_text(f'include_file "{path}"\nroute {{ exit; }}\n')
    with pytest.raises(BadCfg, match=r"main.cfg:1:1: .* can't be included: (it is no regular|No such) file"):
        script_of(main)
    with pytest.raises(OSError, match="no regular file"):
        script_of(tmp_path / "fifo")


def test_a_thousand_files_are_included(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"{number}.cfg").write_text(f"route[R{number}] {{ exit; }}\n")
    main = tmp_path / "main.cfg"
    main.write_text("".join(f'include_file "{number}.cfg"\n' for number in range(1000)) + "route { route(R999); }\n")
    assert len(script_of(main).routes.routes) == 1000


def test_ten_megabytes_are_told_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "big.cfg"
    file.write_bytes(b"# a comment\n" * 1_000_000)
    with pytest.raises(BadCfg, match=r"big\.cfg:1:1: more than 4 MiB of configuration"):
        script_of(file)


def test_a_thousand_braces_within_each_other_are_told_once() -> None:
    faults = parse_cfg("route { " + "if (1) { " * 1000 + "exit;" + " }" * 1001, FILE).faults
    assert [fault.message for fault in faults] == ["more than 60 braces and brackets within each other"]


def test_a_file_that_is_cut_off_has_no_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "MOST_TOKENS", 100)
    faults = parse_cfg("route { " + 'xlog("a"); ' * 50, FILE).faults
    assert [fault.message for fault in faults] == ["more than 100 words"]


def test_a_mark_of_bytes_line_ends_of_windows_tabs_and_latin_1_do_no_harm() -> None:
    lines = (
        b"#!define A 5",
        b"#!ifdef A",
        b"route {",
        b'\t\txlog("Z\xfcrich");',
        b"}",
        b"#!else",
        b"(",
        b"#!endif",
        b"",
    )
    text = b"\xef\xbb\xbf#!KAMAILIO\r\n" + b"\r\n".join(lines)
    assert parse_cfg(text, FILE).faults == ()
    (fault,) = parse_cfg(text.replace(b");", b")"), FILE).faults
    assert (fault.spot.line, fault.spot.column) == (6, 1)


def test_time_grows_with_the_size() -> None:
    """Measured in calls, which no other program disturbs: twice the lines are twice the calls."""
    line = '\tif ($var(x) == "abc" && $rU != $null) { xlog("L_INFO", "$rm and $ru\\n"); }\n'

    def calls(count: int) -> int:
        profile = Profile()
        profile.runcall(read_all, f"{MODULES}route {{\n{line * count}}}\n".encode())
        return sum(one.callcount for one in profile.getstats())

    small, large = calls(300), calls(600)
    assert large < 2.1 * small
