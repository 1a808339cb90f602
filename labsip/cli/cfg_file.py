"""The kamailio.cfg that a server runs: read, and read again when it is told to, or when it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from labsip.cli.log import USUAL
from labsip.cli.route_file import FileTimes, replace_route
from labsip.cli.terminal import show
from labsip.dialects.cfg import BadCfg, CfgScript, script_of, told_all
from labsip.net.network import Network
from labsip.proxy.receive import Proxy
from labsip.sip.transport import Address
from labsip.vocabulary import settings_of


class CfgFile:
    """A file, those it includes, and what came with it on the command line.

    defines: as `-A` has them. accepted: modules that may be loaded without effect. given: parameters that go before the
    file's.
    """

    def __init__(
        self, path: Path, defines: Mapping[str, str | None], accepted: Iterable[str], given: Mapping[str, Any]
    ) -> None:
        self.path = path
        self._defines = dict(defines)
        self._accepted = tuple(accepted)
        self._given = dict(given)
        self._times = FileTimes()
        self._listen: tuple[Address, ...] = ()

    def read(self) -> CfgScript:
        """Raises BadCfg with all that is wrong, OSError if the file can't be read."""
        self._times.clear()
        self._times.note([self.path])
        try:
            script = script_of(self.path, self._defines, accepted=self._accepted)
        except BadCfg as bad:
            self._times.note(bad.texts)
            raise
        self._times.note(script.texts)
        return script

    def begin(self) -> CfgScript:
        """Read it; if something is wrong, all of it is told, and the process ends with status 1."""
        try:
            script = self.read()
        except BadCfg as bad:
            count = sum(fault.severe for fault in bad.faults)
            show(f"{bad}\n\n{self.path}: {count} mistake{'' if count == 1 else 's'}", err=True)
            raise SystemExit(1) from None
        self._listen = script.listen
        if script.warnings:
            show(told_all(script.warnings, script.texts), err=True)
        return script

    def settings(self, script: CfgScript) -> dict[str, Any]:
        """What the command line adds to the file's own."""
        domains = (*self._given.get("domains", ()), *script.routes.settings.get("domains", ()))
        return {"debug": script.routes.settings.get("debug", USUAL), **self._given, "domains": domains}

    def renew(self, net: Network, proxy: Proxy) -> str:
        """Read it again; what is wrong leaves all as it was. Returns what to say."""
        try:
            script = self.read()
        except (BadCfg, OSError) as error:
            return f"{self.path}: all stays as it was; {error}"
        settings = settings_of(script.routes, proxy.exports, **self.settings(script))
        replace_route(net, proxy, script.routes, settings)
        moved = "" if script.listen == self._listen else "; what listen= says now holds from the next start"
        return f"{self.path}: read again{moved}"

    @property
    def has_changed(self) -> bool:
        """Whether a file of it is another one than when it was read."""
        return self._times.have_changed
