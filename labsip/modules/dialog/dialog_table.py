"""The calls that `dlg_manage` looks after: a row each, with variables, flags and profiles of their own."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum

from labsip.modules.core_hash import core_hash
from labsip.modules.dialog.ends import DialogParameters
from labsip.modules.route_params import add_param
from labsip.proxy.exports import Ending
from labsip.proxy.receive import Proxy
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.errors import BadMessage
from labsip.sip.headers import NameAddr, split_list
from labsip.sip.message import Message, Request, Response, parse_message
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


@dataclass(slots=True)
class Leg:
    """How one end of a call is reached from here."""

    contact: str = ""
    routes: tuple[str, ...] = ()
    """What stands between it and us, the nearest first."""
    cseq: int = 0
    """Of its last request in the call."""
    socket: Address | None = None
    """Where we heard it, None until it has said something."""


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
    to_tag: str = ""
    state: DialogState = DialogState.UNCONFIRMED
    start: float | None = None
    """When it was answered, seconds of the proxy's clock."""
    caller: Leg = field(default_factory=Leg)
    callee: Leg = field(default_factory=Leg)
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
        entry, number = core_hash(request.call_id) % ENTRIES, self.proxy.ids.randrange(ENTRIES)
        lifetime = self.proxy.settings.of(DialogParameters).default_timeout
        dialog = DialogRow(key, entry, number, request.from_.uri, request.to.uri, lifetime, turn.now)
        dialog.caller = Leg(_contact(request), cseq=request.cseq.number, socket=turn.socket)
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
        response = _response(outcome.response)
        if outcome.status >= 300:
            self.end(dialog)
            self.figures["failed"] += 1
            self._tell("dialog:failed", dialog, turn, response, outcome.now)
        else:
            dialog.state, dialog.start = DialogState.ANSWERED, outcome.now
            if response is not None:
                dialog.to_tag = response.to.tag or ""
                dialog.callee.socket = turn.socket
                self._learn_ends(dialog, turn.request, response)
            self._tell("dialog:start", dialog, turn, response, outcome.now)

    def after_request(self, turn: Turn) -> None:
        """An ACK confirms a call, a BYE ends it."""
        request = turn.request
        if not self._dialogs or not request.to.tag or not turn.outbox:
            return
        dialog = self.of(turn)
        if dialog is None:
            return
        leg = dialog.caller if request.from_.tag == dialog.key[1] else dialog.callee
        leg.cseq = max(leg.cseq, request.cseq.number)
        if request.method == "BYE":
            self.end(dialog)
            self.proxy.happens(turn, "dialog:end")
        elif request.method == "ACK" and dialog.state is DialogState.ANSWERED:
            dialog.state = DialogState.CONFIRMED

    def _learn_ends(self, dialog: DialogRow, request: Request, response: Response) -> None:
        """Where the ends are, from the INVITE and its 2xx (RFC 3261 §12.1)."""
        passed = [value for line in response.get_all("Record-Route") for value in split_list(line)]
        ours = next((place for place, value in enumerate(passed) if self._is_ours(value)), len(passed))
        behind = next((place for place in range(len(passed), ours, -1) if self._is_ours(passed[place - 1])), ours)
        dialog.caller.contact, dialog.callee.contact = _contact(request), _contact(response)
        if dialog.caller.contact and dialog.callee.contact:
            dialog.caller.routes = tuple(passed[behind:])
            dialog.callee.routes = tuple(reversed(passed[:ours]))

    def _is_ours(self, record_route: str) -> bool:
        try:
            return self.proxy.is_ours(NameAddr.parse(record_route).sip_uri)
        except BadMessage:
            return False

    def end(self, dialog: DialogRow) -> None:
        """It is looked after no more."""
        dialog.state = DialogState.DELETED
        self._dialogs.pop(dialog.key, None)

    def over(self, dialog: DialogRow, turn: Turn) -> None:
        """A call was ended from here, by the route that runs for this message."""
        self.end(dialog)
        self._tell("dialog:end", dialog, turn, None, turn.now)

    def _tell(self, event: str, dialog: DialogRow, turn: Turn, response: Response | None, now: float) -> None:
        """Run the block of an event: it sees the response that brought it, or the INVITE where there is none."""
        if event in self.proxy.routes.event_routes:
            told = Turn(self.proxy, response or turn.message, turn.datagram, now)
            told.note(DialogAtHand).dialog = dialog
            self.proxy.happens(told, event)

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
            self.end(dialog)
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


def _contact(message: Message) -> str:
    """The URI of its Contact, "" if it has none that can be read."""
    with suppress(BadMessage):
        return NameAddr.parse(split_list(message.get("Contact") or "")[0]).uri
    return ""


def _response(data: bytes | None) -> Response | None:
    with suppress(BadMessage):
        message = None if data is None else parse_message(data)
        return message if isinstance(message, Response) else None
    return None
