"""The dialogs a proxy remembers: those in which it put its Record-Route."""

from __future__ import annotations

from collections import OrderedDict

from labsip.modules.dialog.ends import DialogCell, DialogParameters, Membership, Passage, Stage
from labsip.modules.dialog.mark import DialogKey, Mark, mark_of
from labsip.modules.tm import Tm
from labsip.modules.tm.reply import CHALLENGING
from labsip.proxy.receive import Proxy
from labsip.proxy.turn import ModuleState, Turn
from labsip.sip.message import Message, Response
from labsip.sip.timing import RFC
from labsip.sip.transaction import client_key
from labsip.sip.transport import plain

REMEMBERED, BURIED = 50_000, 200_000
"""Dialogs remembered, and dialogs that are over; beyond that the oldest are forgotten."""
RINGING = 600.0
"""For how long a request that may begin a dialog is remembered since it was answered last, in seconds."""
LINGER = 64 * RFC.T1
"""For how long the requests of a dialog may follow its BYE, in seconds: one that crossed it, and repeats."""
OPEN_ENDED = ("SUBSCRIBE", "REFER")
"""Methods whose dialogs begin with a NOTIFY (RFC 6665 §4.4.1)."""
REFRESHING = ("INVITE", "UPDATE", *OPEN_ENDED)
"""Methods whose answers say where an end is, and their 2xx that the dialog goes on (RFC 3261 §12.2, RFC 3311)."""


class Dialogs(ModuleState):
    """The dialogs of one proxy."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self._stages: dict[Stage, OrderedDict[DialogKey, DialogCell]] = {stage: OrderedDict() for stage in Stage}
        """Of each stage, the one that has been in it longest first."""
        self._buried: OrderedDict[int, None] = OrderedDict()
        """Hashes of the keys of those that are over."""

    def mark(self, turn: Turn) -> str:
        """The mark for the Record-Route of the request at hand; the request is remembered."""
        request = turn.request
        self._tidy(turn.now)
        key, dialog = self._of(request)
        if dialog is None or (dialog.stage is Stage.OVER and not request.to.tag):
            dialog = DialogCell(key, turn.now, request.method in OPEN_ENDED)
            if tag := request.to.tag:  # a dialog older than our memory
                dialog.tags = (tag,)
            self._put(dialog, Stage.UP if tag else Stage.EARLY, turn.now)
        sender, src = dialog.sender(request), turn.datagram.src
        # without a To-tag it may be of somebody who has copied Call-ID and tag
        if request.to.tag or self._is_ours(turn) or sender.sends_from(plain(src.host).lower(), self.proxy):
            sender.sent(request, src)
            turn.note(Membership).dialog = dialog
        expires = int(self.proxy.began + turn.now + self.proxy.settings.of(DialogParameters).dialog_timeout)
        return Mark(key, expires).signed(self.proxy.seed)

    def passage(self, turn: Turn) -> Passage | None:
        """The passage of the request at hand; None if it is of no dialog of ours, or not from one of its ends.

        Asked before loose_route uses up the Route it reads.
        """
        request = turn.request
        self._tidy(turn.now)
        dialog = self._of(request)[1]
        if dialog is None or request.count("Route"):  # without a Route, only what is remembered tells
            mark = mark_of(request, self.proxy, self.proxy.seed)
            if mark is None:
                return None
            if dialog is None:
                over = mark.expires <= self.proxy.began + turn.now or hash(mark.key) in self._buried
                return None if over else Passage(self.proxy)
        turn.note(Membership).dialog = dialog
        host = plain(turn.datagram.src.host).lower()
        return dialog.passage(request, host, self.proxy, is_ours=self._is_ours(turn))

    def on_response(self, turn: Turn) -> bool:
        """Notice how far an answer brings its dialog; it goes on as any other."""
        response = turn.message
        if isinstance(response, Response) and response.status > 100:
            # one that fits no request of ours, anybody may have made up
            found = self.proxy.module(Tm).clients.get(client_key(response))
            if found is not None and (dialog := found[0].turn.note(Membership).dialog) is not None:
                self._answered(dialog, response, turn)
        return False

    def _answered(self, dialog: DialogCell, response: Response, turn: Turn) -> None:
        method, status = response.cseq.method, response.status
        if method == "BYE":
            if status >= 200 and status not in CHALLENGING:
                self._put(dialog, Stage.OVER, turn.now)
        elif method in REFRESHING and dialog.stage is not Stage.OVER:
            dialog.answered(response, turn.datagram.src)
            begins = method == "INVITE" or dialog.open_ended
            if 200 <= status < 300 and (begins or dialog.stage is Stage.UP):
                self._put(dialog, Stage.UP, turn.now)
            elif dialog.stage is Stage.EARLY:
                self._put(dialog, Stage.EARLY, turn.now)

    def _is_ours(self, turn: Turn) -> bool:
        return self.proxy.is_own(turn.datagram.src.host, turn.datagram.src.port)

    # --- what is remembered -------------------------------------------------------------------------------------------

    def _of(self, message: Message) -> tuple[DialogKey, DialogCell | None]:
        """The dialog of a message, whichever end it comes from, and its key; that of its sender if there is none."""
        call_id, tags = message.call_id, (message.from_.tag or "", message.to.tag or "")
        for tag in tags:
            for dialogs in self._stages.values():
                if (dialog := dialogs.get((call_id, tag))) is not None:
                    return dialog.key, dialog
        return (call_id, tags[0]), None

    def _put(self, dialog: DialogCell, stage: Stage, now: float) -> None:
        """It is at that stage from now on. Where there are too many, one that matters less is forgotten."""
        for dialogs in self._stages.values():
            dialogs.pop(dialog.key, None)
        self._buried.pop(hash(dialog.key), None)
        dialog.stage, dialog.since = stage, now
        self._stages[stage][dialog.key] = dialog
        if sum(map(len, self._stages.values())) > REMEMBERED:
            if self._stages[Stage.OVER]:
                self._bury(self._stages[Stage.OVER])
            else:
                (self._stages[Stage.EARLY] or self._stages[Stage.UP]).popitem(last=False)

    def _tidy(self, now: float) -> None:
        """Bury the dialogs whose time is over."""
        lives = (
            (Stage.EARLY, RINGING),
            (Stage.UP, self.proxy.settings.of(DialogParameters).dialog_timeout),
            (Stage.OVER, LINGER),
        )
        for stage, life in lives:
            dialogs = self._stages[stage]
            while dialogs and next(iter(dialogs.values())).since + life <= now:
                self._bury(dialogs)

    def _bury(self, dialogs: OrderedDict[DialogKey, DialogCell]) -> None:
        key, _ = dialogs.popitem(last=False)
        self._buried[hash(key)] = None
        if len(self._buried) > BURIED:
            self._buried.popitem(last=False)
