"""Room that sources share."""

from __future__ import annotations

from labsip.proxy.shares import ACTIVE, KNOWN, Accounts, Room, Shares, source_of


def fill(shares: Shares, source: str, now: float = 0.0) -> int:
    """Have a source take all it may; returns how much that was."""
    before = shares.taken(source)
    while shares.fits(source, now):
        shares.take(source)
    return shares.taken(source) - before


def test_a_source_alone_may_take_all_of_the_room() -> None:
    assert fill(Shares(100, least=8), "a") == 100


def test_whoever_comes_later_has_its_share_although_the_room_is_full() -> None:
    shares = Shares(100, least=8)
    fill(shares, "a")
    assert fill(shares, "b") == 50
    assert fill(shares, "c") == 33
    assert not shares.fits("a", 0.0)


def test_a_share_is_never_below_the_least() -> None:
    shares = Shares(100, least=8)
    fill(shares, "a")
    for number in range(50):
        shares.fits(f"other{number}", 0.0)
    assert fill(shares, "b") == 8


def test_a_source_above_its_share_is_served_again_where_there_is_room() -> None:
    shares = Shares(100, least=8)
    fill(shares, "a")
    fill(shares, "b")
    shares.give_back("a", 100)
    assert fill(shares, "b") == 50


def test_a_source_counts_for_64_t1_and_no_longer() -> None:
    shares = Shares(100, least=8)
    shares.fits("a", 0.0)
    shares.fits("b", ACTIVE)
    assert shares.share(ACTIVE) == 50
    assert shares.share(ACTIVE + 0.001) == 100


def test_a_source_that_was_silent_for_64_t1_counts_no_more() -> None:
    shares = Shares(100, least=8)
    shares.fits("a", 0.0)
    assert shares.share(0.0) == 100
    shares.fits("b", 1.0)
    assert shares.share(1.0) == 50
    assert shares.share(1.0 + ACTIVE) == 100


def test_what_was_given_back_leaves_nothing() -> None:
    shares = Shares(100, least=8)
    shares.take("a", 3)
    shares.give_back("a", 3)
    assert (shares.total, shares.taken("a"), shares.most()) == (0, 0, None)


def test_the_source_that_holds_most_is_named() -> None:
    shares = Shares(100, least=8)
    shares.take("a", 3)
    shares.take("b", 5)
    assert shares.most() == "b"


def test_made_up_addresses_do_not_fill_the_memory() -> None:
    shares = Shares(100, least=8)
    for number in range(KNOWN + 1000):
        shares.fits(f"forged{number}", 0.0)
    assert shares.share(0.0) == 8
    assert len(shares._seen) == KNOWN


def test_a_source_is_an_address_and_of_ipv6_the_64_it_is_in() -> None:
    assert source_of("127.0.0.1") == "127.0.0.1"
    assert source_of("2001:db8::1") == source_of("2001:db8:0:0:ffff::2") == "2001:db8::/64"
    assert source_of("2001:db8:0:1::1") != source_of("2001:db8::1")
    assert source_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert source_of("fe80::1%eth0") == "fe80::/64"


class Hall:
    """A room, and what was taken of it."""

    def __init__(self, room: int) -> None:
        self.room, self.total = Room(room, least=8), 0
        self.begun, self.within = Accounts(), Accounts()

    def fill(self, source: str, *, within: bool = False) -> int:
        """Have a source take all it may; returns how much that was."""
        accounts = self.within if within else self.begun
        account, before = accounts.of(source, 0.0), self.total
        while self.room.fits(self.total, 1) or self.room.has_left(
            self.total, 1, account.number, len(accounts), within=within
        ):
            account.number += 1
            self.total += 1
        return self.total - before


def test_of_a_room_the_first_takes_half_and_others_their_share_up_to_three_quarters() -> None:
    hall = Hall(400)
    assert [hall.fill(source) for source in "abc"] == [200, 100, 0]


def test_the_last_quarter_is_for_what_goes_on_whoever_has_taken_all_else() -> None:
    hall = Hall(400)
    for number in range(100):
        hall.fill(f"forged{number}")
    assert hall.total == 300
    assert [hall.fill(source, within=True) for source in "abc"] == [100, 0, 0]


def test_what_goes_on_is_counted_apart_and_shared_as_well() -> None:
    hall = Hall(400)
    assert hall.fill("a", within=True) == 200
    assert [hall.fill("b", within=True), hall.fill("b"), hall.fill("a")] == [50, 50, 0]


def test_an_account_is_forgotten_when_its_source_has_been_silent_and_holds_nothing() -> None:
    accounts = Accounts()
    holder = accounts.of("a", 0.0)
    holder.bytes = 5
    accounts.of("b", 0.0)
    accounts.of("c", ACTIVE + 1)
    assert (len(accounts), accounts.of("a", ACTIVE + 1)) == (2, holder)
    assert accounts.find("b").bytes == 0
    holder.bytes = 0
    accounts.of("c", 3 * ACTIVE)
    assert len(accounts) == 1


def test_accounts_of_made_up_addresses_do_not_fill_the_memory() -> None:
    accounts = Accounts()
    for number in range(KNOWN + 100):
        accounts.of(f"forged{number}", 0.0).bytes = 1
    assert len(accounts) == KNOWN
