"""The calls that `dlg_manage` looks after: a row each, with variables, flags and profiles of their own."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum

from labsip.modules.core_hash import hash_of
from labsip.modules.dialog.ends import DialogParameters
from labsip.modules.route_params import add_param
from labsip.proxy.exports import Ending
from labsip.proxy.receive import Proxy
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import BadMessage
from labsip.sip.message import Message, Response, parse_message
from labsip.sip.transport import Address

MOST = 50_000
"""Calls looked after; beyond that the oldest are forgotten."""
ENTRIES = 4096
"""Places of Kamailio's hash table (hash_size)."""

Key = tuple[str, str]
"""Call-ID, and the tag of its caller."""


class DialogState(IntEnum):
    """How far a call is, by Kamailio's numbers."""

    UNCONFIRMED = 1
    EARLY = 2
    ANSWERED = 3
    CONFIRMED = 4
    DELETED = 5


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a call, by the message it began or answered it with."""

    contact: str
    cseq: str
    socket: Address
    """Where we heard it."""


@dataclass(slots=True, eq=False)
class DialogRow:
    """One call."""

    key: Key
    h_entry: int
    h_id: int
    from_uri: str
    to_uri: str
    lifetime: float
    """Seconds it may last from its answer on."""
    begun: float
    """When its INVITE came, seconds of the proxy's clock."""
    caller: Side
    callee: Side | None = None
    """None until it has answered."""
    to_tag: str = ""
    state: DialogState = DialogState.UNCONFIRMED
    start: float | None = None
    """When it was answered, seconds of the proxy's clock."""
    variables: dict[str, str] = field(default_factory=dict)
    flags: int = 0
    profiles: set[Key] = field(default_factory=set)
    """Profiles it is in, each with its value, "" for none."""

    @property
    def did(self) -> str:
        """What our Record-Route says of it: two numbers in hex, written backwards as Kamailio does."""
        return f"{self.h_entry:x}"[::-1] + "." + f"{self.h_id:x}"[::-1]


@dataclass(slots=True)
class DialogAtHand:
    """A note on a turn: its call, and variables set before there is one."""

    dialog: DialogRow | None = None
    variables: dict[str, str] = field(default_factory=dict)


class DialogTable(ModuleState):
    """The calls one proxy looks after."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self._dialogs: OrderedDict[Key, DialogRow] = OrderedDict()
        self.figures: Counter[str] = Counter()
        """How many began, failed and outlived their time."""

    @property
    def all(self) -> Collection[DialogRow]:
        """Every call, oldest first."""
        return self._dialogs.values()

    def of(self, turn: Turn) -> DialogRow | None:
        """The call of the message at hand, if it is looked after."""
        note = turn.note(DialogAtHand)
        if note.dialog is None:
            note.dialog = self.find(turn.message)
        return note.dialog

    def find(self, message: Message) -> DialogRow | None:
        """The call of a message, whichever end sent it."""
        tags = message.from_.tag, message.to.tag
        found = (self._dialogs.get((message.call_id, tag)) for tag in tags if tag)
        return next((dialog for dialog in found if dialog is not None), None)

    def named(self, call_id: str, tag: str) -> DialogRow | None:
        """The call with that Call-ID and that tag of its caller."""
        return self._dialogs.get((call_id, tag))

    def begin(self, turn: Turn) -> bool:
        """Look after the call that the request at hand begins. False: it is already, or begins none."""
        request, note = turn.request, turn.note(DialogAtHand)
        if request.method != "INVITE" or request.to.tag or self.of(turn) is not None:
            return False
        key = request.call_id, request.from_.tag or ""
        entry, number = hash_of(request.call_id) % ENTRIES, self.proxy.ids.randrange(ENTRIES)
        lifetime = self.proxy.settings.of(DialogParameters).default_timeout
        caller = _side(request, str(request.cseq.number), turn.socket)
        dialog = DialogRow(key, entry, number, request.from_.uri, request.to.uri, lifetime, turn.now, caller)
        self.figures["processed"] += 1
        dialog.variables = note.variables
        note.dialog = self._dialogs[key] = dialog
        if len(self._dialogs) > MOST:
            self._dialogs.popitem(last=False)
        add_param(turn, f";did={dialog.did}")
        return True

    # --- what becomes of them ---------------------------------------------------------------------------------

    def on_response(self, turn: Turn) -> bool:
        """A call rings."""
        response = turn.message
        if isinstance(response, Response) and 100 < response.status < 200 and response.cseq.method == "INVITE":
            dialog = self.find(response)
            if dialog is not None and dialog.state is DialogState.UNCONFIRMED:
                dialog.state = DialogState.EARLY
        return False

    def on_final(self, turn: Turn, outcome: Ending) -> None:
        """A call is answered, or over before it began."""
        dialog = self.find(turn.request) if turn.request.method == "INVITE" else None
        if dialog is None or dialog.state >= DialogState.ANSWERED:
            return
        if outcome.status >= 300:
            self._end(dialog)
            self.figures["failed"] += 1
            return
        dialog.state, dialog.start = DialogState.ANSWERED, outcome.now
        with suppress(BadMessage):
            response = parse_message(outcome.response or b"")
            dialog.to_tag = response.to.tag or ""
            dialog.callee = _side(response, "0", turn.socket)

    def after_request(self, turn: Turn) -> None:
        """An ACK confirms a call, a BYE ends it."""
        request = turn.request
        if request.method not in ("ACK", "BYE") or not request.to.tag or not turn.outbox:
            return
        dialog = self.of(turn)
        if dialog is not None and request.method == "BYE":
            self._end(dialog)
        elif dialog is not None and dialog.state is DialogState.ANSWERED:
            dialog.state = DialogState.CONFIRMED

    def _end(self, dialog: DialogRow) -> None:
        dialog.state = DialogState.DELETED
        self._dialogs.pop(dialog.key, None)

    def in_profile(self, profile: str, value: str | None) -> int:
        """How many calls are in a profile, with that value or, None, with any."""
        return sum(
            any(name == profile and value in (None, known) for name, known in dialog.profiles)
            for dialog in self._dialogs.values()
        )

    def shown(self, now: float) -> list[dict[str, object]]:
        """A row each, as `lab.dialogs` shows them. lifetime: seconds since it was answered."""
        return [_row(dialog, now) for dialog in self.live(now)]

    def live(self, now: float) -> list[DialogRow]:
        """Those whose time is not over, oldest first."""
        over = [one for one in self._dialogs.values() if one.start is not None and now - one.start > one.lifetime]
        for dialog in over:
            self._end(dialog)
        self.figures["expired"] += len(over)
        return list(self._dialogs.values())


def _row(dialog: DialogRow, now: float) -> dict[str, object]:
    return {
        "h_entry": dialog.h_entry,
        "h_id": dialog.h_id,
        "call-id": dialog.key[0],
        "from_uri": dialog.from_uri,
        "to_uri": dialog.to_uri,
        "from_tag": dialog.key[1],
        "to_tag": dialog.to_tag,
        "state": int(dialog.state),
        "start_ts": dialog.start,
        "lifetime": 0.0 if dialog.start is None else now - dialog.start,
        "variables": dict(dialog.variables),
    }


def _side(message: Message, cseq: str, socket: Address) -> Side:
    """Contact as it can be read, "" if it can't."""
    return Side(next((address.uri for address in message.addresses("Contact")), ""), cseq, socket)
