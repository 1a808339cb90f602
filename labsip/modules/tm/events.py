"""What happens to transactions from outside the script: responses, timers, errors, the script's end."""

from __future__ import annotations

from labsip.modules.tm import fwd, reply
from labsip.modules.tm.cell import WAIT, Cell, cell_of
from labsip.modules.tm.lookup import Table
from labsip.proxy.limits import LAST_VIA
from labsip.proxy.turn import Turn
from labsip.sip.errors import BadMessage
from labsip.sip.headers import split_list
from labsip.sip.message import Response, parse_message
from labsip.sip.transaction import client_key
from labsip.sip.transport import Datagram


class Tm(Table):
    """tm in one proxy: its transactions, and its place in the journey."""

    def after_request(self, turn: Turn) -> None:
        """A request the script neither forwarded nor answered: the error t_relay met, or nothing and soon forgotten."""
        cell = cell_of(turn)
        if cell is None or turn.suspended or cell.branches:
            return
        if cell.status >= 200:
            self.shed(cell)
            return
        if cell.error is not None:
            reply.local(self, cell, cell.error.status, cell.error.reason, turn)
        else:
            cell.release = turn.now + WAIT
        self.settle(cell)

    def on_response(self, turn: Turn) -> bool:
        """A response to something a branch sent."""
        message = turn.message
        found = self.clients.get(client_key(message))
        if found is None or not isinstance(message, Response):
            return False
        cell, uac = found
        if self.proxy.copies.most:
            self.proxy.copies.answered(turn.datagram.src.host, turn.now)
        turn.transaction = cell
        turn.avps = cell.turn.avps
        if uac.cancel is not None and message.cseq.method == "CANCEL":
            uac.cancel.receive(message, turn.now)  # hop by hop: its final response goes no further (§16.10)
        elif self.proxy.settings.policy.last_via and not _has_next_via(
            message
        ):  # §16.7 step 3; Kamailio passes it on as it is
            self.proxy.drop(turn.now, LAST_VIA, f"{message.summary}: no Via but ours, it can't be passed on, dropped")
        else:
            reply.received(self, cell, uac, message, turn)
        self.settle(cell)
        return True

    def on_error(self, turn: Turn, status: int, reason: str) -> bool:
        """The script failed while a transaction was at hand: an answer for its caller."""
        cell = cell_of(turn)
        if cell is None:
            return False
        reply.answer(self, cell, status, reason, turn)
        return True

    def send_failed(self, datagram: Datagram, now: float) -> list[Datagram]:
        """A branch's request could not be sent: 477, as tm answers it."""
        try:
            cell, uac = self.clients[client_key(parse_message(datagram.data))]
        except (BadMessage, KeyError):
            return []
        turn = self._routing(cell, now)
        if uac.client.fail(now).failed and not uac.final and not fwd.go_over_udp(cell, uac, turn):
            reply.failed(self, cell, uac, turn)
        self.settle(cell)
        return turn.outbox

    def wake(self, now: float) -> list[Datagram]:
        """Fire what is due."""
        out: list[Datagram] = []
        for cell in self.due(now):
            if cell.release is not None and cell.release <= now:
                self.forget(cell)
                continue
            out += self._fire(cell, now)
            self.settle(cell)
        return out

    def _routing(self, cell: Cell, now: float) -> Turn:
        turn = Turn(self.proxy, cell.uas.request, cell.turn.datagram, now)
        turn.transaction = cell
        turn.avps = cell.turn.avps
        return turn

    def _fire(self, cell: Cell, now: float) -> list[Datagram]:
        out = list(cell.uas.wake(now).send)
        for uac in list(cell.branches):
            if uac.cancel is not None:
                out += uac.cancel.wake(now).send
            outcome = uac.client.wake(now)
            out += self.wanted(outcome.send, now) if outcome.send else ()
            if outcome.timeout:
                turn = self._routing(cell, now)
                reply.timed_out(self, cell, uac, turn)
                out += turn.outbox
        return out


def _has_next_via(response: Response) -> bool:
    return response.count("Via") > 1 or len(split_list(response.first("Via").value)) > 1
