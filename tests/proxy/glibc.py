"""The C library's own regular expressions, as a judge: glibc's `regcomp` and `regexec`."""

from __future__ import annotations

import ctypes
import platform

EXTENDED, ICASE, NEWLINE = 1, 2, 4
GROUPS = 10
HERE = platform.libc_ver()[0] == "glibc"
Spans = tuple[tuple[int, int], ...]


class _Span(ctypes.Structure):
    _fields_ = (("start", ctypes.c_int), ("end", ctypes.c_int))


def first_match(expression: bytes, text: bytes, *, ignore_case: bool = True, lines: bool = False) -> Spans | None:
    """Where the expression and its groups match first, () if nowhere; None if it is no expression.

    Neither may have a NUL in it.
    """
    library, compiled = ctypes.CDLL(None), ctypes.create_string_buffer(256)
    flags = EXTENDED | (ICASE if ignore_case else 0) | (NEWLINE if lines else 0)
    if library.regcomp(compiled, expression, flags):
        return None
    try:
        spans = (_Span * GROUPS)()
        if library.regexec(compiled, text, GROUPS, spans, 0):
            return ()
        return tuple((span.start, span.end) for span in spans)
    finally:
        library.regfree(compiled)
