"""A route as the parts of a deployment: core, modules, parameters, blocks; and which of them are secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from labsip.dialects.cfg.cfg_writer import block, declaration
from labsip.dialects.cfg.nodes import (
    NOWHERE_IN_CFG,
    Cfg,
    CoreParameter,
    FlagNames,
    LoadModule,
    ModParam,
    OwnSetting,
    RouteBlock,
)
from labsip.dialects.cfg.reading import parse_cfg
from labsip.dialects.translation import RouteScript, cfg_text
from labsip.dialects.translation.cfg_head import modules_of
from labsip.proxy.exports import Exports
from labsip.sip.transport import Address
from labsip.vocabulary import EXPORTS

ENTRY = "LAB_REQUEST"
"""The route's request_route, as the deployment's own calls it."""
OURS = {
    "listen", "port", "socket_workers", "children", "fork", "log_stderror", "log_facility", "user", "group", "workdir",
    "chroot", "mpath", "pid_file", "auto_aliases", "advertised_address", "advertised_port", "dns", "rev_dns",
    "disable_tcp", "enable_tls", "tls_port_no", "tcp_children", "enable_sctp",
}  # fmt: skip
"""Parameters of the core that the deployment decides."""
PASSWORD = re.compile(r"://[^/@\s:]*:[^/@\s]+@")
"""In the URL of a database."""
HIDDEN = re.compile(r'modparam\("[^"]*", "\w*(secret|passwd|password|mask_key)", "')
"""A parameter that is one; that of auth makes nonces."""
START = "htable:mod-init"
"""The event_route that fills hash tables, with passwords for example."""
DIRECTIVE = re.compile(r"\s*(#!|!!)")
SUBSTITUTION = re.compile(r"\s*(#!|!!)subst")
HEAD = re.compile(r"(request_route|main_route|route)\b(\s*\[\s*\])?")
CALLED = re.compile(r"\bKSR\.([a-z_0-9]+)\.")
KEMI_MODULES = {"kx": "kemix", "pvx": "pv", "hdr": "", "x": "", "pv": "pv"}
"""The module that brings what KSR has by another name."""
TABLES = re.compile(r"KSR\.registrar\.(?:save|lookup|registered)\w*\(\s*[\"'](\w+)")


@dataclass(frozen=True)
class LabRoute:
    """What a node runs."""

    core: tuple[str, ...]
    """Lines of a cfg, defines and parameters of the core."""
    modules: tuple[str, ...]
    """In the order in which Kamailio loads them."""
    parameters: tuple[str, ...]
    """`modparam` lines."""
    blocks: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    """Those of all these lines and blocks that have passwords in them."""
    scripts: Mapping[str, str] = field(default_factory=dict)
    """Of KEMI: the files by name, the one with mod_init first. All are secret."""
    entry: str = ENTRY
    left_out: tuple[str, ...] = ()
    """Lines of the core that the deployment does not take."""

    @property
    def text(self) -> str:
        """All that runs, to look for words in."""
        return "\n\n".join([*self.blocks, *self.secrets, *self.scripts.values()])


def route_of_script(script: RouteScript, exports: Exports = EXPORTS) -> LabRoute:
    """A route in Python, translated. Raises LabError for what has no counterpart in a kamailio.cfg."""
    text = cfg_text(script, [Address("127.0.0.1")], exports)
    return replace(route_of_cfg(parse_cfg(text, "routes.cfg").cfg), left_out=())


def route_of_cfg(cfg: Cfg, scripts: Mapping[str, str] | None = None) -> LabRoute:
    """A kamailio.cfg that was read; `scripts` are the files of its KEMI script, where it has one.

    Blocks keep their text with its comments, but where the preprocessor has changed it.
    """
    entry, blocks = _with_entry(cfg)
    core = [*_defines(cfg), *_core(cfg)]
    parameters = [declaration(one) for one in cfg.of(ModParam) if one.name.value != "load" or not scripts]
    texts = [(one, _named(_text(cfg, one), one, entry)) for one in blocks]
    secret = [line for line in [*core, *parameters] if PASSWORD.search(line) or HIDDEN.match(line)]
    secret += [text for one, text in texts if _is_secret(one, text)]
    return LabRoute(
        core=tuple(line for line in core if line not in secret),
        modules=tuple(dict.fromkeys(one.name for one in cfg.of(LoadModule))),
        parameters=tuple(line for line in parameters if line not in secret),
        blocks=tuple(text for _, text in texts if text not in secret),
        secrets=tuple(secret),
        scripts=scripts or {},
        entry=entry,
        left_out=tuple(declaration(one) for one in cfg.of(CoreParameter) if one.name in ("listen", "enable_tls")),
    )


def route_of_kemi(scripts: Mapping[str, str]) -> LabRoute:
    """A KEMI script, and what it imports from beside it; it loads the modules that its text names."""
    text = "\n".join(scripts.values())
    wanted = {KEMI_MODULES.get(name, name) for name in CALLED.findall(text)} | {"pv", "app_python3"}
    modules = modules_of((), (), {}, wanted - {""})
    tables = ",".join(dict.fromkeys(TABLES.findall(text)))
    parameters = [f'modparam("usrloc", "preload", "{tables}")'] if tables else []
    if "sl" in modules and "tm" not in modules:
        parameters.append('modparam("sl", "bind_tm", 0)')
    return LabRoute((), tuple(modules), tuple(parameters), scripts=scripts)


def _with_entry(cfg: Cfg) -> tuple[str, list[RouteBlock]]:
    """The blocks, the request_route as one of its own name; Kamailio runs several of them one after the other."""
    names = {one.name for one in cfg.blocks}
    entry = next(name for name in (ENTRY + "_" * count for count in range(len(names) + 1)) if name not in names)
    mains = [one for one in cfg.blocks if one.kind == "request_route"]
    body = tuple(statement for one in mains for statement in one.body)
    first = mains[0] if mains else RouteBlock(NOWHERE_IN_CFG, "request_route", "", ())
    end = first.end if len(mains) == 1 else NOWHERE_IN_CFG
    main = replace(first, kind="route", name=entry, body=body, end=end)
    return entry, [main, *(one for one in cfg.blocks if one.kind != "request_route")]


def _defines(cfg: Cfg) -> Iterator[str]:
    for name, value in cfg.defines.items():
        yield f"#!define {name} {value}".rstrip()


def _core(cfg: Cfg) -> Iterator[str]:
    for one in cfg.declarations:
        if isinstance(one, FlagNames | OwnSetting) or (isinstance(one, CoreParameter) and one.name not in OURS):
            yield declaration(one)


def _is_secret(node: RouteBlock, text: str) -> bool:
    return (node.kind == "event_route" and node.name == START) or PASSWORD.search(text) is not None


def _text(cfg: Cfg, node: RouteBlock) -> str:
    """A block as it was written, with the comments above it; written anew where that would not be the same."""
    lines = cfg.texts.get(node.spot.file, ())
    first, last = node.spot.line - 1, node.end.line
    part = lines[first:last]
    if (
        not node.end.line
        or node.spot.file != node.end.file
        or not _stands_alone(part, node)
        or _is_changed(part, cfg.texts.values())
    ):
        return block(node)
    while first and re.match(r"#(?!!)", lines[first - 1]):
        first -= 1
    return "\n".join(lines[first:last])


def _stands_alone(part: Sequence[str], node: RouteBlock) -> bool:
    """Whether nothing else stands in its first and last line."""
    return bool(part) and not part[0][: node.spot.column - 1].strip() and not part[-1][node.end.column :].strip()


def _is_changed(part: Iterable[str], texts: Iterable[Iterable[str]]) -> bool:
    directive = any(DIRECTIVE.match(line) for line in part)
    return directive or any(SUBSTITUTION.match(line) for text in texts for line in text)


def _named(text: str, node: RouteBlock, entry: str) -> str:
    """The text of the request_route under the name it has here."""
    if node.name != entry or node.kind != "route" or f"route[{entry}]" in text:
        return text
    lines = text.split("\n")
    at = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    lines[at] = HEAD.sub(f"route[{entry}]", lines[at], count=1)
    return "\n".join(lines)
