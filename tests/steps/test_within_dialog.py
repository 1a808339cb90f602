"""Requests inside a dialog: `full` relays them for its two ends, from one to the other, and for nobody else."""

from __future__ import annotations

import pytest

from labsip.modules.dialog import dialogs as dialog
from labsip.sip import digest
from labsip.sip.message import Request
from labsip.steps import STEPS
from tests.ends import Bench, End

DAY = 86_400.0
TO_108, FROM_108 = "<sip:108@127.0.10.1>;tag=108t", "<sip:108@127.0.10.1>;tag=108t"
ELSEWHERE = "sip:x@127.0.10.200"


class Calling:
    """A call of 106 to 108, somebody who has seen all of it, and somebody who is to be sent things."""

    def __init__(self, **settings: object) -> None:
        self.bench = Bench(STEPS["full"], **settings)
        self.alice, self.bob = self.bench.end("106"), self.bench.end("108")
        self.stranger, self.victim = self.bench.end("66"), self.bench.end("200")
        self.bob.register()
        self.invite = self.alice.invite()
        self.called = self.bob.hears("INVITE")
        self.route = self.called.values("Record-Route")[0]

    def up(self) -> Calling:
        """It is answered, and acknowledged."""
        self.bob.answer(self.called, 200)
        self.alice.within("ACK", self.invite)
        return self

    def copied(self, end: End, method: str = "BYE", uri: str = "", **changed: str) -> Request:
        """A request with all that a request of 106's has in this call, but for what is changed."""
        lines = {"From": str(self.invite.from_), "To": TO_108, "Call-ID": self.invite.call_id, "Route": self.route}
        lines |= {name.replace("_", "-"): value for name, value in changed.items()}
        uri = uri or f"sip:108@{self.bob.address}"
        return end.request(method, uri, to=lines["To"], headers=[line for line in lines.items() if line[1]])


def test_both_ends_follow_the_route_of_their_call() -> None:
    call = Calling().up()
    call.alice.within("INVITE", call.invite)
    assert call.bob.summaries[-1] == "INVITE"
    call.bob.within("BYE", call.called)
    assert call.alice.summaries[-1] == "BYE"


def test_whoever_has_seen_a_180_relays_nothing_anywhere() -> None:
    for ringing in (True, False):
        call = Calling()
        call.bob.answer(call.called, 180)
        if not ringing:
            call.up()
        for method in ("BYE", "INVITE", "INFO", "MESSAGE", "OPTIONS", "ACK"):
            for uri in ("", ELSEWHERE):
                said = call.stranger.send(call.copied(call.stranger, method, uri))
                assert said == ([] if method == "ACK" else [f"403 Forbidden ({method})".replace(" (INVITE)", "")])
        assert call.victim.heard == []
        assert "BYE" not in call.bob.summaries


@pytest.mark.parametrize(
    "changed",
    [
        {"To": "<sip:108@127.0.10.1>;tag=other"},
        {"From": "<sip:106@127.0.10.1>;tag=other"},
        {"Call_ID": "other"},
        {"Route": "<sip:127.0.10.1;lr>"},
        {"Route": "<sip:127.0.10.1;lr;mark=ffffffff.0123456789abcdef>"},
    ],
    ids=["its callee's tag", "its caller's tag", "its Call-ID", "its mark", "its signature"],
)
def test_the_mark_is_for_one_dialog_whatever_of_it_is_changed(changed: dict[str, str]) -> None:
    call = Calling().up()
    assert call.alice.send(call.copied(call.alice, **changed)) == ["403 Forbidden (BYE)"]
    assert call.alice.send(call.copied(call.alice)) != ["403 Forbidden (BYE)"]
    assert call.bob.summaries[-1] == "BYE"


@pytest.mark.parametrize("path", ["", "<sip:127.0.10.200;lr>"], ids=["by the Request-URI", "by a second Route"])
def test_an_end_is_led_to_the_other_end_and_nowhere_else(path: str) -> None:
    call = Calling().up()
    route = ", ".join(filter(None, (call.route, path)))
    elsewhere = call.copied(call.alice, "INFO", "" if path else ELSEWHERE, Route=route)
    assert call.alice.send(elsewhere) == ["403 Forbidden (INFO)"]
    assert call.victim.heard == []


def test_another_port_of_the_other_end_is_elsewhere() -> None:
    call = Calling().up()
    request = call.copied(call.alice, "INFO", "sip:108@127.0.10.108:9999")
    assert call.alice.send(request) == ["403 Forbidden (INFO)"]


def test_an_end_that_moves_says_so_in_a_re_invite_and_is_found_there() -> None:
    call = Calling().up()
    moved = call.copied(call.alice, "INVITE", Contact=f"<sip:106@{call.victim.address}>", CSeq="2 INVITE")
    call.alice.send(moved)
    call.bob.answer(call.bob.hears("INVITE"), 200)
    bye = call.copied(
        call.bob, "BYE", f"sip:106@{call.victim.address}", From=FROM_108, To=str(call.invite.from_), CSeq="3 BYE"
    )
    call.bob.send(bye)
    assert call.victim.summaries == ["BYE"]


def test_from_the_first_2xx_on_only_that_callee_is_the_other_end() -> None:
    call = Calling()
    call.bob.answer(call.called, 180, headers=[("To", "<sip:108@127.0.10.1>;tag=other")])
    call.bob.answer(call.called, 183)
    prack = call.copied(call.alice, "PRACK")
    assert call.alice.send(prack) == []
    assert call.bob.summaries[-1] == "PRACK"
    call.up()
    assert call.alice.send(call.copied(call.alice, "INFO", To="<sip:108@127.0.10.1>;tag=other")) == [
        "403 Forbidden (INFO)"
    ]


def test_the_mark_of_a_call_nobody_took_opens_nothing() -> None:
    call = Calling()
    call.bob.answer(call.called, 180)
    call.bob.answer(call.called, 486, "Busy Here")
    call.bench.wait(dialog.RINGING + 1)
    assert call.alice.send(call.copied(call.alice, uri=ELSEWHERE)) == ["403 Forbidden (BYE)"]
    assert call.victim.heard == []


def test_the_mark_of_a_call_that_is_over_opens_nothing_after_64_t1() -> None:
    call = Calling().up()
    bye = call.alice.within("BYE", call.invite)
    call.bob.answer(call.bob.hears("BYE"), 200)
    crossing = call.bob.within("BYE", call.called)
    assert call.alice.hears("BYE").call_id == bye.call_id == crossing.call_id
    call.bench.wait(dialog.LINGER + 1)
    assert call.alice.send(call.copied(call.alice, "INFO")) == ["403 Forbidden (INFO)"]


def test_a_call_that_rang_very_long_is_taken_all_the_same() -> None:
    call = Calling(fr_inv_timer=2 * dialog.RINGING)
    call.bob.answer(call.called, 180)
    call.bench.wait(dialog.RINGING + 1)
    call.bob.answer(call.called, 200)
    call.alice.within("ACK", call.invite)
    assert call.bob.summaries[-1] == "ACK"


def test_a_mark_is_good_for_a_day_and_each_re_invite_renews_it() -> None:
    renewed, left = Calling().up(), Calling().up()
    for call in (renewed, left):
        call.bench.wait(DAY - 100)
    renewed.alice.within("INVITE", renewed.invite)
    renewed.bob.answer(renewed.bob.hears("INVITE"), 200)
    for call in (renewed, left):
        call.bench.wait(200)
    renewed.alice.within("BYE", renewed.invite, cseq=9)
    assert renewed.bob.summaries[-1] == "BYE"
    assert left.alice.send(left.copied(left.alice)) == ["403 Forbidden (BYE)"]


def test_dialog_timeout_sets_how_long_that_is() -> None:
    call = Calling(dialog_timeout=600.0).up()
    call.bench.wait(601)
    assert call.alice.send(call.copied(call.alice)) == ["403 Forbidden (BYE)"]


def test_after_a_restart_the_signed_part_counts_alone_if_the_secret_is_kept() -> None:
    call = Calling().up()
    call.bench.proxy.restart(call.bench.now)
    call.bob.within("BYE", call.called)
    assert call.alice.summaries[-1] == "BYE"
    assert call.alice.send(call.copied(call.alice, Call_ID="other")) == ["403 Forbidden (BYE)"]


def test_after_a_restart_the_first_re_invite_binds_the_ends_again() -> None:
    call = Calling().up()
    call.bench.proxy.restart(call.bench.now)
    call.bob.within("INVITE", call.called)
    call.alice.answer(call.alice.hears("INVITE"), 200)
    assert call.alice.send(call.copied(call.alice, "INFO", ELSEWHERE)) == ["403 Forbidden (INFO)"]
    assert call.stranger.send(call.copied(call.stranger, "INFO")) == ["403 Forbidden (INFO)"]
    call.alice.within("BYE", call.invite, cseq=5)
    assert call.bob.summaries[-1] == "BYE"


def test_a_proxy_with_another_secret_knows_no_call_of_before() -> None:
    call = Calling().up()
    call.bench.proxy.restart(call.bench.now)
    call.bench.proxy.seed = "another process"
    assert call.alice.send(call.copied(call.alice)) == ["403 Forbidden (BYE)"]


def test_an_invite_with_a_call_s_call_id_and_tag_makes_nobody_an_end_of_it() -> None:
    call = Calling().up()
    again = call.stranger.request(
        "INVITE",
        headers=[("From", str(call.invite.from_)), ("Call-ID", call.invite.call_id), ("Contact", f"<{ELSEWHERE}>")],
    )
    call.stranger.send(again)
    call.bob.register(expires=0)  # as a user of ours he may send to anybody
    assert call.stranger.send(call.copied(call.stranger)) == ["403 Forbidden (BYE)"]
    elsewhere = call.copied(call.bob, "INFO", ELSEWHERE, From=FROM_108, To=str(call.invite.from_))
    assert call.bob.send(elsewhere) == ["403 Forbidden (INFO)"]


def test_nobody_becomes_an_end_by_writing_the_tags_of_a_call_into_a_request_for_its_callee() -> None:
    call = Calling().up()
    for restarted in (False, True):
        if restarted:
            call.bench.proxy.restart(call.bench.now)
            call.bob.register(cseq=2)
        for method in ("INVITE", "UPDATE"):
            copied = call.copied(call.stranger, method, "sip:108@127.0.10.1", Route="", Contact=f"<{ELSEWHERE}>")
            call.stranger.send(copied)
            assert call.bob.hears(method).values("Record-Route") == []
        if not restarted:
            assert call.stranger.send(call.copied(call.stranger, "INFO")) == ["403 Forbidden (INFO)"]
        call.alice.within("INFO", call.invite, cseq=7 + restarted)
        assert call.bob.summaries[-1] == "INFO"


def test_a_notify_that_comes_before_the_answer_to_its_subscribe_goes_to_the_subscriber() -> None:
    bench = Bench(STEPS["full"])
    alice, bob, stranger = bench.end("106"), bench.end("108"), bench.end("66")
    bob.register()
    lines = [("Contact", f"<sip:106@{alice.address}>"), ("Event", "presence")]
    alice.send(alice.request("SUBSCRIBE", headers=lines))
    came = bob.hears("SUBSCRIBE")
    lines = [("Route", came.values("Record-Route")[0]), ("From", TO_108), ("Call-ID", came.call_id)]
    notify = bob.request("NOTIFY", f"sip:106@{alice.address}", to=str(came.from_), headers=lines)
    bob.send(notify)
    assert alice.summaries[-1] == "NOTIFY"
    assert alice.hears("NOTIFY").values("Record-Route")  # RFC 6665 §4.3: it may be what makes the dialog
    other = stranger.request("NOTIFY", f"sip:106@{alice.address}", to=str(came.from_), headers=lines)
    bob.answer(came, 200)
    assert stranger.send(other) == ["403 Forbidden (NOTIFY)"]


# --- without a Route ------------------------------------------------------------------------------------------------


def test_a_request_without_a_route_for_a_user_goes_to_the_user_s_phone() -> None:
    """SIPp's built-in caller sends its ACK and BYE so (RFC 3261 §16.5)."""
    call = Calling()
    call.bob.answer(call.called, 200)
    for method in ("ACK", "BYE"):
        call.alice.send(call.copied(call.alice, method, "sip:108@127.0.10.1", Route=""))
        assert call.bob.summaries[-1] == method


def test_with_passwords_a_request_without_a_route_goes_to_the_user_s_phone_only_for_the_other_end() -> None:
    users: dict[str, str] = {}
    call = Calling(users=users)
    call.bob.answer(call.called, 200)
    users |= {"106": "secret106", "108": "secret108"}
    call.stranger.send(call.copied(call.stranger, "ACK", "sip:108@127.0.10.1", Route=""))
    assert call.bob.summaries[-1] == "INVITE"
    assert call.stranger.send(call.copied(call.stranger, "BYE", "sip:108@127.0.10.1", Route="")) == [
        "407 Proxy Authentication Required (BYE)"
    ]
    for method in ("ACK", "BYE"):
        call.alice.send(call.copied(call.alice, method, "sip:108@127.0.10.1", Route=""))
        assert call.bob.summaries[-1] == method


# --- where users have passwords -------------------------------------------------------------------------------------


@pytest.fixture
def guarded() -> tuple[Bench, End, End, End]:
    """A proxy whose users have passwords: 108 is registered, 66 is nobody, 200 is to be sent things."""
    users: dict[str, str] = {}
    bench = Bench(STEPS["full"], users=users)
    bob, stranger, victim = bench.end("108"), bench.end("66"), bench.end("200")
    bob.register()
    users |= {"106": "secret106", "108": "secret108"}
    return bench, bob, stranger, victim


@pytest.mark.parametrize("method", ["INVITE", "BYE", "MESSAGE", "INFO", "REFER", "NOTIFY", "ACK", "EXOTIC"])
@pytest.mark.parametrize(
    ("to", "uri", "route"),
    [
        ("sip:108@127.0.10.108", "sip:x@127.0.10.200", "<sip:127.0.10.1;lr>, <sip:127.0.10.200;lr>"),
        ("sip:108@127.0.10.108", "sip:108@127.0.10.108", "<sip:127.0.10.1;lr>, <sip:127.0.10.200;lr>"),
        ("sip:108@127.0.10.108", "sip:108@127.0.10.108", "<sip:127.0.10.1;lr>"),
        ("sip:108@127.0.10.1", "sip:108@127.0.10.108:9999", "<sip:127.0.10.1;lr>"),
        ("sip:108@127.0.10.1", "sip:108@127.0.10.1", ""),
        ("sip:108@127.0.10.1", "sip:127.0.10.1;lr", "<sip:127.0.10.200>"),
    ],
    ids=["to a victim", "over a victim", "to the phone", "to a port of it", "to the user", "as a strict router"],
)
def test_a_made_up_dialog_relays_for_nobody(
    guarded: tuple[Bench, End, End, End], method: str, to: str, uri: str, route: str
) -> None:
    _, bob, stranger, victim = guarded
    lines = [("From", "<sip:108@127.0.10.108>;tag=1"), *([("Route", route)] if route else [])]
    said = stranger.send(stranger.request(method, uri, to=f"<{to}>;tag=made-up", headers=lines))
    assert [text.partition(" ")[0] for text in said] == ([] if method == "ACK" else ["407"])
    assert victim.heard == []
    assert bob.summaries == ["200 OK (REGISTER)"]


def test_whoever_shows_a_password_goes_on_in_a_dialog_nobody_remembers(guarded: tuple[Bench, End, End, End]) -> None:
    bench, bob, _, _ = guarded
    alice = bench.end("106")
    lines = [("Route", "<sip:127.0.10.1;lr>"), ("Call-ID", "before")]
    uri = f"sip:108@{bob.address}"
    assert alice.send(alice.request("BYE", uri, to=TO_108, headers=lines)) == [
        "407 Proxy Authentication Required (BYE)"
    ]
    challenge = digest.Challenge.parse(alice.response(407).get("Proxy-Authenticate") or "")
    shown = str(digest.answer(challenge, "106", "secret106", "BYE", uri, cnonce="c"))
    alice.send(alice.request("BYE", uri, to=TO_108, cseq=2, headers=[*lines, ("Proxy-Authorization", shown)]))
    assert bob.summaries[-1] == "BYE"
