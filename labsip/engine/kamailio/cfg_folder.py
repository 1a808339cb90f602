"""What a Kamailio of the lab runs: the learner's text, line for line, and behind it what the lab needs.

The learner's file, and those it includes, are copied into the lab's folder without the few declarations a lab can't
have: where to listen, as whom to run. No line moves, so Kamailio's line numbers are the learner's. The file that
Kamailio is started with includes the copy first, so that the lab's own parameters, which come later, are the ones that
hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from labsip.dialects.cfg import Cfg, Reading, Spot, parse_cfg, read_cfg
from labsip.dialects.cfg.nodes import CoreParameter, LoadModule, ModParam
from labsip.proxy.script import ScriptText
from labsip.sip.errors import LabError
from labsip.sip.transport import Address

LEFT_OUT = {"listen", "user", "group", "chroot", "workdir", "socket_workers"}
"""Core parameters that are the lab's own affair."""
MARK = "$mi $cs $rm $ci"
"""What begins each line of the log while a message is at hand: its number, CSeq, method and Call-ID."""
KEMI_MODULES = """
    kex corex tm tmx sl rr pv maxfwd usrloc registrar textops textopsx siputils xlog sanity
""".split()  # noqa: SIM905
"""Loaded for a KEMI script that comes without a kamailio.cfg, beside those that it names."""
NO_MODULES = {"pv", "pvx", "hdr", "x", "log", "mod_init"}
"""What stands behind `KSR.` and is no module."""
OTHER_MODULES = {"kx": "kemix"}
_NAMED = re.compile(r"\bKSR\.([a-z]\w*)\.")
_TABLE = re.compile(r"""\$(?:sht\w*)\((\w+)=>|sht_\w+\(\s*["'](\w+)["']""")
_INCLUDE = re.compile(r'((?:include_file|import_file)[ \t]*")([^"\n]+)(")')
_SET_FR = re.compile(r't_set_fr\(\s*"?\d+"?\s*(?:,\s*"?\d+"?\s*)?\)')
_DIGITS = re.compile(r"\d+")
TIMERS = {"fr_timer": 30_000, "fr_inv_timer": 120_000}
"""What tm waits for, in milliseconds, if nothing else is said."""
_SIGN = re.compile(r"(?:[ \t]*=)?")
_WORD = re.compile(r"[A-Za-z_]+[ \t]*=\s*\Z")


@dataclass(frozen=True)
class Needs:
    """What the lab adds."""

    listen: Address
    mirror: Address
    """Where all messages are mirrored to, as HEP."""
    rpc: Path
    """The socket of jsonrpcs."""
    control: Path
    """The socket of ctl."""
    parameters: Mapping[str, Iterable[str]] = field(default_factory=dict)
    """`modparam(…)` by module, for those that are loaded; they go before the learner's."""
    pace: float = 1.0
    """How many times as fast as said tm gives up."""


@dataclass(frozen=True)
class CfgFolder:
    """A folder that a Kamailio can be started on."""

    main: Path
    """The file it is started with."""
    home: Path
    """Where the learner's relative paths count from."""
    cfg: Cfg | None = None
    """What the learner's text says, as far as it could be read; None of a KEMI script."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The learner's name of each file, by that of its copy."""
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The lines of the learner's files, by their names."""
    marked: bool = True
    """Whether lines of the log say which message they are about."""

    def with_names(self, text: str) -> str:
        """A text that names copies, with the learner's names for them."""
        for copy, name in self.names.items():
            text = text.replace(copy, name)
        return text

    def spot(self, file: str, line: int, column: int = 0, end: int = 0) -> Spot | None:
        """A place in the learner's files, the whole line where no column is named; None if it is in none of them."""
        lines = self.files.get(file, ())
        if not 0 < line <= len(lines):
            return None
        text = lines[line - 1]
        start = column or len(text) - len(text.lstrip()) + 1
        return Spot(file, line, start, max(end if column else len(text.rstrip()) + 1, start + 1))


def fill(folder: Path, origin: ScriptText, needs: Needs) -> CfgFolder:
    """Write all files. Raises LabError for a file that can't be read."""
    main = folder / "lab.cfg"
    if origin.language == "kemi":
        script = Path(origin.file).absolute()
        text = text_of(str(script)) if origin.text is None else origin.text
        copy, modules = folder / script.name, _kemi_modules(text)
        copy.write_text(text, "utf-8", "surrogateescape")
        main.write_text("\n".join([*_kemi(needs, copy, text, modules), *_ours(needs, modules), ""]))
        return CfgFolder(main, script.parent, None, {str(copy): script.name}, {script.name: tuple(text.split("\n"))})
    cfg, _ = reading_of(origin)
    names = {name: folder / f"{number}-{PurePath(name).name}" for number, name in enumerate(cfg.texts)}
    for name, lines in cfg.texts.items():
        text = _hurried(_without(name, list(lines), cfg), needs.pace)
        names[name].write_text(_linked(text, name, names), "utf-8", "surrogateescape")
    loaded = [one.name for one in cfg.of(LoadModule)]
    variables = any("$" in line for lines in cfg.texts.values() for line in lines)
    home = Path.cwd() if origin.text is not None else Path(origin.file).absolute().parent
    marks = "pv" in loaded or not variables
    ours = [*_named(needs, cfg), *_ours(needs, loaded, marks=marks), *_paced(cfg, needs.pace)]
    main.write_text("\n".join([f'include_file "{names[origin.file]}"', *ours, ""]))
    return CfgFolder(main, home, cfg, {str(copy): name for name, copy in names.items()}, cfg.texts, marks)


def can_hurry(origin: ScriptText) -> bool:
    """Whether all of its timers can be scaled down: each t_set_fr has numbers to divide."""
    if origin.language != "cfg":
        return False
    texts = "\n".join(line for lines in reading_of(origin).cfg.texts.values() for line in lines)
    return texts.count("t_set_fr(") == len(_SET_FR.findall(texts))


def reading_of(origin: ScriptText) -> Reading:
    """What a configuration says, and what is wrong with its form. Raises LabError for a file that can't be read."""
    if origin.text is not None:
        return parse_cfg(origin.text, origin.file, _read, origin.defines)
    try:
        return read_cfg(origin.file, _read, origin.defines)
    except OSError as error:
        raise LabError(f"{origin.file} can't be read: {error.strerror}") from None


def text_of(file: str) -> str:
    """What stands in a file. Raises LabError if it can't be read."""
    try:
        return _read(file).decode("utf-8", "surrogateescape")
    except OSError as error:
        raise LabError(f"{file} can't be read: {error.strerror}") from None


def _read(file: str) -> bytes:
    return Path(file).read_bytes()


# ---- the learner's lines


def _without(file: str, lines: list[str], cfg: Cfg) -> str:
    """A file's text with blanks for what is the lab's own affair."""
    for one in reversed(cfg.of(CoreParameter)):
        spots = [spot for spot in (one.spot, *(value.spot for value in one.values)) if spot.file == file]
        for line in {spot.line for spot in spots} if one.name in LEFT_OUT else ():
            there = [spot for spot in spots if spot.line == line]
            _blank(lines, line, min(spot.column for spot in there), max(spot.end for spot in there))
    return "\n".join(lines)


def _blank(lines: list[str], number: int, column: int, end: int) -> None:
    """Blank a part of a line, with the word and the sign before it, or the sign behind it."""
    line, start = lines[number - 1], column - 1
    end += len(_SIGN.match(line, end - 1)[0])  # type: ignore[index]
    if begun := _WORD.search(line, 0, start):
        start = begun.start()
    elif number > 1 and not line[:start].strip() and (begun := _WORD.search(lines[number - 2])):
        lines[number - 2] = lines[number - 2][: begun.start()]
    lines[number - 1] = line[:start] + " " * (end - 1 - start) + line[end - 1 :]


def _linked(text: str, file: str, copies: Mapping[str, Path]) -> str:
    """A text whose includes lead to the copies."""

    def lead(match: re.Match[str]) -> str:
        path = str(PurePath(file).parent / match[2])
        return f"{match[1]}{copies.get(path, Path(path).absolute())}{match[3]}"

    return _INCLUDE.sub(lead, text)


def _hurried(text: str, pace: float) -> str:
    """A text whose t_set_fr gives up sooner."""

    def divide(number: re.Match[str]) -> str:
        return str(round(int(number[0]) / pace))

    return text if pace == 1 else _SET_FR.sub(lambda call: _DIGITS.sub(divide, call[0]), text)


# ---- the lab's lines


def _named(needs: Needs, cfg: Cfg) -> Iterable[str]:
    """Where to listen, with the name that the learner has for it."""
    names = [one.options["name"] for one in cfg.of(CoreParameter) if "name" in one.options]
    yield f"listen={needs.listen.with_proto}" + (f' name "{names[0]}"' if names else "")


def _kemi_modules(text: str) -> list[str]:
    """The modules that a script needs."""
    named = (OTHER_MODULES.get(name, name) for name in _NAMED.findall(text) if name not in NO_MODULES)
    return list(dict.fromkeys([*KEMI_MODULES, *named, *(["htable"] if "$sht" in text else [])]))


def _kemi(needs: Needs, script: Path, text: str, modules: Iterable[str]) -> Iterable[str]:
    yield f"listen={needs.listen.with_proto}"
    yield "debug=2"  # what a script tells with KSR.info
    yield from (f'loadmodule "{name}.so"' for name in modules)
    tables = (first or second for first, second in _TABLE.findall(text))
    yield from (f'modparam("htable", "htable", "{name}=>size=8")' for name in dict.fromkeys(tables))
    yield 'modparam("usrloc", "preload", "location")'
    yield 'loadmodule "app_python3.so"'
    yield f'modparam("app_python3", "load", "{script}")'
    yield 'cfgengine "python"'


def _ours(needs: Needs, loaded: Iterable[str], *, marks: bool = True) -> Iterable[str]:
    """Everything else: one worker, the mirror, the RPC socket, which lines ran.

    marks: mark the lines of the log, for which pv is needed. A text that has variables and forgets pv must fail.
    """
    known = set(loaded)
    yield from (f'loadmodule "{name}.so"' for name in ("jsonrpcs", "ctl", "siptrace", "debugger") if name not in known)
    yield from ("children=1", "auto_aliases=no", "disable_core_dump=yes")
    if marks:
        yield from ['loadmodule "pv.so"'] if "pv" not in known else []
        yield f'log_prefix="{MARK}"'
    for module, lines in needs.parameters.items():
        yield from lines if module in known else ()
    yield f'modparam("jsonrpcs", "transport", {5 if "xhttp" in known else 4})'
    yield f'modparam("jsonrpcs", "dgram_socket", "{needs.rpc}")'
    yield f'modparam("ctl", "binrpc", "unix:{needs.control}")'
    for name, value in MIRROR.items():
        yield f'modparam("siptrace", "{name}", {value})'
    yield f'modparam("siptrace", "duplicate_uri", "sip:{needs.mirror}")'
    for name, told in TRACE.items():
        yield f'modparam("debugger", "{name}", {told})'


def _paced(cfg: Cfg, pace: float) -> Iterable[str]:
    """tm's timers, scaled down."""
    said = {one.name.value: one.value.value for one in cfg.of(ModParam) if re.fullmatch(one.modules.value, "tm")}
    if pace != 1 and any(one.name == "tm" for one in cfg.of(LoadModule)):
        for name, default in TIMERS.items():
            yield f'modparam("tm", "{name}", {round(int(said.get(name, default)) / pace)})'


MIRROR = {"trace_on": 1, "trace_mode": 1, "hep_mode_on": 1, "hep_version": 3, "trace_to_database": 0}
TRACE = {"cfgtrace": 1, "log_level": -5, "log_level_name": '"exec"'}
"""At a level that is always logged, under a name of its own."""
