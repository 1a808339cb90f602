"""What transactions take of the proxy's room, and who takes it: as it is (`shares`), or as Kamailio counts it.

Pending transactions (`max_pending`) are always shared among those who send, bytes (`shm_bytes`) only with `shares`. A
source is the user who has proved to be one, else the address a request came from (`proxy.shares.source_of`).
"""

from __future__ import annotations

from sys import getsizeof

from labsip.modules.tm.cell import Cell, TmParameters, Uac, weight
from labsip.proxy.settings import Settings
from labsip.proxy.shares import Account, Accounts, Room, source_of
from labsip.proxy.turn import Turn
from labsip.sip.transaction import ClientTransaction, Key

TRANSACTION, BRANCH, ANSWERED = 2816, 2432, 1280
"""Bytes that Python takes besides the text of messages, as tracemalloc has them: for a transaction with the turn of
its request; for each branch; for a transaction that is answered and has no branch, of which little is kept."""
LEAST = 8
"""Transactions that a source may always have, as long as there is room for anybody."""
LEAST_BYTES = 256 * 1024
"""And bytes: eight of eight kilobytes each, sent on and answered."""
WITHIN_ONE = 16
"""Pending transactions inside one call (by its Call-ID); a crowd of made-up addresses may have one in common."""


class Ledger:
    """Who has taken how much."""

    def __init__(self, settings: Settings) -> None:
        tm = settings.of(TmParameters)
        self.most = tm.shm_bytes
        self.pending = Room(tm.max_pending, LEAST) if tm.max_pending else None
        self.bytes = Room(tm.shm_bytes, LEAST_BYTES) if settings.shares else None
        self.shared = settings.shares or tm.max_pending > 0
        self._one = Account()
        self.begun, self.within = Accounts(), Accounts()
        """What each source holds that began something, and inside calls."""
        self._calls: dict[str, int] = {}
        """Pending transactions inside each call."""

    def weigh(self, turn: Turn, key: Key) -> int:
        """Bytes a transaction for the request at hand will hold."""
        request = turn.request
        if self.bytes is None:
            return weight(request)
        changes = sum([len(lump.text) for lump in turn.lumps])
        return TRANSACTION + len(request.raw) + 2 * getsizeof(request.start_line) + changes + _size(key)

    def weigh_branch(self, uac: Uac, client: ClientTransaction) -> int:
        """Bytes that a request on its way adds."""
        size = len(client.request.raw)
        if self.bytes is None:
            return size
        other = 0 if uac.over_udp is None else len(uac.over_udp.request.raw)
        return BRANCH + size + other + getsizeof(client.request.start_line)

    def account(self, source: str, now: float, *, within: bool) -> Account:
        """Where is counted what the source asks for; where nothing is shared, one is for all."""
        if not self.shared:
            return self._one
        return (self.within if within else self.begun).of(source, now)

    def fits(self, account: Account, size: int, held: int, pending: int, *, call: str) -> bool:
        """Whether a transaction may begin that holds so many bytes; `held` and `pending`: what all have.

        call: inside which call, "" if it begins something.
        """
        within = call != ""
        if within and self._calls.get(call, 0) >= WITHIN_ONE:
            return False
        if self.bytes is None:
            room = held + size <= self.most
        else:
            room = self.bytes.fits(held, size) or self._has_left(self.bytes, held, size, account.bytes, within=within)
        few = self.pending is None or self.pending.fits(pending, 1)
        return room and (few or self._has_left(self.pending, pending, 1, account.number, within=within))

    def over(self, turn: Turn, held: int, pending: int) -> bool:
        """Whether a request that begins something would be refused, as far as its address tells; nothing is stored.

        A REGISTER is also answered where there is no room for a transaction: only whoever has too much is refused.
        """
        request, size = turn.request, TRANSACTION + len(turn.request.raw)
        few = self.pending is None or self.pending.fits(pending, 1)
        small = self.bytes is None or self.bytes.fits(held, size)
        if few and small:
            return False
        account = self.begun.find(source_of(turn.datagram.src.host))
        if request.method == "REGISTER":
            return self.bytes is not None and not small and account.bytes + size > self.bytes.share(len(self.begun))
        enough = few or self._has_left(self.pending, pending, 1, account.number)
        return not (enough and (small or self._has_left(self.bytes, held, size, account.bytes)))

    def _has_left(self, room: Room | None, total: int, amount: int, taken: int, *, within: bool = False) -> bool:
        sources = len(self.within if within else self.begun)
        return room is not None and room.has_left(total, amount, taken, sources, within=within)

    def begin(self, cell: Cell, call: str) -> None:
        """A transaction waits for its final response; `call`: inside which call, "" if it begins something."""
        cell.account.number += 1
        if call:
            self._calls[call] = self._calls.get(call, 0) + 1
            cell.call = call

    def end(self, cell: Cell) -> None:
        """It waits no more."""
        cell.account.number -= 1
        if cell.call:
            left = self._calls.pop(cell.call) - 1
            if left:
                self._calls[cell.call] = left

    def weigh_answered(self, cell: Cell) -> int:
        """Bytes that are left of an answered transaction without branches."""
        return ANSWERED + len(cell.uas.last or b"") + _size(cell.key)


def _size(key: Key) -> int:
    return sum(map(getsizeof, key))
