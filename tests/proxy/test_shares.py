"""Room that sources share."""

from __future__ import annotations

from labsip.proxy.shares import ACTIVE, KNOWN, Room, Shares, source_of


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


def crowd(room: Room, source: str, *, within: bool = False) -> int:
    """Have a source take all it may; returns how much that was."""
    taken = 0
    while room.fits(source, 0.0, within=within):
        room.take(source, 1, within=within)
        taken += 1
    return taken


def test_of_a_room_the_first_takes_half_and_others_their_share_up_to_three_quarters() -> None:
    room = Room(400, least=8)
    assert crowd(room, "a") == 200
    assert [crowd(room, source) for source in "bc"] == [100, 0]


def test_the_last_quarter_is_for_what_goes_on_whoever_has_taken_all_else() -> None:
    room = Room(400, least=8)
    for number in range(100):
        crowd(room, f"forged{number}")
    assert room.total == 300
    assert [crowd(room, source, within=True) for source in "abc"] == [100, 0, 0]


def test_what_goes_on_is_counted_apart_and_shared_as_well() -> None:
    room = Room(400, least=8)
    assert crowd(room, "a", within=True) == 200
    assert crowd(room, "b", within=True) == 50
    assert crowd(room, "b") == 50
    assert crowd(room, "a") == 0


def test_asking_whether_a_source_would_be_refused_changes_nothing() -> None:
    room = Room(400, least=8)
    crowd(room, "a")
    assert [room.over(source, 0.0) for source in "ab"] == [True, False]
    crowd(room, "b")
    assert [room.over("c", 0.0, strict=strict) for strict in (True, False)] == [True, False]
    assert room.begun.share(0.0) == 100
