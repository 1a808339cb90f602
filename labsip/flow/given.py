"""What is handed in: a flow, which is the table itself or what has one, as a lab and a call have; and a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from labsip.sip.errors import LabError

if TYPE_CHECKING:
    import pandas as pd


def flow_of(given: Any) -> pd.DataFrame:
    """The table. Raises LabError, with what to write, for what is none and has none."""
    table = given if _is_table(given) else getattr(given, "flow", None)
    if table is None or not _is_table(table):
        name = repr(str(given)) if isinstance(given, (str, Path)) else "FILE"
        raise LabError(f"this needs a flow, not {_short(given)}; give it a lab, a call, lab.flow or read_pcap({name})")
    return cast("pd.DataFrame", table)


def file_of(given: object) -> Path:
    """The name of a file. Raises LabError for what is none."""
    if not isinstance(given, (str, Path)):
        raise LabError(f'{_short(given)} is no file; write its name, as in "call.pcapng"')
    return Path(given)


@contextmanager
def writing(path: object) -> Iterator[Path]:
    """A file to be written. Raises LabError for what is no path, or can't be written."""
    file = file_of(path)
    try:
        yield file
    except OSError as error:
        raise LabError(f"{path} can't be written: {error.strerror or error}") from None


def _is_table(given: object) -> bool:
    return hasattr(given, "itertuples") and hasattr(given, "columns")


def _short(given: object) -> str:
    text = repr(given).partition("\n")[0]
    return text if len(text) <= 60 else f"{text[:60]}..."
