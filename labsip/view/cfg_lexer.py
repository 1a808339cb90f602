"""Colours for a kamailio.cfg, wherever Pygments colours text: notebooks, documentation."""

from __future__ import annotations

from pygments.lexer import RegexLexer, bygroups, include, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text

from labsip.dialects.cfg.operators import BLOCKS, NUMBER_WORDS, STATEMENT_WORDS, SUBJECTS
from labsip.dialects.cfg.parameters import CORE_PARAMETERS

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
LOADING = ("loadmodule", "loadmodulex", "modparam", "modparamx", "mpath", "loadpath", "cfgengine", "flags", "avpflags")


class KamailioLexer(RegexLexer):  # type: ignore[misc]
    """Of kamailio.cfg, Kamailio's configuration language."""

    name = "kamailio.cfg"
    aliases = ["kamailio", "kamailio.cfg"]  # noqa: RUF012 - as Pygments asks for it
    filenames = ["kamailio*.cfg", "kamailio*.inc"]  # noqa: RUF012
    tokens = {  # noqa: RUF012
        "root": [
            (r"[#!]!\w+.*?$", Comment.Preproc),
            (r"(#|//).*?$", Comment.Single),
            (r"/\*[\s\S]*?\*/", Comment.Multiline),
            (r'"', String, "text"),
            (r"'[^']*'", String.Single),
            include("variable"),
            (words(tuple(BLOCKS), suffix=r"\b"), Keyword.Declaration),
            (words((*LOADING, "include_file", "import_file"), suffix=r"\b"), Keyword.Namespace),
            (words(STATEMENT_WORDS, suffix=r"\b"), Keyword),
            (words(("and", "or", "not", "mod", "eq", "ne", "ieq", "ine", "defined"), suffix=r"\b"), Operator.Word),
            (words((*NUMBER_WORDS, "myself", "MYSELF"), suffix=r"\b"), Keyword.Constant),
            (r"\d+\.\d+\.\d+\.\d+(/\d+)?", Number),
            (r"0[xX][0-9a-fA-F]+|\d+", Number.Integer),
            (rf"({NAME})(\s*)(\()", bygroups(Name.Function, Text.Whitespace, Punctuation)),
            (words(tuple(SUBJECTS), prefix=r"\b", suffix=r"\b"), Name.Builtin),
            (words(tuple(CORE_PARAMETERS), prefix=r"\b", suffix=r"\b"), Name.Attribute),
            (NAME, Name),
            (r"[=!<>]=|=~|&&|\|\||<<|>>|[-+*/!<>=&|^~@]", Operator),
            (r"[{}()\[\];,:.]", Punctuation),
            (r"\s+", Text.Whitespace),
            (r".", Text),
        ],
        "variable": [
            (r"\$\$", String.Escape),
            (rf"\$\({NAME}(\([^()]*\))?(\[[^\]]*\])?(\{{[^{{}}]*\}})*\)", Name.Variable),
            (rf"\${NAME}(\([^()]*(\([^()]*\))?[^()]*\))?", Name.Variable),
        ],
        "text": [
            (r"\\.", String.Escape),
            include("variable"),
            (r'"', String, "#pop"),
            (r'[^"\\$]+', String),
            (r".", String),
        ],
    }
