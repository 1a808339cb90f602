"""The lab in one view, or one phone of it, moving while calls run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from labsip.flow.rows import Flow
from labsip.live.controls import ON_CALL, faults_state, phone_state, press, switch
from labsip.live.details import details_of
from labsip.live.surface import PageEvent, PageState, ink_state, ladder_state
from labsip.live.view import View
from labsip.proxy.script import REQUEST
from labsip.sip.errors import LabError
from labsip.testbed import Handset, Testbed
from labsip.trace import CommandRow, DatagramRow
from labsip.view.ladder import Ladder
from labsip.view.layout import layout

ALL = ("phones", "ladder", "location", "commands", "faults")
MOST, KEPT = 400, 200
"""Messages in the ladder: when there are MOST, the oldest go, down to KEPT."""
COMMANDS = 40
"""Commands in the list, the latest."""
SLOW = 10
"""Ticks after which it looks even if nobody said anything: bindings run out, and a message turns out to be lost."""

QUIET = 45
"""Ticks without a message after which the picture under the view is taken again."""


class Glance(NamedTuple):
    """What is read of a testbed at once, where the nodes live."""

    datagrams: list[DatagramRow]
    commands: list[CommandRow]
    location: Sequence[Mapping[str, object]]
    phones: dict[str, dict[str, Any]]
    faults: dict[str, Any]


class Panel(View):
    """A lab at work: phones to press, the location table, the ladder, the commands of the route, wires to break.

    Its `repr` says the same in characters. When the lab closes, what it showed last stays, as a picture.
    """

    rate = 15.0
    label = "SIP lab"

    def __init__(self, testbed: Testbed, phone: Handset | None = None, parts: Sequence[str] = ALL) -> None:
        self.testbed = testbed
        self._phone = phone
        self._parts = tuple(parts)
        self._first = 0
        self._heard_last: dict[str, str] = {}
        self._told = ""
        self._version: tuple[int, int] = (-1, -1)
        self._ticks = 0
        self._quiet = 0
        self._pictured: tuple[int, int] = (-1, -1)
        super().__init__(testbed)

    # --- as it stands -----------------------------------------------------------------------------------------

    def text(self) -> str:
        """The phones, and with a whole lab the location table and the ladder."""
        if self._phone is not None:
            return repr(self._phone)
        bed = self.testbed
        known = [f"{row['AoR']} is at {row['Address']}" for row in _contacts(bed)] or ["nobody is registered"]
        phones = map(repr, bed.phones.values())
        return "\n".join([f"<lab: {bed.summary}>", *phones, *known, "", Ladder(self._flow()).text()])

    def picture(self) -> Ladder | None:
        """The static ladder; a phone alone has none."""
        return None if self._phone else Ladder(self._flow())

    def _flow(self) -> Flow:
        return self.testbed.flow(KEPT)

    # --- in the page ------------------------------------------------------------------------------------------

    def _ipython_display_(self) -> None:
        super()._ipython_display_()
        if self._settle not in self.testbed.at_close:
            self.testbed.at_close.append(self._settle)

    def _settle(self) -> None:
        """The lab closes: instead of what moved, the picture of the end."""
        self._rest()
        self._take_picture()
        if self._moving is not None:
            self._moving.update({}, raw=True)

    def _take_picture(self) -> None:
        """Let the picture under the view be of now: that is what a saved notebook shows."""
        self._pictured = self._version
        if self._still is not None:
            data, metadata = self._repr_mimebundle_()
            self._still.update(data, raw=True, metadata=metadata)

    def _tick(self) -> bool:
        goes_on = super()._tick()
        if self._quiet == QUIET and self._pictured != self._version and goes_on:
            self._take_picture()
        return goes_on

    # --- what the page shows ----------------------------------------------------------------------------------

    def _state(self) -> PageState:
        trace = self.testbed.trace
        seen = self.testbed.net.peek(self._glance)
        flow = Flow.of_datagrams(seen.datagrams, trace.names, trace.marks)
        self._note_responses(flow)
        for name, phone in seen.phones.items():
            phone["heard"] = self._heard_last.get(name, "")
        state: PageState = {"parts": list(self._parts), "phones": seen.phones, "told": self._told}
        state["on_call"] = {name: text for name, (text, _) in ON_CALL.items()}
        if "ladder" in self._parts:
            state |= {"ink": ink_state(), **ladder_state(layout(flow, fold=False))}
        if "commands" in self._parts:
            state["commands"] = {str(command.row): _command(command) for command in seen.commands}
        if "location" in self._parts:
            state["location"] = [
                {name: str(row[name]) for name in ("AoR", "Address", "Expires", "Q")} for row in seen.location
            ]
        if "faults" in self._parts:
            state["faults"] = seen.faults
        return state

    def _glance(self, _now: float) -> Glance:
        trace, phones = self.testbed.trace, [self._phone] if self._phone else self.testbed.phones.values()
        count = trace.next_datagram - self._first
        if count > MOST:
            self._first, count = trace.next_datagram - KEPT, KEPT
        passed = list(islice(reversed(trace.datagrams), count))[::-1]
        return Glance(
            passed,
            list(islice(reversed(trace.commands), COMMANDS))[::-1],
            _contacts(self.testbed),
            {one.name: phone_state(one, self._muted(one)) for one in phones},
            faults_state(self.testbed),
        )

    def _muted(self, phone: Handset) -> bool:
        return any(w.src == phone.name and w.dst is None and w.loss == 1 for w in self.testbed.net.wires)

    def _note_responses(self, flow: Flow) -> None:
        """Note the last response each phone got."""
        self._heard_last |= {one.dst: one.summary for one in flow if one.status is not None and not one.lost}

    def _changed(self) -> bool:
        trace = self.testbed.trace
        version = trace.next_datagram, trace.next_command
        self._ticks += 1
        self._quiet = 0 if version != self._version else self._quiet + 1
        return version != self._version or self._ticks % SLOW == 0

    def _send(self) -> None:
        trace = self.testbed.trace
        version = trace.next_datagram, trace.next_command
        super()._send()
        self._version = version

    # --- what is pressed --------------------------------------------------------------------------------------

    def _do(self, said: PageEvent) -> None:
        do = said.get("do")
        if do == "message":
            self._surface.send({"message": details_of(self.testbed.flow(MOST), int(said["row"]), self.testbed)})
            return
        try:
            if do == "phone":
                press(self.testbed.phone(str(said["phone"])), said)
            elif do == "fault":
                switch(self.testbed, said)
            self._told = ""
        except LabError as error:
            self._told = str(error)


def _command(command: CommandRow) -> dict[str, str]:
    result = "" if command.result is None else str(command.result)
    route = "" if command.route == REQUEST else f"{command.route} "
    return {"line": f"{route}{command.line}", "command": f"{command.name}({command.args})", "result": result}


def _contacts(bed: Testbed) -> Sequence[Mapping[str, object]]:
    """The location table; empty where an engine can't be asked, which `lab.location` tells better."""
    try:
        return bed.engine.location()
    except LabError:
        return []
