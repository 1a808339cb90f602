"""Whom `full` serves: its own domains, its own users, and dialogs that began through it. Nobody else."""

from __future__ import annotations

from labsip.vocabulary import Ksr

PASSWORDS = "$sel(cfg_get.auth.users)"
"""How many users have a password: the `#!ifdef WITH_AUTH` of a stock kamailio.cfg."""


def may_begin(ksr: Ksr, ours: bool, to_user: bool) -> bool:
    """Whether a request outside any dialog of ours goes on to somebody; all else is answered here."""
    if ksr.is_method("OPTIONS") and ours and not ksr["$rU"]:
        answer_options(ksr)
    elif not authorized(ksr):
        return False
    elif ksr.is_method("REGISTER"):
        register(ksr, ours)
    elif not to_user and not serves_sender(ksr):
        ksr.send_reply(403, "Forbidden")
    elif to_user and ksr.is_method("PUBLISH"):
        ksr.send_reply(404, "Not here")  # no presence server
    elif to_user and ksr.is_method("SUBSCRIBE") and event(ksr) == "message-summary":
        ksr.send_reply(404, "No voicemail service")
    else:
        return True
    return False


def authorized(ksr: Ksr) -> bool:
    """Whether to go on: whoever begins something proves to be a user, if the proxy has users with passwords.

    Nothing is stored for anybody else.
    """
    if not ksr[PASSWORDS]:
        if ksr.is_method("REGISTER"):
            ksr.t_newtran()  # its repeat gets the same answer; without room for that it is served all the same
        return True
    if ksr.is_method("ACK"):
        ksr.update_stat("stray ACK", "+1")  # nobody can challenge it (RFC 3261 §22.1)
        ksr.xlog("L_NOTICE", "an ACK of no dialog of ours, dropped")
        return False
    code = ksr.auth_check("", "subscriber", 1)
    if code:
        ksr.consume_credentials()
        ksr.t_newtran()  # a repeat gets the same answer, and does not use its nonce twice
    elif code == USER_MISMATCH:
        ksr.send_reply(403, "Forbidden auth ID")
    else:
        ksr.auth_challenge("", QOP_AUTH | STALE if code in (NONCE_EXPIRED, NONCE_REUSED) else QOP_AUTH)
    return bool(code)


NONCE_EXPIRED, NONCE_REUSED, USER_MISMATCH = -4, -6, -8
"""Codes of auth_check."""
QOP_AUTH, STALE = 1, 16
"""Flags of auth_challenge."""


def serves_sender(ksr: Ksr) -> bool:
    """Whether a request to somewhere else is sent on: for one of our users (RFC 3261 §16.3 step 6).

    Where users have passwords, the sender has shown one by now.
    """
    return bool(ksr[PASSWORDS]) or bool(ksr.registered_at("location", str(ksr["$fu"]), str(ksr["$si"])))


def may_cancel(ksr: Ksr) -> bool:
    """Whether a CANCEL for no INVITE we know is passed on to the user it is for (RFC 3261 §16.10).

    Where users have passwords, only from one who registered at that address: a CANCEL can't be challenged (§22.1), and
    by the answer of a phone anybody could tell who is registered.
    """
    return not ksr[PASSWORDS] or bool(ksr.registered_at("location", str(ksr["$fu"]), str(ksr["$si"])))


def answer_options(ksr: Ksr) -> None:
    """OPTIONS to the proxy itself: it is there, and has these extensions (RFC 3261 §11.2)."""
    if not requires_more(ksr):
        ksr.append_to_reply(f"Supported: {', '.join(SUPPORTED)}\r\n")
        ksr.sl_reply(200, "Keepalive")


SUPPORTED = ("path",)
"""What a request for the proxy itself may require (RFC 3261 §8.2.2.3)."""


def requires_more(ksr: Ksr) -> bool:
    """Whether a request requires an extension the proxy does not have; it is answered so then (RFC 3261 §8.2.2.3)."""
    tags = [tag.strip() for tag in str(ksr["$(hdr(Require)[*])"] or "").split(",")]
    unknown = [tag for tag in tags if tag and tag.lower() not in SUPPORTED]
    if unknown:
        ksr.append_to_reply(f"Unsupported: {', '.join(unknown)}\r\n")
        ksr.send_reply(420, "Bad Extension")
    return bool(unknown)


def register(ksr: Ksr, ours: bool) -> None:
    """Store where a phone is, for a user of ours (RFC 3261 §10.3 steps 1, 2 and 5)."""
    if not ours:
        ksr.sl_reply(403, "Forbidden")
    elif not ksr.is_myself(str(ksr["$tu"])) or not ksr["$tU"]:
        ksr.send_reply(404, "Not Found")
    elif not requires_more(ksr):
        if ksr.nat_uac_test(OVER_WEBSOCKET):
            ksr.fix_nated_register()  # a phone in a browser is reached by the connection it made (RFC 7118 §5)
        ksr.save("location")


OVER_WEBSOCKET = 64
"""Flag of nat_uac_test: the message came over a connection that only its sender can make."""


def event(ksr: Ksr) -> str:
    """The event package of a SUBSCRIBE (RFC 6665 §8.2.1)."""
    return str(ksr["$hdr(Event)"] or "").partition(";")[0].strip().lower()
