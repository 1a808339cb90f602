"""kamailio.cfg: bytes in, nodes and faults out. The language is Kamailio 5.6.3's, as measured.

In: the bytes of a file, and a function that reads those it includes; the room opens no file. Out: a `Cfg` of frozen
nodes, and `Fault`s: all that is wrong, each with its place, its line and what is meant.

    reading = read_cfg("kamailio.cfg", read, {"WITH_AUTH": None})       # form: reading.cfg, reading.faults
    faults = review(reading.cfg, known_of(EXPORTS))                     # names, places, types

`nodes` has the grammar on one page. `scanner` makes `tokens` of bytes, with the `preprocessor` and its `directives` on
the way; `cursor`, `atoms`, `expressions`, `commands`, `statements`, `declarations` and `reading` make nodes of tokens;
`pvars` reads the variables in a text. `operators` and `parameters` are the tables of the language. `known`, `review`,
`declaration_checks` and `mismatches` ask whether what is well formed makes sense.

The parser is written by hand, by recursive descent. A generated one says what it expected, in terms of its grammar.
This one says what is meant: at each place it knows what a learner is likely to have in mind, and where to go on after a
mistake, so that all are told at once. And the grammar depends on more than tokens: bare words are addresses in
`forward(…)`, methods behind `method ==`, and nothing elsewhere.

`script_of` reads, checks and compiles: `cfg_settings` makes settings of the declarations, `block_code` a Python
function of each block, whose lines are the configuration's (`places`), with `expression_code`, `command_code`,
`pvar_code` and `old_test_code`; `values`, `switches` and `old_tests` are what such a function calls.

`cfg_writer` prints nodes as a text that is read as the same nodes.

What no reader survives has a limit: size, includes, defines, braces, operators. Reading takes time in proportion to
size.
"""

from labsip.dialects.cfg.cfg_script import CfgScript, compile_cfg, file_bytes, script_of
from labsip.dialects.cfg.faults import BadCfg, Fault, line_of, told_all
from labsip.dialects.cfg.known import Known, known_of
from labsip.dialects.cfg.nodes import Cfg, Spot
from labsip.dialects.cfg.preprocessor import Read
from labsip.dialects.cfg.pvars import template
from labsip.dialects.cfg.reading import Reading, load_cfg, parse_cfg, read_cfg
from labsip.dialects.cfg.review import review

__all__ = [
    "BadCfg",
    "Cfg",
    "CfgScript",
    "Fault",
    "Known",
    "Read",
    "Reading",
    "Spot",
    "compile_cfg",
    "file_bytes",
    "known_of",
    "line_of",
    "load_cfg",
    "parse_cfg",
    "read_cfg",
    "review",
    "script_of",
    "template",
    "told_all",
]
