"""Passwords in `full`: who is let in, for which realm, and for which request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labsip.sip import digest
from labsip.sip.digest import Challenge, Credentials, Ha1
from labsip.steps import STEPS
from tests.ends import Bench, End

USERS = {"106": "secret106", "108": "secret108"}
OUR = "sip:127.0.10.1"


def asked(end: End, method: str = "REGISTER", uri: str = OUR, *, domain: str = "127.0.10.1") -> Challenge:
    """The challenge for a request without credentials."""
    lines = [("From", f"<sip:{end.name}@{domain}>;tag=f"), ("Contact", f"<sip:{end.name}@{end.address}>")]
    end.send(end.request(method, uri, to=f"<sip:{end.name}@{domain}>", headers=lines))
    response = end.heard[-1]
    return Challenge.parse(response.get("WWW-Authenticate") or response.get("Proxy-Authenticate") or "")


def shown(end: End, given: Credentials, method: str = "REGISTER", uri: str = OUR) -> list[str]:
    """What comes back for a request with these credentials."""
    name = "Authorization" if method == "REGISTER" else "Proxy-Authorization"
    lines = [(name, str(given)), ("Contact", f"<sip:{end.name}@{end.address}>")]
    return end.send(end.request(method, uri, to=f"<sip:{end.name}@127.0.10.1>", headers=lines))


def answered(
    challenge: Challenge, user: str = "106", password: str = "secret106", method: str = "REGISTER", uri: str = OUR
) -> Credentials:
    return digest.answer(challenge, user, password, method, uri, cnonce="c")


@pytest.fixture
def alice() -> End:
    return Bench(STEPS["full"], users=USERS, domains=("lab.example", "lab.test")).end("106")


def test_the_right_password_lets_in(alice: End) -> None:
    assert shown(alice, answered(asked(alice))) == ["200 OK (REGISTER)"]


def test_an_answer_without_qop_is_refused_for_it_could_be_said_again(alice: End) -> None:
    challenge = asked(alice)
    assert challenge.qop == "auth"
    old = answered(replace(challenge, qop=""))
    assert shown(alice, old) == ["401 Unauthorized (REGISTER)"]


@pytest.mark.parametrize("domain", ["lab.example", "lab.test", "127.0.10.1"])
def test_the_realm_is_the_sender_s_domain_if_that_is_ours(alice: End, domain: str) -> None:
    assert asked(alice, domain=domain).realm == domain


@pytest.mark.parametrize("domain", ["bank.example", "127.0.10.99", "LAB.EXAMPLE.evil"])
def test_for_any_other_domain_it_is_our_first(alice: End, domain: str) -> None:
    assert asked(alice, "INVITE", "sip:108@lab.example", domain=domain).realm == "lab.example"


def test_without_a_domain_of_its_own_it_is_our_first_address() -> None:
    alice = Bench(STEPS["full"], users=USERS).end("106")
    assert asked(alice, domain="anything.example").realm == "127.0.10.1"


def test_the_setting_realm_goes_before_both() -> None:
    alice = Bench(STEPS["full"], users=USERS, domains=("lab.example",), realm="telco").end("106")
    assert asked(alice, domain="lab.example").realm == "telco"
    assert shown(alice, answered(asked(alice))) == ["200 OK (REGISTER)"]


@pytest.mark.parametrize(
    ("uri", "given"),
    [
        ("sip:108@lab.example", "sip:108@lab.example"),
        ("sip:108@lab.example", "sip:108@127.0.10.1"),
        ("sip:108@127.0.10.1;transport=udp", "sip:108@LAB.example"),
        ("sip:%3108@lab.example", "sips:108@lab.example"),
        ("tel:108", "sip:108@lab.example"),
        ("sip:108@lab.example", "sip:127.0.10.1:5060"),
        ("sip:x@127.0.10.200", "sip:x@127.0.10.200:5060;lr"),
    ],
)
def test_credentials_are_for_the_resource_of_the_request_however_a_proxy_on_the_way_writes_it(
    alice: End, uri: str, given: str
) -> None:
    credentials = answered(asked(alice, "MESSAGE", uri), method="MESSAGE", uri=given)
    assert shown(alice, credentials, "MESSAGE", uri) not in (
        ["400 Bad Request (MESSAGE)"],
        ["407 Proxy Authentication Required (MESSAGE)"],
    )


@pytest.mark.parametrize(
    "given", ["sip:109@lab.example", "sip:bank.example", "sip:108@bank.example", "sip:108@127.0.10.200", "nonsense"]
)
def test_credentials_for_something_else_are_refused(alice: End, given: str) -> None:
    uri = "sip:108@lab.example"
    credentials = answered(asked(alice, "MESSAGE", uri), method="MESSAGE", uri=given)
    assert shown(alice, credentials, "MESSAGE", uri) == ["400 Bad Request (MESSAGE)"]


@pytest.mark.parametrize("name", ["106@lab.example", "106@127.0.10.1"])
def test_a_username_with_its_realm_is_that_user(alice: End, name: str) -> None:
    assert shown(alice, answered(asked(alice), name)) == ["200 OK (REGISTER)"]


def test_a_username_with_its_realm_is_nobody_else(alice: End) -> None:
    assert shown(alice, answered(asked(alice), "108@lab.example", "secret108")) == ["403 Forbidden auth ID (REGISTER)"]


def test_a_name_with_an_at_in_it_is_a_user_of_its_own_and_not_its_namesake() -> None:
    users = {"106": "secret106", "106@lab.example": "other"}
    alice = Bench(STEPS["full"], users=users, domains=("lab.example",)).end("106")
    assert shown(alice, answered(asked(alice), "106@lab.example", "other")) == ["403 Forbidden auth ID (REGISTER)"]
    assert shown(alice, answered(asked(alice), "106@lab.example", "secret106")) == ["401 Unauthorized (REGISTER)"]
    assert shown(alice, answered(asked(alice), "106", "secret106")) == ["200 OK (REGISTER)"]


def test_a_hash_for_a_name_with_its_realm_lets_in_who_writes_it_so() -> None:
    realm = "lab.example"
    plain, long = (digest.ha1(name, realm, "x") for name in ("106", f"106@{realm}"))
    for known, said in ((Ha1(plain, long), "200 OK (REGISTER)"), (Ha1(plain), "401 Unauthorized (REGISTER)")):
        alice = Bench(STEPS["full"], users={"106": known}, domains=(realm,), realm=realm).end("106")
        assert shown(alice, answered(asked(alice), f"106@{realm}", "x")) == [said]
        assert shown(alice, answered(asked(alice), "106", "x")) == ["200 OK (REGISTER)"]


@pytest.mark.parametrize("password", ["", "None"])
def test_whoever_has_no_password_can_not_log_in(password: str) -> None:
    alice = Bench(STEPS["full"], users={"106": "", "108": "secret108"}).end("106")
    challenge = asked(alice)
    assert shown(alice, answered(challenge, "106", password)) == ["401 Unauthorized (REGISTER)"]
    nothing = replace(answered(challenge), response="")
    empty = replace(nothing, response=digest.response(nothing, "", "REGISTER"))
    assert shown(alice, empty) == ["401 Unauthorized (REGISTER)"]


def test_nothing_is_kept_of_somebody_who_showed_no_password() -> None:
    bench = Bench(STEPS["full"], users=USERS)
    alice = bench.end("106")
    for method in ("REGISTER", "INVITE", "MESSAGE", "SUBSCRIBE", "BYE"):
        asked(alice, method, OUR if method == "REGISTER" else "sip:108@127.0.10.1")
        assert set(bench.proxy.held.values()) == {0}, method


# --- preloaded Routes -----------------------------------------------------------------------------------------------


def test_a_user_s_own_route_is_followed() -> None:
    bench = Bench(STEPS["full"])
    alice, gateway = bench.end("106"), bench.end("200")
    alice.register()
    lines = [("Route", "<sip:127.0.10.1;lr>"), ("Route", "<sip:127.0.10.200;lr>")]
    alice.send(alice.request("MESSAGE", "sip:x@elsewhere.example", headers=lines))
    assert gateway.summaries == ["MESSAGE"]
    assert gateway.hears("MESSAGE").values("Route") == ["<sip:127.0.10.200;lr>"]


def test_a_stranger_s_route_is_refused_although_the_request_is_for_a_user() -> None:
    bench = Bench(STEPS["full"])
    bob, stranger, gateway = bench.end("108"), bench.end("66"), bench.end("200")
    bob.register()
    lines = [("Route", "<sip:127.0.10.1;lr>, <sip:127.0.10.200;lr>")]
    assert stranger.send(stranger.request("MESSAGE", headers=lines)) == ["403 Forbidden (MESSAGE)"]
    assert gateway.heard == []


@pytest.mark.parametrize("route", ["<sip:127.0.10.1;lr>", "<sip:lab.example;lr>", "<sip:127.0.10.1>"])
def test_a_route_that_names_us_alone_changes_nothing(route: str) -> None:
    bench = Bench(STEPS["full"])
    bob, stranger = bench.end("108"), bench.end("66")
    bob.register()
    stranger.send(stranger.request("MESSAGE", headers=[("Route", route)]))
    assert bob.summaries[-1] == "MESSAGE"
    assert not bob.hears("MESSAGE").values("Route")


# --- a stock configuration's other blocks ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["friendly-scanner", "sipcli/v1.8", "VaxSIPUserAgent/3.1", "SIPVicious", "pplsip"])
def test_a_scanner_hears_nothing(name: str) -> None:
    bench = Bench(STEPS["full"])
    end = bench.end("66")
    assert end.send(end.request("OPTIONS", OUR, headers=[("User-Agent", name)])) == []
    assert bench.proxy.stats == {"scanner": 1}


@pytest.mark.parametrize(
    ("method", "event", "said"),
    [
        ("PUBLISH", "presence", "404 Not here (PUBLISH)"),
        ("SUBSCRIBE", "message-summary", "404 No voicemail service (SUBSCRIBE)"),
        ("SUBSCRIBE", "Message-Summary;id=1", "404 No voicemail service (SUBSCRIBE)"),
    ],
)
def test_services_nobody_offers_are_refused_here(method: str, event: str, said: str) -> None:
    bench = Bench(STEPS["full"])
    bob = bench.end("108")
    bob.register()
    assert bob.send(bob.request(method, headers=[("Event", event)])) == [said]


def test_a_response_that_can_not_be_read_is_dropped() -> None:
    bench = Bench(STEPS["full"])
    alice, bob = bench.end("106"), bench.end("108")
    bob.register()
    alice.invite()
    came = bob.hears("INVITE")
    bob.answer(came, 180, headers=[("Call-ID", "another")])
    assert alice.summaries == ["100 trying -- your call is important to us"]
    assert bench.proxy.stats == {"unreadable": 1}
