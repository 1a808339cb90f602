"""What a kamailio.cfg says, as frozen values; each knows its `Spot`. The grammar on one page:

    cfg          = { declaration | block | ";" }                      directives (#!…) are gone before: `directives`
    declaration  = core "=" value { value } | own "." name "=" (number | text) ["desc" text]
                 | "loadmodule" text | "modparam" "(" text "," text "," (number | text) ")" | "mpath" "=" text
                 | "cfgengine" text | "flags" flag { "," flag }                  flag = name [":" number]
    block        = ("request_route" | "route" | "onreply_route" | "reply_route" | "failure_route" | "branch_route"
                 | "onsend_route" | "event_route") ["[" name "]"] "{" statement { statement } "}"

    statement    = ";" | pvar "=" expression ";" | command ";" | route ";"
                 | ("return" | "exit" | "drop" | "break") [expression] ";"
                 | "if" expression body ["else" body]                 "else" belongs to the innermost "if"
                 | "while" expression body
                 | "switch" expression "{" { ("case" constant | "default") ":" { statement } } "}"
    body         = "{" statement { statement } "}" | statement
    command      = name ["(" [argument { "," argument }] ")"]         only core commands without brackets
    route        = "route" "(" (name | expression) ")"

    expression, loosest first, all from left to right:
        || or  ·  && and  ·  |  ·  &  ·  ^  ·  << >>  ·  == != =~ eq ne ieq ine  ·  < > <= >=  ·  + -  ·  * / mod
        unary  = ("!" | "not" | "-" | "~" | "(int)" | "(str)" | "defined" | "strlen" | "strempty") unary | primary
        primary = number | text { text } | pvar | "@" select | "(" expression ")" | command | route | old test
        old test = ("method" | "uri" | "src_ip" | …) operator (name | number | address | text | pvar | "myself")

    pvar         = "$" name ["(" inner ")"]
                 | "$(" name ["(" inner ")"] ["[" index "]"] { "{" transformation { "," text } "}" } ")"
    constant     = number | text | "/" text "/"
    number       = 12 | -5 | 0x1f | 017 | 101b | yes no on off true false enable disable

Numbers and texts are constants; a text is not filled in here, for only the command that takes it knows whether it is:
`pvars.template` makes its parts. An empty block is a fault, `body` has one statement at least.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

D = TypeVar("D")


class Spot(NamedTuple):
    """Where something stands: lines and columns count from 1, a tab is one column."""

    file: str
    line: int
    column: int
    end: int
    """The column behind it; of what ends in another line, the column behind its first line."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE_IN_CFG = Spot("", 0, 0, 0)


class Piece(NamedTuple):
    """One quoted text of those that stand beside each other and are one."""

    offset: int
    """Where it begins in the value."""
    spot: Spot
    """With its quotes."""
    written: str | None
    """What stands between them in the file, None where #!subst or #!define made something else of it."""


# ---- constants and variables


@dataclass(frozen=True, slots=True)
class Number:
    """A constant int."""

    spot: Spot
    value: int


@dataclass(frozen=True, slots=True)
class Text:
    """A constant text; escapes are resolved, neighbours joined, #!subst applied."""

    spot: Spot
    value: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Bare:
    """A word or an address without quotes, where the language takes one: `forward(127.0.10.200, 5060)`, `INVITE`."""

    spot: Spot
    value: str


@dataclass(frozen=True, slots=True)
class Transform:
    """A transformation: `{s.substr,0,$var(n)}` has the name `s.substr` and two arguments."""

    spot: Spot
    name: str
    arguments: tuple[Template, ...] = ()


@dataclass(frozen=True, slots=True)
class Pvar:
    """A pseudo-variable: `$ru`, `$hdr(From)`, `$(avp(x)[1]{s.len})`."""

    spot: Spot
    text: str
    """As it stands in the file, from the `$` on."""
    name: str
    """Without `$`: `ru`, `hdr`, `avp`."""
    inner: Template | None = None
    """What stands in its brackets, None without brackets: `$sht(t=>$rm)` has the parts `t=>` and `$rm`."""
    index: int | str | Pvar | None = None
    """`"*"` for all of them."""
    transforms: tuple[Transform, ...] = ()


Template = tuple["str | Pvar", ...]
"""A text with variables in it, in order; `$$` is `$` already. No two texts stand beside each other."""


@dataclass(frozen=True, slots=True)
class Select:
    """`@cfg_get.mine.word`: `path` is `cfg_get.mine.word`, as `$sel(…)` takes it."""

    spot: Spot
    path: str


# ---- expressions


@dataclass(frozen=True, slots=True)
class Unary:
    """`operator` is one of `!` `-` `~` `int` `str` `defined` `strlen` `strempty` (`not` is `!`)."""

    spot: Spot
    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """`operator` as in `operators.BINARY`: `||` for `or`, `&&` for `and`; `eq` `ne` `ieq` `ine` `mod` are their own."""

    spot: Spot
    """Of the operator."""
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class OldTest:
    """A test from old days: `uri == myself`, `src_ip == 10.0.0.0/8`, `status =~ "2.."`, `msg:len > 300`."""

    spot: Spot
    subject: str
    """As in `operators.SUBJECTS`: `method`, `uri`, `from_uri`, `src_ip`, `proto`, `msg:len` …"""
    operator: str
    """`==` `!=` `=~`, of numbers also `<` `>` `<=` `>=`."""
    against: Expression
    """Bare of `method == INVITE`, `proto == udp`, `src_ip == 10.0.0.0/8`."""


@dataclass(frozen=True, slots=True)
class Myself:
    """`myself`: one of our own addresses or domains."""

    spot: Spot


@dataclass(frozen=True, slots=True)
class CommandCall:
    """A command of a module or of the core."""

    spot: Spot
    """Of its name."""
    name: str
    """As written; `operators.SAME` has the one name of those that Kamailio's core knows by several."""
    arguments: tuple[Expression, ...] = ()
    end: Spot = NOWHERE_IN_CFG
    """Of the `)`, where Kamailio reports a command that it does not know."""


@dataclass(frozen=True, slots=True)
class RouteCall:
    """`route(NAME)`; the name is a Text where it is constant."""

    spot: Spot
    name: Expression


@dataclass(frozen=True, slots=True)
class Assignment:
    """`$var(x) = 5`, a statement, or inside an expression: `if ($var(x) = 5)`."""

    spot: Spot
    target: Pvar | Select
    value: Expression


Expression = (
    Number | Text | Bare | Pvar | Select | Unary | Binary | OldTest | Myself | CommandCall | RouteCall | Assignment
)

# ---- statements


@dataclass(frozen=True, slots=True)
class Jump:
    """`return`, `exit`, `drop` or `break`, with what it returns, if it says so."""

    spot: Spot
    word: str
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """A condition and what runs if it holds."""

    spot: Spot
    """Of the `if`."""
    condition: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class If:
    """`if`, each `else if` an arm of its own, and `else`."""

    spot: Spot
    arms: tuple[Arm, ...]
    otherwise: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class While:
    """`while`."""

    spot: Spot
    condition: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """The regular expression of a `case`."""

    spot: Spot
    value: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class SwitchCase:
    """`case` with its constant, or `default` with None; without `break` at the end it falls through."""

    spot: Spot
    constant: Number | Text | Pattern | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """`switch`; `default` may stand anywhere."""

    spot: Spot
    subject: Expression
    cases: tuple[SwitchCase, ...]


Statement = Assignment | CommandCall | RouteCall | Jump | If | While | Switch

# ---- the file


@dataclass(frozen=True, slots=True)
class RouteBlock:
    """A block: `kind` is one of `operators.BLOCKS`, `name` "" for none; a plain `route` is a `request_route` here."""

    spot: Spot
    kind: str
    name: str
    body: tuple[Statement, ...]
    end: Spot = NOWHERE_IN_CFG
    """Of the closing brace."""

    @property
    def label(self) -> str:
        """`route[NAME]`, as traces have it."""
        return f"{self.kind}[{self.name}]" if self.name else self.kind


@dataclass(frozen=True, slots=True)
class CoreParameter:
    """`children=4`, `listen=udp:127.0.10.1:5060`; `name` is the one name of those that mean the same."""

    spot: Spot
    name: str
    values: tuple[Number | Text | Bare, ...]
    """One; of `listen`, `alias` and others that take several, all of them."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Of `listen`: `advertise` and `name`."""


@dataclass(frozen=True, slots=True)
class OwnSetting:
    """`group.name = 5 desc "…"`, as `$sel(cfg_get.group.name)` reads it."""

    spot: Spot
    group: str
    name: str
    value: Number | Text
    about: str = ""
    instance: int | None = None
    """Of `group[2].name`."""


@dataclass(frozen=True, slots=True)
class LoadModule:
    """`loadmodule`; `name` without folder and `.so`."""

    spot: Spot
    name: str
    path: str = ""
    """As it is written."""


@dataclass(frozen=True, slots=True)
class ModParam:
    """`modparam`; `modules` is a name, or a regular expression over those of the modules that are loaded."""

    spot: Spot
    modules: Text
    name: Text
    value: Number | Text
    end: Spot = NOWHERE_IN_CFG


@dataclass(frozen=True, slots=True)
class CfgEngine:
    """`cfgengine "python"`: KEMI."""

    spot: Spot
    language: str


@dataclass(frozen=True, slots=True)
class FlagNames:
    """`flags FIRST:4, SECOND;`: without a number, Kamailio takes the next free one, from 31 down."""

    spot: Spot
    flags: tuple[tuple[str, int | None], ...]
    avp: bool = False
    """`avpflags`."""


Declaration = CoreParameter | OwnSetting | LoadModule | ModParam | CfgEngine | FlagNames


@dataclass(frozen=True)
class Cfg:
    """A whole configuration: all files it includes, in the order they are read."""

    file: str
    declarations: tuple[Declaration, ...]
    blocks: tuple[RouteBlock, ...]
    defines: Mapping[str, str]
    """For `$def(NAME)` and `$defn(NAME)`; quotes of a text included. Those of #!substdef are not among them."""
    texts: Mapping[str, tuple[str, ...]]
    """The lines of each file, by its name."""
    whole: bool = True
    """All of them could be read."""

    def line(self, spot: Spot) -> str:
        """The line something stands in, "" if there is none."""
        lines = self.texts.get(spot.file, ())
        return lines[spot.line - 1] if 0 < spot.line <= len(lines) else ""

    def of(self, kind: type[D]) -> tuple[D, ...]:
        """The declarations of one kind: `cfg.of(LoadModule)`."""
        return tuple(one for one in self.declarations if isinstance(one, kind))
