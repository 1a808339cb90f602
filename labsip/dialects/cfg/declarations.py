"""What stands outside of routes: parameters, modules, settings, flags."""

from __future__ import annotations

from collections.abc import Callable

from labsip.dialects.cfg import operators, tokens
from labsip.dialects.cfg.atoms import host, text
from labsip.dialects.cfg.cursor import Cursor
from labsip.dialects.cfg.faults import nearest
from labsip.dialects.cfg.listen import aliases, sockets
from labsip.dialects.cfg.nodes import (
    Bare,
    CfgEngine,
    CoreParameter,
    Declaration,
    FlagNames,
    LoadModule,
    ModParam,
    Number,
    OwnSetting,
    Spot,
    Text,
)
from labsip.dialects.cfg.parameters import (
    ADDRESS,
    CORE_PARAMETERS,
    FACILITIES,
    INT,
    NAME,
    NAMES,
    NEGATIVE,
    SAME_PARAMETER,
    SIGNED,
    SOCKETS,
    TEXT,
    WORD,
)
from labsip.dialects.cfg.tokens import Token

PYTHON = ("def", "class", "import", "from")


def declaration(cursor: Cursor) -> tuple[Declaration, ...]:
    """One; a `listen` with several sockets is one for each. Raises Lost."""
    token = cursor.token
    if token.kind != tokens.NAME:
        hint = "statements stand in a block: request_route { … }" if token.kind == tokens.PVAR else ""
        if cursor.at("}"):
            hint = "there is one } more than {"
        raise cursor.lost(f"{token} can't stand here, outside of routes", hint)
    if token.value in MODULES:
        return (MODULES[token.value](cursor),)
    following = cursor.after()
    kind = CORE_PARAMETERS.get(token.value)
    if kind is not None:
        return parameter(cursor, kind)
    if following.kind == tokens.SIGN and following.value in ".[" and token.value not in operators.KEYWORDS:
        return (own_setting(cursor),)
    return unknown(cursor)


def unknown(cursor: Cursor) -> tuple[Declaration, ...]:
    """What is no declaration. Raises Lost."""
    token, following = cursor.token, cursor.after()
    if following.kind == tokens.SIGN and following.value == "=":
        hint = nearest(token.value, CORE_PARAMETERS) or "a setting of your own has a group: group.name = …"
        raise cursor.lost(f"the core has no parameter {token}", hint)
    if following.kind == tokens.SIGN and following.value == "." and token.value in operators.KEYWORDS:
        raise cursor.lost(f"a setting of your own can't be in a group {token}", "that is a word of the language")
    if token.value in PYTHON:
        raise cursor.lost(f"nothing begins with {token} here", "that is Python; a route is request_route { … } here")
    if token.value in operators.STATEMENT_WORDS or following.value == "(":
        hint = "statements stand in a block: request_route { … }"
        if cursor.previous.value == "}":
            hint = f"the }} in line {cursor.previous.spot.line} ends the route before it; is it one too many?"
        raise cursor.lost(f"{token} can't stand here, outside of routes", hint)
    words = (*operators.BLOCKS, *operators.DECLARATION_WORDS, *CORE_PARAMETERS)
    raise cursor.lost(f"nothing begins with {token} here", nearest(token.value, words))


def quoted(cursor: Cursor, what: str, example: str) -> Text:
    """A text. Raises Lost."""
    if cursor.token.kind != tokens.TEXT:
        raise cursor.lost(f"{what} is a text in quotes, not {cursor.token}", f"write it as in {example}")
    return text(cursor)


# ---- modules


def load_module(cursor: Cursor) -> LoadModule:
    """`loadmodule "tm.so"`."""
    cursor.take()
    example = 'loadmodule "tm.so"'
    if cursor.token.kind == tokens.NAME and cursor.token.value not in operators.KEYWORDS:
        spot, bare = cursor.token.spot, host(cursor).removesuffix(".so")
        cursor.fault(spot, f"a module is a text in quotes, not {bare}", f"write it as in {example}")
        return LoadModule(spot, bare, bare)
    name = quoted(cursor, "a module", example)
    return LoadModule(name.spot, name.value.rpartition("/")[2].removesuffix(".so"), name.value)


def mod_param(cursor: Cursor) -> ModParam:
    """`modparam("tm", "fr_timer", 5000)`."""
    word = cursor.take()
    example = 'modparam("tm", "fr_timer", 5000)'
    hint = f"write it as in {example}"
    cursor.expect("(", hint)
    modules = quoted(cursor, "the module", example)
    cursor.expect(",", hint)
    name = quoted(cursor, "the parameter's name", example)
    cursor.expect(",", hint)
    value = constant(cursor, "the parameter's value", hint, negative=True)
    end = cursor.expect(")", hint)
    return ModParam(word.spot, modules, name, value, end.spot)


def load_path(cursor: Cursor) -> CoreParameter:
    """`mpath = "/usr/lib/kamailio/modules"`; the `=` may be left out."""
    word = cursor.take()
    cursor.accept("=")
    return CoreParameter(word.spot, "mpath", (quoted(cursor, "a path", 'mpath="/usr/lib/kamailio/modules"'),))


def cfg_engine(cursor: Cursor) -> CfgEngine:
    """`cfgengine "python"`."""
    word = cursor.take()
    cursor.accept("=")
    return CfgEngine(word.spot, quoted(cursor, "an engine", 'cfgengine "python"').value)


def flag_names(cursor: Cursor) -> FlagNames:
    """`flags FIRST:4, SECOND`."""
    word = cursor.take()
    flags: dict[str, int | None] = {}
    while True:
        if cursor.token.kind not in (tokens.NAME, tokens.TEXT):
            raise cursor.lost(
                f"the name of a flag is missing before {cursor.token}", "write it as in flags FIRST:4, SECOND:5;"
            )
        token, number = cursor.take(), None
        if cursor.accept(":"):
            number = whole(cursor, "a flag is a number")
            if not 0 <= number <= 31:
                cursor.fault(cursor.previous.spot, f"there is no flag {number}", "flags go from 0 to 31")
        if token.value in flags:
            cursor.fault(token.spot, f"flag {token.value} is declared already")
        flags.setdefault(token.value, number)
        if not cursor.accept(","):
            return FlagNames(word.spot, tuple(flags.items()), word.value == "avpflags")


MODULES: dict[str, Callable[[Cursor], Declaration]] = {
    "loadmodule": load_module, "loadmodulex": load_module, "modparam": mod_param, "modparamx": mod_param,
    "mpath": load_path, "loadpath": load_path, "cfgengine": cfg_engine, "flags": flag_names, "avpflags": flag_names,
}  # fmt: skip


# ---- settings


def whole(cursor: Cursor, message: str) -> int:
    """A number. Raises Lost."""
    if cursor.token.kind != tokens.NUMBER:
        raise cursor.lost(f"{message}, not {cursor.token}")
    return tokens.number_of(cursor.take().value)


def constant(cursor: Cursor, what: str, hint: str, *, negative: bool = False) -> Number | Text:
    """A number or a text. Raises Lost."""
    token = cursor.token
    if token.kind == tokens.TEXT:
        return text(cursor)
    if token.kind == tokens.NAME and token.value in operators.NUMBER_WORDS:
        return Number(cursor.take().spot, operators.NUMBER_WORDS[token.value])
    sign = cursor.accept("-") if negative else None
    if cursor.token.kind != tokens.NUMBER:
        raise cursor.lost(f"{what} is a number or a text in quotes, not {cursor.token}", hint)
    value = tokens.number_of(cursor.take().value)
    return Number(token.spot, tokens.wrapped(-value) if sign else value)


def own_setting(cursor: Cursor) -> OwnSetting:
    """`group.name = 5 desc "…"`."""
    example = 'write it as in group.name = 5 desc "what it is for"'
    group, instance = cursor.take(), None
    if cursor.accept("["):
        instance = whole(cursor, "the instance of a group is a number")
        cursor.expect("]")
    cursor.expect(".", example)
    name = cursor.token
    if name.kind != tokens.NAME or (name.value in operators.KEYWORDS and name.value != "default"):
        hint = "it is a word of the language itself; take another" if name.kind == tokens.NAME else example
        raise cursor.lost(f"{name} can't be the name of a setting", hint)
    cursor.take()
    cursor.expect("=", example)
    value = constant(cursor, "a setting", example)
    about = ""
    if cursor.at("desc", "descr", "description"):
        cursor.take()
        about = quoted(cursor, "a description", example).value
    spot = Spot(group.spot.file, group.spot.line, group.spot.column, name.spot.end)
    return OwnSetting(spot, group.value, name.value, value, about, instance)


def parameter(cursor: Cursor, kind: str) -> tuple[CoreParameter, ...]:
    """A parameter of the core."""
    word = cursor.take()
    if not cursor.at("="):
        raise cursor.lost(f"= is missing behind {word}, before {cursor.token}", f"write {word}=…")
    cursor.take()
    name = SAME_PARAMETER.get(word.value, word.value)
    if kind == SOCKETS:
        return sockets(cursor, word)
    if kind == NAMES:
        return (CoreParameter(word.spot, name, aliases(cursor)),)
    return (CoreParameter(word.spot, name, (value_of(cursor, word, kind),)),)


def value_of(cursor: Cursor, word: Token, kind: str) -> Number | Text | Bare:
    """What a parameter is set to. Raises Lost for what it can't be."""
    token = cursor.token
    hint = {INT: f"write {word}=1, or yes or no", SIGNED: f"write {word}=1, or yes or no", TEXT: f'write {word}="…"'}
    if kind in (INT, SIGNED):
        negative = word.value in NEGATIVE
        if cursor.at("-") and not negative:
            raise cursor.lost(f"{word} can't be negative")
        found = constant(cursor, str(word), hint[kind], negative=negative)
        if isinstance(found, Text):
            raise cursor.lost(f"{word} takes a number, not {token}", hint[kind], token)
        return found
    if token.kind == tokens.TEXT and kind in (TEXT, WORD, ADDRESS):
        return text(cursor)
    if kind == TEXT:
        raise cursor.lost(f"{word} takes a text in quotes, not {token}", hint[kind])
    if kind == NAME and token.kind in (tokens.NAME, tokens.NUMBER):
        if word.value == "log_facility" and token.value not in FACILITIES:
            near = nearest(token.value, FACILITIES)
            raise cursor.lost(f"there is no facility {token}", near or "write LOG_LOCAL0, LOG_DAEMON …")
        return Bare(cursor.take().spot, token.value)
    if (kind == ADDRESS and token.kind != tokens.END) or (kind == WORD and token.kind == tokens.NAME):
        return Bare(token.spot, host(cursor))
    raise cursor.lost(f"{word} takes {kind}, not {token}")
