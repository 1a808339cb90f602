"""OPTIONS, other methods and extensions: RFC 3261 §11, §8.2 and §19, RFC 3262 and 6665."""

from __future__ import annotations

from tests.conformance.case import Scene, case, holds, same


@case("3261 §11", "OPTIONS to the proxy itself is answered 200 by the proxy.")
def is_it_there(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("OPTIONS", f"sip:{scene.domain}")
    holds(caller.hear("200").param("tag", "To") != "-", "there is no tag in To")
    callee.hear_nothing()


@case(
    "3261 §11.2",
    "The answer of a proxy to OPTIONS names the extensions it has (Supported), and no Allow: it forwards any method.",
    kamailio="Its stock configuration answers with the status alone.",
)
def what_it_can(scene: Scene) -> None:
    caller = scene.agent("caller")
    caller.ask("OPTIONS", f"sip:{scene.domain}")
    response = caller.hear("200")
    same([name for name in ("Supported", "Allow") if response.all(name)], ["Supported"], "what is there")


@case("3261 §11", "OPTIONS to a user goes to the phone, whose answer comes back as it is.")
def what_a_phone_can(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("OPTIONS", callee.aor, "Accept: application/sdp")
    came = callee.hear("OPTIONS")
    same(came.get("Accept"), "application/sdp", "Accept")
    callee.answer(came, "200 OK", "Allow: INVITE, ACK", "Supported: replaces")
    response = caller.hear("200")
    same((response.get("Allow"), response.get("Supported")), ("INVITE, ACK", "replaces"), "Allow and Supported")


@case(
    "3261 §8.2.2.3",
    "OPTIONS to the proxy that requires an unknown extension is answered 420.",
    kamailio="sanity_check looks at Proxy-Require alone.",
)
def options_that_require(scene: Scene) -> None:
    caller = scene.agent("caller")
    caller.ask("OPTIONS", f"sip:{scene.domain}", "Require: teleport")
    same(caller.hear("420").values("Unsupported"), ["teleport"], "Unsupported")


@case(
    "3261 §8.2.6.1",
    "A 100 made by the proxy has the Timestamp of its INVITE.",
    kamailio="tm copies no Timestamp into the responses it makes.",
)
def a_timestamp(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("INVITE", callee.aor, "Timestamp: 54.2")
    callee.hear("INVITE")
    same(caller.hear("100").get("Timestamp").split()[:1], ["54.2"], "Timestamp")


@case("3262 §3", "Reliable provisional responses pass: 183 with RSeq, PRACK inside the dialog, its 200.")
def prack(scene: Scene) -> None:
    caller, callee = scene.phones()
    sent = caller.ask("INVITE", callee.aor, "Require: 100rel")
    came = callee.hear("INVITE")
    same(came.get("Require"), "100rel", "Require")
    callee.answer(came, "183 Session Progress", "Require: 100rel", "RSeq: 17")
    progress = caller.hear("183")
    same((progress.get("Require"), progress.get("RSeq")), ("100rel", "17"), "Require and RSeq")
    routes = [f"Route: {route}" for route in reversed(progress.values("Record-Route"))]
    dialog = [f"{name}: {progress.get(name)}" for name in ("From", "To", "Call-ID")]
    caller.ask("PRACK", progress.target, *dialog, *routes, "CSeq: 2 PRACK", "RAck: 17 1 INVITE")
    acknowledged = callee.hear("PRACK")
    same(acknowledged.get("RAck"), "17 1 INVITE", "RAck")
    callee.answer(acknowledged, "200 OK")
    same(caller.hear("200").method, "PRACK", "what is answered")
    callee.answer(came, "200 OK")
    same(caller.hear("200").get("CSeq"), sent.get("CSeq"), "what is answered then")


@case("6665 §4.4.1", "A SUBSCRIBE is record-routed: the NOTIFYs come back through the proxy.")
def notify(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("SUBSCRIBE", callee.aor, "Event: presence")
    came = callee.hear("SUBSCRIBE")
    callee.answer(came, "200 OK", "Expires: 60")
    ok = caller.hear("200")
    same((ok.get("Expires"), len(ok.values("Record-Route"))), ("60", 1), "Expires and the number of Record-Routes")
    routes = [f"Route: {route}" for route in came.values("Record-Route")]
    dialog = f"From: {ok.get('To')}", f"To: {ok.get('From')}", f"Call-ID: {ok.get('Call-ID')}"
    callee.ask(
        "NOTIFY", came.target, *dialog, *routes, "CSeq: 1 NOTIFY", "Event: presence", "Subscription-State: active"
    )
    told = caller.hear("NOTIFY")
    same((told.uri, told.get("Subscription-State")), (caller.contact, "active"), "Request-URI and Subscription-State")
    caller.answer(told, "200 OK")
    callee.hear("200")


@case("3261 §8.1.3.2", "A response with an unknown status is passed on as it is, including its reason.")
def an_unknown_status(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    callee.answer(callee.hear("MESSAGE"), "477 Später, \u4e0d\u662f now")
    same(caller.hear("4").first, "SIP/2.0 477 Später, \u4e0d\u662f now", "the first line")


@case("3261 §8.1.3.2", "An unknown 1xx is passed on like 183, an unknown 2xx to an INVITE like 200, repeats too.")
def unknown_classes(scene: Scene) -> None:
    caller, callee = scene.phones()
    _, came = scene.invite(caller, callee)
    callee.answer(came, "199 Early Dialog Terminated")
    caller.hear("199")
    callee.answer(came, "299 Fine")
    ok = caller.hear("299")
    callee.answer(came, "299 Fine")
    caller.hear_again(ok)


@case("3261 §7.3.3", "A response in compact forms and odd spellings is as good as any other.")
def a_compact_response(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    vias = "".join(f"v:\n {via}\n" for via in came.values("Via"))
    callee.send(f"""\
sip/2.0 200 OK
{vias}f:{came.get("From")}
t:{came.get("To")} ; TAG = x
i:{came.get("Call-ID")}
CSEQ :  1  MESSAGE
k:replaces
l:0

""")
    same(caller.hear("200").get("Supported"), "replaces", "Supported")


@case("3261 §7.1", "The version of SIP may be in lower case; methods are case-sensitive.")
def small_letters(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.send(caller.request("MESSAGE", callee.aor).replace(b" SIP/2.0", b" sip/2.0", 1))
    callee.hear("MESSAGE")
    caller.ask("message", callee.aor)
    callee.hear("message")


@case(
    "3261 §26.2.2",
    "A request for a sips URI does not go where there is no TLS.",
    kamailio="lookup() finds a user whatever the scheme, and the request goes by UDP.",
)
def sips(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor.replace("sip:", "sips:"))
    caller.hear("4")
    callee.hear_nothing()


@case("3261 §19.1.1", "A user part may have characters that a URI otherwise may not: ; ? & = + $ , / and escapes.")
def a_strange_user(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.agent("callee")
    user = f"sip:{callee.user};a=1?b&c=+$,/%23"
    contact = f"Contact: <{user}@{callee.at}>"
    callee.ask("REGISTER", "sip:lab.example", f"To: <{user}@lab.example>", contact)
    callee.hear("200")
    caller.ask("MESSAGE", f"{user}@lab.example")
    same(callee.hear("MESSAGE").uri, f"{user}@{callee.at}", "Request-URI")


@case("3261 §20.10", "A Contact without <> is as good as one with them; parameters after it belong to the header.")
def without_brackets(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.agent("callee")
    callee.register(f"m: {callee.contact};q=0.7;expires=120")
    caller.ask("MESSAGE", callee.aor)
    same(callee.hear("MESSAGE").uri, callee.contact, "Request-URI")
