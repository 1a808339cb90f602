"""Digest: the RFC's own examples, and what can't be believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labsip.sip.digest import Challenge, Credentials, answer, ha1, response
from labsip.sip.errors import BadMessage

CIRCLE = "Circle of Life"
RFC_7616 = Credentials(
    username="Mufasa",
    realm="http-auth@example.org",
    nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    uri="/dir/index.html",
    response="",
    qop="auth",
    nc="00000001",
    cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
)


@pytest.mark.parametrize(
    ("algorithm", "right"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616_come_out_as_printed_there(algorithm: str, right: str) -> None:
    key = ha1(RFC_7616.username, RFC_7616.realm, CIRCLE, algorithm)
    assert response(replace(RFC_7616, algorithm=algorithm), key, "GET") == right


def test_without_qop_it_is_rfc_2069s_hash() -> None:
    # the registration of a phone of 1997: H(H(A1):nonce:H(A2))
    challenge = Challenge("127.0.10.1", "awO+M2sDvQf81+KiKSUUEFkTJJWgrcqv")
    given = answer(challenge, "106", "secret106", "REGISTER", "sip:127.0.10.1")
    assert (given.qop, given.nc, given.cnonce) == ("", "", None)
    assert given.proves(ha1("106", "127.0.10.1", "secret106"), "REGISTER")


@pytest.mark.parametrize("algorithm", ["", "MD5", "SHA-256", "SHA-512-256"])
@pytest.mark.parametrize("qop", ["", "auth", "auth,auth-int"])
def test_an_answer_proves_the_password_and_nothing_else_does(algorithm: str, qop: str) -> None:
    challenge = Challenge("example.org", "abc", algorithm, qop)
    given = Credentials.parse(str(answer(challenge, "106", "right", "INVITE", "sip:108@example.org", cnonce="c1")))
    right = ha1("106", "example.org", "right", algorithm or "MD5")
    assert given.proves(right, "INVITE")
    assert not given.proves(right, "REGISTER")
    assert not given.proves(ha1("106", "example.org", "wrong", algorithm or "MD5"), "INVITE")
    assert not replace(given, nonce="abd").proves(right, "INVITE")


def test_auth_int_covers_the_body() -> None:
    given = replace(RFC_7616, qop="auth-int")
    key = ha1(given.username, given.realm, CIRCLE)
    signed = replace(given, response=response(given, key, "INVITE", b"v=0"))
    assert signed.proves(key, "INVITE", b"v=0")
    assert not signed.proves(key, "INVITE", b"v=1")


def test_a_challenge_reads_back_as_it_was_written() -> None:
    challenge = Challenge("a, b", "n", "SHA-256", "auth", stale=True, opaque="o")
    assert Challenge.parse(str(challenge)) == challenge
    assert str(challenge) == 'Digest realm="a, b", nonce="n", opaque="o", qop="auth", algorithm=SHA-256, stale=true'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Basic QWxhZGRpbg==", "only Digest is known"),
        ('Digest username="106"', "credentials without realm, nonce, uri, response"),
        (
            'Digest username="1", realm="r", nonce="n", uri="u", response="x", qop=auth',
            "credentials with qop need cnonce and nc",
        ),
    ],
)
def test_what_are_no_credentials_is_said(text: str, why: str) -> None:
    with pytest.raises(BadMessage, match=why):
        Credentials.parse(text)


def test_a_challenge_nobody_knows_is_refused() -> None:
    with pytest.raises(BadMessage, match="this challenge can't be answered"):
        answer(Challenge("r", "n", "MD17"), "106", "p", "INVITE", "sip:108@r")


@pytest.mark.parametrize(
    "text",
    [
        'Digest realm="", nonce=""',
        'Digest realm="a", nonce="n"',
        'Digest realm="a", nonce="n", opaque=""',
        'Digest realm="a \\"b\\" \\\\ c, d", nonce="n\\"", opaque="\\\\"',
        'Digest realm="a", nonce="n", opaque="", qop="auth", algorithm=MD5',
    ],
)
def test_an_empty_string_is_not_an_absent_one_and_escapes_stay_as_they_came(text: str) -> None:
    challenge = Challenge.parse(text)
    assert str(challenge) == text
    given = str(answer(challenge, "106", "p", "INVITE", "sip:108@r", cnonce=""))
    for part in text.removeprefix("Digest ").split('", '):
        if not part.startswith(("qop", "algorithm")):
            assert part in given
    assert ('cnonce=""' in given) is ("qop" in text)
    assert str(Credentials.parse(given)) == given


def test_the_hash_is_made_of_what_stands_between_the_quotes() -> None:
    given = answer(Challenge.parse(r'Digest realm="a\"b", nonce=""'), r'1"0\6', "p", "INVITE", "sip:108@r")
    assert str(given).startswith(r'Digest username="1\"0\\6", realm="a\"b", nonce="", uri="sip:108@r", response="')
    assert given.proves(ha1(r"1\"0\\6", r"a\"b", "p"), "INVITE")


def test_credentials_may_be_empty_where_they_are_quoted() -> None:
    text = 'Digest username="", realm="", nonce="", uri="", response="", qop=auth, nc=00000001, cnonce=""'
    given = Credentials.parse(text)
    assert (given.username, given.cnonce, given.opaque) == ("", "", None)
    assert str(given) == text


@pytest.mark.parametrize(
    "text",
    [
        'DIGEST Realm="r",NONCE="n",Algorithm=md5,QOP="AUTH-INT,Auth",STALE=TRUE',
        'digest\trealm="r" , nonce = "n", algorithm=Md5, qop="auth", stale="true"',
    ],
)
def test_case_and_white_space_do_not_count_in_a_challenge(text: str) -> None:
    challenge = Challenge.parse(text)
    assert (challenge.realm, challenge.nonce, challenge.stale, challenge.known) == ("r", "n", True, True)
    given = Credentials.parse(str(answer(challenge, "106", "p", "INVITE", "sip:108@r", cnonce="c")))
    assert given.proves(ha1("106", "r", "p"), "INVITE")


@pytest.mark.parametrize(("qop", "covers_the_body"), [("AUTH", False), ("Auth-Int", True)])
def test_case_does_not_count_in_credentials_either(qop: str, covers_the_body: bool) -> None:
    key = ha1("Mufasa", RFC_7616.realm, CIRCLE)
    given = replace(RFC_7616, qop=qop, algorithm="md5")
    written = str(replace(given, response=response(given, key, "GET").upper()))
    shown = Credentials.parse(written.replace("Digest", "dIGEST").replace("username", "UserName"))
    assert shown.proves(key, "GET")
    assert shown.proves(key, "GET", b"a body") is not covers_the_body


def test_stale_is_what_says_true() -> None:
    assert not Challenge.parse('Digest realm="r", nonce="n", stale=false').stale
    assert not Challenge.parse('Digest realm="r", nonce="n"').stale
