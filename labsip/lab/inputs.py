"""What a cell hands in, taken as it is meant: a number for a name, a phone for its name, a function for a route file.

What can't be meant is refused with what to write instead. All raise LabError.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from labsip.db import databases
from labsip.dialects.cfg import CfgScript, script_of
from labsip.dialects.python import check_block
from labsip.proxy.arguments import checked_amount, checked_count, checked_text
from labsip.proxy.exports import Exports
from labsip.proxy.policy import POLICIES
from labsip.proxy.script import Routes
from labsip.sip.digest import ALGORITHMS
from labsip.sip.errors import LabError, NoSuchName
from labsip.sip.transport import TRANSPORTS
from labsip.steps import STEPS
from labsip.testbed import Handset
from labsip.trace import PROXY
from labsip.vocabulary import EXPORTS

KEPT = ("domains", "server", "own", "defines")
"""Settings that a lab has its own values for."""
CHOICES: dict[str, Collection[str]] = {
    "auth_algorithm": ALGORITHMS,
    "udp_mtu_try_proto": [name for name, transport in TRANSPORTS.items() if transport.dials],
}
LONGEST = 40
"""Characters of a name; a ladder has a lane of it."""
_NAME = re.compile(rf"[A-Za-z0-9+][A-Za-z0-9+_.-]{{0,{LONGEST - 1}}}")


def name_of(given: object, what: str = "name") -> str:
    """The name of a phone or a user: it stands in URIs, ladders and files as it is."""
    if (phone := _phone(given)) is not None:
        return phone.name
    name = str(given) if _is_number(given) else given
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.lower() == PROXY:
        raise LabError(
            f"{given!r} can't be a phone's {what}; write 1 to {LONGEST} letters from a to z, digits or any of + - _ . "
            f'as in "106" or "alice"; {PROXY} is taken'
        )
    return name


def party_of(given: object, parties: Collection[str]) -> str | None:
    """Who is at an end of a wire or a message, None for anybody. Raises NoSuchName for a party that is not there."""
    if given is None:
        return None
    phone = _phone(given)
    name = phone.name if phone is not None else PROXY if hasattr(given, "request_route") else str(given)
    if name not in parties:
        raise NoSuchName("party", name, parties, hint=f"there are {', '.join(parties)}")
    return name


def target_of(given: object) -> str:
    """Whom to call: a name, a number, a phone, or a URI. What a phone can't dial is refused by the phone."""
    phone = _phone(given)
    target = phone.user if phone is not None else str(given) if _is_number(given) else given
    if not isinstance(target, str) or not target or not target.isprintable() or "<" in target or ">" in target:
        raise LabError(f'{given!r} can\'t be called; write "108", "108@host" or "sip:108@host:port", or a phone')
    return target


def password_of(given: object) -> str:
    """A password."""
    return checked_text(str(given) if _is_number(given) else given, "a password", 'password="secret106"')


def routes_of(given: object, exports: Exports = EXPORTS) -> Routes:
    """A route file: a lesson's by its name, one as it is, or one function as the request_route of a new one."""
    if isinstance(given, Routes):
        return given
    if callable(given):
        return Routes(check_block(given, "request_route", exports))
    step = given.lower() if isinstance(given, str) else str(given)
    if step not in STEPS:
        raise NoSuchName("step", str(given), STEPS, hint=f"there are {', '.join(STEPS)}")
    return STEPS[step]


def cfg_of(
    source: object, defines: Mapping[str, str | None] | Iterable[str], accept: Iterable[str], exports: Exports = EXPORTS
) -> CfgScript:
    """A kamailio.cfg: a text, or the path of a file. Raises BadCfg with all that is wrong."""
    given = defines_of(defines)
    try:
        return script_of(text_or_file(source), given, accepted=accept, exports=exports)
    except OSError as error:
        raise LabError(f"{source} can't be read: {error.strerror}") from None


def text_or_file(source: object) -> str | Path:
    """A kamailio.cfg: a text, or the path of a file."""
    if not isinstance(source, (str, Path)):
        raise LabError(f"{source!r} is no kamailio.cfg; write its text, or the path of a file")
    is_text = isinstance(source, str) and ("\n" in source or "{" in source or not source.strip())
    return str(source) if is_text else Path(source)


def defines_of(given: Mapping[str, str | None] | Iterable[str]) -> dict[str, str | None]:
    """What is defined, as Kamailio's -A has it."""
    return dict(given) if isinstance(given, Mapping) else dict(map(_define, given))


def _define(text: str) -> tuple[str, str | None]:
    """`NAME` or `NAME=value`."""
    name, equals, value = text.partition("=")
    return name, value if equals else None


def summary_of(given: object) -> str:
    """Which message is meant: its summary, or the status of a response."""
    text = str(given) if _is_number(given) else given
    if not isinstance(text, str):
        raise LabError(f'{given!r} is no message; write its summary, as in "INVITE", "180 Ringing" or 180')
    return text


def row_of(given: object, rows: str = "lab.flow has the rows there are") -> int:
    """The row of a message."""
    if not _is_number(given) and not hasattr(given, "__index__"):
        raise LabError(f'{given!r} is no row; {rows}, and a call finds them by name: call.message("INVITE")')
    return int(given)  # type: ignore[call-overload, no-any-return]


def setting_of(name: str, given: object, exports: Exports = EXPORTS) -> Any:
    """The value of a setting, of the type its module has it in. Raises NoSuchName for a setting there is not."""
    known = [each for each in exports.parameters if each not in KEPT]
    if name not in known:
        raise NoSuchName("setting", name, known, hint="docs/modules.md has them")
    kind = str(next(field.type for field in fields(exports.parameters[name]) if field.name == name))
    if kind == "float":
        return checked_amount(given, name)
    if kind == "int":
        return checked_count(given, name)
    if kind == "Policy":
        name_of_it = checked_text(given, name, 'policy="rfc"')
        if name_of_it not in POLICIES:
            raise NoSuchName(name, name_of_it, POLICIES, hint=f"there are {', '.join(POLICIES)}")
        return POLICIES[name_of_it]
    if kind == "bool":
        return _switch(name, given)
    if name == "db_urls":
        return databases(_mapping(name, given, 'db_urls={"mysql": "sqlite:///FILE"}'))
    if kind.startswith("Mapping"):
        return _by_name(name, given, texts=kind == "Mapping[str, str]")
    if "tuple" in kind and isinstance(given, (list, tuple)):
        return tuple(checked_text(each, name, f'{name}="..."') for each in given)
    text = checked_text(given, name, f'{name}="..."')
    choices = {each.lower(): each for each in CHOICES.get(name, ())}
    if choices and text.lower() not in choices:
        raise NoSuchName(name, text, choices.values(), hint=f"there are {', '.join(choices.values())}")
    return choices.get(text.lower(), text)


def _switch(name: str, given: object) -> bool:
    if given not in (0, 1):
        raise LabError(f"{name}={given!r} can't be; write True or False")
    return bool(given)


def _by_name(name: str, given: object, *, texts: bool) -> Mapping[str, Any]:
    given = _mapping(name, given, f'{name}={{"106": "secret106"}}' if texts else f'{name}={{"ca": database}}')
    if wrong := [key for key, value in given.items() if not texts and not hasattr(value, "query")]:
        raise LabError(f"{name}: {wrong[0]} is no database; it must have a method query, as docs/modules.md shows")
    if not isinstance(given, dict):
        return given  # it may be read anew each time
    told = {name_of(key) if texts else str(key): password_of(v) if texts else v for key, v in given.items()}
    return given if told == given else told


def _mapping(name: str, given: object, example: str) -> Mapping[Any, Any]:
    if not isinstance(given, Mapping):
        raise LabError(f"{name}={given!r} can't be; write a dictionary, as in {example}")
    return given


def _is_number(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def _phone(given: object) -> Handset | None:
    """The phone on the testbed, if that is a lab's phone."""
    handset = getattr(given, "handset", None)
    return handset if isinstance(handset, Handset) else None
