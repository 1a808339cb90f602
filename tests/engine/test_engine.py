"""What a lab does with its engine, and our own proxy as one."""

from __future__ import annotations

import pytest

from labsip import Lab, LabError
from labsip.engine import Engine, OwnProxy
from labsip.sip.transport import Address
from tests.test_additions import Operator


def test_an_engine_hears_of_each_block_that_is_set() -> None:
    with Lab(seed=1, net="memory", name="outside", engine=Operator) as lab:

        @lab.route("RELAY")
        def relay(ksr: object) -> None: ...

        lab.use("cancel")
        engine = lab.testbed.engine
        assert isinstance(engine, Operator)
        assert [sorted(routes.routes) for routes in engine.routes] == [["RELAY"], ["RELAY"], []]


def test_an_engine_there_is_not_is_named() -> None:
    with pytest.raises(LabError, match="no engine asterisk; there are labsip, kamailio, or a class of yours"):
        Lab(net="memory", name="wrong", engine="asterisk")


def test_our_own_proxy_is_one() -> None:
    with Lab(seed=1, net="memory", name="own", step="register") as lab:
        engine: Engine = lab.testbed.engine
        assert isinstance(engine, OwnProxy)
        lab.phone("106").register()
        assert engine.address == Address("127.0.10.1")
        assert [row["AoR"] for row in engine.location()] == ["106"]
        assert engine.held["contacts"] == 1
        engine.restart()
        assert not engine.location()
        assert "the proxy was restarted" in engine.log[-1][1]
        assert isinstance(engine, OwnProxy)
