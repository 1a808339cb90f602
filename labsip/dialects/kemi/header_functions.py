"""KSR.hdr: headers of the message (Kamailio: core/kemi.c). `append` and `append_to_reply` are textops' commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labsip.dialects.kemi.ksr_functions import Definition
from labsip.modules.textops import append_hf, is_present_hf, remove_hf
from labsip.proxy.arguments import checked_header_line
from labsip.proxy.turn import Turn


def get_idx(turn: Turn, name: str, index: int) -> str | None:
    """The header of that number, from 0, or from the end; None if there are not so many."""
    values = turn.message.get_all(name)
    return values[index] if -len(values) <= index < len(values) else None


def get(turn: Turn, name: str) -> str | None:
    """The first header of that name."""
    return turn.message.get(name)


READINGS: dict[str, Callable[..., Any]] = {
    "hdr.get": get,
    "hdr.gete": lambda turn, name: get(turn, name) or "",
    "hdr.getw": lambda turn, name: "<null>" if get(turn, name) is None else get(turn, name),
    "hdr.get_idx": get_idx,
    "hdr.gete_idx": lambda turn, name, index: get_idx(turn, name, index) or "",
    "hdr.getw_idx": lambda turn, name, index: (
        "<null>" if get_idx(turn, name, index) is None else get_idx(turn, name, index)
    ),
}


def remove(turn: Turn, /, name: str) -> int:
    """Take all lines of that header out of what is forwarded. 1, also where there are none."""
    remove_hf(turn, name)
    return 1


def insert(turn: Turn, /, line: str) -> int:
    r"""Add a header line above all others, as in "X-Lab: yes\r\n". 1."""
    turn.lumps.prepend_header(turn.message, checked_header_line(line))
    return 1


def rmappend(turn: Turn, /, name: str, line: str) -> int:
    """Take all lines of that header out, and add this line behind the others. 1."""
    remove(turn, name)
    return append_hf(turn, line)


def rminsert(turn: Turn, /, name: str, line: str) -> int:
    """Take all lines of that header out, and add this line above all others. 1."""
    remove(turn, name)
    return insert(turn, line)


def append_after(turn: Turn, /, line: str, name: str) -> int:
    """Add a line behind the first header of that name, behind all others if there is none. 1."""
    spans = turn.message.spans(name)
    if not spans:
        return append_hf(turn, line)
    turn.lumps.insert_at(spans[0][2], checked_header_line(line))
    return 1


def insert_before(turn: Turn, /, line: str, name: str) -> int:
    """Add a line before the first header of that name, above all others if there is none. 1."""
    spans = turn.message.spans(name)
    if not spans:
        return insert(turn, line)
    turn.lumps.insert_at(spans[0][0], checked_header_line(line))
    return 1


FUNCTIONS: dict[str, Definition] = {
    "hdr.is_present": Definition(is_present_hf.function),
    "hdr.remove": Definition(remove),
    "hdr.insert": Definition(insert),
    "hdr.rmappend": Definition(rmappend),
    "hdr.rminsert": Definition(rminsert),
    "hdr.append_after": Definition(append_after),
    "hdr.insert_before": Definition(insert_before),
}
