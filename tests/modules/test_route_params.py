"""Parameters of our Record-Route, and of the Route that comes back."""

from __future__ import annotations

import pytest

from labsip.proxy.script import Routes
from labsip.vocabulary import Ksr
from tests.ends import Bench
from tests.modules.saying import AT_108, codes, relayed


@pytest.mark.parametrize(
    "route",
    [
        lambda k: [k.record_route(), k.add_rr_param(";nat=yes")],
        lambda k: [k.add_rr_param(";nat=yes"), k.record_route()],
        lambda k: k.record_route(";nat=yes"),
    ],
)
def test_a_parameter_goes_into_our_record_route(route: object) -> None:
    assert relayed(route).get_all("Record-Route") == ["<sip:127.0.10.1;lr;ftag=106f;nat=yes>"]  # type: ignore[arg-type]


def test_a_branch_route_adds_one_for_its_branch_alone() -> None:
    """Recorded on 5.6.3."""

    def request_route(ksr: Ksr) -> None:
        ksr.record_route()
        ksr.append_branch("sip:200@127.0.10.109")
        ksr.t_on_branch("B")
        ksr.t_relay()

    def branch(ksr: Ksr) -> None:
        if ksr["$T_branch_idx"] == 0:
            ksr.add_rr_param(";x=1")

    bench = Bench(Routes(request_route, branch_routes={"B": branch}))
    caller, first, second = bench.end("106"), bench.end("108"), bench.end("109")
    caller.send(caller.request("INVITE", AT_108))
    assert first.hears("INVITE").get("Record-Route") == "<sip:127.0.10.1;lr;ftag=106f;x=1>"
    assert second.hears("INVITE").get("Record-Route") == "<sip:127.0.10.1;lr;ftag=106f>"


def test_a_parameter_comes_back_in_the_route() -> None:
    said = codes(
        lambda k: k.check_route_param("nat=yes"), lambda k: k.loose_route(), lambda k: k.check_route_param("nat=yes"),
        lambda k: k.check_route_param("nat=no"), lambda k: k.is_direction("downstream"),
        lambda k: k.is_direction("upstream"),
        to="<sip:108@x>;tag=1", headers=[("Route", "<sip:127.0.10.1;lr;ftag=106f;nat=yes>")],
    )  # fmt: skip
    assert said == [-1, 1, 1, -1, 1, -1]


def test_a_request_of_the_other_end_goes_upstream() -> None:
    said = codes(
        lambda k: k.loose_route(), lambda k: k.is_direction("upstream"),
        to="<sip:108@x>;tag=1", headers=[("Route", "<sip:127.0.10.1;lr;ftag=other>")],
    )  # fmt: skip
    assert said == [1, 1]


def test_our_record_route_can_be_taken_back() -> None:
    assert relayed(lambda k: [k.record_route(), k.remove_record_route()]).count("Record-Route") == 0
