"""The lab in one view, or one phone of it, moving while calls run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from labsip.live.explorer import flow_of, told_of
from labsip.live.faults import faults_state, switch
from labsip.live.living import Living, look
from labsip.live.phones import ON_CALL, phone_state, press
from labsip.live.state import State, ink_state, ladder_state
from labsip.live.surface import Said
from labsip.proxy.script import REQUEST
from labsip.sip.errors import LabError
from labsip.trace import CommandRow, DatagramRow
from labsip.view.ladder import Ladder
from labsip.view.layout import layout
from labsip.vocabulary import location

if TYPE_CHECKING:
    import pandas as pd

    from labsip.lab.lab import Lab
    from labsip.lab.phone import Phone

ALL = ("phones", "ladder", "location", "commands", "faults")
MOST, KEPT = 400, 200
"""Messages in the ladder: when there are MOST, the oldest go, down to KEPT."""
COMMANDS = 40
"""Commands in the list, the latest."""
SLOW = 10
"""Beats after which it looks even if nobody said anything: bindings run out, and a message turns out to be lost."""

QUIET = 45
"""Beats without a message after which the picture under the view is taken again."""


class Glance(NamedTuple):
    """What is read of a lab at once, where the nodes live."""

    datagrams: list[DatagramRow]
    commands: list[CommandRow]
    location: list[dict[str, Any]]
    phones: dict[str, dict[str, Any]]
    faults: dict[str, Any]


class Panel(Living):
    """A lab at work: phones to press, the location table, the ladder, the commands of the route, wires to break.

    Its `repr` says the same in characters. When the lab closes, what it showed last stays, as a picture.
    """

    rate = 15.0
    label = "SIP lab"

    def __init__(self, lab: Lab, phone: Phone | None = None, parts: Sequence[str] = ALL) -> None:
        self._phone = phone
        self._parts = tuple(parts)
        self._first = 0
        self._heard_last: dict[str, str] = {}
        self._told = ""
        self._version: tuple[int, int] = (-1, -1)
        self._beats = 0
        self._quiet = 0
        self._pictured: tuple[int, int] = (-1, -1)
        super().__init__(lab)

    @property
    def lab(self) -> Lab:
        """The lab it shows."""
        assert self._lab is not None
        return self._lab

    # --- as it stands -----------------------------------------------------------------------------------------

    def text(self) -> str:
        """The phones, and with a whole lab the location table and the ladder."""
        if self._phone is not None:
            return repr(self._phone)
        rows = look(self.lab, lambda now: location(self.lab._proxy, now))
        known = [f"{row['AoR']} is at {row['Address']}" for row in rows] or ["nobody is registered"]
        return "\n".join([repr(self.lab), *map(repr, self.lab.phones), *known, "", Ladder(self._flow()).text()])

    def picture(self) -> Ladder | None:
        """The static ladder; a phone alone has none."""
        return None if self._phone else Ladder(self._flow())

    def _flow(self) -> pd.DataFrame:
        return flow_of(self.lab, KEPT)

    # --- in the page ------------------------------------------------------------------------------------------

    def _ipython_display_(self) -> None:
        super()._ipython_display_()
        if self._settle not in self.lab._at_close:
            self.lab._at_close.append(self._settle)

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

    def _beat(self) -> bool:
        goes_on = super()._beat()
        if self._quiet == QUIET and self._pictured != self._version and goes_on:
            self._take_picture()
        return goes_on

    # --- what the page shows ----------------------------------------------------------------------------------

    def _state(self) -> State:
        from labsip.flow.tables import flow_table

        seen = look(self.lab, self._glance)
        flow = flow_table(seen.datagrams, self.lab._net.trace.names, self.lab._net.trace.marks)
        self._note_responses(flow)
        for name, phone in seen.phones.items():
            phone["heard"] = self._heard_last.get(name, "")
        state: State = {"parts": list(self._parts), "phones": seen.phones, "told": self._told}
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

    def _glance(self, now: float) -> Glance:
        trace, phones = self.lab._net.trace, [self._phone] if self._phone else self.lab.phones
        count = trace.next_datagram - self._first
        if count > MOST:
            self._first, count = trace.next_datagram - KEPT, KEPT
        passed = list(islice(reversed(trace.datagrams), count))[::-1]
        return Glance(
            passed,
            list(islice(reversed(trace.commands), COMMANDS))[::-1],
            location(self.lab._proxy, now),
            {one.name: phone_state(one, self._muted(one)) for one in phones},
            faults_state(self.lab),
        )

    def _muted(self, phone: Phone) -> bool:
        return any(w.src == phone.name and w.dst is None and w.loss == 1 for w in self.lab._net.wires)

    def _note_responses(self, flow: pd.DataFrame) -> None:
        """Note the last response each phone got."""
        heard = flow[flow["status"].notna() & ~flow["lost"]]
        self._heard_last |= dict(zip(heard["dst"], heard["summary"], strict=True))

    def _changed(self) -> bool:
        trace = self.lab._net.trace
        version = trace.next_datagram, trace.next_command
        self._beats += 1
        self._quiet = 0 if version != self._version else self._quiet + 1
        return version != self._version or self._beats % SLOW == 0

    def _send(self) -> None:
        trace = self.lab._net.trace
        version = trace.next_datagram, trace.next_command
        super()._send()
        self._version = version

    # --- what is pressed --------------------------------------------------------------------------------------

    def _do(self, said: Said) -> None:
        do = said.get("do")
        if do == "message":
            self._surface.send({"message": told_of(flow_of(self.lab, MOST), int(said["row"]), self.lab)})
            return
        try:
            if do == "phone":
                press(self.lab.phone(str(said["phone"])), said)
            elif do == "fault":
                switch(self.lab, said)
            self._told = ""
        except LabError as error:
            self._told = str(error)


def _command(command: CommandRow) -> dict[str, str]:
    result = "" if command.result is None else str(command.result)
    route = "" if command.route == REQUEST else f"{command.route} "
    return {"line": f"{route}{command.line}", "command": f"{command.name}({command.args})", "result": result}
