"""Transactions with their messages: what is sent, repeated, acknowledged, and how a message finds its own (§17)."""

from __future__ import annotations

import pytest

from labsip.sip.build import build_ack, build_cancel, build_request, build_response
from labsip.sip.message import Request, Response
from labsip.sip.transaction import (
    ClientTransaction,
    ServerTransaction,
    client_key,
    has_own_branch,
    server_key,
)
from labsip.sip.transport import Address

HERE, THERE = Address("127.0.0.1"), Address("127.0.0.2")


def request(
    method: str = "INVITE", *, branch: str = "z9hG4bK1", to: str = "<sip:b@h>", via: str = "a", uri: str = "sip:b@h"
) -> Request:
    return build_request(
        method,
        uri,
        [
            ("Route", "<sip:p1;lr>, <sip:p2;lr>"),
            ("v", f"SIP/2.0/UDP {via};branch={branch}"),
            ("Via", "SIP/2.0/UDP inner;branch=z9hG4bKi"),
            ("To", to),
            ("From", "<sip:a@h>;tag=f"),
            ("i", "c1"),
            ("CSeq", f"7 {method}"),
            ("Max-Forwards", "69"),
            ("Contact", "<sip:a@h>"),
        ],
        b"body",
    )


def response(status: int, to: Request | None = None, tag: str = "t") -> Response:
    return build_response(to or request(), status, "Reason", to_tag=tag)


def test_a_client_transaction_sends_its_request_and_repeats_it() -> None:
    client = ClientTransaction(request(), HERE, THERE, 0.0, command=3)
    (first,) = client.start()
    assert (first.data, first.src, first.dst, first.command) == (client.request.raw, HERE, THERE, 3)
    (again,) = client.wake(0.5).send
    assert (again.data, again.command) == (first.data, None)


def test_an_invite_client_acknowledges_a_refusal_itself_each_time_it_comes() -> None:
    client = ClientTransaction(request(), HERE, THERE, 0.0)
    first = client.receive(response(486), 1.0)
    assert first.up
    assert [out.data.split()[0] for out in first.send] == [b"ACK"]
    again = client.receive(response(486), 2.0)
    assert not again.up
    assert [out.data for out in again.send] == [out.data for out in first.send]


def test_a_client_tells_which_timer_ended_it() -> None:
    assert ClientTransaction(request(), HERE, THERE, 0.0).wake(32.0).timeout == "B"
    assert ClientTransaction(request("BYE"), HERE, THERE, 0.0).wake(32.0).timeout == "F"
    failed = ClientTransaction(request(), HERE, THERE, 0.0).fail(0.1)
    assert failed.failed
    assert not failed.timeout


def test_a_server_transaction_answers_repeats_from_memory_and_sends_one_final() -> None:
    server = ServerTransaction(request("BYE"), HERE, THERE, 0.0)
    assert server.receive(request("BYE"), 0.1).send == []
    (sent,) = server.respond(200, b"ok", 0.2, command=4)
    assert (sent.data, sent.src, sent.dst, sent.command) == (b"ok", HERE, THERE, 4)
    assert server.respond(404, b"no", 0.3) == []
    assert [out.data for out in server.receive(request("BYE"), 0.4).send] == [b"ok"]


def test_an_invite_server_repeats_its_refusal_until_the_ack() -> None:
    server = ServerTransaction(request(), HERE, THERE, 0.0)
    server.respond(486, b"busy", 0.0)
    assert [out.data for out in server.wake(0.5).send] == [b"busy"]
    assert server.receive(request("ACK"), 0.6).send == []
    assert server.wake(2.0).send == []
    unheard = ServerTransaction(request(), HERE, THERE, 0.0)
    unheard.respond(486, b"busy", 0.0)
    assert unheard.wake(32.0).timeout == "H"


def test_the_ack_of_a_refusal_is_the_invites_own() -> None:
    """RFC 3261 §17.1.1.3: its Request-URI, topmost Via, From, Call-ID, Route; the To of the response."""
    ack = build_ack(request(), response(486))
    assert ack.start_line == "ACK sip:b@h SIP/2.0"
    assert [(line.name, line.value) for line in ack.lines] == [
        ("Via", "SIP/2.0/UDP a;branch=z9hG4bK1"),
        ("Route", "<sip:p1;lr>, <sip:p2;lr>"),
        ("To", "<sip:b@h>;tag=t"),
        ("From", "<sip:a@h>;tag=f"),
        ("i", "c1"),
        ("CSeq", "7 ACK"),
        ("Max-Forwards", "69"),
        ("Content-Length", "0"),
    ]


def test_a_cancel_is_the_invites_twin_without_a_body() -> None:
    """RFC 3261 §9.1."""
    cancel = build_cancel(request(), reasons=["SIP;cause=200", "Q.850;cause=26"])
    assert cancel.start_line == "CANCEL sip:b@h SIP/2.0"
    assert (cancel.branch, cancel.to.tag, str(cancel.cseq), cancel.body) == ("z9hG4bK1", None, "7 CANCEL", b"")
    assert cancel.get_all("Reason") == ["SIP;cause=200", "Q.850;cause=26"]
    assert build_cancel(request()).get("Reason") is None


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (request(), True),
        (request("ACK", to="<sip:b@h>;tag=t"), True),
        (request("CANCEL"), False),
        (request(branch="z9hG4bK2"), False),
        (request(via="A"), True),
        (request(via="c"), False),
        (request(uri="sip:other@h"), True),
    ],
)
def test_a_request_belongs_to_the_transaction_of_its_branch_sender_and_method(other: Request, same: bool) -> None:
    """RFC 3261 §17.2.3."""
    assert (server_key(request()) == server_key(other)) is same


def test_an_ipv6_sender_is_known_again_in_any_spelling() -> None:
    assert server_key(request(via="[2001:db8::1]")) == server_key(request("ACK", via="[2001:DB8:0::0:1]"))
    assert server_key(request(via="[2001:db8::1]")) != server_key(request("ACK", via="[2001:db8::1]:5070"))
    assert server_key(request(via="[2001:db8::1]")) != server_key(request("ACK", via="[2001:db8::2]"))


def test_without_the_cookie_all_must_be_equal_but_the_to_tag() -> None:
    """RFC 3261 §17.2.3, last part: an RFC 2543 peer."""
    old = request(branch="1")
    assert server_key(old) == server_key(request("ACK", branch="1", to="<sip:b@h>;tag=t"))
    assert server_key(old) != server_key(request(branch="1", uri="sip:other@h"))
    assert server_key(old) != server_key(request(branch="2"))


def test_a_response_belongs_to_the_transaction_of_its_branch_and_cseq_method() -> None:
    """RFC 3261 §17.1.3: a CANCEL has the branch of its INVITE."""
    assert client_key(response(200)) == client_key(request())
    assert (
        client_key(response(200, build_cancel(request())))
        == client_key(build_cancel(request()))
        != client_key(request())
    )


def test_transactions_print_what_they_are() -> None:
    assert repr(ClientTransaction(request(), HERE, THERE, 0.0)) == "<INVITE to 127.0.0.2:5060: Calling>"
    assert repr(ServerTransaction(request("BYE"), HERE, THERE, 0.0)) == "<BYE from 127.0.0.2:5060: Trying>"


def test_the_cookie_alone_is_no_branch() -> None:
    assert [has_own_branch(branch) for branch in ("z9hG4bK", "z9hG4bK1", "xz9hG4bK", "")] == [False, True, False, False]
