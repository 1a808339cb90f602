"""Short ways to read a configuration in a test."""

from __future__ import annotations

from collections.abc import Mapping

from labsip.dialects.cfg import Fault, Reading, known_of, parse_cfg, review
from labsip.dialects.cfg.nodes import Assignment, Expression, Statement
from labsip.dialects.cfg.scanner import Scanner
from labsip.dialects.cfg.tokens import END
from labsip.vocabulary import EXPORTS

FILE = "kamailio.cfg"
KNOWN = known_of(EXPORTS)
MODULES = "".join(f'loadmodule "{name}.so"\n' for name in ("pv", "xlog", "tm", "sl", "textops", "registrar"))


def read(text: str, files: Mapping[str, str] | None = None, **defines: str | None) -> Reading:
    """Read a text; `files` are those it may include, by path."""

    def reader(path: str) -> bytes:
        if files is None or path not in files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return files[path].encode()

    return parse_cfg(text, FILE, reader, defines)


def no_file(path: str) -> bytes:
    """A reader that has no files."""
    raise FileNotFoundError(2, "No such file or directory", path)


def told(text: str, **defines: str | None) -> list[str]:
    """What is wrong with its form: line, column and message of each."""
    return [brief(fault) for fault in read(text, **defines).faults]


def brief(fault: Fault) -> str:
    return f"{fault.spot.line}:{fault.spot.column} {fault.message}"


def route(body: str) -> tuple[Statement, ...]:
    """The statements of a request_route, which has no faults."""
    cfg, faults = read(f"request_route {{\n{body}\n}}\n")
    assert faults == ()
    return cfg.blocks[0].body


def value(expression: str) -> Expression:
    """What `$var(x)` is set to."""
    (statement,) = route(f"$var(x) = {expression};")
    assert isinstance(statement, Assignment)
    return statement.value


def in_route(body: str) -> list[str]:
    """What is wrong with the form of these statements; the first line is 1."""
    faults = read(f"request_route {{ {body}\n}}\n").faults
    return [fault.message for fault in faults]


def words(text: str, **defines: str | None) -> list[str]:
    """The tokens of a text, without the end."""
    scanner = Scanner(no_file, defines)
    found = scanner.scan(FILE, text.encode())
    assert scanner.faults == []
    return [token.value for token in found if token.kind != END]


def reviewed(text: str, *, head: str = MODULES) -> list[str]:
    """What is wrong with a well-formed text, behind the usual modules."""
    cfg, faults = read(head + text)
    assert [brief(fault) for fault in faults] == []
    return [fault.message for fault in review(cfg, KNOWN)]


def reviewed_route(body: str) -> list[str]:
    """What is wrong with these statements of a request_route."""
    return reviewed(f"request_route {{ {body} }}\n")
