"""All of it in one route: what `labsip serve` runs unless told otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labsip.modules.auth import NONCE_EXPIRED, NONCE_REUSED, QOP_AUTH, STALE, USER_MISMATCH
from labsip.modules.dialog import Way
from labsip.proxy.limits import SCANNER, STRAY_ACK, STRAY_CANCEL
from labsip.proxy.settings import MiB
from labsip.sip.timing import RFC
from labsip.steps.strangers import is_ours, keeps_to, may_cancel, realm_of, serves, way_of
from labsip.vocabulary import Ksr

SOUND = 0x0020 | 0x0040 | 0x0200 | 0x1000
"""What sanity_check looks at: CSeq, Proxy-Require (RFC 3261 §16.3 step 5), To's tags."""
RECORDED = "INVITE|UPDATE|SUBSCRIBE|NOTIFY|REFER"
"""Requests that begin a dialog or renew it, in whose path the proxy stays (RFC 3261 §16.6 step 4, RFC 6665 §4.3)."""
SCANNERS = re.compile("friendly|scanner|sipcli|sipvicious|VaxSIPUserAgent|pplsip", re.IGNORECASE)
"""Commands in the User-Agent of programs that look for open proxies; a stock kamailio.cfg has the same."""
URIS = 15
"""And which URIs: the Request-URI, From's, To's, the Contacts'."""
SUPPORTED = ("path",)
"""What a request for the proxy itself may require (RFC 3261 §8.2.2.3)."""
STRICT: Mapping[str, Any] = {
    "rfc": True,
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
        cancelled(ksr)
        return
    if ksr.t_check_trans():
        return
    way = way_of(ksr)  # before loose_route uses up the Route it reads
    ksr.loose_route()
    if ksr._dst_uri is None:
        ksr.handle_ruri_alias()  # a phone in a browser, in a dialog: to the connection it made
    if ksr.is_method(RECORDED):
        known_by_connection(ksr)
    ours = is_ours(ksr, str(ksr["$ru"]))
    to_user = ours and ksr._dst_uri is None  # no Route leads it elsewhere
    if way is not None and (to_user or way.leads_to(ksr._dst_uri or str(ksr["$ru"]))):
        ksr._goes_on = True
    elif may_begin(ksr, ours, to_user):
        way = None
    else:
        return
    if to_user and not found(ksr, way):
        return
    if ksr.is_method(RECORDED) and (ksr._goes_on or ksr._user or not ksr.has_totag()):
        ksr.record_route()  # who merely claims to be in a dialog would be remembered as one of its ends
    if to_user:
        ksr.t_load_contacts()  # who gave their phones different q wants them called one after the other
        call_next(ksr)
    if not sent_on(ksr) and ksr._tm is None:  # else tm answers for itself, and one answer is enough
        ksr.sl_reply_error()


def known_by_connection(ksr: Ksr) -> None:
    """Note in the Contact of a phone in a browser which connection it made: nobody could connect to it.

    Its Contact has a host that does not exist (RFC 7118 §5). It runs for requests, and as the onreply_route.
    """
    if not ksr._datagram.src.transport.dials:
        ksr.add_contact_alias()


def may_begin(ksr: Ksr, ours: bool, to_user: bool) -> bool:
    """Whether a request outside any dialog of ours goes on to somebody; all else is answered here."""
    if ksr.is_method("OPTIONS") and ours and not ksr["$rU"]:
        asked(ksr)
    elif not authorized(ksr):
        return False
    elif ksr.is_method("REGISTER"):
        registered(ksr, ours)
    elif not to_user and not serves(ksr):
        ksr.send_reply(403, "Forbidden")
    elif to_user and ksr.is_method("PUBLISH"):
        ksr.send_reply(404, "Not here")  # no presence server
    elif to_user and ksr.is_method("SUBSCRIBE") and event(ksr) == "message-summary":
        ksr.send_reply(404, "No voicemail service")
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
    ksr.t_drop_replies("n")  # the best answer of all who were called counts (§16.7 step 6)
    if not ksr.t_is_canceled() and not ksr.t_check_status("6[0-9][0-9]") and call_next(ksr):
        sent_on(ksr)


def found(ksr: Ksr, way: Way | None) -> bool:
    """Whether the user is somewhere, in a dialog at its other end; the request goes there next (§16.5)."""
    if not ksr["$rU"]:
        ksr.send_reply(484, "Address Incomplete")
    elif not ksr.lookup("location") or not (way is None or keeps_to(ksr, way)):
        ksr.send_reply(404, "Not Found")  # to a stranger once: tm would repeat it to an address nobody has proved
    else:
        return True
    return False


def cancelled(ksr: Ksr) -> None:
    """A CANCEL follows its INVITE; one for nothing we know goes where its INVITE would have gone (§16.10)."""
    ours = is_ours(ksr, str(ksr["$ru"])) and ksr["$rU"]
    known = ksr.t_check_trans() or (ours and may_cancel(ksr) and ksr.lookup("location"))
    if not known or not ksr.t_relay():
        ksr._proxy.drop(ksr._now, STRAY_CANCEL, "a CANCEL for nothing we know, and for nobody here, dropped")


def asked(ksr: Ksr) -> None:
    """OPTIONS to the proxy itself: it is there, and has these extensions (§11.2)."""
    if not requires_more(ksr):
        ksr._reply_headers.append(("Supported", ", ".join(SUPPORTED)))
        ksr.sl_reply(200, "Keepalive")


def requires_more(ksr: Ksr) -> bool:
    """Whether a request requires an extension the proxy does not have; it is answered so then (§8.2.2.3)."""
    unknown = [tag for tag in ksr._request.tokens("Require") if tag.lower() not in SUPPORTED]
    if unknown:
        ksr._reply_headers.append(("Unsupported", ", ".join(unknown)))
        ksr.send_reply(420, "Bad Extension")
    return bool(unknown)


def registered(ksr: Ksr, ours: bool) -> None:
    """Store where a phone is, for a user of ours (RFC 3261 §10.3 steps 1, 2 and 5)."""
    if not ours:
        ksr.sl_reply(403, "Forbidden")
    elif not is_ours(ksr, str(ksr["$tu"])) or not ksr["$tU"]:
        ksr.send_reply(404, "Not Found")
    elif requires_more(ksr):
        return
    else:
        if not ksr._datagram.src.transport.dials:
            ksr.fix_nated_register()  # a phone in a browser is reached by the connection it made (RFC 7118 §5)
        ksr.save("location")


def authorized(ksr: Ksr) -> bool:
    """Whether to go on: who begins something proves to be a user, if the proxy has users (`#!ifdef WITH_AUTH`).

    Nothing is stored for somebody who has not.
    """
    if not ksr._proxy.settings.users:
        if ksr.is_method("REGISTER"):
            ksr.t_newtran()  # its repeat gets the same answer; without room for that it is served all the same
        return True
    if ksr.is_method("ACK"):
        ksr._proxy.drop(ksr._now, STRAY_ACK, "an ACK of no dialog of ours, dropped")  # nobody can challenge it (§22.1)
        return False
    realm = realm_of(ksr)
    code = ksr.auth_check(realm, "subscriber", 1)
    if code:
        ksr.consume_credentials()
        ksr.t_newtran()  # a repeat gets the same answer, and does not use its nonce twice
    elif code == USER_MISMATCH:
        ksr.send_reply(403, "Forbidden auth ID")
    else:
        ksr.auth_challenge(realm, QOP_AUTH | STALE if code in (NONCE_EXPIRED, NONCE_REUSED) else QOP_AUTH)
    return bool(code)


def is_scanner(ksr: Ksr) -> bool:
    """Whether a request is of a program that looks for open proxies; it is dropped without a word."""
    name = ksr._request.get("User-Agent")
    if name is None or not SCANNERS.search(name):
        return False
    ksr._proxy.drop(ksr._now, SCANNER, f"{ksr._request.method} of a scanner, {name[:40]}, dropped")
    return True


def event(ksr: Ksr) -> str:
    """The event package of a SUBSCRIBE (RFC 6665 §8.2.1)."""
    return str(ksr["$hdr(Event)"] or "").partition(";")[0].strip().lower()
