"""The lessons' routes, in the order they are built up: what `labsip serve --step` runs and the notebooks show.

Each does what the kamailio.cfg beside it in the lesson does.
"""

from __future__ import annotations

from labsip.proxy.route import Routes
from labsip.vocabulary import Ksr


def stub480(ksr: Ksr) -> None:
    """Lesson 01: nobody is ever there."""
    if ksr.is_method("INVITE"):
        ksr.sl_reply(480, "Temporarily Unavailable")
        return
    ksr.sl_reply(501, "Not Implemented")


def register(ksr: Ksr) -> None:
    """Lesson 02: phones say where they are."""
    if ksr.is_method("REGISTER"):
        ksr.save("location")
        return
    if ksr.is_method("INVITE"):
        ksr.sl_reply(480, "Temporarily Unavailable")
        return
    ksr.sl_reply(501, "Not Implemented")


def first_call(ksr: Ksr) -> None:
    """Lesson 03: the first call; whether lookup found anybody is not looked at."""
    if ksr.is_method("REGISTER"):
        ksr.save("location")
        return
    if ksr.is_method("INVITE"):
        ksr.lookup("location")
        ksr.t_relay()
        return
    ksr.sl_reply(501, "Not Implemented")


def first_call_no_exit(ksr: Ksr) -> None:
    """Lesson 03, with every `return` left out: what they are for."""
    if ksr.is_method("REGISTER"):
        ksr.save("location")
    if ksr.is_method("INVITE"):
        ksr.lookup("location")
        ksr.t_relay()
    ksr.sl_reply(501, "Not Implemented")


def not_registered(ksr: Ksr) -> None:
    """Lesson 04: 404 for who is not there."""
    if ksr.is_method("REGISTER"):
        ksr.save("location")
        return
    if ksr.is_method("INVITE"):
        if not ksr.lookup("location"):
            ksr.sl_reply(404, "User not Registered")
            return
        ksr.t_relay()
        return
    ksr.sl_reply(501, "Not Implemented")


def cancel(ksr: Ksr) -> None:
    """Lesson 05: CANCEL, ACK and all that happens inside a call."""
    if ksr.is_method("CANCEL"):
        if ksr.t_check_trans():
            ksr.t_relay()
        return
    if ksr.has_totag():
        if ksr.loose_route():
            ksr.t_relay()
            return
        if ksr.is_method("ACK"):
            if ksr.t_check_trans():
                ksr.t_relay()
            return
        ksr.sl_reply(404, "Not here")
        return
    if ksr.is_method("REGISTER"):
        ksr.save("location")
        return
    if ksr.is_method("INVITE"):
        ksr.record_route()
        if not ksr.lookup("location"):
            ksr.sl_reply(404, "User not Registered")
            return
        ksr.t_relay()
        return
    ksr.sl_reply(501, "Not Implemented")


def full(ksr: Ksr) -> None:
    """The best route so far: lesson 05 with the checks of a stock kamailio.cfg, and messages to users."""
    if not ksr.mf_process_maxfwd_header(10):
        ksr.sl_reply(483, "Too Many Hops")
        return
    if ksr.is_method("OPTIONS") and not ksr["$rU"]:
        ksr.sl_reply(200, "Keepalive")
        return
    if not ksr.sanity_check(17895, 7):
        return
    ksr.force_rport()
    if ksr.is_method("CANCEL"):
        if ksr.t_check_trans():
            ksr.t_relay()
        return
    if not ksr.is_method("ACK") and ksr.t_check_trans():
        return
    if ksr.has_totag():
        within_dialog(ksr)
        return
    ksr.remove_hf("Route")
    if ksr.is_method("REGISTER"):
        ksr.save("location")
        return
    if not ksr["$rU"]:
        ksr.sl_reply(484, "Address Incomplete")
        return
    if ksr.is_method("INVITE|SUBSCRIBE|REFER"):
        ksr.record_route()
    if not ksr.lookup("location"):
        ksr.t_newtran()
        ksr.t_reply(404, "Not Found")
        return
    ksr.t_relay()


def within_dialog(ksr: Ksr) -> None:
    """Requests inside a dialog follow its route set; an ACK that fits nothing is dropped."""
    if ksr.loose_route():
        ksr.t_relay()
    elif ksr.is_method("ACK"):
        if ksr.t_check_trans():
            ksr.t_relay()
    else:
        ksr.sl_reply(404, "Not here")


STEPS = {
    "stub480": Routes(stub480),
    "register": Routes(register),
    "first-call": Routes(first_call),
    "first-call-no-exit": Routes(first_call_no_exit),
    "not-registered": Routes(not_registered),
    "cancel": Routes(cancel),
    "full": Routes(full),
}
"""Route files by the name `labsip serve --step` takes."""
