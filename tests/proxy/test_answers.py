"""Responses the proxy makes itself: what a 3xx and a 180 bring, and what is left of them when the route fails."""

from __future__ import annotations

from labsip.proxy.policy import RFC
from labsip.sip.errors import BadMessage
from labsip.vocabulary import Ksr
from tests.ends import Bench, End, Lines


def asked(route: object, headers: Lines = (), **settings: object) -> End:
    """106, who has sent an INVITE to a proxy with that route."""
    bench = Bench(route, **settings)  # type: ignore[arg-type]
    caller = bench.end("106")
    caller.invite(headers=headers)
    return caller


def test_a_3xx_names_where_else_to_try() -> None:
    def request_route(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:108@127.0.10.118"
        ksr.append_branch("sip:108@127.0.10.128", "0.5")
        ksr.sl_send_reply(300, "Multiple Choices")

    named = asked(request_route).response(300).get("Contact")
    assert named == "<sip:108@127.0.10.118>, <sip:108@127.0.10.128>;q=0.5"


def test_a_180_which_may_make_a_dialog_brings_the_route_of_the_request_and_a_100_does_not() -> None:
    def request_route(ksr: Ksr) -> None:
        ksr.t_newtran()
        ksr.t_reply(100, "Trying")
        ksr.t_reply(180, "Ringing")

    caller = asked(request_route, [("Record-Route", "<sip:127.0.10.2;lr>")])
    assert caller.response(100).get("Record-Route") is None
    assert caller.response(180).get("Record-Route") == "<sip:127.0.10.2;lr>"


def test_what_was_sent_before_a_header_could_not_be_read_is_sent_all_the_same() -> None:
    def request_route(ksr: Ksr) -> None:
        ksr.sl_send_reply(180, "Ringing")
        raise BadMessage("no such thing")

    assert asked(request_route, policy=RFC).summaries == ["180 Ringing", "400 Bad Request"]
