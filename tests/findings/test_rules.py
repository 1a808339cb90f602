"""Rules no capture at hand shows: addresses nobody can reach, media nobody hears, and where each rule keeps quiet."""

from __future__ import annotations

from string import Formatter

import pandas as pd
import pytest

from labsip.findings import RULES, explain
from labsip.sip.transport import Address
from labsip.trace import DatagramRow
from tests.story import PARTIES, SDP, Story, sdp

CHALLENGE = ("Proxy-Authenticate", 'Digest realm="example.com", nonce="n1"')


def credentials(user: str = "106", nonce: str = "n1") -> tuple[str, str]:
    value = f'Digest username="{user}", realm="example.com", nonce="{nonce}", uri="sip:example.com", response="x"'
    return "Proxy-Authorization", value


def said(story: Story) -> list[str]:
    return [one.sentence for one in explain(story.flow)]


def answered_call(offer: bytes = b"", answer: bytes = b"", *, contact: str = "") -> Story:
    """106 calls 108 through the proxy, who answers; acknowledged directly."""
    story = Story()
    headers = [("Contact", f"<sip:106@{contact}>")] if contact else []
    first = story.request("106", "proxy", "INVITE", headers=[*headers, SDP], body=offer)
    onward = story.request("proxy", "108", "INVITE", over=first, headers=[*headers, SDP], body=offer)
    story.response(onward, 200, headers=[SDP], body=answer)
    story.response(first, 200, headers=[SDP], body=answer)
    story.request("106", "108", "ACK", to_tag="b")
    return story


def test_every_rule_has_a_name_of_its_own_and_says_what_it_looks_for() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.looks_for and rule.do and rule.reference for rule in RULES)
    assert not any(name == "" for rule in RULES for _, name, *_ in Formatter().parse(rule.sentence))


def test_a_good_call_between_public_addresses_is_quiet() -> None:
    assert said(answered_call(sdp("198.51.100.6"), sdp("198.51.100.8"), contact="198.51.100.6")) == []


def test_a_private_contact_of_a_phone_seen_at_a_public_address_is_told_once() -> None:
    assert said(answered_call(contact="10.0.0.6")) == [
        "106 is seen at 198.51.100.6, but the Contact in its INVITE is 10.0.0.6: nobody outside gets there."
    ]


def test_private_addresses_are_no_matter_where_all_are_private() -> None:
    story = Story({"106": Address("10.0.0.6"), "proxy": Address("10.0.0.1")})
    first = story.request(
        "106", "proxy", "INVITE", headers=[("Contact", "<sip:106@10.0.0.6>"), SDP], body=sdp("10.0.0.6")
    )
    story.response(first, 200, headers=[SDP], body=sdp("10.0.0.1"))
    story.request("106", "proxy", "ACK", to_tag="b")
    assert said(story) == []


@pytest.mark.parametrize(
    ("offer", "answer", "told"),
    [
        (
            sdp("10.0.0.6"),
            sdp("198.51.100.8"),
            "The INVITE of 106 wants its audio at 10.0.0.6, but it is seen at 198.51.100.6: nobody outside gets there.",
        ),
        (
            sdp("198.51.100.6"),
            sdp("192.168.1.8"),
            "The 200 OK of 108 wants its audio at 192.168.1.8, but it is seen at 198.51.100.8: nobody outside gets "
            "there.",
        ),
        (
            sdp("198.51.100.6"),
            sdp("127.0.0.1"),
            "The 200 OK of 108 wants its audio at 127.0.0.1, but it is at 198.51.100.8: media sent there stay on "
            "the sender's own machine.",
        ),
        (
            sdp("0.0.0.0"),
            sdp("198.51.100.8"),
            "The INVITE of 106 wants its audio at 0.0.0.0: it will hear nothing.",
        ),
        (
            sdp("198.51.100.6"),
            sdp("198.51.100.8", 0),
            "The 200 OK of 108 has port 0 for all it is asked for (audio): nobody hears anything.",
        ),
    ],
    ids=["private offer", "private answer", "loopback", "nowhere", "refused"],
)
def test_media_that_can_not_work_are_told(offer: bytes, answer: bytes, told: str) -> None:
    assert said(answered_call(offer, answer)) == [told]


def test_a_phone_in_a_browser_that_leaves_the_place_to_ice_is_no_fault() -> None:
    assert said(answered_call(sdp("0.0.0.0") + b"a=ice-ufrag:06qX\r\n", sdp("198.51.100.8"))) == []


def test_a_call_put_on_hold_the_old_way_is_no_fault() -> None:
    story = answered_call(sdp("198.51.100.6"), sdp("198.51.100.8"))
    hold = story.request("106", "108", "INVITE", cseq=2, to_tag="b", headers=[SDP], body=sdp("0.0.0.0"))
    story.response(hold, 200, headers=[SDP], body=sdp("198.51.100.8"))
    assert said(story) == []


def test_media_a_proxy_has_mended_on_their_way_are_no_fault() -> None:
    story = Story()
    first = story.request("106", "proxy", "INVITE", headers=[SDP], body=sdp("10.0.0.6"))
    story.request("proxy", "108", "INVITE", over=first, headers=[SDP], body=sdp("192.0.2.1"))
    assert said(story) == []


def test_a_2xx_nobody_acknowledges_is_told() -> None:
    story = Story()
    invite = story.request("106", "108", "INVITE")
    final = story.response(invite, 200)
    for _ in range(3):
        story.wait(0.5)
        story.again(final)
    assert said(story) == ["108 sent its 200 OK 4 times, and no ACK was seen for it."]


def test_a_refusal_nobody_acknowledges_is_told() -> None:
    story = Story()
    final = story.response(story.request("106", "108", "INVITE"), 486)
    story.wait(0.5)
    story.again(final)
    assert said(story) == ["108 sent 486 Busy Here 2 times, and 106 did not acknowledge it."]


def test_a_refusal_sent_again_because_the_invite_was_is_no_missing_ack() -> None:
    story = Story()
    invite = story.request("106", "108", "INVITE")
    final = story.response(invite, 486)
    story.wait(0.5)
    story.again(invite, final)
    assert said(story) == ["108 answered the INVITE with 486 Busy Here, but 106 sent it 2 times."]


def test_a_circle_through_two_proxies_is_told_once() -> None:
    parties = PARTIES | {"other": Address("192.0.2.2")}
    story = Story(parties)
    last = story.request("106", "proxy", "INVITE")
    for _ in range(4):
        last = story.request("proxy", "other", "INVITE", over=last)
        last = story.request("other", "proxy", "INVITE", over=last)
    assert said(story) == ["proxy sent the INVITE to other, again and again: 4 times were seen, the last with 8 Vias."]


def test_a_request_tried_again_elsewhere_and_back_is_no_circle() -> None:
    story = Story()
    first = story.request("106", "proxy", "INVITE")
    for _ in range(4):
        story.response(story.request("proxy", "108", "INVITE", over=first), 486)
    assert said(story) == []


def test_482_and_423_are_told() -> None:
    story = Story()
    story.response(story.request("106", "proxy", "INVITE", call_id="loop"), 482)
    register = story.request("106", "proxy", "REGISTER", call_id="reg", headers=[("Expires", "5")])
    story.response(register, 423, headers=[("Min-Expires", "60")])
    assert said(story) == [
        "proxy had seen this INVITE before: 482 Loop Detected.",
        "106 asked to be registered for less time than proxy takes: 60 s.",
    ]


def test_a_registration_the_server_has_forgotten_is_told() -> None:
    story = Story()
    contact = ("Contact", "<sip:108@198.51.100.8>;expires=3600")
    register = story.request("108", "proxy", "REGISTER", call_id="reg", caller="108", headers=[contact])
    story.response(register, 200, headers=[contact])
    story.response(story.request("106", "proxy", "INVITE"), 404)
    assert said(story) == ["proxy says 404 Not Found, but had registered 108, for 3599.999 s more."]


def test_a_challenge_that_was_answered_well_is_no_fault_even_after_an_old_nonce() -> None:
    story = Story()
    story.response(
        story.request("106", "proxy", "INVITE", headers=[credentials(nonce="old")]), 407, headers=[CHALLENGE]
    )
    story.response(story.request("106", "proxy", "INVITE", cseq=2, headers=[credentials()]), 486)
    assert said(story) == []


def test_credentials_no_challenge_was_seen_for_are_told_so() -> None:
    story = Story()
    story.response(
        story.request("106", "proxy", "INVITE", headers=[credentials(nonce="old")]), 407, headers=[CHALLENGE]
    )
    assert said(story) == [
        "proxy did not take what 106 answered for user 106 (407 Proxy Authentication Required); the nonce was one that "
        "was not seen."
    ]


def test_a_challenge_passed_on_is_told_at_its_source_only() -> None:
    story = Story()
    first = story.request("106", "proxy", "INVITE")
    onward = story.request("proxy", "108", "INVITE", over=first)
    story.response(onward, 407, headers=[CHALLENGE])
    story.response(first, 407, headers=[CHALLENGE])
    assert said(story) == [
        "proxy asked 106 for a password (407 Proxy Authentication Required), and no INVITE with one came."
    ]


def test_what_a_wire_lost_is_told_and_not_taken_for_silence() -> None:
    story = Story()
    first = story.passed("106", "proxy", story.request("106", "108", "OPTIONS", call_id="x").raw, lost=True)
    story.passed("106", "proxy", first.raw, lost=True)
    assert said(story)[0] == "OPTIONS ×2 from 106 to proxy was lost on its way."
    assert "silence" not in explain(story.flow)


def test_what_can_not_be_read_is_told() -> None:
    story = Story()
    story.passed("106", "proxy", b"INVITE nonsense\r\n\r\n")
    assert said(story) == ["Messages that can't be read as SIP: 1."]


def test_a_capture_of_two_interfaces_is_told_and_its_copies_are_no_repeats() -> None:
    story = Story()
    for number in range(4):
        final = story.request("106", "proxy", "OPTIONS", call_id=f"c{number}")
        story.again(final)
        story.again(story.response(final, 200))
    assert said(story) == ["8 packets are in the capture twice, a moment apart: it listened on two interfaces."]


def test_a_name_in_a_message_can_not_write_on_the_terminal() -> None:
    story = Story()
    invite = story.request("106", "proxy", "INVITE", headers=[credentials(user="\x1b[31m")])
    story.response(invite, 407, headers=[CHALLENGE])
    assert "for user �[31m (407" in said(story)[0]


@pytest.mark.parametrize("passed", [[], [DatagramRow(0, 0.0, PARTIES["106"], PARTIES["108"], b"\r\n\r\n", None, None)]])
def test_no_messages_and_keepalives_are_quiet(passed: list[DatagramRow]) -> None:
    from labsip.flow.rows import Flow

    flow: pd.DataFrame = Flow.of_datagrams(passed, {}).table()
    assert repr(explain(flow)) == f"none of the {len(RULES)} rules finds anything wrong in these {len(flow)} messages"
