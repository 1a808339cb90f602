"""Expressions: precedence, constants, variables, old tests, calls."""

from __future__ import annotations

from labsip.dialects.cfg import operators, tokens
from labsip.dialects.cfg.atoms import host, is_network, refuse_foreign, text, variable
from labsip.dialects.cfg.commands import call, route_call
from labsip.dialects.cfg.cursor import Cursor
from labsip.dialects.cfg.nodes import (
    Assignment,
    Bare,
    Binary,
    Expression,
    Myself,
    Number,
    OldTest,
    Select,
    Spot,
    Unary,
)


def expression(cursor: Cursor) -> Expression:
    """A whole expression. Raises Lost."""
    cursor.operators = 0
    return operation(cursor, 1)


def operation(cursor: Cursor, least: int) -> Expression:
    """Operators that bind at least so tightly, from left to right."""
    left = unary(cursor)
    while True:
        token = cursor.token
        level = operators.BINARY.get(token.value, 0) if token.kind in (tokens.SIGN, tokens.NAME) else 0
        if level < least or not level:
            return left
        refuse_foreign(cursor)
        cursor.take()
        cursor.count_operator()
        right = operation(cursor, level + 1)
        left = Binary(token.spot, operators.SIGNS.get(token.value, token.value), left, right)


def unary(cursor: Cursor) -> Expression:
    """A value with the operators before it."""
    token = cursor.token
    if token.kind == tokens.CAST or cursor.at("!", "-", "~", "not", "defined"):
        cursor.take()
        cursor.count_operator()
        cursor.deeper()
        operand = unary(cursor)
        cursor.depth -= 1
        if token.value == "-" and isinstance(operand, Number):
            return Number(token.spot, tokens.wrapped(-operand.value))
        operator = token.value.strip("()")
        return Unary(token.spot, operators.SIGNS.get(operator, operator), operand)
    if cursor.at("strlen", "strempty"):
        cursor.take()
        cursor.expect("(", f"write {token.value}(…)")
        return Unary(token.spot, token.value, bracketed(cursor))
    return primary(cursor)


def bracketed(cursor: Cursor) -> Expression:
    """What stands behind a `(`, and the `)`; it may be an assignment."""
    cursor.deeper()
    cursor.count_operator()
    if cursor.token.kind == tokens.PVAR and cursor.after().value == "=" and cursor.after().kind == tokens.SIGN:
        inside: Expression = assignment(cursor)
    else:
        inside = operation(cursor, 1)
    if not cursor.at(")"):
        refuse_foreign(cursor)
    cursor.expect(")", "each ( needs its )")
    cursor.depth -= 1
    return inside


def assignment(cursor: Cursor) -> Assignment:
    """`$var(x) = expression`."""
    target = variable(cursor)
    cursor.take()
    return Assignment(target.spot, target, operation(cursor, 1))


def primary(cursor: Cursor) -> Expression:
    """A value."""
    token = cursor.token
    if token.kind == tokens.NUMBER:
        return Number(cursor.take().spot, tokens.number_of(token.value))
    if token.kind == tokens.TEXT:
        return text(cursor)
    if token.kind == tokens.PVAR:
        return variable(cursor)
    if cursor.at("("):
        cursor.take()
        return bracketed(cursor)
    if cursor.at("@"):
        return select(cursor)
    if token.kind == tokens.NAME:
        return named(cursor)
    if token.kind == tokens.WORD:
        hint = (
            "write it as in 10, 0x1f, 017 or 101b" if token.value[:2] in ("0b", "0B") else "a name begins with a letter"
        )
        raise cursor.lost(f"{token} is no number", hint)
    if cursor.at("+"):
        raise cursor.lost("a number has no + before it", "write it without")
    refuse_foreign(cursor)
    raise cursor.lost(f"a value is missing before {token}")


def named(cursor: Cursor) -> Expression:
    """What begins with a word."""
    token = cursor.token
    if token.value in operators.NUMBER_WORDS:
        return Number(cursor.take().spot, operators.NUMBER_WORDS[token.value])
    if token.value in operators.MYSELF:
        return reversed_test(cursor)
    if token.value == "route":
        return route_call(cursor, operation)
    if token.value in operators.SUBJECTS or (token.value == "msg" and cursor.after().value == ":"):
        return old_test(cursor)
    if token.value in operators.JUMPS:
        raise cursor.lost(f"{token} is no value", "it is a statement of its own")
    return call(cursor, operation)


def select(cursor: Cursor) -> Select:
    """`@via[0].host`."""
    start = cursor.take()
    path = ""
    while True:
        if cursor.token.kind != tokens.NAME:
            raise cursor.lost(
                f"a name is missing before {cursor.token}", "write it as in @ruri.user or @cfg_get.group.name"
            )
        path += cursor.take().value
        if cursor.accept("["):
            if cursor.token.kind not in (tokens.NUMBER, tokens.TEXT):
                raise cursor.lost(f"a number or a text is missing before {cursor.token}", "write it as in @via[0].host")
            path += f"[{cursor.take().value}]"
            cursor.expect("]")
        if not cursor.accept("."):
            return Select(start.spot._replace(end=cursor.previous.spot.end), path)
        path += "."


# ---- tests from old days


def old_test(cursor: Cursor) -> OldTest:
    """`uri == myself`."""
    token = cursor.take()
    subject = token.value
    if subject == "msg":
        cursor.take()
        cursor.expect("len", "write msg:len")
        subject = "msg:len"
    known = operators.SUBJECTS[subject]
    if not cursor.at(*known):
        refuse_foreign(cursor)
        hint = f"write {subject} == …" if cursor.at("=") else ""
        raise cursor.lost(f"behind {subject} comes {', '.join(known[:-1])} or {known[-1]}, not {cursor.token}", hint)
    operator = cursor.take().value
    return OldTest(token.spot, subject, operator, against(cursor, subject))


def reversed_test(cursor: Cursor) -> OldTest:
    """`myself == uri`."""
    token = cursor.take()
    if not cursor.at("==", "!="):
        raise cursor.lost(f"behind myself comes == or !=, not {cursor.token}", "write uri == myself")
    operator = cursor.take().value
    subject = cursor.token.value
    if subject not in ("uri", "from_uri", "to_uri", *operators.ADDRESSES):
        raise cursor.lost(f"{cursor.token} can't be myself", "write uri == myself, or src_ip == myself")
    cursor.take()
    return OldTest(token.spot, subject, operator, Myself(token.spot))


def against(cursor: Cursor, subject: str) -> Expression:
    """What an old test compares with."""
    token = cursor.token
    addresses = subject in operators.ADDRESSES
    if token.kind == tokens.NAME:
        if token.value in operators.MYSELF and (addresses or subject.endswith("uri")):
            return Myself(cursor.take().spot)
        if subject in ("proto", "snd_proto") and token.value in operators.PROTOCOLS:
            return Bare(cursor.take().spot, operators.PROTOCOLS[token.value])
        if subject in ("af", "snd_af") and token.value in operators.FAMILIES:
            return Bare(cursor.take().spot, operators.FAMILIES[token.value])
        called = cursor.after().value == "(" and cursor.after().kind == tokens.SIGN
        if subject == "method" and not called and token.value not in operators.KEYWORDS:
            return Bare(cursor.take().spot, token.value)
    if addresses and (token.kind in (tokens.NUMBER, tokens.V6, tokens.NAME) or cursor.at("[")):
        return address(cursor)
    return operation(cursor, operators.BINARY["+"])


def address(cursor: Cursor) -> Bare:
    """`10.0.0.1`, `10.0.0.0/8`, `[::1]`, `host.example.com`."""
    first = cursor.token
    found = host(cursor)
    if cursor.accept("/"):
        found += "/" + host(cursor)
    spot = Spot(first.spot.file, first.spot.line, first.spot.column, cursor.previous.spot.end)
    if first.kind != tokens.NAME and not is_network(found):
        cursor.fault(spot, f"{found} is no address", "write it as in 10.0.0.1, 10.0.0.0/8 or [2001:db8::1]")
    return Bare(spot, found)
