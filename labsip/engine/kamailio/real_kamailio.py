"""A real Kamailio behind the face of an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from shutil import rmtree
from typing import Any

from labsip.dialects.cfg import BadCfg
from labsip.dialects.translation import cfg_text, script_of_routes
from labsip.engine.kamailio.cfg_folder import CfgFolder, Needs, can_hurry, fill, reading_of, text_of
from labsip.engine.kamailio.kamailio_process import KamailioProcess, command_of, find_kamailio, new_folder, refusal
from labsip.engine.kamailio.lab_parameters import modparams
from labsip.engine.kamailio.log_lines import acc_row, parse_line
from labsip.engine.kamailio.log_reader import LogReader
from labsip.engine.kamailio.mirror import HepMirror
from labsip.engine.kamailio.rpc_rows import UNSET, contact_rows, dialog_row
from labsip.engine.kamailio.rpc_socket import RpcError, RpcSocket
from labsip.engine.kamailio.start_faults import ended, why_not
from labsip.engine.kamailio.tap import Tap
from labsip.engine.protocol import Site
from labsip.net.sockets import SocketNet
from labsip.proxy.dialect import Source
from labsip.proxy.fault import RouteError
from labsip.proxy.rpc import Value
from labsip.proxy.script import Routes, ScriptText, no_route
from labsip.proxy.settings import Settings
from labsip.sip.errors import LabError
from labsip.sip.transport import Address
from labsip.vocabulary import settings_of

START = 20.0
"""Seconds it may take to start, on a machine that is busy with something else."""
DROPPED = {"bad_msg_hdr", "bad_URIs_rcvd", "drop_requests", "drop_replies", "err_replies", "unsupported_methods"}
"""Its counters of what it did not take; among `err_requests` are the lab's own fences."""
RETRY = 0.03
"""Seconds between two looks whether it has started."""


class Kamailio:
    """A real Kamailio on the address of the proxy. The first route that there is starts it.

    hurry: how many times as fast as said tm is to give up, where all its timers can be found in the text.
    """

    def __init__(self, site: Site, routes: Routes, *, hurry: float = 1.0) -> None:
        self._hurry = hurry
        self.pace = 1.0
        """How many times as fast as said it gives up."""
        if not isinstance(site.net, SocketNet):
            raise LabError('a real Kamailio has a real clock and real sockets: Lab(engine="kamailio", net="udp")')
        self._program = find_kamailio()
        self._site = site
        self._net = site.net
        self._net.trace.tables = None  # nobody knows what its tables have between two messages
        self._log = LogReader(self._net.trace)
        self._mirror = HepMirror(self._net.trace, site.address, self._log, self._net.serves)
        self._tap = Tap(self._net, site.address, self._mirror, self._fall_silent)
        self._process: KamailioProcess | None = None
        self._rpc: RpcSocket | None = None
        self._folder: CfgFolder | None = None
        self._origin: ScriptText | None = None
        self._routes = routes
        self._waits = False  # whether a route in Python is still to be translated
        self._translation: ScriptText | None = None
        self.run(routes)

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self._site.address

    @property
    def mirrors_to(self) -> Address:
        """The socket that it mirrors its messages to."""
        return self._tap.mirrors_to

    @property
    def settings(self) -> Settings:
        """What labsip would make of the lab's settings; those of the learner's text are not among them."""
        return settings_of(self._routes, self._site.exports, **self._site.settings)

    # ---- what it runs

    def run(self, routes: Routes) -> None:
        """Start it on the text of these blocks; contacts that are registered stay.

        Blocks in Python are translated first, and not before somebody sends something: a cell may write others yet.
        Raises BadCfg, or another LabError, if it does not start; then what it ran before goes on.
        """
        if routes.request_route is no_route:
            return
        if routes.origin is not None:
            self._change_to(routes.origin)
        self._routes, self._waits = routes, routes.origin is None

    def get_ready(self) -> None:
        """Start what was to be started. Raises LabError for a route in Python that no kamailio.cfg can be."""
        if self._waits:
            script = script_of_routes(self._routes, self._site.settings)
            text = cfg_text(script, [self.address], self._site.exports)
            self._translation = ScriptText("cfg", "kamailio.cfg", text)
            self._change_to(self._translation)
            self._waits = False

    def _change_to(self, origin: ScriptText) -> None:
        before = self._origin
        if before is not None:
            self._check(origin)
        contacts = self._contacts()
        self._stop()
        try:
            self._start(origin)
        except LabError:
            if before is not None:
                self._start(before)
                self._put_back(contacts)
            raise
        self._put_back(contacts)

    def _check(self, origin: ScriptText) -> None:
        """Raise what is wrong with a text, while another one runs."""
        folder = new_folder()
        try:
            files, arguments = self._filled(folder, origin)
            if log := refusal(command_of(self._program, folder, files, arguments)):
                lines = [parse_line(line) for line in log]
                raise why_not([line._replace(text=files.with_names(line.text)) for line in lines], files, None)
        finally:
            rmtree(folder, ignore_errors=True)

    def _filled(self, folder: Path, origin: ScriptText) -> tuple[CfgFolder, list[str]]:
        """What Kamailio is started on, and with which arguments."""
        has_them = origin is self._translation  # the lab's settings, in its text
        given = {} if has_them else modparams(self._site.settings, folder)
        self.pace = self._hurry if self._hurry != 1 and can_hurry(origin) else 1.0
        sockets = RpcSocket(folder)
        needs = Needs(self.address, self._tap.mirrors_to, sockets.theirs, sockets.control, given, self.pace)
        files = fill(folder, origin, needs)
        return files, [f"-A{name}" + ("" if value is None else f"={value}") for name, value in origin.defines.items()]

    def cfg(self, source: str | Path, defines: Mapping[str, str | None]) -> Routes:
        """What `run` takes, of a kamailio.cfg: a text, or the path of a file.

        Raises BadCfg with what is wrong with its form; all else is for Kamailio to say.
        """
        text = None if isinstance(source, Path) else source
        origin = ScriptText("cfg", "kamailio.cfg" if text is not None else str(source), text, defines)
        cfg, faults = reading_of(origin)
        if faults:
            raise BadCfg(faults, cfg.texts)
        return _foreign(origin)

    def kemi(self, path: str | Path) -> Routes:
        """What `run` takes, of a KEMI script."""
        return _foreign(ScriptText("kemi", str(path), text_of(str(path))))

    def restart(self) -> None:
        """End it and start it again: its tables and transactions are gone."""
        if self._origin is not None:
            self._stop()
            self._start(self._origin)

    def close(self) -> None:
        """End it; the network closes after it."""
        process, self._process = self._process, None
        if process is not None:
            self._tap.alive = False
            with suppress(LabError):
                self._net.leave(process.log)
            process.end()
        self._tap.close()

    def _start(self, origin: ScriptText) -> None:
        folder = new_folder()
        try:
            files, arguments = self._filled(folder, origin)
        except BaseException:
            rmtree(folder, ignore_errors=True)
            raise
        self._net.release(self.address)
        process = self._process = KamailioProcess(self._program, folder, files, arguments)
        self._folder, self._rpc = files, RpcSocket(folder)
        before = len(self._log.lines), len(self._log.errors)
        self._net.ask(lambda _: self._log.begin(files, process.read_log))
        self._tap.begin()
        self._net.attend(process.log, self._read_log)
        self._net.wait(lambda: process.log_ended or self._tap.answers(RETRY), START)
        if not process.log_ended and self._net.peek(lambda _: self._tap.answers(RETRY)):
            self._log.starting, self._origin = False, origin
            return
        lines = self._net.peek(lambda _: [line for _, line in list(self._log.lines)[before[0] :]])
        error = why_not(lines, files, process.code if process.log_ended else None)
        self._net.ask(lambda _: self._log.forget(*before))
        self._stop()
        self._folder = self._origin = None
        raise error

    def _stop(self) -> None:
        """End it, and hold its address."""
        process, self._process = self._process, None
        if process is not None:
            self._net.leave(process.log)
            process.end()
            self._tap.end()
            self._net.reserve(self.address)

    def _read_log(self) -> None:
        process = self._process
        if process is not None:
            self._tap.hear()
            self._mirror.catch_up(self._net.now)
            if process.log_ended:
                self._mirror.catch_up(self._net.now, all_of_it=True)
                self._log.report(self._death())
                self._tap.alive = False
                self._net.leave(process.log)

    # ---- its tables

    def location(self, table: str = "location") -> Sequence[Mapping[str, object]]:
        """A row a contact, with the fields of its `ul.dump`. Raises LabError if it does not answer."""
        if self._process is None:
            return []
        try:
            domains = self._ask("ul.dump")["Domains"]
        except RpcError:  # without usrloc
            return []
        return contact_rows(domains, table)

    def rows(self, table: str) -> Sequence[Mapping[str, object]]:
        """What acc wrote into its log, or the calls that its dialog module looks after, as `dlg.list` has them."""
        if table == "acc":
            written = self._net.peek(lambda _: list(self._log.lines))
            return [row for t, line in written if (row := acc_row(t, line)) is not None]
        if table != "dialogs" or self._process is None:
            return []
        try:
            return [dialog_row(one) for one in self._ask("dlg.list") or ()]
        except RpcError:
            return []

    @property
    def stats(self) -> Mapping[str, int]:
        """Its own counters of what it dropped, as `core:` has them. Raises LabError if it does not count or answer."""
        try:
            told = self._ask("stats.get_statistics", "core:") if self._process is not None else []
        except RpcError:
            raise LabError('Kamailio tells what it dropped if its module kex is there: loadmodule "kex.so"') from None
        pairs = (str(one).removeprefix("core:").split(" = ") for one in told)
        return {name: int(count) for name, count in pairs if name in DROPPED and int(count)}

    @property
    def held(self) -> Mapping[str, int]:
        """Its transactions and contacts at the moment."""
        held = {"contacts": len(self.location())}
        with suppress(LabError):
            held["transactions"] = int(self._ask("tm.stats")["current"])
        return held

    def _ask(self, method: str, *params: object) -> Any:
        return self._there().ask(method, *params)

    def _there(self) -> RpcSocket:
        """Where it can be asked. Raises LabError if it does not run."""
        if self._rpc is None or self._process is None or self._process.log_ended:
            raise LabError(self._death() or "Kamailio does not run yet; give the lab a route first")
        return self._rpc

    def rpc(self, name: str, arguments: Sequence[Value]) -> Sequence[Value]:
        """What a command of its RPC answers, as kamcmd hears it. Raises RpcFault, LabError if it does not answer."""
        return self._there().ask_as_kamcmd(name, arguments)

    def _contacts(self) -> Sequence[Mapping[str, object]]:
        try:
            return self.location()
        except LabError:
            return []

    def register(self, aor: str, address: str, expires: int = 3600) -> None:
        """Put a contact into its table, as a REGISTER would. Raises LabError if it has none."""
        self._ask("ul.add", "location", aor, address, expires, -1.0, "0", 0, 0, -1)

    def _put_back(self, contacts: Sequence[Mapping[str, object]]) -> None:
        """Register these again, as its table had them before it began anew."""
        for one in contacts:
            path, expires = str(one["Path"]).replace(UNSET, ""), one["Expires"]
            if isinstance(expires, int) and expires > 0:
                flags = one["Flags"], one["CFlags"], one["Methods"]
                with suppress(LabError):
                    self._ask("ul.add", "location", one["AoR"], one["Address"], expires, one["Q"], path or "0", *flags)

    # ---- its words

    def source(self, label: str) -> Source:
        """The text of a block; of a KEMI script nothing."""
        cfg = self._folder.cfg if self._folder else None
        for block in cfg.blocks if cfg else ():
            if block.label == label or (block.kind == label and not block.name):
                first, last = block.spot.line, max(block.end.line, block.spot.line)
                lines = self._folder.files[block.spot.file] if self._folder else ()
                return Source(tuple(lines[first - 1 : last]), first, block.spot.file)
        return Source()

    @property
    def no_steps(self) -> str:
        """Why nobody knows which commands ran; "" if its log tells."""
        if self._folder is not None and self._folder.cfg is None:
            return "Kamailio does not tell which lines of a KEMI script ran; labsip's own proxy does"
        if self._folder is not None and not self._folder.marked:
            return "the kamailio.cfg doesn't load pv.so, without which the log does not say what it is about"
        return ""

    @property
    def errors(self) -> Sequence[RouteError]:
        """What its log tells of that went wrong, each with the learner's line; and that it ended, or is silent."""
        return self._net.peek(lambda _: list(self._log.errors))

    @property
    def log(self) -> Sequence[tuple[float, str]]:
        """Its log, and what the network noted, in order."""
        trace = self._net.trace
        words = self._net.peek(lambda _: [*trace.notes, *((t, line.told) for t, line in self._log.lines)])
        return sorted(words, key=itemgetter(0))  # those of the same moment stay as they came

    def _death(self) -> str:
        """How it ended, where it was, and its last word; "" if it runs."""
        process = self._process
        if process is None or not process.log_ended:
            return ""
        told = [f"Kamailio is gone: {ended(process.code)}. lab.restart() starts it again"]
        if doing := self._log.doing:
            told.append(f"    the last command it began: {doing}")
        if word := self._log.last_word:
            told.append(f"    its last word: {word}")
        return "\n".join(told)

    def _fall_silent(self) -> None:
        where = f"; it is in {doing}" if (doing := self._log.doing) else ""
        self._log.report(f"Kamailio does not answer{where}. lab.restart() ends it and starts it again")


def _foreign(origin: ScriptText) -> Routes:
    """Blocks that only stand for a text."""

    def request_route(_: object) -> None:
        """Kamailio has the route."""

    return Routes(request_route, origins={request_route: origin})
