"""SIPp and baresip say and hear the same of labsip with the stock kamailio.cfg as of a real Kamailio with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labsip.sip.transport import Address
from tests.peers import stock
from tests.peers.baresip import Baresip
from tests.peers.sipp import Outcome, Sipp, register
from tests.peers.stock import MYSQL, Servers, Told, ended, same
from tests.processes import Process, free_address

CALLS = 3


@pytest.fixture(scope="module", autouse=True)
def _programs(need: Callable[[str], str]) -> None:
    for program in ("sipp", "baresip", "kamailio"):
        need(program)


def both(labsip: Process, theirs: Process) -> Iterator[Servers]:
    """Where they are while they run; labsip ends cleanly then, and has logged nothing but notices."""
    with labsip, theirs:
        yield {"labsip": labsip.address, "kamailio": theirs.address}
        assert labsip.end() == 0
        assert [line for line in labsip.err.splitlines() if not line.startswith("NOTICE: ")] == []


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The file as it is, without anything defined."""
    folder = tmp_path_factory.mktemp("plain")
    table = stock.tables(folder / "users.db")
    yield from both(stock.labsip(table), stock.kamailio(folder, table))


@pytest.fixture(scope="module")
def voicemail() -> Address:
    """Where calls go that nobody takes."""
    return free_address()


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, voicemail: Address) -> Iterator[Servers]:
    """With passwords and a voicemail, whose address has to be written into the file."""
    folder = tmp_path_factory.mktemp("secured")
    table, config = stock.tables(folder / "users.db"), folder / "kamailio.cfg"
    text = stock.STOCK.read_text().replace('voicemail.srv_ip = ""', f'voicemail.srv_ip = "{voicemail.host}"')
    config.write_text(text.replace('voicemail.srv_port = "5060"', f'voicemail.srv_port = "{voicemail.port}"'))
    defines = MYSQL, "WITH_AUTH", "WITH_VOICEMAIL"
    labsip, kamailio = (
        stock.labsip(table, *defines, config=config),
        stock.kamailio(folder, table, *defines, config=config),
    )
    yield from both(labsip, kamailio)


@pytest.mark.parametrize(
    ("caller", "callee"),
    [("call", "answer"), ("call_busy", "busy"), ("call_cancel", "ring"), ("call_unregistered", None)],
    ids=["answered", "busy", "cancelled", "unregistered"],
)
def test_calls_of_sipp(caller: str, callee: str | None, plain: Servers, tmp_path: Path) -> None:
    def played(
        server: Address, folder: Path
    ) -> Told:  # the callee is called as its scenario, for others stay registered
        with Sipp(folder, callee or "answer", CALLS) as called:
            register(folder, callee or "answer", called.at, server)
            with Sipp(folder, caller, CALLS, "-s", callee or "nobody", str(server)) as calling:
                assert calling.outcome() == Outcome(CALLS, 0, 0)
            if callee:
                called.check(CALLS)
        return [*calling.told, *(called.told if callee else [])]

    told = same(plain, played, tmp_path)
    assert len(told) == (2 * CALLS if callee else CALLS)
    assert told[0][0] == "> INVITE"


def test_a_caller_of_sipp_with_a_password(secured: Servers, tmp_path: Path) -> None:
    def played(server: Address, folder: Path) -> Told:
        with (
            Baresip(folder, "108", server, answers=True, traced=True) as bob,
            Sipp(folder, "call_with_password", 1, "-s", "108", str(server)) as calling,
        ):
            calling.check(1)
            bob.hears("CALL_CLOSED")
            return [*calling.told, bob.told]

    (alice, bob) = same(secured, played, tmp_path)
    assert "< 407 Proxy Authentication Required" in alice
    assert "< 401 Unauthorized (REGISTER)" in bob


def test_phones_of_baresip_register_call_hang_up_give_up_and_decline(secured: Servers, tmp_path: Path) -> None:
    def played(server: Address, folder: Path) -> Told:
        with (
            Baresip(folder, "106", server, traced=True) as alice,
            Baresip(folder, "108", server, traced=True) as bob,
        ):
            stock.talk_and_give_up(alice, bob)
            return ended(alice, bob)

    (alice, bob) = same(secured, played, tmp_path)
    assert {"< 401 Unauthorized (REGISTER)", "< 407 Proxy Authentication Required", "> CANCEL"} <= {*alice}
    assert {"< CANCEL", "> 487 Request Terminated", "> BYE"} <= {*bob}


@pytest.mark.parametrize("who", ["108", "109"], ids=["declined", "unregistered"])
def test_the_voicemail_takes_a_call_that_is(who: str, secured: Servers, voicemail: Address, tmp_path: Path) -> None:
    def played(server: Address, folder: Path) -> Told:
        with (
            Baresip(folder, "106", server, traced=True) as alice,
            Baresip(folder, "108", server, traced=True) as bob,
            Sipp(folder, "answer", 1, at=voicemail) as machine,
        ):
            alice.dial(who)
            if who == "108":
                bob.hears("CALL_INCOMING")
                bob.say("hangup")
            alice.hears("CALL_ESTABLISHED")
            alice.say("hangup")
            machine.check(1)
            return [*ended(alice, bob), *machine.told]

    alice, bob, machine = same(secured, played, tmp_path)
    assert ("> 486 Rejected" in bob) is (who == "108")
    assert "< 200 OK" in alice
    assert machine[-2:] == ["< BYE", "> 200 OK (BYE)"]


def test_a_wrong_password_neither_registers_nor_calls(secured: Servers, tmp_path: Path) -> None:
    def played(server: Address, folder: Path) -> Told:
        with Baresip(folder, "106", server, password="guess", refused=True, traced=True) as mallory:
            mallory.dial("108")
            mallory.hears("CALL_CLOSED")
            return [mallory.told]

    ((*_, last),) = same(secured, played, tmp_path)
    assert last == "> ACK"
