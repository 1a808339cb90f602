"""Header names, in a sentence each: what it is for, and where an RFC says so."""

from __future__ import annotations

from labsip.sip.headers import canonical

# fmt: off
HEADERS = {
    "accept":              ("The kinds of body its sender understands.", "20.1"),
    "accept-contact":      ("Which of several phones the caller would like.", "RFC 3841 §9.2"),
    "accept-encoding":     ("The ways of packing a body its sender understands.", "20.2"),
    "accept-language":     ("The languages its sender would like to read.", "20.3"),
    "alert-info":          ("How to ring: another ringing tone.", "20.4"),
    "allow":               ("The methods its sender takes.", "20.5"),
    "allow-events":        ("What can be subscribed to at its sender.", "RFC 6665 §8.2.2"),
    "authentication-info": ("The server's own proof, after a request with credentials.", "20.6"),
    "authorization":       ("Proof of who asks, for a registrar or a phone: the answer to a 401.", "20.7"),
    "call-id":             ("Names this call, or all registrations of one phone.", "20.8"),
    "call-info":           ("More about the caller or the called: a picture, a page.", "20.9"),
    "contact":             ("Where its sender can be reached directly, from now on.", "20.10"),
    "content-disposition": ("What to do with the body.", "20.11"),
    "content-encoding":    ("How the body is packed.", "20.12"),
    "content-language":    ("The language of the body.", "20.13"),
    "content-length":      ("Bytes of the body; over TCP this is where a message ends.", "20.14"),
    "content-type":        ("What the body is: application/sdp describes a voice stream.", "20.15"),
    "cseq":                ("Counts the requests of a call; a response repeats it, to say what it answers.", "20.16"),
    "date":                ("When it was sent.", "20.17"),
    "error-info":          ("Where more about this error can be read or heard.", "20.18"),
    "event":               ("What is subscribed to, or told about.", "RFC 6665 §8.2.1"),
    "expires":             ("Seconds until it is no longer true: a registration, an invitation.", "20.19"),
    "from":                ("Who asks. Its tag names the caller's end of the dialog.", "20.20"),
    "in-reply-to":         ("The calls this one returns.", "20.21"),
    "max-forwards":        ("Hops it may still take; each takes one off, at 0 it is answered 483.", "20.22"),
    "mime-version":        ("The version of MIME the body is written in.", "20.24"),
    "min-expires":         ("With a 423: the shortest registration the registrar takes, in seconds.", "20.23"),
    "organization":        ("Where its sender belongs.", "20.25"),
    "p-asserted-identity": ("Who asks, as a proxy vouches for it.", "RFC 3325 §9.1"),
    "path":                ("Proxies between a registrar and the phone, to be passed on the way back.", "RFC 3327 §4"),
    "priority":            ("How urgent the caller finds it.", "20.26"),
    "proxy-authenticate":  ("With a 407: what a proxy wants to have proved.", "20.27"),
    "proxy-authorization": ("Proof of who asks, for a proxy: the answer to a 407.", "20.28"),
    "proxy-require":       ("What every proxy on the way must understand.", "20.29"),
    "rack":                ("Which reliable provisional response is acknowledged.", "RFC 3262 §7.2"),
    "reason":              ("Why this was sent: a CANCEL because somebody else picked up.", "RFC 3326 §2"),
    "record-route":        ("A proxy asks that later requests of this call come by it, too.", "20.30"),
    "refer-to":            ("Whom to call instead: how a call is handed over.", "RFC 3515 §2.1"),
    "referred-by":         ("Who asked for this call to be made.", "RFC 3892 §3"),
    "reply-to":            ("Where to call back, if not From.", "20.31"),
    "require":             ("What the other end must understand, or refuse with 420.", "20.32"),
    "retry-after":         ("Seconds after which it is worth trying again.", "20.33"),
    "route":               ("The proxies this request must still pass, the next one first.", "20.34"),
    "rseq":                ("Counts provisional responses that are acknowledged.", "RFC 3262 §7.1"),
    "server":              ("The program that answers.", "20.35"),
    "service-route":       ("Proxies a registered phone should send its requests by.", "RFC 3608 §5"),
    "session-expires":     ("Seconds until the call ends, unless somebody renews it.", "RFC 4028 §4"),
    "subject":             ("What the call is about.", "20.36"),
    "subscription-state":  ("Whether a subscription stands, and for how long.", "RFC 6665 §8.2.3"),
    "supported":           ("Extensions its sender knows.", "20.37"),
    "timestamp":           ("When the request was sent, to measure the way there and back.", "20.38"),
    "to":                  ("Who is asked for. Its tag, set by who answers, names that end of the dialog.", "20.39"),
    "unsupported":         ("With a 420: the extensions that are not known.", "20.40"),
    "user-agent":          ("The program that asks.", "20.41"),
    "via":                 ("The way back: each hop puts its own on top, a response takes them off.", "20.42"),
    "warning":             ("More about what went wrong, for a person.", "20.43"),
    "www-authenticate":    ("With a 401: what a registrar or a phone wants to have proved.", "20.44"),
}
# fmt: on
"""By canonical name: purpose, and where it stands; a bare number is a section of RFC 3261."""


def about(name: str) -> str:
    """`Via: The way back … (RFC 3261 §20.42)`; for a name nobody knows, what that means."""
    purpose, source = HEADERS.get(canonical(name), ("An extension: who does not know it passes it on.", "7.3.1"))
    return f"{name}: {purpose} ({source if source.startswith('RFC') else f'RFC 3261 §{source}'})"
