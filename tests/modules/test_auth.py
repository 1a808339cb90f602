"""Who is calling? Challenges, credentials and what is made of them (RFC 3261 §22, RFC 7616)."""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Any

import pytest

from labsip.modules import auth
from labsip.proxy.script import Routes
from labsip.sip.digest import Challenge, Ha1, ha1
from labsip.sip.message import Request
from labsip.steps import STEPS
from labsip.vocabulary import Ksr, settings_of
from tests.ends import Bench, End
from tests.modules.asking import URI, USERS, bench, challenge, code, given

# --- challenges -----------------------------------------------------------------------------------------------------


def asked(command: str, method: str, flags: int | str = 0, **settings: Any) -> tuple[str, str]:
    def ask(ksr: Ksr) -> None:
        getattr(ksr, command)("lab", flags)

    end = Bench(ask, **settings).end("106")
    end.send(end.request(method))
    (response,) = end.heard
    (line,) = (line for line in response.find("WWW-Authenticate", "Proxy-Authenticate"))
    return line.name, line.value


@pytest.mark.parametrize(
    ("command", "method", "header"),
    [
        ("auth_challenge", "REGISTER", "WWW-Authenticate"),
        ("auth_challenge", "INVITE", "Proxy-Authenticate"),
        ("auth_challenge", "MESSAGE", "Proxy-Authenticate"),
        ("www_challenge", "MESSAGE", "WWW-Authenticate"),
        ("proxy_challenge", "REGISTER", "Proxy-Authenticate"),
    ],
)
def test_a_registrar_asks_with_401_and_a_proxy_with_407(command: str, method: str, header: str) -> None:
    assert asked(command, method)[0] == header


@pytest.mark.parametrize(
    ("flags", "qop", "stale"),
    [(0, "", False), (1, "auth", False), (2, "auth-int", False), (17, "auth", True), ("16", "", True)],
)
def test_the_flags_of_a_challenge_say_what_is_asked(flags: int | str, qop: str, stale: bool) -> None:
    made = Challenge.parse(asked("auth_challenge", "INVITE", flags)[1])
    assert (made.realm, made.qop, made.stale, made.algorithm) == ("lab", qop, stale, "")


def test_a_challenge_names_its_algorithm_where_it_is_not_md5() -> None:
    assert Challenge.parse(asked("auth_challenge", "INVITE", auth_algorithm="SHA-256")[1]).algorithm == "SHA-256"


def test_every_nonce_is_another() -> None:
    _, end = bench()
    assert challenge(end).nonce != challenge(end).nonce


def test_an_ack_is_not_challenged() -> None:
    end = Bench(lambda ksr: ksr.auth_challenge("lab")).end("106")
    assert end.send(end.request("ACK")) == []


# --- credentials ----------------------------------------------------------------------------------------------------


def test_the_right_password_is_known() -> None:
    _, end = bench()
    assert code(end, given(challenge(end))) == auth.OK


def test_without_credentials_nobody_is_known() -> None:
    _, end = bench()
    assert code(end, None) == auth.NO_CREDENTIALS


def test_credentials_for_another_realm_are_not_for_us() -> None:
    _, end = bench()
    assert code(end, given(replace(challenge(end), realm="elsewhere"))) == auth.NO_CREDENTIALS


def test_of_several_credentials_those_for_our_realm_count() -> None:
    _, end = bench()
    ours = given(challenge(end))
    headers = [("Proxy-Authorization", str(ours))]
    assert code(end, replace(ours, realm="elsewhere"), headers=headers) == auth.OK


def test_another_scheme_is_passed_over() -> None:
    _, end = bench()
    assert code(end, "Basic MTA2OnNlY3JldA==") == auth.NO_CREDENTIALS


@pytest.mark.parametrize("text", ["Digest x", 'Digest username="106", realm="lab"'])
def test_what_cannot_be_read_is_an_error(text: str) -> None:
    _, end = bench()
    assert code(end, text) == auth.ERROR


def test_a_wrong_password_proves_nothing() -> None:
    _, end = bench()
    assert code(end, given(challenge(end), password="guess")) == auth.INVALID_PASSWORD


@pytest.mark.parametrize(
    "change", [{"uri": "sip:999@127.0.10.1"}, {"cnonce": "d"}, {"nc": "00000002"}, {"username": "108"}]
)
def test_nothing_the_response_covers_can_be_changed(change: dict[str, str]) -> None:
    _, end = bench()
    assert code(end, replace(given(challenge(end)), **change)) == auth.INVALID_PASSWORD  # type: ignore[arg-type]


def test_credentials_for_one_method_are_worth_nothing_for_another() -> None:
    _, end = bench()
    assert code(end, given(challenge(end), method="INVITE"), "MESSAGE") == auth.INVALID_PASSWORD


def test_a_user_nobody_knows_is_told_apart() -> None:
    _, end = bench()
    assert code(end, given(challenge(end), "107")) == auth.USER_UNKNOWN


def test_credentials_of_another_algorithm_than_asked_for_are_refused() -> None:
    _, end = bench(auth_algorithm="SHA-256")
    asked = challenge(end)
    assert code(end, given(replace(asked, algorithm="MD5"))) == auth.ERROR
    assert code(end, given(asked)) == auth.OK


def test_ack_and_cancel_pass_for_nobody_could_answer_a_challenge_to_them() -> None:
    _, end = bench()
    assert code(end, None, "CANCEL") == auth.OK


def test_the_comparison_takes_as_long_for_a_wrong_response(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[Any, Any]] = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((a, b)) or real(a, b))
    _, end = bench()
    wrong = replace(given(challenge(end)), response="0" * 32)
    assert code(end, wrong) == auth.INVALID_PASSWORD
    assert compared[-1][1] == b"0" * 32  # the response; the nonce's signature came before it
    assert len(compared) == 2


# --- whose credentials they are -------------------------------------------------------------------------------------


def test_nobody_speaks_for_somebody_else() -> None:
    _, end = bench()
    asked = challenge(end)
    assert code(end, given(asked, "108")) == auth.USER_MISMATCH


@pytest.mark.parametrize(
    ("sender", "to", "expected"),
    [
        ("106", "106", auth.OK),
        ("106", "108", auth.USER_MISMATCH),
        ("108", "106", auth.USER_MISMATCH),
        ("%3106", "10%36", auth.OK),
    ],
)
def test_nobody_registers_somebody_else(sender: str, to: str, expected: int) -> None:
    _, end = bench()
    proof = given(challenge(end), method="REGISTER")
    headers = [("From", f"<sip:{sender}@127.0.10.1>;tag=f")]
    assert code(end, proof, "REGISTER", to=f"<sip:{to}@127.0.10.1>", headers=headers) == expected


def test_credentials_of_somebody_else_are_consumed_too_and_once() -> None:
    _, end = bench()
    proof = given(challenge(end), "108")
    said = end.send(end.request("MESSAGE", URI, headers=[("Proxy-Authorization", str(proof))]))
    assert said == [f"299 {auth.USER_MISMATCH} 1 -1 (MESSAGE)"]


# --- the other words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "flags", "expected"),
    [
        ("secret106", 0, auth.OK),
        (ha1("106", "lab", "secret106"), 1, auth.OK),
        ("secret106", "1", auth.INVALID_PASSWORD),
        (ha1("106", "lab", "secret106"), "0", auth.INVALID_PASSWORD),
    ],
)
def test_pv_auth_check_takes_the_password_or_its_hash(password: str, flags: int | str, expected: int) -> None:
    def check(ksr: Ksr) -> None:
        if ksr.is_method("OPTIONS"):
            ksr.auth_challenge("lab", 1)
        else:
            ksr.sl_reply(299, str(int(ksr.pv_auth_check("lab", password, flags, 1))))

    end = Bench(check).end("106")
    assert code(end, given(challenge(end))) == expected


def test_of_a_user_whose_hash_is_kept_no_password_is_needed() -> None:
    made, end = bench()
    made.proxy.settings = settings_of(users={"106": Ha1(ha1("106", "lab", "secret106"))})
    assert code(end, given(challenge(end))) == auth.OK
    assert code(end, given(challenge(end), password="guess")) == auth.INVALID_PASSWORD


def test_pv_auth_check_looks_at_the_user_only_if_asked_to() -> None:
    def check(ksr: Ksr) -> None:
        if ksr.is_method("OPTIONS"):
            ksr.auth_challenge("lab")
        else:
            ksr.sl_reply(299, str(int(ksr.pv_auth_check("lab", "secret108", 0, str(ksr["$hdr(X-Checks)"])))))

    end = Bench(check).end("106")
    proof = given(challenge(end), "108")
    assert [code(end, proof, headers=[("X-Checks", checks)]) for checks in "01"] == [auth.OK, auth.USER_MISMATCH]


def test_the_credentials_that_were_checked_and_no_others_are_taken_out() -> None:
    def relay(ksr: Ksr) -> None:
        if ksr.is_method("OPTIONS"):
            ksr.auth_challenge("lab")
        elif ksr.auth_check("lab", "subscriber"):
            ksr.consume_credentials()
            ksr["$ru"] = "sip:108@127.0.10.108:5060"
            ksr.t_relay()

    made = Bench(relay, users=USERS)
    end, other = made.end("106"), made.end("108")
    ours = given(challenge(end))
    theirs = replace(ours, realm="elsewhere")
    headers = [("Proxy-Authorization", str(theirs)), ("Proxy-Authorization", str(ours))]
    end.send(end.request("MESSAGE", URI, headers=headers))
    assert other.hears("MESSAGE").get_all("Proxy-Authorization") == [str(theirs)]


def test_the_variables_show_the_credentials() -> None:
    def show(ksr: Ksr) -> None:
        ksr.sl_reply(299, f"{ksr['$au']} {ksr['$ar']}")

    end = Bench(show).end("106")
    proof = given(Challenge("lab", "n"))
    assert end.send(end.request("MESSAGE", headers=[("Proxy-Authorization", str(proof))])) == ["299 106 lab (MESSAGE)"]
    assert end.send(end.request("MESSAGE")) == ["299 None None (MESSAGE)"]


# --- challenges of several branches ---------------------------------------------------------------------------------


def forked(*refusals: tuple[int, str]) -> End:
    """106 calls 108, whose phones refuse so."""
    made = Bench(STEPS["cancel"])
    caller = made.end("106")
    phones = [
        made.end(f"108{letter}", f"127.0.10.{120 + place}") for place, letter in enumerate("abc"[: len(refusals)])
    ]
    for phone in phones:
        phone.register(to="<sip:108@127.0.10.1>")
    caller.invite()
    for phone, (status, text) in zip(phones, refusals, strict=True):
        name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
        phone.answer(phone.hears("INVITE"), status, "No", headers=[(name, text)] if text else [])
    return caller


def test_the_caller_hears_the_challenges_of_all_branches() -> None:
    caller = forked((407, 'Digest realm="b", nonce="1"'), (486, ""), (401, 'Digest realm="a", nonce="2"'))
    best = caller.response(401)
    assert best.get_all("WWW-Authenticate") == ['Digest realm="a", nonce="2"']
    assert best.get_all("Proxy-Authenticate") == ['Digest realm="b", nonce="1"']


def test_two_proxies_that_ask_the_same_way_make_two_header_lines() -> None:
    caller = forked((407, 'Digest realm="a", nonce="1"'), (407, 'Digest realm="b", nonce="2"'))
    assert caller.response(407).get_all("Proxy-Authenticate") == [
        'Digest realm="a", nonce="1"',
        'Digest realm="b", nonce="2"',
    ]


def test_a_better_answer_than_a_challenge_brings_no_challenges() -> None:
    caller = forked((407, 'Digest realm="a", nonce="1"'), (603, ""))
    assert caller.response(603).get("Proxy-Authenticate") is None


def test_commands_of_auth_may_be_used_where_kamailio_allows_them() -> None:
    ran: list[str] = []

    def failed(ksr: Ksr) -> None:
        ksr.auth_challenge("lab")
        ran.append("failed")

    def route(ksr: Ksr) -> None:
        ksr["$ru"] = "sip:108@127.0.10.108:5060"
        ksr.t_on_failure("F")
        ksr.t_relay()

    made = Bench(Routes(route, failure_routes={"F": failed}))
    caller, callee = made.end("106"), made.end("108")
    caller.invite()
    callee.answer(callee.hears("INVITE"), 486, "Busy")
    assert ran == ["failed"]
    assert caller.response(407).get("Proxy-Authenticate")
    assert isinstance(callee.hears("ACK"), Request)


# --- the words of auth_db that name a header ------------------------------------------------------------------------

WORDS = {
    "www_authorize": "Authorization",
    "www_authenticate": "Authorization",
    "proxy_authorize": "Proxy-Authorization",
    "proxy_authenticate": "Proxy-Authorization",
}


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("method", ["MESSAGE", "REGISTER"])
def test_these_look_into_one_header_whatever_the_method(word: str, method: str) -> None:
    def route(ksr: Ksr) -> None:
        if ksr.is_method("OPTIONS"):
            ksr.auth_challenge("lab", 1)
        else:
            ksr.sl_reply(299, str(int(getattr(ksr, word)("lab", "subscriber"))))

    end = Bench(route, users=USERS).end("106")
    said = []
    for user, password in (("106", ""), ("106", "guess"), ("nobody", "")):
        for header in ("Authorization", "Proxy-Authorization"):
            text = str(given(challenge(end), user, password, method=method))
            said.append((header, *end.send(end.request(method, URI, headers=[(header, text)]))))
    right, other = WORDS[word], (set(WORDS.values()) - {WORDS[word]}).pop()
    codes = {name: [reason.split()[1] for header, reason in said if header == name] for name in (right, other)}
    assert codes == {right: ["1", "-2", "-3"], other: ["-5", "-5", "-5"]}


def test_www_authenticate_may_name_the_method_that_was_signed() -> None:
    def route(ksr: Ksr) -> None:
        if ksr.is_method("OPTIONS"):
            ksr.auth_challenge("lab", 1)
        else:
            ksr.sl_reply(299, str(int(ksr.www_authenticate("lab", "subscriber", "MESSAGE"))))

    end = Bench(route, users=USERS).end("106")
    for method, result in (("MESSAGE", "1"), ("REGISTER", "-2")):
        text = str(given(challenge(end), method=method))
        assert end.send(end.request(method, URI, headers=[("Authorization", text)])) == [f"299 {result} ({method})"]
