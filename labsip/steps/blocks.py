"""Lesson 05's proxy cut into blocks, which have the names they have in Kamailio's stock configuration."""

from __future__ import annotations

from collections.abc import Mapping

from labsip.proxy.script import Route, Routes
from labsip.vocabulary import Ksr


def request_route(ksr: Ksr) -> None:
    """The order of things."""
    ksr.route("REQINIT")
    ksr.route("CANCEL")
    ksr.route("RETRANS")
    ksr.route("WITHINDLG")
    # from here on: requests that start something new
    ksr.remove_hf("Route")
    if ksr.is_method("INVITE|SUBSCRIBE"):
        ksr.record_route()
    ksr.route("REGISTRAR")
    serve_users(ksr)


def serve_users(ksr: Ksr) -> None:
    """What is for a user goes to where the user is."""
    if not ksr.is_method("INVITE|MESSAGE|OPTIONS"):
        ksr.sl_reply(501, "Not Implemented")
        ksr.exit()
    if not ksr["$rU"]:
        ksr.sl_reply(484, "Address Incomplete")
        ksr.exit()
    ksr.route("LOCATION")


def reqinit(ksr: Ksr) -> None:
    """Checks every request has to pass."""
    ksr.force_rport()
    if not ksr.mf_process_maxfwd_header(10):
        ksr.sl_reply(483, "Too Many Hops")
        ksr.exit()
    if ksr.is_method("OPTIONS") and ksr.is_myself(str(ksr["$ru"])) and not ksr["$rU"]:
        ksr.sl_reply(200, "Keepalive")
        ksr.exit()
    if not ksr.sanity_check(17895, 7):
        ksr.exit()


def cancel(ksr: Ksr) -> None:
    """A caller gives up: only if the INVITE it names is still in progress."""
    if not ksr.is_method("CANCEL"):
        return
    if ksr.t_check_trans():
        ksr.route("RELAY")
    ksr.exit()


def retrans(ksr: Ksr) -> None:
    """The same request once more: tm repeats its last answer, and the script ends there."""
    if ksr.is_method("ACK"):
        return
    if ksr.t_precheck_trans():
        ksr.t_check_trans()
        ksr.exit()
    ksr.t_check_trans()


def withindlg(ksr: Ksr) -> None:
    """Requests of a dialog: its route set decides, not lookup."""
    if not ksr.has_totag():
        return
    if ksr.loose_route():
        ksr.route("RELAY")
    if ksr.is_method("ACK"):
        if ksr.t_check_trans():
            ksr.route("RELAY")
        ksr.exit()
    ksr.sl_reply(404, "Not here")
    ksr.exit()


def registrar(ksr: Ksr) -> None:
    """Phones say where they are."""
    if not ksr.is_method("REGISTER"):
        return
    if not ksr.save("location"):
        ksr.sl_reply_error()
    ksr.exit()


def location(ksr: Ksr) -> None:
    """Find the callee."""
    if not ksr.lookup("location"):
        ksr.sl_reply(404, "User not Registered")
        ksr.exit()
    if ksr.is_method("INVITE"):
        ksr.t_on_failure("MISSED")
    ksr.route("RELAY")


def relay(ksr: Ksr) -> None:
    """The one place where requests leave."""
    if not ksr.t_relay():
        ksr.sl_reply_error()
    ksr.exit()


def missed(ksr: Ksr) -> None:
    """No phone took the call: the best of their answers goes to the caller."""
    if ksr.t_is_canceled():
        ksr.exit()


def voicemail(at: str) -> Route:
    """A callee who is busy or does not answer has a voicemail there (`host:port`); a caller who gave up hears none."""

    def missed(ksr: Ksr) -> None:
        if ksr.t_is_canceled():
            ksr.exit()
        if ksr.t_check_status("486|408"):
            ksr["$ru"] = f"sip:{ksr['$tU']}@{at}"
            ksr.t_relay()

    return missed


BLOCKS: Mapping[str, Route] = {
    "REQINIT": reqinit,
    "CANCEL": cancel,
    "RETRANS": retrans,
    "WITHINDLG": withindlg,
    "REGISTRAR": registrar,
    "LOCATION": location,
    "RELAY": relay,
}


def blocks(missed: Route = missed) -> Routes:
    """The blocks; `missed` runs when no phone took a call."""
    return Routes(request_route, dict(BLOCKS), failure_routes={"MISSED": missed})
