"""path: Path headers of an edge proxy, and the way back through them; URIs as a real Kamailio 5.6.3 wrote them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labsip.vocabulary import Ksr
from tests.ends import Bench
from tests.modules.saying import AT_108, codes, relayed

ME = "sip:108@127.0.10.1"


@pytest.mark.parametrize(
    ("say", "path"),
    [
        (lambda k: k.add_path(), "<sip:127.0.10.1;lr>"),
        (lambda k: k.add_path(""), "<sip:127.0.10.1;lr>"),
        (lambda k: k.add_path("106"), "<sip:106@127.0.10.1;lr>"),
        (lambda k: k.add_path("abc", "ob;x=1"), "<sip:abc@127.0.10.1;lr;ob;x=1>"),
        (lambda k: k.add_path_received(), "<sip:127.0.10.1;lr;received=sip:127.0.10.106:5060>"),
        (lambda k: k.add_path_received("abc", "ob"), "<sip:abc@127.0.10.1;lr;received=sip:127.0.10.106:5060;ob>"),
    ],
)
def test_a_path_says_where_we_are(say: Callable[[Ksr], object], path: str) -> None:
    assert relayed(say, method="REGISTER").values("Path") == [path]


def test_a_path_stands_above_those_there_are_and_below_our_own() -> None:
    sent = relayed(lambda k: [k.add_path("a"), k.add_path("b")], headers=[("Path", "<sip:x;lr>")])
    assert sent.values("Path") == ["<sip:a@127.0.10.1;lr>", "<sip:b@127.0.10.1;lr>", "<sip:x;lr>"]


@pytest.mark.parametrize(
    ("route", "dst_uri"),
    [
        ("<sip:a@127.0.10.1;lr;received=sip:9.9.9.9:77>", "sip:9.9.9.9:77"),
        ("<sip:127.0.10.1;lr;received=sip:9.9.9.9:77>, <sip:8.8.8.8;lr>", "sip:9.9.9.9:77"),
        ("<sip:127.0.10.1;lr;received=sip:9.9.9.9:77%3Btransport%3Dtcp>", "sip:9.9.9.9:77;transport=tcp"),
        ("<sip:127.0.10.1;lr>", None),
    ],
)
def test_a_request_that_comes_by_our_path_goes_on_to_the_address_kept_in_it(route: str, dst_uri: str | None) -> None:
    said = (lambda k: k.loose_route(), lambda k: k["$du"])
    assert codes(*said, settings={"use_received": True}, headers=[("Route", route)])[1] == dst_uri


def test_unless_it_is_asked_what_a_route_names_is_no_way() -> None:
    route = ("Route", "<sip:127.0.10.1;lr;received=sip:9.9.9.9:77>")
    assert codes(lambda k: k.loose_route(), lambda k: k["$du"], headers=[route]) == [-3, None]


def test_a_phone_behind_an_edge_is_called_by_way_of_the_edge() -> None:
    def registrar(ksr: Ksr) -> None:
        if ksr.is_method("REGISTER"):
            ksr.save("location")
        elif ksr.lookup("location"):
            ksr.t_relay()

    bench = Bench(registrar, use_path=True)
    edge, caller = bench.end("200"), bench.end("106")
    path = ("Path", "<sip:127.0.10.200;lr;received=sip:127.0.10.108:5060>")
    edge.send(edge.request("REGISTER", "sip:127.0.10.1", to=f"<{ME}>", headers=[path, ("Contact", f"<{AT_108}>")]))
    caller.send(caller.request("MESSAGE", ME))
    assert edge.hears("MESSAGE").values("Route") == [path[1]]
