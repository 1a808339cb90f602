"""What kamailio.cfg sets by parameters of the core and of modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MiB = 1024 * 1024


@dataclass(frozen=True, eq=False)  # each is its own: what depends on them is looked up thousands of times a second
class Settings:
    """The parameters of one proxy. Times in seconds, sizes in bytes."""

    domains: tuple[str, ...] = ()
    """Host names that mean this proxy, besides its own addresses (`alias` in kamailio.cfg)."""
    fr_timer: float = 30.0
    """No response at all to a forwarded request (tm)."""
    fr_inv_timer: float = 120.0
    """Ringing, no final response (tm)."""
    min_expires: int = 60
    reject_brief: bool = False
    """Answer 423 to a registration shorter than min_expires (RFC 3261 §10.3 step 7); Kamailio makes it longer."""
    max_contacts: int = 0
    """How many contacts a user may have; 0: no limit (registrar)."""
    max_expires: int = 0
    """0: no limit (registrar)."""
    use_domain: bool = False
    """A user is user@host, not user alone (registrar)."""
    use_path: bool = False
    """Keep the Path of a REGISTER, and send requests for the user that way (RFC 3327; registrar)."""
    default_expires: int = 3600
    timer_interval: float = 60.0
    """How often expired contacts are swept from the table (usrloc)."""
    dialog_timeout: float = 86_400.0
    """For how long a dialog's Record-Route is believed; each re-INVITE and UPDATE renews it (dialog)."""
    append_fromtag: bool = True
    """Record-Route carries From's tag as `ftag` (rr)."""
    shm_bytes: int = 64 * MiB
    """Memory for transactions, counted as `tm.taken` says."""
    shares: bool = False
    """That memory is counted as it is, and shared among those who send (`proxy.shares`): a request inside a call is
    served though nothing is left. Else it is counted as Kamailio's, and goes to whoever comes first."""
    server: str = "labsip"
    """The Server header of responses made here."""
    users: Mapping[str, str] = field(default_factory=dict)
    """Passwords by user (the table `subscriber` of auth_db)."""
    realm: str = ""
    """What step full's challenges are for; "": the sender's domain if that is one of ours, else our first."""
    nonce_expire: float = 300.0
    """How long a challenge can be answered (auth)."""
    auth_algorithm: str = "MD5"
    """What challenges ask for, and no other answers: MD5, SHA-256 or SHA-512-256 (auth's `algorithm`)."""
    htable: str | tuple[str, ...] = ()
    """Tables for `$sht`, each as htable's parameter of that name has it: "a=>size=8;autoexpire=7200"."""
    sampling_time_unit: float = 2.0
    """For how long requests of an address are counted (pike)."""
    reqs_density_per_unit: int = 30
    """How many of them are too many (pike)."""
    remove_latency: float = 120.0
    """How long an address is remembered that sends nothing (pike)."""
    address_list: str = ""
    """Which addresses are in which group: lines as Kamailio's address_file has them (permissions)."""
    dispatcher_list: str = ""
    """Sets of destinations: lines as Kamailio's dispatcher.list has them (dispatcher)."""
    dispatcher_flags: int = 0
    """2: those of a set that were not taken are kept for ds_next_dst (dispatcher's `flags`)."""
    sqlcon: Mapping[str, Any] = field(default_factory=dict)
    """Databases a route may ask, by name (sqlops, whose `Connection` says what each must be able to do)."""
    rfc: bool = False
    """RFC 3261 where Kamailio does otherwise: docs/rfc-differences.md has each choice."""
    detect_loops: bool = False
    """Answer 482 to a request that comes back as it went out (RFC 3261 §16.3 step 4); Kamailio forwards it again."""
    udp_mtu: int = 0
    """A request of more bytes goes by `udp_mtu_try_proto`, if the proxy listens on that (§18.1.1); 0: never (core)."""
    udp_mtu_try_proto: str = "udp"
    """`tcp` or `tls` (core)."""
    max_message: int = 65_535
    """Bytes of a message; a larger request is answered 513, as one beyond the next two."""
    max_headers: int = 2000
    """Header lines of a message (the runaway loop of lesson 3 makes some 800)."""
    max_line: int = 65_535
    """Bytes of a header line."""
    max_pending: int = 0
    """Transactions without a final response, shared among those who send (`proxy.shares`); what begins one too many is
    answered 503. 0: no limit but memory."""
    retry_after: int = 5
    """What Retry-After of that 503 says, in seconds."""
    max_registered: int = 0
    """Contacts of all users together, of which no source takes another's share (`proxy.shares`); 0: no limit."""
    max_unanswered: int = 0
    """Requests and their repeats sent in 64*T1 by UDP to a host that has not answered any yet, and where no REGISTER
    came from: whoever wrote it into a Contact need not be there. 0: no limit."""
    max_lines: int = 0
    """Lines a block of the script may take for one message; one beyond that is stopped, its request answered 500. Only
    a lab looks: 100,000 unless told otherwise. 0: no limit. (Kamailio's `max_while_loops` is of that kind.)"""
    max_route_time: float = 0.0
    """Seconds it may take; a lab has 1. One line counts for a tenth of it at most: net.patience says why."""
    max_listed: int = 0
    """Contacts listed in the answer to a REGISTER, in times its size, where nobody has proved to have sent it: by UDP,
    without `users`. 0: all."""
