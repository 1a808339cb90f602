"""The KEMI script that a server runs: begun, and begun anew when it is told to, or when it has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from labsip.cli.log import USUAL, notice, printed_line
from labsip.cli.route_file import FileTimes, replace_route
from labsip.cli.terminal import show, visible_lines
from labsip.dialects.kemi import Program, load
from labsip.net.network import Network
from labsip.proxy.receive import Proxy
from labsip.proxy.settings import Settings
from labsip.sip.errors import LabError
from labsip.vocabulary import settings_of


class KemiFile:
    """A script's file and those it imports from beside it. given: parameters by name."""

    def __init__(self, path: Path, given: Mapping[str, Any]) -> None:
        self.path = path
        self._given: dict[str, Any] = {"debug": USUAL, **given}
        self._times = FileTimes()

    def begin(self) -> Program:
        """Begin it; if it can't, that is told with its line, and the process ends with status 1."""
        try:
            return self._read()
        except LabError as error:
            show(visible_lines(f"Error: {error}"), err=True)
            raise SystemExit(1) from None

    def settings(self, program: Program) -> Settings:
        """What it runs with."""
        return settings_of(program.routes, **self._given)

    def renew(self, net: Network, proxy: Proxy) -> str:
        """Begin it anew; if it can't, all stays as it was. Returns what to say."""
        try:
            program = self._read()
        except LabError as error:
            return f"{self.path}: all stays as it was; {error}"
        replace_route(net, proxy, program.routes, self.settings(program))
        return f"{self.path}: begun anew"

    @property
    def has_changed(self) -> bool:
        """Whether a file of it is another one than when it was read."""
        return self._times.have_changed

    def _read(self) -> Program:
        self._times.clear()
        self._times.note([self.path])
        program = load(self.path, settings=self._given)
        self._times.note(program.files)
        return program


def check_kemi_options(cfg: Path | None, step: str | None) -> None:
    """Refuse another route beside a KEMI script. Raises UsageError."""
    if cfg is not None or step is not None:
        raise click.UsageError(f"--kemi and --{'step' if cfg is None else 'cfg'} are two routes; give one of them")


def first_words(program: Program) -> Iterator[str]:
    """What it logged while it began, and what Kamailio would do otherwise with it, as lines of the log."""
    yield from map(printed_line, program.printed)
    yield from map(notice, program.remarks)
