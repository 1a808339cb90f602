"""Blocks that know who sends: a user by password (step auth), a carrier by its address (step carrier)."""

from __future__ import annotations

import re

from labsip.modules.auth import USER_MISMATCH
from labsip.proxy.script import Routes
from labsip.steps.blocks import BLOCKS, missed, serve_users
from labsip.vocabulary import Ksr

USERS = {"106": "secret106", "108": "secret108"}
"""Passwords of the lesson's phones."""


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

    return Routes(request_route, {**BLOCKS, "AUTH": auth}, failure_routes={"MISSED": missed}, settings={"users": USERS})


OUTSIDE = re.compile(r"(0|\+)[0-9]+")
"""Numbers that are not ours."""


def with_carrier(host: str = "127.0.10.200", port: int = 5060) -> Routes:
    """The blocks of step auth, and a carrier at that address."""

    def request_route(ksr: Ksr) -> None:
        """The order of things: PSTN is new."""
        ksr.route("REQINIT")
        ksr.route("CANCEL")
        ksr.route("RETRANS")
        ksr.route("WITHINDLG")
        ksr.route("AUTH")
        ksr.remove_hf("Route")
        if ksr.is_method("INVITE|SUBSCRIBE"):
            ksr.record_route()
        ksr.route("REGISTRAR")
        ksr.route("PSTN")
        serve_users(ksr)

    def authenticate(ksr: Ksr) -> None:
        """The trunk is known by its address, everybody else by password."""
        if ksr["$si"] != host:
            auth(ksr)

    def pstn(ksr: Ksr) -> None:
        """Numbers that start with 0 or + go out to the carrier."""
        if not OUTSIDE.fullmatch(str(ksr["$rU"] or "")):
            return
        if ksr["$si"] == host:  # never send the carrier's own calls back out: that would be a loop
            ksr.sl_reply(404, "User not Registered")
            ksr.exit()
        ksr["$rd"] = host
        ksr["$rp"] = port
        ksr.route("RELAY")

    blocks = {**BLOCKS, "AUTH": authenticate, "PSTN": pstn}
    return Routes(request_route, blocks, failure_routes={"MISSED": missed}, settings={"users": USERS})
