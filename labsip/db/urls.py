"""Where a `db_url` leads: SQLite files in the place of database servers, with Kamailio's tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from labsip.db.schema import statements
from labsip.db.sql import SqlFile
from labsip.sip.errors import LabError

SQLITE = "sqlite://"
USAGE = 'write it as in "mysql=sqlite:///FILE"'


def open_file(path: str) -> SqlFile:
    """The SQLite file of that name; one that is new gets Kamailio's tables. Raises LabError if it is none.

    path: what stands behind `sqlite://`. `/k.db` and `/sub/k.db` are in this folder, if there is no such file and no
    such folder at the root: many write three strokes and mean that.
    """
    if not path:
        raise LabError(f"sqlite:// names no file; {USAGE}")
    where = path if path.strip("/") == ":memory:" else str(_meant(Path(path)))
    file = SqlFile(where.strip("/") if where.endswith(":memory:") else where)
    if not file.query("SELECT name FROM sqlite_master LIMIT 1").rows:
        for statement in statements():
            file.query(statement)
    return file


def _meant(path: Path) -> Path:
    """Raises LabError if its folder is nowhere."""
    here = Path(str(path).lstrip("/"))
    at_root = path.exists() or (path.parent.is_dir() and path.parent != Path(path.anchor))
    meant = path if at_root or not path.is_absolute() else here
    if not meant.parent.is_dir():
        raise LabError(f"{path} can't be opened: there is no folder {path.parent}")
    return meant


def databases(given: Mapping[str, object]) -> dict[str, object]:
    """What `db_urls` needs to be: by scheme or URL, a database. A text names an SQLite file; `sqlite` is always there.

    Raises LabError for what names none.
    """
    found: dict[str, object] = {"sqlite": open_file}
    for scheme, target in given.items():
        if hasattr(target, "query") or callable(target):
            found[scheme] = target
        elif isinstance(target, (str, Path)):
            found[scheme] = open_file(str(target).removeprefix(SQLITE))
        else:
            raise LabError(f"db_urls: {scheme!r} leads to {target!r}, which is no database; {USAGE}")
    return found


def read_db_url(text: str) -> tuple[str, str]:
    """`mysql=sqlite:///FILE` → a scheme or URL, and where it leads. Raises LabError for what is neither."""
    scheme, equals, target = text.rpartition("=sqlite://")
    if not equals or not scheme or not target:
        raise LabError(f"{text!r} maps no db_url; {USAGE}")
    return scheme, f"{SQLITE}{target}"
