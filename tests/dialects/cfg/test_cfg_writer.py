"""What the writer prints is read as the same nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from labsip.dialects.cfg.cfg_writer import Remark, block, expression, quoted, written
from labsip.dialects.cfg.nodes import NOWHERE_IN_CFG, Select, Spot, Text
from labsip.dialects.cfg.reading import parse_cfg, read_cfg

SHARED = Path(__file__).parents[4] / "shared" / "kamailio"
FILES = sorted([*SHARED.glob("*.cfg"), *(SHARED / "cfglang").glob("*.cfg"), *Path("/etc/kamailio").glob("*.cfg")])


def read(path: str) -> bytes:
    return Path(path).read_bytes()


def meaning(node: object) -> object:
    """The same nodes, all at one place: what two texts of the same meaning have in common."""
    if isinstance(node, Spot):
        return None
    if isinstance(node, tuple):
        return tuple(map(meaning, node))
    if isinstance(node, Mapping):
        return dict(node)
    if hasattr(node, "__dataclass_fields__"):
        kept = [
            name for name in node.__dataclass_fields__ if name not in ("pieces", "path") or isinstance(node, Select)
        ]
        return type(node).__name__, *((name, meaning(getattr(node, name))) for name in kept)
    return node


def test_there_are_files_to_try(shared: Callable[[str], Path]) -> None:
    shared("kamailio")
    assert len(FILES) > 140


def test_a_file_that_is_well_formed_is_read_as_the_same_nodes_again() -> None:
    count = 0
    for file in FILES:
        cfg, faults = read_cfg(str(file), read)
        if faults:
            continue
        again, faults = parse_cfg(written(cfg), "again.cfg")
        assert not faults, file
        assert meaning((again.declarations, again.blocks)) == meaning((cfg.declarations, cfg.blocks)), file
        assert dict(again.defines) == dict(cfg.defines)
        count += 1
    assert count > 100 or not FILES


OPERATORS = ["||", "&&", "|", "&", "^", "<<", "==", "=~", "<", ">=", "+", "-", "*", "/", "mod"]
values = st.sampled_from(["1", "-5", '"a\\"b\\\\"', "$ru", "$(avp(x)[1]{s.len})", "is_method(\"INVITE\")", "route(R)",
                          "@cfg_get.a.b", "strlen($ru)", "uri == myself", "($var(x) = 5)"])  # fmt: skip
expressions = st.recursive(
    values,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(st.sampled_from(["!", "-", "~", "(int)", "(str)", "defined "]), inner).map(
            lambda parts: "".join(parts)
        ),
    ),
    max_leaves=8,
)


@given(expressions)
def test_an_expression_keeps_its_brackets_where_it_needs_them(text: str) -> None:
    def parsed(one: str) -> object:
        cfg, faults = parse_cfg(f"request_route {{ if ({one}) exit; }}", "x.cfg")
        assert not faults
        return cfg.blocks[0].body[0].arms[0].condition  # type: ignore[union-attr]

    node = parsed(text)
    assert meaning(parsed(expression(node))) == meaning(node)  # type: ignore[arg-type]


@given(st.text(st.characters(min_codepoint=1, max_codepoint=0x2FF, exclude_categories=["Cs"])))
def test_a_text_is_read_as_it_was(text: str) -> None:
    cfg, faults = parse_cfg(f"request_route {{ xlog({quoted(text)}); }}", "x.cfg")
    assert not faults
    assert cfg.blocks[0].body[0].arguments[0].value == text  # type: ignore[union-attr]


def test_comments_stand_above_a_statement_and_beside_it() -> None:
    cfg, _ = parse_cfg("request_route {\nexit;\n}\n", "x.cfg")
    remarks = {("x.cfg", 1): Remark(("The order of things.",)), ("x.cfg", 2): Remark(("now", "or never"), "at once")}
    assert block(cfg.blocks[0], remarks) == (
        "# The order of things.\nrequest_route {\n    # now\n    # or never\n    exit;  # at once\n}"
    )


def test_a_text_without_a_place_is_written_too() -> None:
    assert expression(Text(NOWHERE_IN_CFG, 'say "no"\r\n')) == '"say \\"no\\"\\r\\n"'
