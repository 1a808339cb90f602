"""A real Kamailio behind the face of an engine."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from labsip.dialects.cfg import BadCfg
from labsip.engine.kamailio.cfg_folder import CfgFolder, Needs, fill, reading_of
from labsip.engine.kamailio.kamailio_process import KamailioProcess, find_kamailio, new_folder
from labsip.engine.kamailio.log_reader import LogReader
from labsip.engine.kamailio.mirror import Mirror
from labsip.engine.kamailio.parameters import modparams
from labsip.engine.kamailio.rpc_socket import RpcError, RpcSocket
from labsip.engine.kamailio.start_faults import ended, why_not
from labsip.engine.protocol import Site
from labsip.net.address import open_udp
from labsip.net.clock import since_1970
from labsip.net.sockets import SocketNet
from labsip.pcap.hep import BadHep, parse_hep
from labsip.proxy.dialect import Source
from labsip.proxy.fault import RouteError
from labsip.proxy.script import Origin, Routes, no_route
from labsip.proxy.settings import Settings
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram
from labsip.trace import PROXY
from labsip.vocabulary import settings_of

FENCE = "OPTIONS sip:labsip-fence SIP/2.0\r\nCall-ID: labsip-fence\r\nCSeq: {} OPTIONS\r\n\r\n"
"""A request without a Via, which Kamailio mirrors and then drops before any route: what came before is dealt with."""
START = 20.0
"""Seconds it may take to start, on a machine that is busy with something else."""
RETRY, REPEAT = 0.03, 0.5
"""Seconds between two fences: while it starts, and where one may have been lost."""
SILENCE = 3.0
"""Seconds without an answer after which the lab says so."""


class Kamailio:
    """A real Kamailio on the address of the proxy. It is started by the first route that it can run."""

    def __init__(self, site: Site, routes: Routes) -> None:
        if not isinstance(site.net, SocketNet):
            raise LabError('a real Kamailio has a real clock and real sockets: Lab(engine="kamailio", net="udp")')
        self._program = find_kamailio()
        self._site = site
        self._net = site.net
        self._trace = site.net.trace
        self._trace.tables = None  # what it has in its tables between two messages is not known
        self.address = site.address
        self._heps = open_udp(Address("127.0.0.1", 0))
        self._log = LogReader(self._trace)
        self._mirror = Mirror(self._trace, self.address, self._log.sender)
        self._log.row_of = self._mirror.row_of
        self._process: KamailioProcess | None = None
        self._folder: CfgFolder | None = None
        self._origin: Origin | None = None
        self._routes = routes
        self._fences = 0
        self._answered = 0  # the last fence that came back
        self._sent_at = self._asked_at = 0.0
        self._marked = self._rest = -1  # the trace's next row when the last fence was sent; when all was at rest
        self._told = False
        self._net.attend(self._heps.fileno(), self._hear)
        if routes.request_route is not no_route:
            self.run(routes)

    # ---- what it runs

    def run(self, routes: Routes) -> None:
        """Start it on the text of these blocks. Raises LabError if they have none, BadCfg if it finds fault with it.

        Contacts that are registered stay. What it finds fault with is not run, and the text before goes on.
        """
        if routes.request_route is no_route:
            return
        origin = text_of(routes)
        contacts = self.location() if self._process else []
        before = self._origin
        self._stop()
        try:
            self._start(origin)
        except LabError:
            if before is not None:
                self._start(before)
                self._put_back(contacts)
            raise
        self._routes = routes
        self._put_back(contacts)

    def cfg(self, source: str | Path, defines: Mapping[str, str | None]) -> Routes:
        """What `run` takes, of a kamailio.cfg: a text, or the path of a file. Only its form is looked at here.

        Raises BadCfg with what is wrong with that.
        """
        origin = Origin("cfg", str(source), None, defines)
        if not isinstance(source, Path):
            origin = Origin("cfg", "kamailio.cfg", source, defines)
        cfg, faults = reading_of(origin)
        if faults:
            raise BadCfg(faults, cfg.texts)
        return _foreign(origin)

    def kemi(self, path: str | Path) -> Routes:
        """What `run` takes, of a KEMI script."""
        return _foreign(Origin("kemi", str(path)))

    def restart(self) -> None:
        """End it and start it again: its tables and transactions are gone."""
        if self._origin is not None:
            self._stop()
            self._start(self._origin)

    def _start(self, origin: Origin) -> None:
        folder = new_folder()
        self._rpc = RpcSocket(folder)
        host, port = self._heps.getsockname()
        parameters = modparams(self._site.settings, folder)
        self._folder = fill(folder, origin, Needs(self.address, Address(host, port), self._rpc.theirs, parameters))
        arguments = [f"-A{name}" + ("" if value is None else f"={value}") for name, value in origin.defines.items()]
        first = len(self._log.lines)
        self._net.ask(lambda _: (self._log.begin(self._folder), self._mirror.begin()))
        self._net.release(self.address)
        self._process = KamailioProcess(self._program, folder, self._folder.main, self._folder.home, tuple(arguments))
        self._answered = self._fences
        self._net.welcome(self, PROXY)
        self._net.attend(self._process.log, self._read_log)
        self._sent_at = 0.0
        self._net.wait(self._started, START)
        if self._answered == self._fences and not self._process.log_ended:
            self._origin = origin
            return
        error = self._not_started(first)
        self._stop()
        raise error

    def _started(self) -> bool:
        """Whether it takes messages, or has ended; asked where the nodes live."""
        assert self._process is not None
        if self._process.log_ended or self._answered == self._fences > 0 and self._sent_at:
            return True
        if self._net.now - self._sent_at > RETRY:
            self._fence()
            self._net.look_again(RETRY)
        return False

    def _not_started(self, first: int) -> LabError:
        assert self._process is not None and self._folder is not None
        lines = [line for _, line in list(self._log.lines)[first:]]
        code = self._process.code if self._process.log_ended else None
        self._net.ask(lambda _: self._log.forget(len(lines)))
        return why_not(lines, self._folder, code)

    def _stop(self) -> None:
        """End it, and take its address back."""
        process, self._process = self._process, None
        if process is not None:
            self._net.leave(process.log)
            process.end()
            self._net.dismiss(self)
            self._net.reserve(self.address)
            self._net.ask(self._hear_rest)

    def _put_back(self, contacts: Sequence[Mapping[str, object]]) -> None:
        """Register these again, as its table had them before it started anew."""
        for one in contacts:
            if isinstance(one["Expires"], int) and one["Expires"] > 0:
                values = [one["AoR"], one["Address"], one["Expires"], float(one["Q"]), one["Path"].replace(UNSET, "0")]
                with suppress(RpcError):
                    self._rpc.ask("ul.add", "location", *values, one["Flags"], one["CFlags"], one["Methods"])

    def close(self) -> None:
        """End it; the network closes after it."""
        if self._process is not None:
            self._process.end()
            self._process = None
        if self._heps.fileno() >= 0:
            with suppress(LabError):
                self._net.leave(self._heps.fileno())
            self._heps.close()
