"""A solution of each exercise, and the stub its lesson begins with: `SOLUTIONS["04.1"]`, `STUBS["04"]`."""

from __future__ import annotations

from labsip import STEPS
from labsip.vocabulary import Ksr


def busy(ksr: Ksr) -> None:
    if ksr.is_method("INVITE"):
        ksr.sl_reply(486, "Busy Here")


def keepalive(ksr: Ksr) -> None:
    if ksr.is_method("OPTIONS"):
        ksr.sl_reply(200, "Keepalive")
        return
    STEPS["stub480"].request_route(ksr)


def nobody_calls_999(ksr: Ksr) -> None:
    if ksr.is_method("INVITE") and ksr["$rU"] == "999":
        ksr.sl_reply(603, "Decline")
        return
    STEPS["stub480"].request_route(ksr)


def no_999(ksr: Ksr) -> None:
    if ksr.is_method("REGISTER") and ksr["$tU"] == "999":
        ksr.sl_reply(403, "Forbidden")
        return
    STEPS["register"].request_route(ksr)


def is_anybody_there(ksr: Ksr) -> None:
    if ksr.is_method("INVITE") and not ksr.registered("location"):
        ksr.sl_reply(404, "Not Found")
        return
    STEPS["register"].request_route(ksr)


def short_number(ksr: Ksr) -> None:
    if ksr.is_method("INVITE") and ksr["$rU"] == "1":
        ksr["$rU"] = "108"
    STEPS["first-call"].request_route(ksr)


def hops(ksr: Ksr) -> None:
    if not ksr.mf_process_maxfwd_header(10):
        ksr.sl_reply(483, "Too Many Hops")
        return
    STEPS["first-call"].request_route(ksr)


def messages_too(ksr: Ksr) -> None:
    if ksr.is_method("REGISTER"):
        ksr.save("location")
        return
    if ksr.is_method("INVITE|MESSAGE"):
        if not ksr.lookup("location"):
            ksr.sl_reply(404, "User not Registered")
            return
        ksr.t_relay()
        return
    ksr.sl_reply(501, "Not Implemented")


def the_operator(ksr: Ksr) -> None:
    if ksr.is_method("INVITE") and not ksr.registered("location"):
        ksr["$rU"] = "108"
    STEPS["not-registered"].request_route(ksr)


def stray_cancel(ksr: Ksr) -> None:
    if ksr.is_method("CANCEL") and not ksr.t_check_trans():
        ksr.sl_reply(481, "Call/Transaction Does Not Exist")
        return
    STEPS["cancel"].request_route(ksr)


def ten_seconds(ksr: Ksr) -> None:
    if ksr.is_method("INVITE") and not ksr.has_totag():
        ksr.t_set_fr(10000)
    STEPS["cancel"].request_route(ksr)


def five_seconds_of_silence(ksr: Ksr) -> None:
    if ksr.is_method("INVITE") and not ksr.has_totag():
        ksr.t_set_fr(0, 5000)
    STEPS["cancel"].request_route(ksr)


SOLUTIONS = {
    "00.1": busy,
    "01.1": keepalive,
    "01.2": nobody_calls_999,
    "02.1": no_999,
    "02.2": is_anybody_there,
    "03.1": short_number,
    "03.2": hops,
    "04.1": messages_too,
    "04.2": the_operator,
    "05.1": stray_cancel,
    "05.2": ten_seconds,
    "07.1": five_seconds_of_silence,
}
STUBS = {
    "00": "stub480",
    "01": "stub480",
    "02": "register",
    "03": "first-call",
    "04": "not-registered",
    "05": "cancel",
    "07": "cancel",
}
"""The step each lesson's exercises begin with."""
