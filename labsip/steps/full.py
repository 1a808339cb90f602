"""All of it in one route: what `labsip serve` runs unless told otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labsip.proxy.policy import RFC as EVERY_RFC
from labsip.proxy.settings import MiB
from labsip.sip.timing import RFC
from labsip.steps.trust import OVER_WEBSOCKET, PASSWORDS, may_begin, may_cancel
from labsip.vocabulary import Ksr

SOUND = 0x0020 | 0x0040 | 0x0200 | 0x1000
"""What sanity_check looks at: CSeq, Proxy-Require (RFC 3261 §16.3 step 5), To's tags."""
RECORDED = "INVITE|UPDATE|SUBSCRIBE|NOTIFY|REFER"
"""Requests that begin a dialog or renew it, in whose path the proxy stays (RFC 3261 §16.6 step 4, RFC 6665 §4.3)."""
SCANNERS = re.compile("friendly|scanner|sipcli|sipvicious|VaxSIPUserAgent|pplsip", re.IGNORECASE)
"""Names in the User-Agent of programs that look for open proxies; a stock kamailio.cfg has the same."""
URIS = 15
"""And which URIs: the Request-URI, From's, To's, the Contacts'."""
STRICT: Mapping[str, Any] = {
    "policy": EVERY_RFC,
    "fr_timer": 64 * RFC.T1,
    "fr_inv_timer": 185.0,  # RFC 3261 §16.6 step 11: more than three minutes
    "detect_loops": True,
    "udp_mtu": 1300,
    "udp_mtu_try_proto": "tcp",
    "reject_brief": True,
    "use_path": True,
    "max_message": 65_535,
    "max_headers": 256,
    "max_line": 8_192,
    "max_pending": 2_000,
    "max_unanswered": 16,
    "shares": True,
    "max_expires": 86_400,
    "max_contacts": 20,
    "max_registered": 100_000,
    "max_listed": 2,
    "shm_bytes": 512 * MiB,
}
"""Settings that go with it."""


def full(ksr: Ksr) -> None:
    """The best route there is: a stock kamailio.cfg's checks, messages to users, passwords where users have them."""
    ksr.force_rport()
    if is_scanner(ksr) or not ksr.sanity_check(SOUND, URIS):
        return
    if not ksr.mf_process_maxfwd_header(70):
        ksr.sl_reply(483, "Too Many Hops")
        return
    if ksr.is_method("CANCEL"):
        cancel(ksr)
        return
    if ksr.t_check_trans():
        return
    ksr.loose_route()
    if ksr["$du"] is None:
        ksr.handle_ruri_alias()  # a phone in a browser, in a dialog: to the connection it made
    if ksr.is_method(RECORDED):
        known_by_connection(ksr)
    ours = bool(ksr.is_myself(str(ksr["$ru"])))
    to_user = ours and ksr["$du"] is None  # no Route leads it elsewhere
    known = bool(ksr.is_known_dlg()) and (to_user or bool(ksr.dlg_keep_ends()))
    if not known and not may_begin(ksr, ours, to_user):
        return
    if to_user and not found(ksr, known):
        return
    # someone who merely claims to be in a dialog would be remembered as one of its ends
    if ksr.is_method(RECORDED) and (known or ksr[PASSWORDS] or not ksr.has_totag()):
        ksr.record_route()
    if to_user:
        ksr.t_load_contacts()  # whoever gave their phones different q wants them called one after the other
        call_next(ksr)
    if not sent_on(ksr) and ksr["$T(id_index)"] is None:  # else tm answers for itself, and one answer is enough
        ksr.sl_reply_error()


def known_by_connection(ksr: Ksr) -> None:
    """Note in the Contact of a phone in a browser which connection it made: nobody could connect to it.

    Its Contact has a host that does not exist (RFC 7118 §5). It runs for requests, and as the onreply_route.
    """
    if ksr.nat_uac_test(OVER_WEBSOCKET):
        ksr.add_contact_alias()


def found(ksr: Ksr, known: bool) -> bool:
    """Whether the user is somewhere, in a dialog at its other end; the request goes there next (RFC 3261 §16.5)."""
    if not ksr["$rU"]:
        ksr.send_reply(484, "Address Incomplete")
    elif not ksr.lookup("location") or (known and not ksr.dlg_keep_ends()):
        ksr.send_reply(404, "Not Found")  # to a stranger once: tm would repeat it to an address nobody has proved
    else:
        return True
    return False


def call_next(ksr: Ksr) -> bool:
    """Whether there are other contacts to call; `missed` goes on from there if they don't answer either."""
    if not ksr.t_next_contacts():
        return False
    ksr.t_on_failure("MISSED")
    return True


def sent_on(ksr: Ksr) -> bool:
    """Whether the request is on its way: where the contacts at hand lead nowhere, to those of the next lower q."""
    while not ksr.t_relay():
        if not call_next(ksr):
            return False
    return True


def missed(ksr: Ksr) -> None:
    """Nobody of these took the call: the contacts of the next lower q, unless somebody said no for all (6xx)."""
    ksr.t_drop_replies("n")  # the best answer of all who were called counts (RFC 3261 §16.7 step 6)
    if not ksr.t_is_canceled() and not ksr.t_check_status("6[0-9][0-9]") and call_next(ksr):
        sent_on(ksr)


def cancel(ksr: Ksr) -> None:
    """A CANCEL follows its INVITE; one for nothing we know goes where its INVITE would have gone (RFC 3261 §16.10)."""
    ours = ksr.is_myself(str(ksr["$ru"])) and ksr["$rU"]
    known = ksr.t_check_trans() or (ours and may_cancel(ksr) and ksr.lookup("location"))
    if not known or not ksr.t_relay():
        ksr.update_stat("stray CANCEL", "+1")
        ksr.xlog("L_NOTICE", "a CANCEL for nothing we know, and for nobody here, dropped")


def is_scanner(ksr: Ksr) -> bool:
    """Whether a request is of a program that looks for open proxies; it is dropped without a word."""
    if not SCANNERS.search(str(ksr["$ua"] or "")):
        return False
    ksr.update_stat("scanner", "+1")
    ksr.xlog("L_NOTICE", "$rm of a scanner, $(ua{s.substr,0,40}), dropped")
    return True
