"""What a hop did to a message; the messages are a real Kamailio's."""

from __future__ import annotations

from textwrap import dedent

import pytest

from labsip.sip.errors import LabError
from labsip.view.listing import changes

REST = """\
Max-Forwards: 70
From: <sip:106@127.0.10.1>;tag=af4
To: <sip:108@127.0.10.1>
Call-ID: ac5@127.0.10.106
CSeq: 1 INVITE
Contact: <sip:106@127.0.10.106:5060>
Content-Length: 5

v=0
"""
BRANCH = "z9hG4bKd48d.3486c440238c07d24746670c3ba3fccd.0"


def wire(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


INVITE_IN = wire(
    f"INVITE sip:108@127.0.10.1 SIP/2.0\nVia: SIP/2.0/UDP 127.0.10.106:5060;rport;branch=z9hG4bKab3\n{REST}"
)
INVITE_OUT = wire(
    "INVITE sip:108@127.0.10.108:5060 SIP/2.0\nRecord-Route: <sip:127.0.10.1;lr;ftag=af4>\n"
    f"Via: SIP/2.0/UDP 127.0.10.1;branch={BRANCH}\n"
    f"Via: SIP/2.0/UDP 127.0.10.106:5060;received=127.0.10.106;rport=5060;branch=z9hG4bKab3\n{REST}"
)


def marks(before: bytes, after: bytes) -> list[tuple[str, str]]:
    return [(change.mark, change.name) for change in changes(before, after)]


def test_a_forwarded_invite_reads_header_by_header() -> None:
    assert repr(changes(INVITE_IN, INVITE_OUT)) + "\n" == dedent(f"""\
        ~ INVITE sip:108@127.0.10.1 SIP/2.0
        > INVITE sip:108@127.0.10.108:5060 SIP/2.0
              the target: where the user was found (RFC 3261 §16.5, §16.6 step 2)
        + Record-Route: <sip:127.0.10.1;lr;ftag=af4>
              later requests of this dialog come this way too (RFC 3261 §16.6 step 4)
        + Via: SIP/2.0/UDP 127.0.10.1;branch={BRANCH}
              the way back: the response comes here first (RFC 3261 §16.6 step 8)
        ~ Via: SIP/2.0/UDP 127.0.10.106:5060;rport;branch=z9hG4bKab3
        > Via: SIP/2.0/UDP 127.0.10.106:5060;received=127.0.10.106;rport=5060;branch=z9hG4bKab3
              where it really came from (RFC 3261 §18.2.1, RFC 3581 §4)
          Max-Forwards: 70
          From: <sip:106@127.0.10.1>;tag=af4
          To: <sip:108@127.0.10.1>
          Call-ID: ac5@127.0.10.106
          CSeq: 1 INVITE
          Contact: <sip:106@127.0.10.106:5060>
          Content-Length: 5
          body of 5 bytes, as it was
              + added   - removed   ~ changed, > to this
    """)


def test_a_relayed_response_lost_the_proxys_via() -> None:
    ringing = "SIP/2.0 180 Ringing\n{}Via: SIP/2.0/UDP 127.0.10.106:5060;branch=z9hG4bKab3\nCSeq: 1 INVITE\n\n"
    own = f"Via: SIP/2.0/UDP 127.0.10.1;branch={BRANCH}\n"
    (change,) = changes(wire(ringing.format(own)), wire(ringing.format("")))
    assert (change.mark, change.name, change.after) == ("-", "Via", None)
    assert "§16.7 step 3" in change.why


def test_a_bye_through_the_proxy_left_its_route_behind() -> None:
    before = wire(
        "BYE sip:108@127.0.10.108:5060 SIP/2.0\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\nMax-Forwards: 70\n"
        "Route: <sip:127.0.10.1;lr;ftag=af4>, <sip:127.0.10.2;lr>\nCSeq: 2 BYE\n\n"
    )
    after = wire(
        "BYE sip:108@127.0.10.108:5060 SIP/2.0\nVia: SIP/2.0/UDP p;branch=z9hG4bK2\n"
        "Via: SIP/2.0/UDP a;branch=z9hG4bK1\nMax-Forwards: 69\nRoute: <sip:127.0.10.2;lr>\nCSeq: 2 BYE\n\n"
    )
    assert marks(before, after) == [("+", "Via"), ("~", "Max-Forwards"), ("-", "Route")]


def test_a_cancel_is_a_new_request_for_one_hop() -> None:
    before = wire("CANCEL sip:108@127.0.10.1 SIP/2.0\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\nCSeq: 1 CANCEL\n\n")
    after = wire("CANCEL sip:108@127.0.10.108 SIP/2.0\nVia: SIP/2.0/UDP p;branch=z9hG4bK2\nCSeq: 1 CANCEL\n\n")
    assert marks(before, after) == [("~", ""), ("+", "Via"), ("-", "Via")]


def test_an_answer_is_compared_with_its_request() -> None:
    answer = wire(
        "SIP/2.0 404 Not Found\nVia: SIP/2.0/UDP 127.0.10.106:5060;rport=5060;branch=z9hG4bKab3;received=127.0.10.106\n"
        "From: <sip:106@127.0.10.1>;tag=af4\nTo: <sip:108@127.0.10.1>;tag=b\nCall-ID: ac5@127.0.10.106\n"
        "CSeq: 1 INVITE\nServer: labsip\nContent-Length: 0\n\n"
    )
    assert marks(INVITE_IN, answer) == [
        ("~", ""), ("~", "Via"), ("-", "Max-Forwards"), ("~", "To"), ("+", "Server"), ("-", "Contact"),
        ("~", "Content-Length"), ("-", ""),
    ]  # fmt: skip


def test_a_message_that_was_passed_on_as_it_is_has_no_changes() -> None:
    same = changes(INVITE_IN, INVITE_IN)
    assert len(same) == 0
    assert repr(same).endswith("nothing changed")


def test_compact_and_full_names_are_the_same_header() -> None:
    full = wire("OPTIONS sip:a SIP/2.0\nVia: SIP/2.0/UDP a;branch=1\nCall-ID: x\n\n")
    compact = wire("OPTIONS sip:a SIP/2.0\nv: SIP/2.0/UDP a;branch=1\ni: x\n\n")
    assert marks(full, compact) == []


def test_the_first_of_two_like_headers_may_go_and_the_other_stays() -> None:
    before, after = (f"OPTIONS sip:a SIP/2.0\n{lines}CSeq: 1 OPTIONS\n\n" for lines in ("X: 1\nX: 2\n", "X: 2\n"))
    (change,) = changes(wire(before), wire(after))
    assert (change.mark, change.before) == ("-", "1")


def test_a_body_that_changed_is_compared_line_by_line() -> None:
    before, after = (
        f"INVITE sip:a SIP/2.0\nCSeq: 1 INVITE\n\nv=0\nc=IN IP4 {host}\n" for host in ("10.0.0.1", "1.2.3.4")
    )
    found = changes(wire(before), wire(after))
    assert [(c.mark, c.before, c.after) for c in found] == [
        ("-", "c=IN IP4 10.0.0.1", None), ("+", None, "c=IN IP4 1.2.3.4")
    ]  # fmt: skip


def test_the_435_vias_of_a_loop_are_not_shown_one_by_one() -> None:
    vias = "".join(f"Via: SIP/2.0/UDP p;branch=z9hG4bK{n}\n" for n in range(434))
    before = wire(f"INVITE sip:a SIP/2.0\n{vias}\n")
    after = wire(f"INVITE sip:a SIP/2.0\nVia: SIP/2.0/UDP p;branch=z9hG4bKnew\n{vias}\n")
    text = repr(changes(before, after))
    assert "  Via: and 433 more, all as they were" in text
    assert len(text.splitlines()) == 6


def test_on_a_page_what_is_new_in_a_value_is_underlined_and_marks_stay() -> None:
    page = changes(INVITE_IN, INVITE_OUT)._repr_html_()
    assert "<u>received=127.0.10.106</u>;<u>rport=5060</u>;branch=z9hG4bKab3" in page
    assert "+ <strong>Record-Route:</strong> &lt;sip:127.0.10.1;lr;ftag=af4&gt;" in page


def test_what_is_no_sip_message_can_not_be_compared() -> None:
    with pytest.raises(LabError, match=r"hello.*no SIP message"):
        changes(INVITE_IN, b"hello")
