"""What expressions and declarations are made of: texts, variables, hosts; and operators of other languages, refused."""

from __future__ import annotations

from ipaddress import ip_network

from labsip.dialects.cfg import tokens
from labsip.dialects.cfg.cursor import Cursor
from labsip.dialects.cfg.nodes import Piece, Pvar, Text
from labsip.dialects.cfg.pvars import BadPvar, pvar_of

NOT_HERE = {
    "!~": "write !($x =~ \"…\")", "+=": "write $var(x) = $var(x) + 1", "-=": "write $var(x) = $var(x) - 1",
    "%": "the rest of a division is mod", "?": "write an if with an else", "===": "write ==", "<>": "write !=",
    "=<": "write <=", "=>": "write >=", "=!": "write !=", "++": "write $var(x) = $var(x) + 1",
}  # fmt: skip
"""Operators of other languages."""
WORDS_NOT_HERE = {
    "is": "write ==", "AND": "write and; capitals count", "OR": "write or; capitals count",
    "And": "write and; capitals count", "Or": "write or; capitals count",
    "then": "the statement follows the condition at once", "in": "write =~ \"^(A|B)$\"",
}  # fmt: skip
"""Words that are operators in other languages."""


def refuse_foreign(cursor: Cursor) -> None:
    """Raise Lost where an operator of another language stands, with what to write instead."""
    first, second = cursor.token, cursor.after()
    if first.kind == tokens.NAME and first.value in WORDS_NOT_HERE:
        raise cursor.lost(f"{first} is no operator here", WORDS_NOT_HERE[first.value])
    if first.kind != tokens.SIGN:
        return
    if first.value == ".":
        whole = cursor.previous.kind == tokens.NUMBER
        raise cursor.lost(". is no operator here", "numbers are whole" if whole else "texts are joined with +")
    beside = second.kind == tokens.SIGN and second.spot[:3] == (first.spot.file, first.spot.line, first.spot.end)
    pair = first.value + second.value if beside else ""
    found = pair if pair in NOT_HERE else first.value if first.value in NOT_HERE else ""
    if found:
        raise cursor.lost(f"{found} is no operator here", NOT_HERE[found])


def variable(cursor: Cursor) -> Pvar:
    """A variable; of one that can't be any, the fault is kept and `$null` stands for it."""
    token = cursor.take()
    try:
        return pvar_of(token.value, token.spot)
    except BadPvar as bad:
        cursor.fault(bad.fault.spot, bad.fault.message, bad.fault.hint)
        return Pvar(token.spot, token.value, "null")


def text(cursor: Cursor) -> Text:
    """A text, and those beside it that it goes on with."""
    first = cursor.take()
    pieces, value = [Piece(0, first.spot, first.written)], [first.value]
    length = len(first.value)
    while cursor.token.kind == tokens.TEXT and cursor.token.joined:
        token = cursor.take()
        pieces.append(Piece(length, token.spot, token.written))
        value.append(token.value)
        length += len(token.value)
    return Text(first.spot, "".join(value), tuple(pieces))


def host(cursor: Cursor) -> str:
    """A host name or an address, without a port."""
    if cursor.accept("["):
        found = cursor.take().value
        cursor.expect("]")
        return found
    parts = [cursor.take()]
    while cursor.at(".", "-") and touches(parts[-1], cursor.token):
        parts += [cursor.take(), cursor.take()]
    return "".join(part.value for part in parts)


def touches(before: tokens.Token, token: tokens.Token) -> bool:
    """Whether nothing is between the two; what a define is read as has one place."""
    return token.spot.column == before.spot.end or token.spot == before.spot


def is_network(text: str) -> bool:
    """Whether it is an address, with or without a mask."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
