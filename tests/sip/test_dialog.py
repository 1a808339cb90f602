from __future__ import annotations

import pytest

from labsip.sip.build import build_request, build_response
from labsip.sip.dialog import Dialog, dialog_id
from labsip.sip.errors import BadMessage
from labsip.sip.headers import NameAddr
from labsip.sip.message import Request, Response
from labsip.sip.transport import Address

VIA = "SIP/2.0/UDP 127.0.10.106:5060;rport;branch=z9hG4bK1"


def begun() -> Dialog:
    """What 106 remembers when it has sent its INVITE to 108."""
    dialog = Dialog(
        "ac5@127.0.10.106",
        local=NameAddr("sip:106@127.0.10.1", (("tag", "a"),), '"Alice"'),
        remote=NameAddr("sip:108@127.0.10.1"),
        remote_target="sip:108@127.0.10.1",
    )
    dialog.build_request("INVITE", VIA, contact="<sip:106@127.0.10.106:5060>")
    return dialog


def invite(*routes: str, contact: str = "<sip:106@127.0.10.106:5060>", sender: str = "sip:106@127.0.10.1") -> Request:
    headers = [("Record-Route", route) for route in routes]
    headers += [("Via", VIA), ("From", f'"Alice" <{sender}>;tag=a'), ("To", "<sip:108@127.0.10.1>")]
    headers += [("Call-ID", "ac5@127.0.10.106"), ("CSeq", "1 INVITE"), *([("Contact", contact)] if contact else [])]
    return build_request("INVITE", "sip:108@127.0.10.1", headers)


def response(status: int, *routes: str, tag: str = "b", contact: str = "<sip:108@127.0.10.108:5060>") -> Response:
    headers = [("Record-Route", route) for route in routes]
    headers += [("Contact", contact)] if contact else []
    return build_response(invite(), status, "Said", to_tag=tag, headers=headers)


def test_a_request_outside_a_dialog_has_no_to_tag_and_goes_to_whom_it_is_for() -> None:
    request = begun().build_request("OPTIONS", VIA, contact="<sip:106@127.0.10.106:5060>", headers=[("X", "1")])
    assert str(request).split("\r\n") == [
        "OPTIONS sip:108@127.0.10.1 SIP/2.0",
        f"Via: {VIA}",
        "Max-Forwards: 70",
        'From: "Alice" <sip:106@127.0.10.1>;tag=a',
        "To: <sip:108@127.0.10.1>",
        "Call-ID: ac5@127.0.10.106",
        "CSeq: 2 OPTIONS",
        "Contact: <sip:106@127.0.10.106:5060>",
        "X: 1",
        "Content-Length: 0",
        "",
        "",
    ]


def test_a_provisional_response_makes_an_early_dialog_and_a_2xx_confirms_it() -> None:
    early = begun().answered(response(180))
    confirmed = early.answered(response(200))
    assert (early.confirmed, confirmed.confirmed) == (False, True)
    assert early.id == confirmed.id == ("ac5@127.0.10.106", "a", "b")


def test_each_phone_a_forked_request_reached_makes_a_dialog_of_its_own() -> None:
    base = begun()
    first = base.answered(response(180, tag="b"))
    second = base.answered(response(180, tag="c", contact="<sip:108@127.0.10.118:5060>"))
    assert {first.id[2], second.id[2]} == {"b", "c"}
    first.build_request("BYE", VIA)
    assert second.build_request("BYE", VIA).cseq.number == 2
    assert base.remote.tag is None


def test_the_calling_end_turns_the_record_route_round() -> None:
    dialog = begun().answered(response(200, "<sip:p2;lr>", "<sip:p1;lr>"))
    assert [route.uri for route in dialog.route_set] == ["sip:p1;lr", "sip:p2;lr"]


def test_the_called_end_takes_the_record_route_in_order() -> None:
    dialog = Dialog.accept(invite("<sip:p2;lr>, <sip:p1;lr>"), "b")
    assert [route.uri for route in dialog.route_set] == ["sip:p2;lr", "sip:p1;lr"]


def test_the_called_end_sees_the_same_dialog_from_its_side() -> None:
    dialog = Dialog.accept(invite(), "b")
    request = dialog.build_request("BYE", VIA)
    assert dialog.id == ("ac5@127.0.10.106", "b", "a")
    assert request.uri == "sip:106@127.0.10.106:5060"
    assert str(request.from_) == "<sip:108@127.0.10.1>;tag=b"
    assert str(request.to) == '"Alice" <sip:106@127.0.10.1>;tag=a'
    assert request.cseq.number == 1
    assert dialog_id(request) == begun().answered(response(200)).id


def test_the_2xx_of_an_early_dialog_makes_its_route_set_and_its_target_anew() -> None:
    early = begun().answered(response(180, "<sip:p1;lr>"))
    confirmed = early.answered(response(200, contact="<sip:108@127.0.10.119>"))
    assert (confirmed.route_set, confirmed.remote_target) == ((), "sip:108@127.0.10.119")


def test_without_a_contact_the_target_stays_what_it_was() -> None:
    assert begun().answered(response(180, contact="")).remote_target == "sip:108@127.0.10.1"


@pytest.mark.parametrize("contact", ["<tel:108>", "<sip:108@ho st>", "nonsense"])
def test_an_answer_whose_contact_leads_nowhere_can_be_acknowledged_the_way_the_request_went(contact: str) -> None:
    assert begun().answered(response(200, contact=contact)).remote_target == "sip:108@127.0.10.1"


def test_without_a_route_set_a_request_goes_to_the_contact() -> None:
    dialog = begun().answered(response(200))
    request = dialog.build_request("BYE", VIA)
    assert (request.uri, request.routes) == ("sip:108@127.0.10.108:5060", [])
    assert dialog.next_hop == Address("127.0.10.108")


def test_a_loose_route_set_leaves_the_request_uri_alone() -> None:
    dialog = begun().answered(response(200, "<sip:127.0.10.2;lr>", "<sip:127.0.10.1:5070;lr;ftag=a>"))
    request = dialog.build_request("BYE", VIA)
    assert request.uri == "sip:108@127.0.10.108:5060"
    assert request.get_all("Route") == ["<sip:127.0.10.1:5070;lr;ftag=a>", "<sip:127.0.10.2;lr>"]
    assert dialog.next_hop == Address("127.0.10.1", 5070)


def test_a_strict_router_is_put_into_the_request_uri_and_the_target_behind_the_routes() -> None:
    dialog = begun().answered(response(200, "<sip:127.0.10.2;lr>", "<sip:127.0.10.1;method=INVITE;x=1?Subject=a>"))
    request = dialog.build_request("BYE", VIA)
    assert request.uri == "sip:127.0.10.1;x=1"
    assert request.get_all("Route") == ["<sip:127.0.10.2;lr>", "<sip:108@127.0.10.108:5060>"]
    assert dialog.next_hop == Address("127.0.10.1")


def test_the_ack_of_a_2xx_has_the_number_of_its_invite_and_uses_none_up() -> None:
    dialog = begun().answered(response(200))
    dialog.build_request("INFO", VIA)
    assert str(dialog.build_ack(1, VIA).cseq) == "1 ACK"
    assert str(dialog.build_request("BYE", VIA).cseq) == "3 BYE"


def test_a_request_that_comes_out_of_order_is_answered_500() -> None:
    dialog = Dialog.accept(invite(), "b")
    theirs = begun().answered(response(200))
    second, third = theirs.build_request("INFO", VIA), theirs.build_request("INFO", VIA)
    dialog.receive(third)
    dialog.receive(third)
    with pytest.raises(BadMessage) as caught:
        dialog.receive(second)
    assert caught.value.status == 500
    assert dialog.remote_cseq == 3


def test_the_first_request_of_the_other_end_may_have_any_number() -> None:
    dialog = begun().answered(response(200))
    dialog.receive(Dialog.accept(invite(), "b").build_request("INFO", VIA))
    assert dialog.remote_cseq == 1


def test_a_target_refresh_moves_the_target_and_not_the_route_set() -> None:
    dialog = begun().answered(response(200, "<sip:127.0.10.1;lr>"))
    dialog.refresh(response(200, contact="<sip:108@127.0.10.119:5062>"))
    assert dialog.remote_target == "sip:108@127.0.10.119:5062"
    assert len(dialog.route_set) == 1


ODD = "sip:106@127.0.10.106;method=BYE;x=1?Subject=a"


def test_a_target_is_a_request_uri_without_headers_and_method() -> None:
    assert Dialog.accept(invite(contact=f"<{ODD}>"), "b").remote_target == "sip:106@127.0.10.106;x=1"
    assert Dialog.accept(invite(contact="", sender=ODD), "b").remote_target == "sip:106@127.0.10.106;x=1"
    assert begun().answered(response(200, contact=f"<{ODD}>")).remote_target == "sip:106@127.0.10.106;x=1"


def test_only_the_first_contact_is_the_target() -> None:
    assert Dialog.accept(invite(contact="<sip:1@h>, <sip:2@h:x>"), "b").remote_target == "sip:1@h"


def test_a_request_with_a_contact_that_cannot_be_read_is_refused_and_a_response_with_one_is_not() -> None:
    dialog = begun().answered(response(200, "<sip:p1;lr>, <sip:p2:x;lr>"))
    assert [route.uri for route in dialog.route_set] == ["sip:p1;lr"]
    for refused in (Dialog.accept, lambda request, _: dialog.refresh(request)):
        with pytest.raises(BadMessage):
            refused(invite(contact="<sip:1@h:x>"), "b")
    dialog.refresh(response(200, contact="<sip:1@h:x>"))
    assert dialog.remote_target == "sip:108@127.0.10.108:5060"
