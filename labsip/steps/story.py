"""Lessons 01 to 05: from nobody is there to a call that can be cancelled, in one block."""

from __future__ import annotations

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
    """Lesson 04: 404 for a user who is not there."""
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
