"""Nodes written out as a kamailio.cfg: what the reader makes of it are the same nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from labsip.dialects.cfg import operators
from labsip.dialects.cfg.nodes import (
    Arm,
    Assignment,
    Bare,
    Binary,
    Cfg,
    CfgEngine,
    CommandCall,
    CoreParameter,
    Declaration,
    Expression,
    FlagNames,
    If,
    Jump,
    LoadModule,
    ModParam,
    Myself,
    Number,
    OldTest,
    OwnSetting,
    Pattern,
    Pvar,
    RouteBlock,
    RouteCall,
    Select,
    Statement,
    Switch,
    Text,
    Unary,
    While,
)

INDENT = "    "
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+", re.ASCII)
EVENT = re.compile(r"[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)+", re.ASCII)
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
UNARY = 11
"""How tightly an operator before a value binds."""
PLACE = tuple[str, int]


class Remark(NamedTuple):
    """Comments that go with a statement or a block, without their `#`."""

    above: tuple[str, ...] = ()
    beside: str = ""


Remarks = Mapping[PLACE, Remark]
"""By file and line of what they go with."""


def written(cfg: Cfg) -> str:
    """A whole configuration, without comments: defines, declarations, blocks."""
    head = [f"#!define {name} {value}".rstrip() for name, value in cfg.defines.items()]
    head += map(declaration, cfg.declarations)
    return "\n\n".join(["\n".join(head), *(block(one) for one in cfg.blocks)]).strip("\n") + "\n"


# ---- declarations


def declaration(node: Declaration) -> str:
    """One line."""
    match node:
        case LoadModule():
            return f"loadmodule {quoted(node.path or node.name + '.so')}"
        case ModParam():
            return f"modparam({quoted(node.modules.value)}, {quoted(node.name.value)}, {expression(node.value)})"
        case CfgEngine():
            return f"cfgengine {quoted(node.language)}"
        case FlagNames():
            flags = (name if number is None else f"{name}:{number}" for name, number in node.flags)
            return f"{'avpflags' if node.avp else 'flags'} {', '.join(flags)};"
        case OwnSetting():
            group = node.group if node.instance is None else f"{node.group}[{node.instance}]"
            about = f" desc {quoted(node.about)}" if node.about else ""
            return f"{group}.{node.name} = {expression(node.value)}{about}"
        case CoreParameter():
            return _parameter(node)


def _parameter(node: CoreParameter) -> str:
    values = [expression(value) for value in node.values]
    if node.name == "listen" and len(values) > 1:  # several hosts of one socket
        parts = [re.fullmatch(r"(\w+:(?!:))?(.*?)(:\d+)?", value) for value in values]
        proto, _, port = parts[0].groups("") if parts[0] else ("", "", "")
        values = [f"{proto}({', '.join(part[2] for part in parts if part)}){port}"]
    options = "".join(
        f" {name}" if name == "virtual" else f" {name} {quoted(value) if name == 'name' else value}"
        for name, value in node.options.items()
    )
    return f"{node.name}={' '.join(values)}{options}"


# ---- blocks and statements


def block(node: RouteBlock, remarks: Remarks | None = None) -> str:
    """A block; what is remarked of its own line stands above it."""
    remark = (remarks or {}).get((node.spot.file, node.spot.line), Remark())
    name = f"[{_block_name(node)}]" if node.name else ""
    lines = [*_comments(remark.above), f"{node.kind}{name} {{", *_body(node.body, remarks or {}, INDENT), "}"]
    return "\n".join(lines)


def _block_name(node: RouteBlock) -> str:
    pattern = EVENT if node.kind == "event_route" else NAME
    return node.name if pattern.fullmatch(node.name) and node.name not in operators.KEYWORDS else quoted(node.name)


def _comments(lines: Iterable[str], indent: str = "") -> list[str]:
    return [f"{indent}# {line}".rstrip() for line in lines]


def _body(statements: tuple[Statement, ...], remarks: Remarks, indent: str) -> Iterator[str]:
    for one in statements:
        remark = remarks.get((one.spot.file, one.spot.line), Remark())
        yield from _comments(remark.above, indent)
        first, *others = _statement(one, remarks, indent)
        yield first + (f"  # {remark.beside}" if remark.beside else "")
        yield from others
    if not statements:
        yield f"{indent};"


def _statement(node: Statement, remarks: Remarks, indent: str) -> Iterator[str]:
    inner = indent + INDENT
    match node:
        case If():
            yield from _if(node, remarks, indent)
        case While():
            yield f"{indent}while ({_bare(node.condition)}) {{"
            yield from _body(node.body, remarks, inner)
            yield f"{indent}}}"
        case Switch():
            yield f"{indent}switch ({_bare(node.subject)}) {{"
            for case in node.cases:
                yield f"{inner}default:" if case.constant is None else f"{inner}case {_constant(case.constant)}:"
                if case.body:
                    yield from _body(case.body, remarks, inner + INDENT)
            yield f"{indent}}}"
        case Jump():
            yield f"{indent}{node.word}{'' if node.value is None else ' ' + expression(node.value)};"
        case _:
            yield f"{indent}{_bare(node)};"


def _if(node: If, remarks: Remarks, indent: str) -> Iterator[str]:
    start = indent
    for arm in node.arms:
        yield f"{start}if ({_bare(arm.condition)}) {{{_beside(arm, node, remarks)}"
        yield from _body(arm.body, remarks, indent + INDENT)
        start = f"{indent}}} else "
    if node.otherwise:
        yield f"{indent}}} else {{"
        yield from _body(node.otherwise, remarks, indent + INDENT)
    yield f"{indent}}}"


def _beside(arm: Arm, node: If, remarks: Remarks) -> str:
    """The comment beside an `else if`; that of the first arm is the statement's."""
    remark = remarks.get((arm.spot.file, arm.spot.line), Remark())
    return f"  # {remark.beside}" if remark.beside and arm is not node.arms[0] else ""


def _constant(node: Number | Text | Pattern) -> str:
    return f"/{quoted(node.value)}" if isinstance(node, Pattern) else expression(node)


# ---- expressions


def expression(node: Expression, least: int = 0) -> str:
    """An expression, in brackets where it binds less tightly than that."""
    if isinstance(node, Assignment):
        return f"({_bare(node)})"
    text = _bare(node)
    return f"({text})" if _binding(node) < least else text


def _binding(node: Expression) -> int:
    match node:
        case Binary():
            return operators.BINARY[node.operator]
        case OldTest():
            return operators.BINARY["=="]
        case Unary(operator="strlen" | "strempty"):
            return UNARY + 1
        case Unary():
            return UNARY
    return UNARY + 1


def _bare(node: Expression) -> str:
    match node:
        case Number(value=number):
            return str(number)
        case Text(value=value):
            return quoted(value)
        case Bare(value=value):
            return value
        case Pvar(text=text):
            return text
        case Select(path=path):
            return f"@{path}"
        case Myself():
            return "myself"
        case Unary():
            return _unary(node)
        case Binary(operator=operator, left=left, right=right):
            binding = operators.BINARY[operator]
            return f"{expression(left, binding)} {operator} {expression(right, binding + 1)}"
        case OldTest():
            return f"{node.subject} {node.operator} {expression(node.against, operators.BINARY['+'])}"
        case CommandCall(name=name, arguments=arguments):
            return f"{name}({', '.join(map(expression, arguments))})"
        case RouteCall():
            return f"route({_route_name(node.name)})"
        case Assignment(target=target, value=value):
            return f"{_bare(target)} = {expression(value)}"


def _unary(node: Unary) -> str:
    match node.operator:
        case "strlen" | "strempty":
            return f"{node.operator}({_bare(node.operand)})"
        case "int" | "str":
            return f"({node.operator}){expression(node.operand, UNARY)}"
        case "defined":
            return f"defined {expression(node.operand, UNARY)}"
        case "-" if isinstance(node.operand, Unary) and node.operand.operator == "-":
            return f"-({_bare(node.operand)})"
    return f"{node.operator}{expression(node.operand, UNARY)}"


def _route_name(name: Expression) -> str:
    plain = isinstance(name, Text) and NAME.fullmatch(name.value) is not None
    if isinstance(name, Text) and plain and name.value not in operators.KEYWORDS | operators.NUMBER_WORDS.keys():
        return name.value
    return expression(name)


def quoted(value: str) -> str:
    """A text in double quotes."""
    return '"' + "".join(ESCAPES.get(c) or (c if c >= " " else f"\\x{ord(c):02x}") for c in value) + '"'
