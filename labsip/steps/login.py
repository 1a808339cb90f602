"""Blocks, and passwords: who registers or calls proves to be who they say they are."""

from __future__ import annotations

from labsip.modules.auth import USER_MISMATCH
from labsip.proxy.script import Routes
from labsip.steps.blocks import BLOCKS, missed, serve_users
from labsip.vocabulary import Ksr

USERS = {"106": "secret106", "108": "secret108"}
"""Passwords of the lesson's phones."""


def request_route(ksr: Ksr) -> None:
    """The order of things: AUTH is new."""
    ksr.route("REQINIT")
    ksr.route("CANCEL")
    ksr.route("RETRANS")
    ksr.route("WITHINDLG")
    ksr.route("AUTH")
    ksr.remove_hf("Route")
    if ksr.is_method("INVITE|SUBSCRIBE"):
        ksr.record_route()
    ksr.route("REGISTRAR")
    serve_users(ksr)


def auth(ksr: Ksr) -> None:
    """Who are you? The realm is the domain the sender claims to belong to."""
    if not ksr.is_method("REGISTER|INVITE|MESSAGE"):
        return
    realm = str(ksr["$fd"])
    code = ksr.auth_check(realm, "subscriber", 1)
    if code == USER_MISMATCH:  # right password, but used for somebody else's address
        ksr.sl_reply(403, "Forbidden auth ID")
        ksr.exit()
    if not code:
        ksr.auth_challenge(realm, 0)
        ksr.exit()
    if not ksr.is_method("REGISTER"):
        ksr.consume_credentials()  # the callee need not see the digest


def with_auth() -> Routes:
    """The blocks of `blocks`, and AUTH."""
    return Routes(request_route, {**BLOCKS, "AUTH": auth}, failure_routes={"MISSED": missed}, settings={"users": USERS})
