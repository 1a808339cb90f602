"""Passwords, and a line to the telephone network: a carrier, known by its address alone."""

from __future__ import annotations

import re

from labsip.proxy.script import Routes
from labsip.steps.blocks import BLOCKS, missed, serve_users
from labsip.steps.login import USERS, auth
from labsip.vocabulary import Ksr

OUTSIDE = re.compile(r"(0|\+)[0-9]+")
"""Numbers that are not ours."""


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


def with_carrier(host: str = "127.0.10.200", port: int = 5060) -> Routes:
    """The blocks of `auth`, and a carrier at that address."""

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
