"""Routes that are Python functions. Nobody else reads Python's stack.

`spelling` reads a function before it runs, `stack` says where it is while it runs and what went wrong in it, `patience`
stops it if it never ends.
"""

from labsip.dialects.python.patience import Patience, TooLong
from labsip.dialects.python.spelling import check_block, check_commands, text_and_definition
from labsip.dialects.python.stack import SOURCE_MAP, Python, SourceMap, mapped_line, mapped_trail

__all__ = [
    "SOURCE_MAP",
    "Patience",
    "Python",
    "SourceMap",
    "TooLong",
    "check_block",
    "check_commands",
    "mapped_line",
    "mapped_trail",
    "text_and_definition",
]
