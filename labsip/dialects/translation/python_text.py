"""Python's trees as text that every Python from 3.8 on reads, whichever wrote it, with texts in double quotes."""

from __future__ import annotations

import ast
import copy
import io
import json
import tokenize


def python_text(node: ast.AST) -> str:
    """The text of an expression or a statement."""
    return ast.unparse(_FStrings().visit(copy.deepcopy(node)))


class _FStrings(ast.NodeTransformer):
    """An f-string has double quotes, and none within; one that can't is written with + between its parts."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        self.generic_visit(node)
        parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        if any(part.conversion != -1 or part.format_spec is not None for part in parts):
            return node
        inner = [ast.unparse(part.value) for part in parts]
        if any('"' in text or "\\" in text for text in inner):
            return self._joined(node)
        texts = (
            f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else _within(part)
            for part in node.values
        )
        return ast.Name(f'f"{"".join(texts)}"', ast.Load())

    @staticmethod
    def _joined(node: ast.JoinedStr) -> ast.expr:
        terms = [
            ast.Call(ast.Name("str", ast.Load()), [part.value], []) if isinstance(part, ast.FormattedValue) else part
            for part in node.values
        ]
        found = terms[0]
        for term in terms[1:]:
            found = ast.BinOp(found, ast.Add(), term)
        return found


def _within(node: ast.expr) -> str:
    """A constant part of an f-string in double quotes."""
    text = str(node.value) if isinstance(node, ast.Constant) else ""
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("{", "{{").replace("}", "}}")


def double_quoted(text: str) -> str:
    """Python's text with its plain texts in double quotes; those in f-strings stay as they are."""
    lines, depth = text.splitlines(), 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        depth += {"FSTRING_START": 1, "FSTRING_END": -1}.get(tokenize.tok_name[token.type], 0)
        plain = token.type == tokenize.STRING and not depth and token.string[0] == "'"
        if plain and token.start[0] == token.end[0] and not ('"' in token.string or "\\'" in token.string):
            (row, start), (_, end) = token.start, token.end
            line = lines[row - 1]
            lines[row - 1] = f'{line[:start]}"{token.string[1:-1]}"{line[end:]}'
    return "\n".join(lines)
