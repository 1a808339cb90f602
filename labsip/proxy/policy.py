"""Where Kamailio does otherwise than the RFCs: a field for each choice, False as Kamailio has it, True as the RFC."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Policy:
    """What a proxy does where the two differ; docs/rfc-differences.md has each row, and its test."""

    timers: bool = False
    """Timer A doubles without end, and all other timers are as RFC 3261 table 4 has them (§17.1.1.2, §17.2.1)."""
    timer_c: bool = False
    """Whoever rings too long is cancelled first, and the final response awaited (RFC 3261 §16.8)."""
    unsent: bool = False
    """A request that can't be sent counts as answered 503 (RFC 3261 §16.9); Kamailio answers 477 or 478."""
    no_408: bool = False
    """A request other than INVITE that nobody answers is not answered 408 (RFC 4320 §4.2)."""
    cancel_matches: bool = False
    """A CANCEL must repeat the Request-URI, Call-ID, From tag and CSeq of its INVITE (RFC 3261 §9.1)."""
    last_via: bool = False
    """A response that would go on without a Via is dropped (RFC 3261 §16.7 step 3)."""
    stray_response: bool = False
    """A response nobody waits for is dropped (RFC 6026 §7.3)."""
    bad_response: bool = False
    """A response whose From, To, Call-ID or CSeq is missing or doubled is dropped (RFC 3261 §16.7)."""
    max_breadth: bool = False
    """Max-Breadth limits into how many branches a request is forked on its whole way (RFC 5393 §5.3.3)."""
    udp_after_all: bool = False
    """A request too large for UDP goes by UDP after all where nobody takes a connection (RFC 3261 §18.1.1)."""
    plain_request_uri: bool = False
    """Method and headers in a Contact's URI stay out of the Request-URI made of it (RFC 3261 §16.6 step 2)."""
    every_hop: bool = False
    """A Max-Forwards above 70 is counted down as any other (RFC 3261 §16.6 step 3); Kamailio cuts it to 70."""
    timestamp: bool = False
    """A 100 has the Timestamp of its INVITE (RFC 3261 §8.2.6.1)."""
    validation: bool = False
    """A request is validated before the script runs (RFC 3261 §16.3 step 1; `proxy.validate`)."""
    bad_lines: bool = False
    """A request whose first line or header lines can't be read is answered 400 or 505 (RFC 3261 §16.3 step 1)."""
    trimming: bool = False
    """What stands behind the end of the body is cut off (RFC 3261 §18.3)."""
    any_expires: bool = False
    """sanity_check passes an Expires that is no number: a registrar takes it for 3600 (RFC 3261 §10.2.1.1)."""
    longest_expires: bool = False
    """An Expires that is too large stands for the longest time there is (RFC 3261 §20.19)."""
    rising_cseq: bool = False
    """A REGISTER must have a CSeq above the last one, its repeats excepted (RFC 3261 §10.3 step 7)."""
    star_cseq: bool = False
    """So must one that removes all contacts (RFC 3261 §10.3 step 6)."""
    equal_uris: bool = False
    """Contacts that differ in spelling only are the same contact (RFC 3261 §19.1.4)."""
    sips: bool = False
    """A request for a sips URI goes to contacts on TLS only (RFC 3261 §26.2.2)."""
    dialog_marks: bool = False
    """Record-Route bears a mark by which the requests of its dialog are known again (RFC 3261 §16.12)."""
    names_are_ours: bool = False
    """As long as no domain is named, every name is taken for ours: without DNS it can lead nowhere else."""
    digest_uri: bool = False
    """The uri of credentials must name what the Request-URI names (RFC 7616 §3.4.6)."""
    digest_qop: bool = False
    """Credentials must use the qop that was offered (RFC 7616 §3.4)."""


KAMAILIO = Policy()
RFC = Policy(**{field.name: True for field in fields(Policy)})
POLICIES = {"kamailio": KAMAILIO, "rfc": RFC}
"""By the name a setting may give: `Lab(policy="rfc")`."""
