"""Names of files that a notebook hands in, to be read or written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labsip.sip.errors import LabError


def file_of(name: object) -> Path:
    """The path of a file. Raises LabError for a value that is no name of a file."""
    if not isinstance(name, (str, Path)):
        raise LabError(f'{short(name)} is no file; write its name, as in "call.pcapng"')
    return Path(name)


@contextmanager
def writing(path: object) -> Iterator[Path]:
    """A file to be written. Raises LabError if that is no path, or can't be written."""
    file = file_of(path)
    try:
        yield file
    except OSError as error:
        raise LabError(f"{path} can't be written: {error.strerror or error}") from None


def short(value: object) -> str:
    """The first line of a value's `repr`, at most 60 characters of it: to name it in an error."""
    text = repr(value).partition("\n")[0]
    return text if len(text) <= 60 else f"{text[:60]}..."
