"""Files, includes, and where each token stands."""

from __future__ import annotations

from labsip.dialects.cfg import parse_cfg
from labsip.dialects.cfg.preprocessor import MOST_BYTES
from labsip.dialects.cfg.scanner import Scanner
from tests.dialects.cfg.texts import FILE, brief, no_file, read, told


def test_lines_and_columns_count_from_1_and_a_tab_is_one_column() -> None:
    scanner = Scanner(no_file, {})
    a, b, end = scanner.scan(FILE, b"\n\ta \xc3\xa9 b")
    assert (a.spot.line, a.spot.column, a.spot.end) == (2, 2, 3)
    assert (b.spot.line, b.spot.column) == (2, 6)
    assert end.spot == b.spot


def test_an_included_file_is_read_in_place_and_its_tokens_know_it() -> None:
    cfg, faults = read('include_file "more.cfg"\nroute[B] { exit; }\n', {"more.cfg": "\nroute[A] { exit; }\n"})
    assert faults == ()
    assert [(block.name, block.spot.file, block.spot.line) for block in cfg.blocks] == [
        ("A", "more.cfg", 2),
        ("B", FILE, 2),
    ]


def test_a_path_counts_from_the_folder_of_the_file_that_includes() -> None:
    files = {"/etc/a/one.cfg": b'include_file "sub/two.cfg"', "/etc/a/sub/two.cfg": b'include_file "three.cfg"'}
    asked = []

    def reader(path: str) -> bytes:
        asked.append(path)
        return files.get(path, b"")

    parse_cfg(files["/etc/a/one.cfg"], "/etc/a/one.cfg", reader)
    assert asked == ["/etc/a/sub/two.cfg", "/etc/a/sub/three.cfg"]


def test_an_include_may_have_the_sign_of_a_directive() -> None:
    assert (
        len(read('#!include_file "more.cfg"\n!!import_file "more.cfg"\n', {"more.cfg": "route{exit;}"}).cfg.blocks) == 2
    )


def test_a_file_that_is_not_there_can_be_imported_and_not_included() -> None:
    assert told('import_file "no.cfg"\ndebug=2\n') == []
    assert told('include_file "no.cfg"\n') == ["1:1 no.cfg can't be included: No such file or directory"]


def test_a_mistake_in_an_included_file_is_told_with_its_own_line() -> None:
    (fault,) = read('include_file "more.cfg"\n', {"more.cfg": "\n\ndebugg=3\n"}).faults
    assert str(fault.spot) == "more.cfg:3:1"


def test_a_file_that_includes_itself_is_told() -> None:
    files = {"a.cfg": 'include_file "b.cfg"', "b.cfg": 'include_file "a.cfg"'}
    (fault,) = read('include_file "a.cfg"\n', files).faults
    assert brief(fault) == "1:1 a.cfg includes itself"
    assert fault.spot.file == "b.cfg"


def test_includes_go_ten_deep() -> None:
    files = {f"{number}.cfg": f'include_file "{number + 1}.cfg"' for number in range(20)}
    (fault,) = read('include_file "0.cfg"\n', files).faults
    assert "more than 10 deep" in fault.message


def test_an_include_without_double_quotes_is_told() -> None:
    assert told("include_file 'more.cfg'\n")[0] == "1:1 include_file has no file"


def test_a_text_without_end_is_told_where_it_begins() -> None:
    assert '2:6 this " has no " that belongs to it' in told('request_route {\nxlog("a);\n exit;\n}\n')


def test_a_comment_without_end_is_told_where_it_begins() -> None:
    assert told("debug=1\n/* no end\n") == ["2:1 this comment has no end"]


def test_a_variable_without_its_bracket_ends_with_its_line() -> None:
    assert (
        told('request_route {\n $var(a = 5;\n xlog("x");\n}\n')[0] == "2:2 the brackets of $var(a = 5; are not closed"
    )


def test_more_than_4_mib_is_told_and_not_read() -> None:
    cfg, faults = parse_cfg(b"#" * (MOST_BYTES + 1), FILE)
    assert [fault.message for fault in faults] == ["more than 4 MiB of configuration"]
    assert cfg.blocks == ()
