"""The torture messages of RFC 4475 and RFC 5118, written anew from their descriptions, said to the best route there is.

A message is a file here, byte for byte as a datagram; the table says what becomes of it: `relayed` to the phone of
the user it is for, a status for its sender, or `dropped` with a note of why.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from labsip.proxy.policy import RFC
from labsip.proxy.receive import Proxy
from labsip.sip.build import build_request
from labsip.sip.errors import BadMessage
from labsip.sip.message import Request, Response, parse_message
from labsip.sip.transport import Address, Datagram
from labsip.sip.uri import SipUri
from labsip.steps import STEPS
from labsip.vocabulary import build_proxy, location, settings_of

FOLDER = Path(__file__).parent
V4, V6 = Address("192.0.2.1"), Address("2001:db8::1")
SENDER, SENDER_V6 = Address("192.0.2.10"), Address("2001:db8::9:1")
PHONE = Address("192.0.2.20")

# fmt: off
ANSWERS = {
    # RFC 4475 §3.1.1: odd, and sound
    "wsinv":            "relayed",  # white space and folding wherever they may be, compact forms, an empty Subject
    "intmeth":          "relayed",  # every character a token, a user, a quoted string may have
    "esc01":            "relayed",  # %-escapes in a user name that looks like another URI
    "escnull":          "200 OK",   # a NUL in an address is as good as any other character
    "esc02":            "relayed",  # RE%47IST%45R is a method of its own: only URIs have escapes
    "lwsdisp":          "relayed",  # no space between display name and <
    "longreq":          "relayed",  # each value longer than anybody would write it
    "dblreq":           "200 OK",   # a datagram is one message: the INVITE behind the REGISTER's end is nothing
    "semiuri":          "relayed",  # a ; in the user part belongs to the user
    "transports":       "relayed",  # Vias of transports nobody knows
    "mpart01":          "relayed",  # a body of all bytes there are
    "unreason":         "dropped",  # a response nobody here waits for, whatever its reason phrase says
    "noreason":         "dropped",
    # RFC 4475 §3.1.2: broken
    "badinv01":         "400 Bad Contact URI",          # ; and , with nothing between them; an empty address
    "clerr":            "400 Bad Request",              # less body than Content-Length says
    "ncl":              "400 Bad Request",              # a negative Content-Length
    "scalar02":         "400 Bad Request",              # a CSeq beyond all bounds
    "scalarlg":         "dropped",                      # the same in a response
    "quotbal":          "400 Bad Request",              # a quote that is never closed
    "ltgtruri":         "400 Bad Request",              # a Request-URI within <>
    "lwsruri":          "400 Bad Request",              # white space in it
    "lwsstart":         "400 Bad Request",              # more than one space in the first line
    "trws":             "400 Bad Request",              # spaces at its end
    "escruri":          "400 Bad Request",              # headers in the Request-URI
    "baddate":          "relayed",                      # a Date that is none is nothing to a proxy
    "regbadct":         "400 Bad Request",              # a ? in a Contact without <>
    "badaspec":         "relayed",                      # spaces within <>: what is meant is plain
    "baddn":            "400 Bad Request",              # a comma in a display name without quotes: two values?
    "badvers":          "505 Version Not Supported",    # SIP/7.0
    "mismatch01":       "400 CSeq method does not match request method",
    "mismatch02":       "400 CSeq method does not match request method",
    "bigcode":          "dropped",                      # a status that fits in no 32 bits
    # RFC 4475 §3.2: transactions
    "badbranch":        "relayed",  # the cookie and no branch behind it: compared as RFC 2543 does
    # RFC 4475 §3.3: what a server makes of it
    "insuf":            "dropped",  # no From, To, Call-ID: a response would have to bear them (§8.2.6.2)
    "unkscm":           "416 Unsupported URI Scheme",
    "novelsc":          "416 Unsupported URI Scheme",
    "unksm2":           "404 Not Found",                # REGISTER for an ISBN: nobody of this domain (§10.3 step 5)
    "bext01":           "420 Bad Extension",            # Require is the callee's affair, Proxy-Require ours
    "invut":            "relayed",                      # a body nobody understands is the callee's affair
    "regaut01":         "200 OK",                       # credentials of an unknown scheme, where nobody asked for any
    "multi01":          "400 Bad Request",              # two of what there may be one of
    "mcl01":            "400 Bad Request",              # two lengths
    "bcast":            "dropped",                      # a response that wants to go to 255.255.255.255
    "zeromf":           "483 Too Many Hops",
    "cparam01":         "200 OK",                       # the parameter is the Contact header's
    "cparam02":         "200 OK",                       # the parameter is the URI's
    "regescrt":         "200 OK",                       # headers in a Contact's URI may be
    "sdp01":            "relayed",
    "inv2543":          "relayed",                      # no branch, no tag, no Max-Forwards, no Content-Length
    # RFC 5118
    "ipv6-good":                "200 OK",
    "ipv6-bad":                 "400 Bad Request",      # an IPv6 address without brackets
    "port-ambiguous":           "403 Forbidden",        # [2001:db8::1:5070] is one address, and not ours
    "port-unambiguous":         "200 OK",
    "via-received-in-brackets": "200 Keepalive",        # received with brackets and without: answered either way
    "via-received":             "200 Keepalive",
    "ipv6-in-sdp":              "relayed",
    "mult-ip-in-header":        "relayed",
    "mult-ip-in-sdp":           "relayed",
    "ipv4-mapped":              "relayed",
    "three-colons":             "400 Bad Request",
}
# fmt: on
PARSED = {"unreason": 200, "noreason": 100, "scalarlg": 503, "bcast": 200}
"""Responses, and the status that stands in them."""


def read(name: str) -> bytes:
    return (FOLDER / f"{name}.dat").read_bytes()


@pytest.fixture
def proxy() -> Proxy:
    settings = settings_of(None, domains=("example.com",), policy=RFC)
    return build_proxy(STEPS["full"], [V4, V6], ids=Random(1), settings=settings)


def register(proxy: Proxy, user: str) -> None:
    """A phone for that user, spelled as in a URI."""
    lines = {
        "Via": f"SIP/2.0/UDP {PHONE};branch=z9hG4bKphone{len(user)}",
        "From": f"<sip:{user}@example.com>;tag=phone",
        "To": f"<sip:{user}@example.com>",
        "Call-ID": f"phone{len(user)}",
        "CSeq": "1 REGISTER",
        "Contact": f"<sip:phone@{PHONE}>",
    }
    [answer] = proxy.receive(
        Datagram(build_request("REGISTER", "sip:example.com", lines.items()).raw, PHONE, V4), now=0.0
    )
    assert answer.data.startswith(b"SIP/2.0 200 ")


def user_of(data: bytes) -> str:
    """The user its Request-URI names, "user" where that can't be read."""
    try:
        message = parse_message(data)
        uri = SipUri.parse(message.uri) if isinstance(message, Request) else None
    except BadMessage:
        return "user"
    return (uri and uri.user) or "user"


def outcome(proxy: Proxy, data: bytes, *, six: bool = False) -> str:
    """What became of it, as the table says it. Whatever goes to its sender is answered there and nowhere else."""
    src, dst = (SENDER_V6, V6) if six else (SENDER, V4)
    sent = proxy.receive(Datagram(data, src, dst), now=1.0)
    if any(datagram.dst == PHONE for datagram in sent):
        return "relayed"
    if not sent:
        return "dropped"
    [answer] = sent
    assert answer.dst == src
    said = parse_message(answer.data)
    assert isinstance(said, Response)
    return said.summary


@pytest.mark.parametrize(("name", "answer"), ANSWERS.items())
def test_a_torture_message_is_answered_as_the_rfc_asks(proxy: Proxy, name: str, answer: str) -> None:
    data = read(name)
    register(proxy, user_of(data))
    six = b"2001:db8::9" in data.split(b"\r\nMax-Forwards")[0]
    assert outcome(proxy, data, six=six) == answer
    assert answer != "dropped" or list(proxy.trace.notes)[-1][0] == 1.0


def test_every_file_has_its_answer() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.dat")) == sorted(ANSWERS)


@pytest.mark.parametrize(("name", "status"), PARSED.items())
def test_a_response_is_read_whatever_its_reason_phrase(name: str, status: int) -> None:
    message = parse_message(read(name))
    assert isinstance(message, Response)
    assert message.status == status
    assert message.raw == read(name)


@pytest.mark.parametrize("name", [name for name, answer in ANSWERS.items() if answer == "relayed"])
def test_what_is_relayed_keeps_every_line_and_the_body(proxy: Proxy, name: str) -> None:
    data = read(name)
    register(proxy, user_of(data))
    came = parse_message(data)
    sent = proxy.receive(Datagram(data, SENDER, V4), now=1.0)
    went = parse_message(next(datagram.data for datagram in sent if datagram.dst == PHONE))
    changed = {"via", "v", "max-forwards", "max-breadth", "route", "record-route"}
    kept = [data[line.start : line.stop] for line in came.lines if line.name.lower() not in changed]
    assert [went.raw[line.start : line.stop] for line in went.lines if line.name.lower() not in changed] == kept
    assert went.body == came.body
    assert [via.sent_by for via in went.vias[1:]] == [via.sent_by for via in came.vias]


def test_what_lies_behind_the_end_of_a_message_is_not_passed_on(proxy: Proxy) -> None:
    register(proxy, "user")
    sent = proxy.receive(Datagram(read("sdp01") + b"INVITE sip:other@example.com SIP/2.0\r\n", SENDER, V4), now=1.0)
    assert not any(b"other" in datagram.data for datagram in sent)


def test_a_contact_is_stored_with_its_own_parameters_and_without_the_headers(proxy: Proxy) -> None:
    stored = {}
    for name in ("cparam01", "cparam02"):
        proxy.restart(0.0)
        outcome(proxy, read(name))
        stored[name] = [row["Address"] for row in location(proxy, 1.0)]
    assert stored == {"cparam01": ["sip:user@192.0.2.10"], "cparam02": ["sip:user@192.0.2.10;unknownparam"]}


def test_headers_of_a_contact_are_not_put_into_the_request_uri(proxy: Proxy) -> None:
    outcome(proxy, read("regescrt"))
    sent = proxy.receive(Datagram(read("sdp01"), SENDER, V4), now=2.0)
    assert sent[-1].data.startswith(b"INVITE sip:user@192.0.2.10 SIP/2.0\r\n")


def test_two_requests_whose_branch_is_only_the_cookie_are_two_transactions(proxy: Proxy) -> None:
    register(proxy, "user")
    first = read("badbranch")
    assert outcome(proxy, first) == "relayed"
    assert outcome(proxy, first) == "dropped"  # it waits for its answer
    assert outcome(proxy, first.replace(b"Call-ID: b", b"Call-ID: c")) == "relayed"


def test_a_420_names_what_is_not_supported(proxy: Proxy) -> None:
    [answer] = proxy.receive(Datagram(read("bext01"), SENDER, V4), now=1.0)
    named = parse_message(answer.data).values("Unsupported")
    assert named == ["noProxiesSupportThis", "norDoAnyProxiesSupportThis"]
