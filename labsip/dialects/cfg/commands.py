"""Commands and calls of routes."""

from __future__ import annotations

from collections.abc import Callable

from labsip.dialects.cfg import operators, tokens
from labsip.dialects.cfg.atoms import is_network, refuse_foreign, text, touches
from labsip.dialects.cfg.cursor import Cursor
from labsip.dialects.cfg.nodes import Bare, CommandCall, Expression, Number, RouteCall, Spot, Text

Parse = Callable[[Cursor, int], Expression]
"""What reads an expression of operators that bind at least so tightly (`expressions.operation`)."""
FOREIGN = {
    "for": "write a while", "foreach": "write a while", "do": "write a while", "elseif": "write else if",
    "elsif": "write else if", "elif": "write else if", "continue": "turn the condition around, or leave with break",
    "goto": "call a route", "function": "write route[NAME] { … }", "def": "write route[NAME] { … }",
    "var": "write $var(name) = …", "let": "write $var(name) = …", "print": 'write xlog("…\\n")',
}  # fmt: skip
"""Words of other languages."""
NOTHING = ("NULL", "null", "Null", "none", "None", "nil", "undef")
"""Words for nothing in other languages."""
NAMES_OF_HOSTS = frozenset(("uri", *operators.PROTOCOLS))
"""Words of the language that begin an address: `uri:host`, `udp:127.0.0.1:5060`."""
HOST_TOKENS = (tokens.NAME, tokens.NUMBER, tokens.WORD, tokens.V6)


def call(cursor: Cursor, parse: Parse) -> CommandCall:
    """`name(argument, …)`. Raises Lost."""
    name = cursor.take()
    core = operators.SAME.get(name.value, name.value) in operators.CORE_COMMANDS
    if not cursor.at("("):
        if name.value in operators.WITHOUT_BRACKETS or operators.SAME.get(name.value) in operators.WITHOUT_BRACKETS:
            return CommandCall(name.spot, name.value, (), name.spot)
        refuse(cursor, name)
    if name.value in operators.KEYWORDS and not core:
        raise cursor.lost(f"{name} is no command", "it is a word of the language itself", name)
    if name.value in FOREIGN:
        cursor.skip_brackets()
        raise cursor.lost(f"there is no {name}", FOREIGN[name.value], name)
    arguments = _arguments(cursor, name, parse, core)
    end = cursor.take().spot
    if core:
        check_core(cursor, name, arguments)
    return CommandCall(name.spot, name.value, tuple(arguments), end)


def _arguments(cursor: Cursor, name: tokens.Token, parse: Parse, core: bool) -> list[Expression]:
    """What stands between the brackets, which are next."""
    cursor.take()
    cursor.deeper()
    arguments: list[Expression] = []
    while not cursor.at(")"):
        arguments.append(bare_argument(cursor, parse) if core else argument(cursor, parse))
        if cursor.accept(","):
            if cursor.at(")"):
                raise cursor.lost("an argument is missing between , and )", "take the comma away")
        elif not cursor.at(")"):
            refuse_foreign(cursor)
            hint = f"the brackets of {name} begin in line {name.spot.line}"
            if cursor.token.spot.line == name.spot.line and cursor.token.kind != tokens.SIGN:
                hint = "arguments have commas between them"
            raise cursor.lost(f", or ) is missing before {cursor.token}", hint)
    cursor.depth -= 1
    return arguments


def refuse(cursor: Cursor, name: tokens.Token) -> None:
    """Raise Lost: a word that is no command, for it has no brackets."""
    if name.value in FOREIGN:
        raise cursor.lost(f"there is no {name}", FOREIGN[name.value], name)
    folded = name.value.lower()
    if folded != name.value and folded in operators.KEYWORDS:
        raise cursor.lost(f"{name} is not known", f"write {folded}; capitals count", name)
    if name.value in operators.KEYWORDS:
        raise cursor.lost(f"{name} can't stand here", "it is a word of the language itself", name)
    if name.value in NOTHING:
        raise cursor.lost(f"there is no {name}", "write $null", name)
    if cursor.at("."):
        while cursor.at(".") and cursor.after().kind == tokens.NAME:
            cursor.take(), cursor.take()
        hint = f"write {cursor.previous}(…) alone, as a kamailio.cfg has it"
        raise cursor.lost(f"{name}. belongs to another language", hint, name)
    hint = f'a command has brackets: {name}(); a text has quotes: "{name}"; a route is called with route({name})'
    if cursor.token.kind in (tokens.TEXT, tokens.NUMBER, tokens.PVAR) or cursor.at("["):
        hint = f"write {name}(…)"
    elif not cursor.at(";"):
        hint = f'write {name}() if it is a command, "{name}" if it is a text'
    raise cursor.lost(f"( is missing behind {name}, before {cursor.token}", hint)


def argument(cursor: Cursor, parse: Parse) -> Expression:
    """An argument of a module's command."""
    token = cursor.token
    if token.kind == tokens.NAME and token.value not in operators.KEYWORDS:
        if cursor.after().value in (",", ")"):
            cursor.take()
            raise cursor.lost(f"{token} is no text", f'write it in quotes: "{token}"; or #!define it', token)
        if cursor.after().kind == tokens.NAME and cursor.after().value not in operators.BINARY:
            raise cursor.lost(f"{token} is no text", f'write it in quotes: "{token} {cursor.after()}…"')
    return parse(cursor, 1)


def bare_argument(cursor: Cursor, parse: Parse) -> Expression:
    """An argument of a core command, which may be a word or an address."""
    token, following = cursor.token, cursor.after()
    if token.kind == tokens.TEXT:
        return text(cursor)
    alone = following.kind == tokens.SIGN and following.value in (",", ")")
    if token.kind == tokens.NUMBER and alone:
        return Number(cursor.take().spot, tokens.number_of(token.value))
    if token.kind == tokens.NAME and token.value in operators.NUMBER_WORDS and alone:
        return Number(cursor.take().spot, operators.NUMBER_WORDS[token.value])
    if token.kind in (tokens.PVAR, tokens.CAST) or cursor.at("-", "(", "@"):
        return parse(cursor, 1)
    if token.kind == tokens.NAME and token.value in operators.KEYWORDS - NAMES_OF_HOSTS:
        raise cursor.lost(f"{token} can't stand here", "it is a word of the language itself")
    parts: list[tokens.Token] = []
    while cursor.token.kind in HOST_TOKENS or cursor.at(".", "-", ":", "[", "]"):
        if parts and not touches(parts[-1], cursor.token):
            break
        parts.append(cursor.take())
    if not parts:
        raise cursor.lost(f"a value is missing before {token}")
    spot = Spot(token.spot.file, token.spot.line, token.spot.column, cursor.previous.spot.end)
    return Bare(spot, "".join(part.value for part in parts))


def check_core(cursor: Cursor, name: tokens.Token, arguments: list[Expression]) -> None:
    """Keep a fault where a core command is not given what it takes."""
    forms = operators.CORE_COMMANDS[operators.SAME.get(name.value, name.value)]
    fitting = [form for form in forms if len(form) == len(arguments)]
    if not fitting:
        counts = " or ".join(sorted({str(len(form)) for form in forms}))
        plural = "" if counts == "1" else "s"
        cursor.fault(name.spot, f"{name} takes {counts} argument{plural}, not {len(arguments)}", usage(name.value))
        return
    for given, kind in zip(arguments, fitting[0], strict=True):
        if not fits(given, kind, name.value):
            cursor.fault(given.spot, f"{name} takes {WANTED[kind]} here", usage(name.value))


WANTED = {
    operators.NUMBER: "a number", operators.TEXT: "a text in quotes", operators.HOST: "a host or an address",
    operators.FLAG: "the number or the name of a flag", operators.NAME: "a word",
}  # fmt: skip


def fits(given: Expression, kind: str, name: str) -> bool:
    """Whether a core command takes that there."""
    if isinstance(given, Number):
        return kind in (operators.NUMBER, operators.FLAG)
    if isinstance(given, Text):
        return kind in (operators.TEXT, operators.HOST) or (kind == operators.FLAG)
    if not isinstance(given, Bare):
        return False
    if kind == operators.NUMBER:
        return given.value in ("uri:port",)
    if kind == operators.HOST and name.startswith("forward") and ":" in given.value:
        return given.value == "uri:host" or is_network(given.value.strip("[]"))
    return kind != operators.TEXT


def usage(name: str) -> str:
    """How a core command is written."""
    forms = operators.CORE_COMMANDS[operators.SAME.get(name, name)]
    shown = {operators.NUMBER: "5060" if name.startswith("forward") else "1", operators.TEXT: '"…"',
             operators.HOST: "127.0.0.1", operators.FLAG: "5", operators.NAME: "TCP"}  # fmt: skip
    return "write " + " or ".join(f"{name}({', '.join(shown[kind] for kind in form)})" for form in forms)


def route_call(cursor: Cursor, parse: Parse) -> RouteCall:
    """`route(NAME)`. Raises Lost."""
    word = cursor.take()
    cursor.expect("(", "write route(NAME)")
    token = cursor.token
    if token.kind == tokens.NAME and cursor.after().value == ")" and token.value not in operators.NUMBER_WORDS:
        if token.value in operators.KEYWORDS:
            raise cursor.lost(f"{token} is a word of the language", f'write route("{token}")')
        cursor.take()
        name: Expression = Text(token.spot, token.value)
    elif cursor.at(")"):
        raise cursor.lost("route() needs a name", "write route(NAME)")
    else:
        if token.kind == tokens.NAME and cursor.after().value == "-":
            raise cursor.lost(f"a name with - in it needs quotes: {token}-…", 'write it as in route("TO-CARRIER")')
        name = parse(cursor, 1)
        if isinstance(name, Number):
            name = Text(name.spot, str(name.value))
    cursor.expect(")")
    return RouteCall(word.spot, name)
