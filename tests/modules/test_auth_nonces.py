"""Nonces: whose they are, how long they hold, how often they may be used (RFC 7616 §3.3, §3.4)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace

import pytest

from labsip.modules import auth
from labsip.modules.auth import Auth
from labsip.sip.digest import ha1, response
from tests.modules.asking import bench, challenge, code, given


def test_a_nonce_holds_as_long_as_the_setting_says() -> None:
    made, end = bench(nonce_expire=10.0)
    asked = challenge(end)
    made.now = 10.0
    assert code(end, given(asked)) == auth.OK
    made.now = 10.5
    assert code(end, given(asked, nc=2)) == auth.NONCE_EXPIRED


def test_an_old_nonce_is_told_before_the_password_is_looked_at_as_in_kamailio() -> None:
    made, end = bench(nonce_expire=10.0)
    asked = challenge(end)
    made.now = 11.0
    assert code(end, given(asked, password="guess")) == auth.NONCE_EXPIRED


def flipped(nonce: str, place: int) -> str:
    raw = bytearray(b64decode(nonce))
    raw[place] ^= 1
    return b64encode(raw).decode()


@pytest.mark.parametrize("place", [0, 7, 11, 12, -1])
def test_a_nonce_with_one_bit_changed_is_not_ours(place: int) -> None:
    _, end = bench()
    asked = challenge(end)
    assert code(end, given(replace(asked, nonce=flipped(asked.nonce, place)))) == auth.NONCE_EXPIRED


@pytest.mark.parametrize("nonce", ["x", "n" * 40, "%%%%", b64encode(bytes(28)).decode(), b64encode(bytes(5)).decode()])
def test_a_nonce_somebody_made_up_is_not_ours(nonce: str) -> None:
    _, end = bench()
    assert code(end, given(replace(challenge(end), nonce=nonce))) == auth.NONCE_EXPIRED


def test_a_nonce_of_before_the_restart_is_not_ours() -> None:
    made, end = bench()
    asked = challenge(end)
    made.proxy.restart(0.0)
    assert code(end, given(asked)) == auth.NONCE_EXPIRED


def test_the_same_credentials_twice_are_a_replay() -> None:
    _, end = bench()
    asked = challenge(end)
    codes = [code(end, given(asked, nc=nc)) for nc in (1, 1, 2, 1, 5, 4, 6)]
    used = auth.NONCE_REUSED
    assert codes == [1, used, 1, used, 1, used, 1]


def test_who_does_not_know_the_password_cannot_use_up_a_nonce() -> None:
    _, end = bench()
    asked = challenge(end)
    assert code(end, given(asked, password="guess", nc=9)) == auth.INVALID_PASSWORD
    assert code(end, given(asked)) == auth.OK


def test_without_qop_a_nonce_may_be_used_again_as_there_is_no_count() -> None:
    _, end = bench()
    asked = replace(challenge(end), qop="")
    assert [code(end, given(asked)) for _ in range(2)] == [1, 1]


@pytest.mark.parametrize("nc", ["zz", "-0000001", "00000000"])
def test_a_count_that_is_none_is_refused(nc: str) -> None:
    _, end = bench()
    asked = challenge(end)
    empty = replace(given(asked), nc=nc, response="")
    forged = replace(empty, response=response(empty, ha1("106", "lab", "secret106"), "MESSAGE"))
    assert code(end, forged) in (auth.ERROR, auth.NONCE_REUSED)


def test_only_so_many_nonces_are_counted_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "KEPT", 3)
    made, end = bench()
    for _ in range(10):
        assert code(end, given(challenge(end))) == auth.OK
    assert len(made.proxy.module(Auth)._used) == 3
