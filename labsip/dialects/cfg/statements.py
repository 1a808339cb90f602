"""Statements, and the blocks they stand in. After a mistake, reading goes on at the next statement."""

from __future__ import annotations

from collections.abc import Callable

from labsip.dialects.cfg import operators, tokens
from labsip.dialects.cfg.atoms import refuse_foreign, text
from labsip.dialects.cfg.commands import FOREIGN, call, route_call
from labsip.dialects.cfg.cursor import Cursor, Lost
from labsip.dialects.cfg.expressions import assignment, expression, operation
from labsip.dialects.cfg.nodes import (
    Arm,
    Binary,
    Expression,
    If,
    Jump,
    Number,
    Pattern,
    Spot,
    Statement,
    Switch,
    SwitchCase,
    Text,
    Unary,
    While,
)

Body = tuple[Statement, ...]


def block(cursor: Cursor, what: str) -> tuple[Body, Spot]:
    """`{ statement … }`, with the place of its `}`, or where it ends without. Raises Lost where there is no `{`."""
    column = cursor.indent()
    opened = cursor.expect("{", f"{what} has its statements in braces")
    cursor.deeper()
    if cursor.at("}"):
        cursor.fault(cursor.token.spot, f"{what} has nothing in it", "a block needs a statement; a ; alone will do")
    body = statements(cursor)
    cursor.depth -= 1
    if not cursor.at("}"):
        tell_unclosed(cursor, opened.spot.line)
        return body, cursor.previous.spot
    if cursor.indent() < column and cursor.misplaced is None:
        cursor.misplaced = (cursor.token.spot.line, opened.spot.line)
    return body, cursor.take().spot


def tell_unclosed(cursor: Cursor, line: int) -> None:
    """Keep the fault that the brace of a line is not closed, unless nothing further is read."""
    if cursor.stopped or cursor.blind or (cursor.token.kind == tokens.END and cursor.cut):
        return
    hint = f"write }} where the block ends that begins in line {line}"
    if cursor.misplaced is not None:
        closing, of = cursor.misplaced
        hint = (
            f"the }} in line {closing} closes the {{ of line {of}, which stands further right; is a }} missing there?"
        )
    message = f"{cursor.token} begins inside the {{ of line {line}, which is not closed"
    if cursor.token.kind == tokens.END:
        message = f"the file ends inside the {{ of line {line}"
    cursor.fault(cursor.token.spot, message, hint)


def statements(cursor: Cursor, *ends: str) -> Body:
    """All up to a `}`, the end of the file, a route block or one of these words."""
    found: list[Statement] = []
    while cursor.token.kind != tokens.END and not cursor.at("}", *ends) and not cursor.begins_block():
        depth = cursor.depth
        try:
            one = statement(cursor)
        except Lost:
            cursor.depth = depth
            cursor.skip_statement()
            continue
        if one is not None:
            found.append(one)
    return tuple(found)


def statement(cursor: Cursor) -> Statement | None:
    """One, None for a `;` alone. Raises Lost."""
    token, cursor.operators = cursor.token, 0
    if cursor.accept(";"):
        return None
    if token.kind == tokens.PVAR or cursor.at("@"):
        return assigned(cursor)
    if token.kind != tokens.NAME:
        hint = "a block of its own is not possible; if, while and routes have them" if cursor.at("{") else ""
        raise cursor.lost(f"a statement can't begin with {token}", hint)
    if token.value in STATEMENTS:
        return STATEMENTS[token.value](cursor)
    if token.value in operators.JUMPS:
        return jump(cursor)
    refuse_word(cursor)
    found: Statement = route_call(cursor, operation) if token.value == "route" else call(cursor, operation)
    end_statement(cursor)
    return found


def refuse_word(cursor: Cursor) -> None:
    """Raise Lost where a statement begins with a word that none begins with."""
    token, following = cursor.token, cursor.after()
    if token.value == "else":
        hint = "only one statement, or one block in braces, stands between if and else"
        raise cursor.lost("this else has no if", hint)
    if token.value in ("case", "default"):
        raise cursor.lost(f"{token} stands outside of switch")
    if following.value == "=" and following.kind == tokens.SIGN and token.value not in FOREIGN:
        hint = f"write $var({token}) = …; parameters of the core stand outside of routes"
        raise cursor.lost(f"{token} can't be set here", hint)
    if token.value in operators.KEYWORDS and token.value != "route" and token.value not in operators.CORE_NAMES:
        raise cursor.lost(f"a statement can't begin with {token}", "it is a word of the language itself")


def end_statement(cursor: Cursor) -> None:
    """The `;` of a statement. Where it is missing, the fault stands at what comes instead, as Kamailio has it."""
    if cursor.accept(";"):
        return
    token, before = cursor.token, cursor.previous
    if before.endless or (cursor.cut and token.kind == tokens.END):
        cursor.blind = True
        return
    refuse_foreign(cursor)
    line = before.spot.line + before.lines
    where = f"; is missing at the end of line {line}, before {token}"
    if token.spot.line == line and token.kind != tokens.END:
        where = f"; is missing before {token}"
    if token.kind in (tokens.NAME, tokens.PVAR, tokens.END) or cursor.at("}"):
        cursor.fault(token.spot, where, hint_for(cursor))
        return
    raise cursor.lost(where, hint_for(cursor))


def hint_for(cursor: Cursor) -> str:
    """What a missing `;` may come of."""
    before = cursor.previous
    if before.kind == tokens.TEXT and before.lines:
        return f"the text that begins in line {before.spot.line} ends right before; has it no closing quote there?"
    return "each statement ends with a ;"


def assigned(cursor: Cursor) -> Statement:
    """`$var(x) = 5;`."""
    token, following = cursor.token, cursor.after()
    if token.kind != tokens.PVAR:
        raise cursor.lost("a statement can't begin with @", "a select can only be read")
    if not (following.kind == tokens.SIGN and following.value == "="):
        cursor.take()
        refuse_foreign(cursor)
        if token.value == "$" and cursor.at("{"):
            cursor.skip_braces()
            raise cursor.lost("a $ alone is no variable", "write $var(x)", token)
        if cursor.at("["):
            raise cursor.lost(f"{token} has no [", f"write {token}(x), or $({token.value[1:]}[0])")
        if cursor.at("=="):
            raise cursor.lost("= is missing: == compares", f"write {token} = …")
        raise cursor.lost(f"= is missing behind {token}, before {cursor.token}", f"write {token} = …")
    found = assignment(cursor)
    refuse_foreign(cursor)
    if cursor.at("="):
        raise cursor.lost("only one variable can be set at once", "write two statements")
    end_statement(cursor)
    return found


def jump(cursor: Cursor) -> Jump:
    """`return`, `exit`, `drop`, `break`."""
    word = cursor.take()
    value = None
    if cursor.at("(") and cursor.after().value == ")" and word.value != "break":
        cursor.take(), cursor.take()
    elif not cursor.at(";", "}") and word.value != "break" and not starts_line(cursor):
        value = expression(cursor)
    end_statement(cursor)
    return Jump(word.spot, word.value, value)


def starts_line(cursor: Cursor) -> bool:
    """Whether the next token is a statement's that begins in the next line: then a `;` is missing."""
    token, before = cursor.token, cursor.previous
    below = token.spot.line > before.spot.line + before.lines
    assigns = token.kind == tokens.PVAR and cursor.after().value == "="
    return token.kind == tokens.END or (below and (assigns or token.value in operators.STATEMENT_WORDS))


# ---- if, while


def condition(cursor: Cursor, word: str) -> Expression | None:
    """The condition; None where it can't be read, and its block follows. Raises Lost where that is missing, too."""
    depth = cursor.depth
    try:
        found = expression(cursor)
    except Lost:
        cursor.depth = depth
        if cursor.skip_to("{"):
            return None
        raise
    refuse_foreign(cursor)
    if cursor.at("="):
        raise cursor.lost("= sets a variable; == compares", f"write {word} ($x == …)")
    if cursor.at(")"):
        raise cursor.lost("this ) has no (", "count the brackets of the condition")
    return found


def body(cursor: Cursor, what: str) -> Body:
    """A block, or one statement."""
    if cursor.at("{"):
        return block(cursor, what)[0]
    cursor.deeper()
    found = statement(cursor)
    cursor.depth -= 1
    return () if found is None else (found,)


def if_statement(cursor: Cursor) -> If:
    """`if`, with all its `else if` and its `else`; 0 stands for a condition that can't be read."""
    first = cursor.token
    arms: list[Arm] = []
    otherwise: Body = ()
    while True:
        word = cursor.take()
        test = condition(cursor, "if")
        then = body(cursor, "this if")
        arms.append(Arm(word.spot, test or Number(word.spot, 0), then))
        if cursor.at("elseif", "elsif", "elif"):
            cursor.fault(cursor.token.spot, f"there is no {cursor.token}", "write else if")
            continue
        if not cursor.accept("else"):
            break
        if not cursor.at("if"):
            otherwise = body(cursor, "this else")
            break
    return If(first.spot, tuple(arms), otherwise)


def while_statement(cursor: Cursor) -> While:
    """`while`."""
    word = cursor.take()
    test = condition(cursor, "while")
    inside = body(cursor, "this while")
    return While(word.spot, test or Number(word.spot, 0), inside)


# ---- switch


def switch_statement(cursor: Cursor) -> Switch:
    """`switch`."""
    word = cursor.take()
    subject = condition(cursor, "switch")
    opened = cursor.expect("{", "the cases of a switch stand in braces")
    cursor.deeper()
    cases: list[SwitchCase] = []
    while not cursor.at("}"):
        depth = cursor.depth
        try:
            cases.append(switch_case(cursor, opened.spot.line))
        except Lost:
            cursor.depth = depth
            if cursor.skip_to(":"):
                cursor.take()
            statements(cursor, "case", "default")
            if cursor.token.kind == tokens.END or cursor.begins_block():
                raise
    cursor.depth -= 1
    cursor.expect("}")
    return Switch(word.spot, subject or Number(word.spot, 0), tuple(cases))


def switch_case(cursor: Cursor, line: int) -> SwitchCase:
    """`case 1: …` or `default: …`, of the switch whose brace is in that line."""
    if not cursor.at("case", "default"):
        if cursor.token.kind == tokens.END or cursor.begins_block():
            tell_unclosed(cursor, line)
            raise Lost
        raise cursor.lost(f"in a switch, {cursor.token} comes before any case", "write a case above it")
    word = cursor.take()
    found = None if word.value == "default" else case_constant(cursor)
    hint = f"write {'default' if found is None else 'case …'}:"
    cursor.expect(":", "each case has one constant; write one below the other" if cursor.at(",") else hint)
    if cursor.at("{"):
        cursor.fault(cursor.token.spot, "a case has no braces", "its statements follow the : and go up to break;")
        block(cursor, "this case")
    return SwitchCase(word.spot, found, statements(cursor, "case", "default"))


def case_constant(cursor: Cursor) -> Number | Text | Pattern:
    """What a case compares with: a number, a text, `/"regular expression"`."""
    start = cursor.accept("/")
    if start is not None:
        if cursor.token.kind != tokens.TEXT:
            raise cursor.lost("a regular expression is missing behind the /", 'write it in quotes: case /"^INV":')
        found = text(cursor)
        return Pattern(start.spot, found.value)
    token = cursor.token
    if token.kind == tokens.NAME and token.value not in operators.KEYWORDS and cursor.after().value == ":":
        raise cursor.lost(f"{token} is no text", f'write it in quotes: "{token}"; or #!define it')
    value = constant_of(expression(cursor))
    if value is None:
        raise cursor.lost("a case needs a constant", 'write a number, a text, or /"a regular expression"', token)
    return value


def constant_of(value: Expression) -> Number | Text | None:
    """What a constant expression comes to, None for what only shows when it runs."""
    if isinstance(value, Number | Text):
        return value
    if isinstance(value, Unary) and value.operator == "-" and isinstance(inner := constant_of(value.operand), Number):
        return Number(value.spot, tokens.wrapped(-inner.value))
    if isinstance(value, Binary) and value.operator in ("+", "-", "|"):
        left, right = constant_of(value.left), constant_of(value.right)
        if isinstance(left, Number) and isinstance(right, Number):
            both = {"+": left.value + right.value, "-": left.value - right.value, "|": left.value | right.value}
            return Number(left.spot, tokens.wrapped(both[value.operator]))
        if value.operator == "+" and isinstance(left, Text) and right is not None:
            return Text(left.spot, left.value + str(right.value))
    return None


STATEMENTS: dict[str, Callable[[Cursor], Statement]] = {
    "if": if_statement,
    "while": while_statement,
    "switch": switch_statement,
}
