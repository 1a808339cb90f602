"""baresip says and hears the same of labsip with Kamailio's KEMI example in Python as of a real Kamailio with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labsip.sip.transport import Address
from tests.peers import stock
from tests.peers.baresip import Baresip
from tests.peers.stock import USERS, Told, same
from tests.processes import Serve

FOLDER = Path("/usr/share/doc/kamailio/examples/kemi")
EXAMPLE = FOLDER / "kamailio-basic-kemi-python.py"
INSTALLED = "/usr/local/etc/kamailio/kamailio-basic-kemi-python.py"
"""Where its kamailio.cfg looks for it."""
PYTHON = "WITH_CFGPYTHON3"


@pytest.fixture(scope="module")
def servers(need: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Address]]:
    """The script alone; the kamailio.cfg that comes with it, by labsip, and by Kamailio."""
    need("kamailio")
    need("baresip")
    if not EXAMPLE.exists():
        pytest.skip(f"{EXAMPLE} is not there")
    folder = tmp_path_factory.mktemp("kemi")
    ours, theirs, config = stock.tables(folder / "ours.db"), stock.tables(folder / "theirs.db"), folder / "kamailio.cfg"
    text = (FOLDER / "kamailio-basic-kemi.cfg").read_text()
    config.write_text(text.replace(INSTALLED, str(EXAMPLE)).replace("port=5060", ""))
    users = "--users=" + ",".join(f"{name}:{password}" for name, password in USERS.items())
    with (
        Serve("--kemi", str(EXAMPLE), users) as script,
        stock.labsip(ours, PYTHON, config=config) as labsip,
        stock.kamailio(folder, theirs, PYTHON, config=config) as kamailio,
    ):
        yield {"script": script.address, "labsip": labsip.address, "kamailio": kamailio.address}
        for process in (script, labsip):
            assert process.end() == 0
            assert "ERROR" not in process.err


def test_phones_register_with_a_password_call_hang_up_and_give_up(servers: dict[str, Address], tmp_path: Path) -> None:
    def played(server: Address, folder: Path) -> Told:
        with (
            Baresip(folder, "106", server, traced=True) as alice,
            Baresip(folder, "108", server, traced=True) as bob,
        ):
            stock.talk_and_give_up(alice, bob)
            alice.rest()
            alice.dial("109")
            alice.hears("CALL_CLOSED")
            return stock.ended(alice, bob)

    alice, _ = same(servers, played, tmp_path)
    assert alice[-1] == "> ACK"
