"""Choosing where a request goes, and forwarding it: RFC 3261 §16.4 to §16.6."""

from __future__ import annotations

from tests.conformance.case import Scene, case, holds, same


def lr(at: str) -> str:
    """A Route or Record-Route value of a loose router at HOST:PORT."""
    return f"<sip:{at};lr>"


@case("3261 §16.4", "A Route that names the proxy is taken off, and the request goes on.")
def its_own_route(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, f"Route: {lr(scene.proxy.udp)}")
    same(callee.hear("MESSAGE").values("Route"), [], "Route")


@case("3261 §16.4", "So is one that names a domain of the proxy.")
def a_route_by_name(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, f"Route: {lr(scene.domain)}")
    same(callee.hear("MESSAGE").values("Route"), [], "Route")


@case(
    "3261 §16.4",
    "A request from a strict router, with the proxy's own Record-Route as its Request-URI, gets its Request-URI back "
    "from the last Route.",
)
def from_a_strict_router(scene: Scene) -> None:
    caller, callee = scene.phones()
    call = scene.call(caller, callee)
    own = call.ok.values("Record-Route")[0].strip("<>")
    dialog = (f"From: {call.sent.get('From')}", f"To: {call.ok.get('To')}", f"Call-ID: {call.sent.get('Call-ID')}")
    caller.ask("BYE", own, *dialog, f"Route: <{callee.contact}>", "CSeq: 2 BYE")
    bye = callee.hear("BYE")
    same((bye.uri, bye.values("Route")), (callee.contact, []), "Request-URI and Route")


@case(
    "3261 §16.4",
    "A maddr in the Request-URI that means the proxy is taken off, with the port, and the user is looked up.",
)
def maddr(scene: Scene) -> None:
    caller, callee = scene.phones()
    host, _, port = scene.proxy.udp.partition(":")
    caller.ask("MESSAGE", f"{callee.aor}:{port};maddr={host}", f"To: <{callee.aor}>")
    same(callee.hear("MESSAGE").uri, callee.contact, "Request-URI")


@case("3261 §16.5", "A request for elsewhere goes there with its Request-URI as it is, if it comes from a user.")
def elsewhere(scene: Scene) -> None:
    user, other = scene.phone("user"), scene.agent("other")
    uri = f"sip:somebody@{other.at};foo=bar"
    user.ask("MESSAGE", uri)
    same(other.hear("MESSAGE").uri, uri, "Request-URI")


@case(
    "3261 §16.5",
    "A request for a user who is nowhere at the moment is answered 480.",
    labsip="404, as in Kamailio's stock configuration: a user who has not registered is unknown. Only a SHOULD.",
    kamailio="404 is what its stock configuration says. Only a SHOULD.",
)
def nowhere(scene: Scene) -> None:
    caller = scene.agent("caller")
    caller.ask("MESSAGE", f"sip:nobody-{caller.user}@lab.example")
    caller.hear("480")


@case(
    "3261 §16.5",
    "A request inside a dialog that is for the user, not for a phone, is looked up like any other.",
    kamailio="Its stock configuration answers 404 to a request with a tag in To and no Route.",
)
def inside_a_dialog_by_name(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, f"To: <{callee.aor}>;tag=1")
    callee.hear("MESSAGE")


@case("3261 §19.1.4", "The host in a Request-URI is the proxy's in capitals, too, and its parameters don't matter.")
def the_host_in_capitals(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", f"sip:{callee.user}@LAB.Example;user=phone;transport=udp")
    callee.hear("MESSAGE")


@case("3261 §16.6", "A request goes to all phones of a user at once, with a branch of its own for each.")
def parallel_forking(scene: Scene) -> None:
    caller, callee, other = scene.fork()
    _, first, second = scene.invite(caller, callee, other)
    same((first.uri, second.uri), (callee.contact, other.contact), "Request-URIs")
    holds(first.param("branch", "Via") != second.param("branch", "Via"), "the branches are the same")


@case("3261 §16.6", "A phone with a lower q gets the call only when those with a higher q have failed.")
def serial_forking(scene: Scene) -> None:
    caller, desk = scene.agent("caller"), scene.agent("desk")
    desk.register(f"Contact: <{desk.contact}>;q=0.9")
    mobile = scene.agent("mobile", user=desk.user)
    mobile.register(f"Contact: <{mobile.contact}>;q=0.1")
    _, came = scene.invite(caller, desk)
    mobile.hear_nothing()
    desk.answer(came, "480 Temporarily Unavailable")
    mobile.hear("INVITE")


@case("3261 §16.6 step 1", "Unknown headers are forwarded as written and in order, repeated ones too.")
def unknown_headers(scene: Scene) -> None:
    caller, callee = scene.phones()
    own = ("x-LAB:  one ,two", "Subject: é is two bytes", "X-Lab: three", "P-Early-Media: supported", "X-LAB: one")
    sent = caller.ask("MESSAGE", callee.aor, *own)
    got = callee.hear("MESSAGE")
    hops = ("Via:", "Max-Forwards:", "Max-Breadth:")
    rest = [line for line in got.lines if not line.startswith(hops)]
    same(rest, [line for line in sent.lines if not line.startswith(hops)], "the headers")


@case("3261 §7.3.3", "A request in compact forms and odd spellings is as good as any other.")
def compact_forms(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.send(f"""\
MESSAGE {callee.aor} SIP/2.0
v:SIP/2.0/UDP {caller.at} ;branch=z9hG4bK{caller.user} ; RPORT
MAX-FORWARDS :  70
f:    "one, two"<{caller.aor}>;TAG=1
t:{callee.aor}
i: {caller.user}
cseq: 7  MESSAGE
l:5

hello""")
    came = callee.hear("MESSAGE")
    same(came.body, b"hello", "the body")
    callee.answer(came, "200 OK")
    caller.hear("200")


@case(
    "3261 §7.3.1",
    "A folded header line is as good as an unfolded one, whatever the header.",
    kamailio="Its parsers of From and CSeq can't read folded lines.",
)
def folded_lines(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, f'From: "one\r\n two" <{caller.aor}>\r\n\t;tag=1', "CSeq:\r\n 7\r\n MESSAGE")
    came = callee.hear("MESSAGE")
    callee.answer(came, "200 OK")
    same(caller.hear("200").get("CSeq"), "7 MESSAGE", "CSeq")


@case("3261 §16.6 step 1", "A body is forwarded as it is, byte for byte, whatever it is.")
def the_body_is_untouched(scene: Scene) -> None:
    caller, callee = scene.phones()
    body = bytes(range(256)) + b"\r\n\r\nINVITE sip:108@lab.example SIP/2.0\r\n\r\n"
    caller.ask("MESSAGE", callee.aor, "Content-Type: application/octet-stream", body=body)
    same(callee.hear("MESSAGE").body, body, "the body")


@case("3261 §16.6 step 2", "The Request-URI becomes the callee's Contact, with its parameters.")
def the_contact_becomes_the_request_uri(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.agent("callee")
    callee.register(f"Contact: <{callee.contact};line=7;ob>;q=0.5;expires=60")
    caller.ask("MESSAGE", callee.aor)
    same(callee.hear("MESSAGE").uri, f"{callee.contact};line=7;ob", "Request-URI")


@case(
    "3261 §16.6 step 2",
    "Parts of the Contact that a Request-URI may not have are left out: method and headers.",
    kamailio="lookup() takes the Contact as it was registered.",
)
def what_no_request_uri_may_have(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.agent("callee")
    callee.register(f"Contact: <{callee.contact};method=INVITE;line=7?Subject=hello>")
    caller.ask("MESSAGE", callee.aor)
    same(callee.hear("MESSAGE").uri, f"{callee.contact};line=7", "Request-URI")


@case("3261 §16.6 step 3", "Max-Forwards is decremented when a request is forwarded.")
def one_hop_less(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Max-Forwards: 17")
    same(callee.hear("MESSAGE").all("Max-Forwards"), ["16"], "Max-Forwards")


@case("3261 §16.6 step 3", "A request without Max-Forwards is forwarded with 70.")
def hops_are_added(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Max-Forwards:")
    same(callee.hear("MESSAGE").all("Max-Forwards"), ["70"], "Max-Forwards")


@case("3261 §16.6 step 3", "Max-Forwards is decremented whatever it was: 255 becomes 254.")
def many_hops(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor, "Max-Forwards: 255")
    same(callee.hear("MESSAGE").get("Max-Forwards"), "254", "Max-Forwards")


@case("3261 §16.6 step 4", "An INVITE is record-routed: a loose route to the proxy, above those of proxies before it.")
def record_route(scene: Scene) -> None:
    caller, callee = scene.phones()
    before = "<sip:edge.example;lr>"
    caller.ask("INVITE", callee.aor, f"Record-Route: {before}")
    routes = callee.hear("INVITE").values("Record-Route")
    same(routes[1:], [before], "the Record-Route below the first")
    holds(routes[0].startswith(f"<sip:{scene.proxy.udp};"), f"the first Record-Route is {routes[0]}")
    holds(";lr" in routes[0], "the Record-Route of the proxy has no lr")


@case("3261 §16.6 step 4", "The callee's answer brings the Record-Route to the caller unchanged.")
def record_route_comes_back(scene: Scene) -> None:
    caller, callee = scene.phones()
    _, came = scene.invite(caller, callee)
    callee.answer(came, "180 Ringing")
    same(caller.hear("180").all("Record-Route"), came.all("Record-Route"), "Record-Route")


@case("3261 §16.12.1", "Both sides of a call reach each other through the proxy: re-INVITE, its ACK, BYE.")
def inside_a_dialog(scene: Scene) -> None:
    caller, callee = scene.phones()
    call = scene.call(caller, callee)
    call.ask("INVITE")
    again = callee.hear("INVITE")
    same((again.uri, again.values("Route")), (callee.contact, []), "Request-URI and Route")
    callee.answer(again, "200 OK")
    caller.hear("200")
    call.ask("ACK")
    callee.hear("ACK")
    call.ask_back("BYE")
    bye = caller.hear("BYE")
    same((bye.uri, bye.values("Route")), (caller.contact, []), "Request-URI and Route")
    caller.answer(bye, "200 OK")
    callee.hear("200")


@case("3261 §16.6 step 7", "With Routes left, a request goes to the first of them, and its Request-URI stays.")
def the_next_route(scene: Scene) -> None:
    caller, callee = scene.phones()
    other = scene.agent("other")
    call = scene.call(caller, callee, f"Record-Route: <sip:far.example;lr>, {lr(other.at)}", by=other)
    call.ask("INFO")
    info = other.hear("INFO")
    same(info.uri, callee.contact, "Request-URI")
    same(info.values("Route"), [lr(other.at), "<sip:far.example;lr>"], "Route")


@case(
    "3261 §16.6 step 6",
    "If a strict router comes next, its URI becomes the Request-URI, and the old one the last Route.",
)
def to_a_strict_router(scene: Scene) -> None:
    caller, callee = scene.phones()
    strict = scene.agent("strict")
    call = scene.call(caller, callee, f"Record-Route: <sip:far.example>, <sip:{strict.at}>", by=strict)
    call.ask("INFO")
    info = strict.hear("INFO")
    same(info.uri, f"sip:{strict.at}", "Request-URI")
    same(info.values("Route"), ["<sip:far.example>", f"<{callee.contact}>"], "Route")


@case(
    "3261 §16.6 step 7",
    "A Route that a user puts into a new request is followed, after the one to the proxy.",
    kamailio="Its stock configuration removes the Routes of new requests (remove_hf).",
)
def a_preloaded_route(scene: Scene) -> None:
    user, other = scene.phone("user"), scene.agent("other")
    user.ask("MESSAGE", "sip:somebody@lab.example", f"Route: {lr(scene.proxy.udp)}, {lr(other.at)}")
    other.hear("MESSAGE")


@case("3261 §16.6 step 8", "The proxy's Via is on top, with a branch of its own; the Vias before it follow unchanged.")
def a_via_on_top(scene: Scene) -> None:
    caller, callee = scene.phones()
    below = "SIP/2.0/TLS pc.example;branch=z9hG4bK1;received=192.0.2.1, SIP/2.0/UDP edge.example:5070;branch=z9hG4bK0"
    sent = caller.ask(
        "MESSAGE", callee.aor, f"Via: SIP/2.0/UDP {caller.at};branch=z9hG4bK{caller.user}", f"Via: {below}"
    )
    vias = callee.hear("MESSAGE").values("Via")
    same(vias[2:], sent.values("Via")[1:], "the Vias of proxies before")
    holds(vias[0].startswith(f"SIP/2.0/UDP {scene.proxy.udp};"), f"the topmost Via is {vias[0]}")
    holds(";branch=z9hG4bK" in vias[0], "its branch does not begin with z9hG4bK")
    holds(sent.param("branch", "Via") in vias[1], "the caller's branch is changed")


@case("3261 §16.6 step 9", "A request that came without Content-Length by UDP has one when it is sent over TCP.")
def a_length_over_tcp(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.phone("callee", tcp=True)
    caller.ask("MESSAGE", callee.aor, "Content-Length:", body="hello")
    came = callee.hear("MESSAGE")
    same((came.all("Content-Length"), came.body), (["5"], b"hello"), "Content-Length and body")


@case(
    "5393 §5.3.3",
    "A request carries the number of branches it may have: Max-Breadth is 60 if it came without.",
    kamailio="Kamailio has no such limit.",
)
def max_breadth(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    same(callee.hear("MESSAGE").all("Max-Breadth"), ["60"], "Max-Breadth")
