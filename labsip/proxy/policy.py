"""Where Kamailio does otherwise than the RFCs: a field for each choice, False as Kamailio has it, True as the RFC.

docs/rfc-differences.md is made from these fields by tools/rfc_differences.py; tests/steps/test_rfc.py shows both sides
of each.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One thing that the two do differently."""

    rfc: str
    """Where the RFC says so: `3261 §16.8`."""
    when: str
    kamailio: str
    """What happens then where the field is False."""
    strict: str
    """And where it is True."""


def choice(*differences: tuple[str, str, str, str]) -> Any:
    """A field of Policy, and all it decides."""
    return field(default=False, metadata={"differences": tuple(Difference(*each) for each in differences)})


def differences_of(one: Field[Any]) -> tuple[Difference, ...]:
    """What a field of Policy decides."""
    found: tuple[Difference, ...] = one.metadata["differences"]
    return found


# fmt: off
@dataclass(frozen=True)
class Policy:
    """What a proxy does where the two differ."""

    timers: bool = choice(
        ("3261 §17.1.1.2", "an INVITE nobody answers is repeated",
         "after 0.5, 1.5, 3.5, 7.5 s, then every 4 s", "doubling without end: 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s"),
        ("3261 §17.2.1", "a negative final response that is never acknowledged",
         "repeated for 5 s", "repeated for 32 s (Timer H)"))
    timer_c: bool = choice(
        ("3261 §16.8", "a callee who rings too long (Timer C)",
         "the caller gets 408, then the callee CANCEL",
         "the callee gets CANCEL; the caller gets the answer to that, or 408 after 32 s of silence"))
    unsent: bool = choice(
        ("3261 §16.9", "a request that can't be sent, or whose next hop is unknown",
         "477, 478", "500, as if the next hop had said 503"))
    no_408: bool = choice(
        ("4320 §4.2", "a request other than INVITE that nobody answers",
         "408", "nothing: the client has given up, too"))
    cancel_matches: bool = choice(
        ("3261 §9.1", "a CANCEL with the branch of an INVITE, but another Request-URI, Call-ID, From-tag or CSeq",
         "cancels it", "does not"))
    last_via: bool = choice(
        ("3261 §16.7 step 3", "a response that fits a call but has only our Via",
         "passed on without any Via", "dropped; the caller gets a later response, or 408"))
    stray_response: bool = choice(
        ("6026 §7.3", "a response nobody waits for",
         "forwarded by its next Via", "dropped, unless it answers a request forwarded statelessly"))
    bad_response: bool = choice(
        ("3261 §16.7", "a response without From, To, Call-ID or CSeq, or with one of them twice",
         "passed on", "dropped"))
    max_breadth: bool = choice(
        ("5393 §5.3.3", "how many branches a request may fork into on its whole way",
         "not limited",
         "Max-Breadth: 60 for a request without one, shared among the open branches; 440 if that is not enough for "
         "all"))
    udp_after_all: bool = choice(
        ("3261 §18.1.1", "a request too large for UDP (`udp_mtu`), and the connection is refused",
         "counts as not sent", "goes by UDP after all"))
    plain_request_uri: bool = choice(
        ("3261 §16.6 step 2", "a Contact with method or headers in its URI",
         "they come into the Request-URI", "they are left out"))
    every_hop: bool = choice(
        ("3261 §16.6 step 3", "a Max-Forwards above 70",
         "cut to 70", "decremented like any other"))
    timestamp: bool = choice(
        ("3261 §8.2.6.1", "an INVITE with a Timestamp",
         "its 100 has none", "its 100 has it"))
    validation: bool = choice(
        ("4475 §3.3.8", "a list in From, To, Call-ID or Content-Type",
         "forwarded", "400"),
        ("3261 §25.1, 4475 §3.1.2.15",
         "a display name without the quotes it needs (From, To, Contact, Route, Path)",
         "forwarded, stored", "400; letters beyond ASCII pass"),
        ("3261 §16.3 step 1", "a Max-Forwards that is not a number",
         "483", "400"))
    bad_lines: bool = choice(
        ("3261 §16.3 step 1", "an unreadable first line, another version",
         "dropped", "400, 505"),
        ("3261 §16.3 step 1", "a line that is not a header, or no blank line at the end",
         "dropped", "400"))
    trimming: bool = choice(
        ("3261 §18.3", "a datagram that goes on behind the end of the body (Content-Length)",
         "passed on with the rest", "the rest is cut off"))
    any_expires: bool = choice(
        ("3261 §10.2.1.1", "an Expires header that is no number, in steps that run `sanity_check`",
         "400", "3600, as in a Contact"))
    longest_expires: bool = choice(
        ("3261 §20.19, §10.2.1.1", "an Expires, in header or Contact, that is too large",
         "3600 from 2**31 on; `sanity_check` answers 400 to a header beyond 2**32-1",
         "the longest there is, a day (`max_expires`)"))
    rising_cseq: bool = choice(
        ("3261 §10.3 step 7", "a REGISTER with the CSeq of the previous one, in another transaction",
         "taken", "400"))
    star_cseq: bool = choice(
        ("3261 §10.3 step 6", "`Contact: *` with a CSeq that is not above that of the contacts",
         "removes them", "400"))
    equal_uris: bool = choice(
        ("3261 §10.3 step 7, §19.1.4", "two contacts that differ only in spelling",
         "two contacts", "one, as it was spelled last"))
    sips: bool = choice(
        ("3261 §26.2.2", "a request for a `sips` URI whose user has no phone on TLS",
         "goes to the user's phones without TLS", "404"))
    dialog_marks: bool = choice(
        ("3261 §16.12", "the Record-Route of a request that begins a dialog",
         "our address and `ftag`", "a mark, too, by which a route can tell that a later request is of that dialog"))
    names_are_ours: bool = choice(
        ("3261 §16.4, §16.5", "a URI with a host name, while no domain of ours is named (`domains`)",
         "not ours", "ours: without DNS, a name can lead nowhere else"))
    digest_uri: bool = choice(
        ("7616 §3.4.6", "credentials whose uri is not that of the request",
         "taken", "400, unless a proxy on the way may have made the difference"))
    digest_qop: bool = choice(
        ("7616 §3.4", "credentials without the qop that was offered",
         "taken", "challenged again"))
# fmt: on


KAMAILIO = Policy()
RFC = Policy(**{field.name: True for field in fields(Policy)})
POLICIES = {"kamailio": KAMAILIO, "rfc": RFC}
"""By the name a setting may give: `Lab(policy="rfc")`."""
