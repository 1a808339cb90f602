"""A route in Python, said in Kamailio's two other languages: a kamailio.cfg, a KEMI script.

In: functions at hand (`script_of_routes`), or the text of a file that has them (`script_in`); nothing of them is run.
Out: text. What the other language has not is refused, with its line and what to write instead.

`route_function` is a function as a tree, with what the names in it mean; `route_text` reads a file. `sorts` says what a
value may be, for Python and a kamailio.cfg differ in what is true and what is equal. To a cfg: `cfg_blocks` makes
blocks of functions, with `cfg_statements` and `cfg_returns`; `cfg_values` and `cfg_conditions` are their expressions,
`cfg_commands` their commands, with `cfg_pieces`, `texts` and `posix_pattern`; `cfg_head` is what stands above them,
`to_cfg` the whole. To KEMI: `kemi_function`, `kemi_calls` and `python_text`, and `to_kemi`.
"""

from labsip.dialects.translation.route_script import RouteScript, script_of_routes
from labsip.dialects.translation.route_text import script_in
from labsip.dialects.translation.to_cfg import cfg_text
from labsip.dialects.translation.to_kemi import kemi_cfg, kemi_text

__all__ = ["RouteScript", "cfg_text", "kemi_cfg", "kemi_text", "script_in", "script_of_routes"]
