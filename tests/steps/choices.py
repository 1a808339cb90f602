"""Where the lessons' steps follow Kamailio and `full` the RFC; `python -m tests.steps.choices` prints it.

Each choice names the test of `test_rfc` that shows both.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "rfc-differences.md"


class Choice(NamedTuple):
    """One of them."""

    rfc: str
    what: str
    lessons: str
    full: str
    test: str


# fmt: off
CHOICES = (
    Choice("3261 §17.1.1.2", "an INVITE nobody answers is repeated", "after 0.5, 1.5, 3.5, 7.5 s, then every 4 s", "doubling without end: 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s", "timer_a"),  # noqa: E501
    Choice("3261 §17.2.1", "a negative final response that is never acknowledged", "repeated for 5 s", "repeated for 32 s (Timer H)", "timer_h"),  # noqa: E501
    Choice("3261 §16.8", "a callee who rings too long (Timer C)", "the caller gets 408, then the callee CANCEL", "the callee gets CANCEL; the caller gets the answer to that, or 408 after 32 s of silence", "timer_c"),  # noqa: E501
    Choice("3261 §10.3 step 7", "a REGISTER with the CSeq of the previous one, in another transaction", "taken", "400", "equal_cseq"),  # noqa: E501
    Choice("3261 §10.3 step 7", "a registration shorter than min_expires", "made longer", "423 with Min-Expires", "brief"),  # noqa: E501
    Choice("3261 §20.19, §10.2.1.1", "an Expires, in header or Contact, that is too large", "3600 from 2**31 on; `sanity_check` answers 400 to a header beyond 2**32-1", "the longest there is, a day (`max_expires`)", "long"),  # noqa: E501
    Choice("3261 §10.2.1.1", "an Expires header that is no number, in steps that run `sanity_check`", "400", "3600, as in a Contact", "no_expires"),  # noqa: E501
    Choice("3261 §10.3 step 7, §19.1.4", "two contacts that differ only in spelling", "two contacts", "one, as it was spelled last", "spelling"),  # noqa: E501
    Choice("3261 §10.3 step 6", "`Contact: *` with a CSeq that is not above that of the contacts", "removes them", "400", "star_cseq"),  # noqa: E501
    Choice("3261 §10.3 step 2", "a REGISTER that requires an extension we don't have", "taken", "420 with Unsupported", "require"),  # noqa: E501
    Choice("3261 §8.2.2.3", "OPTIONS for the proxy that requires an extension we don't have", "200", "420 with Unsupported; a 200 lists our extensions in Supported", "options"),  # noqa: E501
    Choice("3261 §8.2.6.1", "an INVITE with a Timestamp", "its 100 has none", "its 100 has it", "timestamp"),
    Choice("3261 §10.3 step 5", "a REGISTER for nobody: no user in its To", "stored under an empty name", "404", "nobody"),  # noqa: E501
    Choice("3261 §10.3 step 5", "a REGISTER for a user of another domain", "stored under its user part", "404", "foreign_aor"),  # noqa: E501
    Choice("3261 §16.10", "a CANCEL for an unknown INVITE", "dropped", "forwarded statelessly to the user's phone, its answer passed back; if users have passwords, only for a user registered at the sender's address", "stray_cancel"),  # noqa: E501
    Choice("6026 §7.3", "a response nobody waits for", "forwarded by its next Via", "dropped, unless it answers a request forwarded statelessly", "stray_response"),  # noqa: E501
    Choice("3261 §16.7 step 3", "a response that fits a call but has only our Via", "passed on without any Via", "dropped; the caller gets a later response, or 408", "last_via"),  # noqa: E501
    Choice("3261 §16.3 step 4, 5393", "a request that comes back unchanged", "forwarded again, until Max-Forwards or memory end it", "482 (`detect_loops`)", "loop"),  # noqa: E501
    Choice("5393 §5.3.3", "how many branches a request may fork into on its whole way", "not limited", "Max-Breadth: 60 for a request without one, shared among the open branches; 440 if that is not enough for all", "breadth"),  # noqa: E501
    Choice("3261 §17.2", "a request that can't be sent on, in steps that run `sl_reply_error`", "answered twice, by sl and by tm", "answered once", "once"),  # noqa: E501
    Choice("3261 §26.2.2", "a request for a `sips` URI whose user has no phone on TLS", "goes to the user's phones without TLS", "404", "sips"),  # noqa: E501
    Choice("3261 §18.1.1", "a request of more than 1300 bytes, for a phone on UDP", "by UDP (`udp_mtu` is off, as in Kamailio)", "over TCP if the proxy listens on TCP, with TCP in Via; by UDP after all if the connection is refused", "large"),  # noqa: E501
    Choice("3261 §16.3 step 5", "Proxy-Require with an unknown extension", "not looked at", "420 with Unsupported", "proxy_require"),  # noqa: E501
    Choice("3261 §16.3 step 1", "an unreadable first line, another version", "dropped", "400, 505", "first_line"),
    Choice("3261 §16.3 step 1", "a line that is not a header, or no blank line at the end", "dropped", "400", "no_header"),  # noqa: E501
    Choice("4475 §3.3.8", "a list in From, To, Call-ID or Content-Type", "forwarded", "400", "list_of_one"),
    Choice("3261 §25.1, 4475 §3.1.2.15", "a display name without the quotes it needs (From, To, Contact, Route, Path)", "forwarded, stored", "400; letters beyond ASCII pass", "display_name"),  # noqa: E501
    Choice("3261 §16.3 step 1", "a Max-Forwards that is not a number", "483", "400", "hops"),
    Choice("3261 §16.6 step 3", "a Max-Forwards above 70", "cut to 70", "decremented like any other", "many_hops"),
    Choice("3261 §16.6 step 2", "a Contact with method or headers in its URI", "they come into the Request-URI", "they are left out", "request_uri"),  # noqa: E501
    Choice("4320 §4.2", "a request other than INVITE that nobody answers", "408", "nothing: the client has given up, too", "no_408"),  # noqa: E501
    Choice("3261 §16.9", "a request that can't be sent, or whose next hop is unknown", "477, 478", "500, as if the next hop had said 503", "unsent"),  # noqa: E501
    Choice("3261 §16.3 step 6", "a request for a user elsewhere", "forwarded", "403 to strangers, forwarded for users", "outside"),  # noqa: E501
    Choice("3261 §16.12", "a request inside a dialog, with a Route of ours", "forwarded", "403 unless the dialog began here and the request goes from one of its ends to the other", "route"),  # noqa: E501
    Choice("3261 §16.5", "a request inside a dialog, for a user of ours, without a Route", "404", "goes to the user's phones", "no_route"),  # noqa: E501
    Choice("3261 §16.4, §16.6", "a request that begins something, with Routes beyond ours", "the Routes are taken out", "followed for users, 403 for others", "preloaded"),  # noqa: E501
    Choice("3261 §16.6 step 4, 6665 §4.3", "a re-INVITE, UPDATE or NOTIFY inside a dialog", "has no Record-Route of ours", "has one", "recorded"),  # noqa: E501
    Choice("3261 §9.1", "a CANCEL with the branch of an INVITE, but another Request-URI, Call-ID, From-tag or CSeq", "cancels it", "does not", "other_cancel"),  # noqa: E501
    Choice("7616 §3.4.6", "credentials whose uri is not that of the request", "taken", "400, unless a proxy on the way may have made the difference", "digest_uri"),  # noqa: E501
    Choice("7616 §3.4", "credentials without the qop that was offered", "taken", "challenged again", "digest_qop"),
    Choice("3261 §22.1", "the realm of a challenge", "the host in From", "the host in From if it is ours, else our first domain, or `--realm`", "realm"),  # noqa: E501
    Choice("3261 §16.7", "a response without From, To, Call-ID or CSeq, or with one of them twice", "passed on", "dropped", "bad_response"),  # noqa: E501
    Choice("3261 §16.6", "contacts of different q", "called all at once", "called in order of q, the next when those before have failed", "serial"),  # noqa: E501
)
STOCK = (
    ("REQINIT", "scanners are dropped by their User-Agent; Max-Forwards from 10; sanity; a keepalive is answered", "the same; Max-Forwards from 70, and what RFC 3261 §16.3 asks beyond sanity"),  # noqa: E501
    ("REQINIT, `WITH_ANTIFLOOD`", "pike and a table of banned addresses", "shares by source ([hostile-input.md](hostile-input.md)); a route of your own can run `pike_check_req`"),  # noqa: E501
    ("NATDETECT, NATMANAGE, DLGURI, `WITH_NAT`", "nathelper, and a relay for media", "not in `full`; a route of your own can use nathelper's commands ([modules.md](modules.md)). No media relay"),  # noqa: E501
    ("CANCEL, retransmissions", "t_check_trans", "the same, and a CANCEL has to match its INVITE"),
    ("WITHINDLG", "loose_route, NOTIFY record-routed; anybody's, to anywhere", "the same, but only from one end to the other of a dialog that began here; re-INVITE and UPDATE are record-routed, too"),  # noqa: E501
    ("AUTH, `WITH_AUTH`", "whoever claims a domain of ours shows a password; others may call our users", "whoever begins something shows a password, if there are `--users`"),  # noqa: E501
    ("AUTH, `WITH_IPAUTH`", "trusted addresses need no password", "not in `full`; a route of your own can run `allow_source_address`"),  # noqa: E501
    ("AUTH, without passwords", "403 for elsewhere", "the same, but registered users may call elsewhere"),
    ("record_route", "INVITE and SUBSCRIBE", "REFER, UPDATE and NOTIFY, too"),
    ("SIPOUT", "`P-Hint: outbound` is added", "it is not added: the Record-Route shows that the proxy was there"),
    ("PRESENCE", "PUBLISH and message-summary are answered 404, unless `WITH_PRESENCE`", "the same 404; there is no presence server"),  # noqa: E501
    ("REGISTRAR", "save", "the same, for users of our domains"),
    ("PSTN, ALIASDB, SPEEDDIAL, VOICEMAIL", "a gateway, other names, short numbers, a mailbox, each behind an #!ifdef", "not in `full`: the step `carrier` shows a gateway, and a voicemail"),  # noqa: E501
    ("LOCATION", "lookup, 404 or 405", "lookup, 404; contacts in order of q"),
    ("RELAY, MANAGE_BRANCH, MANAGE_REPLY, MANAGE_FAILURE", "NAT, and `WITH_BLOCK3XX`, `WITH_BLOCK401407`", "after a failure, the contacts with the next lower q are called; 3xx, 401 and 407 go to the caller"),  # noqa: E501
    ("reply_route", "a response that fails sanity_check is dropped", "the same"),
    ("set_reply_no_connect", "a response opens no connection", "it does if the request's connection is gone (RFC 3261 §18.2.2)"),  # noqa: E501
)
"""The blocks of the stock kamailio.cfg of Kamailio 5.6, what each does, and what `full` does."""
# fmt: on


def page() -> str:
    """docs/rfc-differences.md."""
    lines = [
        "# Where `full` follows the RFC and the lessons follow Kamailio",
        "",
        "The lessons' steps do what Kamailio does, even where RFC 3261 says otherwise, so that what you learn holds",
        "on a real server. `labsip serve` runs step `full` unless told otherwise: it follows the RFC (`proxy.policy`,",
        "with what else `steps.full.STRICT` has). A step carries its settings, so that `labsip serve --step full`,",
        '`Lab(step="full")` and `lab.use("full")` run the same. Each line is a test in `tests/steps/test_rfc.py`.',
        "",
        "| RFC | when | the lessons' steps, and Kamailio | `full` |",
        "| --- | --- | --- | --- |",
        *(f"| {c.rfc} | {c.what} | {c.lessons} | {c.full} |" for c in CHOICES),
        "",
        "Both sides do the same as the RFC in these: the best response (6xx first, then the lowest class; all",
        "challenges in one 401 or 407; §16.7 steps 6 and 7), 503 passed on as 500, a CANCEL held back until the first",
        "provisional response (§9.1), 2xx passed on whenever they come (§16.7 step 5, RFC 6026 §7.1).",
        "",
        "## `full` beside Kamailio's stock configuration",
        "",
        "Block by block, with the kamailio.cfg that Debian's Kamailio 5.6 comes with.",
        "",
        "| block | the stock kamailio.cfg | `full` |",
        "| --- | --- | --- |",
        *(f"| {block} | {stock} | {ours} |" for block, stock, ours in STOCK),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(page(), end="")
