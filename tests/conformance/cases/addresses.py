"""The registrar, users and addresses: RFC 3261 §10.3 and §19.1.4, RFC 3327 and 5626."""

from __future__ import annotations

from tests.conformance.case import Scene, case, holds, same
from tests.conformance.registering import at, listed, register, values


@case(
    "3261 §19.1.4",
    "Two spellings of one URI are one Contact: capitals in the host, escapes, the order of parameters.",
    kamailio="usrloc compares letter by letter (matching_mode 0).",
)
def two_spellings(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone, "Contact: <sip:bob@PC.Example:5070;a=1;b=2>")
    register(phone, "Contact: <sip:%62ob@pc.example:5070;b=2;a=1>")
    same(len(listed(phone)), 1, "the number of Contacts")


@case("3261 §19.1.4", "URIs whose users differ in capitals, or of which one has a port, are two Contacts.")
def two_contacts(scene: Scene) -> None:
    phone = scene.agent("phone")
    contacts = "sip:Bob@pc.example", "sip:bob@pc.example", "sip:bob@pc.example:5060"
    register(phone, values(*contacts))
    same(len(listed(phone)), 3, "the number of Contacts")


@case(
    "3261 §10.2.1",
    "A Contact may be a URI of another scheme: it is stored like any other.",
    kamailio="sanity_check expects Contacts to be SIP URIs, and answers 400.",
)
def another_scheme(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone, "Contact: <mailto:bob@pc.example>")
    same(listed(phone), ["mailto:bob@pc.example"], "what a query finds")


@case("3261 §10.3 step 5", "The user of a To counts with its capitals: Bob is not bob.")
def capitals_in_the_user(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", f"sip:{callee.user.upper()}@{scene.domain}")
    caller.hear("404")
    callee.hear_nothing()


@case("3261 §10.3 step 5", "The host of a To counts without its capitals, and parameters don't count.")
def capitals_in_the_host(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone, to=f"sip:{phone.user}@LAB.Example;transport=udp;user=phone")
    same(listed(phone), [phone.contact], "what is stored for the To in small letters")


@case("3261 §10.3 step 5", "Escapes in a To and in a Request-URI stand for what they mean: %62ob is bob.")
def escapes(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.agent("callee")
    escaped = f"sip:%{ord(callee.user[0]):x}{callee.user[1:]}@{scene.domain}"
    register(callee, to=escaped)
    same(listed(callee), [callee.contact], "what is stored for the To without escapes")
    caller.ask("MESSAGE", escaped)
    callee.hear("MESSAGE")


@case(
    "3261 §10.3 step 5",
    "A To of another domain is answered 404, and nothing is stored.",
    kamailio="save() does not look at the host (use_domain is off); a script would have to.",
)
def another_domain(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone, to=f"sip:{phone.user}@other.example", wanted="404")
    same(listed(phone), [], "what a query finds")


@case(
    "3261 §10.3 step 5",
    "A To without a user is nobody's, and is answered 404.",
    kamailio="It is stored under an empty name.",
)
def nobody(scene: Scene) -> None:
    register(scene.agent("phone"), to=f"sip:{Scene.domain}", wanted="404")


@case("3261 §10.2", "Without passwords, somebody else may register a user: From need not be the user.")
def a_third_party(scene: Scene) -> None:
    assistant, phone = scene.agent("assistant"), scene.agent("phone")
    to = f"To: <{phone.aor}>", f"Contact: <{phone.contact}>"
    assistant.ask("REGISTER", f"sip:{scene.domain}", *to)
    assistant.hear("200")
    same(listed(phone), [phone.contact], "what is stored for To")


PATH = "<sip:edge.example;lr>", "<sip:core.example;lr>"


@case("3327 §5.3", "The Path of a REGISTER comes back in the 200, to a phone that supports it.")
def path(scene: Scene) -> None:
    response = register(scene.agent("phone"), "Supported: path", f"Path: {PATH[0]}", f"Path: {PATH[1]}")
    same(response.values("Path"), [*PATH], "Path")


@case("3327 §5.3", "A REGISTER may require path: a registrar that knows it takes it.")
def path_is_required(scene: Scene) -> None:
    response = register(scene.agent("phone"), "Require: path", "Supported: path", f"Path: {PATH[0]}")
    same(response.values("Path"), [PATH[0]], "Path")


@case("3327 §5.4", "A request for the user follows the Path: it goes to the first entry, with all entries in Route.")
def by_the_path(scene: Scene) -> None:
    caller, callee, edge = scene.agent("caller"), scene.agent("callee"), scene.agent("edge")
    first = f"<sip:{edge.at};lr>"
    register(callee, "Supported: path", f"Path: {first}, {PATH[1]}")
    caller.ask("MESSAGE", callee.aor)
    came = edge.hear("MESSAGE")
    same((came.uri, came.values("Route")), (callee.contact, [first, PATH[1]]), "Request-URI and Route")
    callee.hear_nothing()


INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"'


@case("5626 §6", "A phone's identity (+sip.instance) is in the list of the 200.")
def an_instance(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone, f"Contact: <{phone.contact}>;{INSTANCE}")
    holds(INSTANCE in register(phone, "Contact:").get("Contact"), "the instance is lost")


@case("5626 §6", "A phone that comes back at a different address has one Contact: same instance, same reg-id.")
def the_same_instance(scene: Scene) -> None:
    phone = scene.agent("phone")
    one, two = at(phone, "one", "two")
    extension = "Supported: path, outbound"
    register(phone, f"Contact: <{one};ob>;reg-id=1;{INSTANCE}", extension)
    register(phone, f"Contact: <{two};ob>;reg-id=1;{INSTANCE}", extension)
    same(listed(phone), [f"{two};ob"], "what a query finds")


@case("5626 §6", "Two ways to one phone are two Contacts: same instance, another reg-id.")
def two_ways(scene: Scene) -> None:
    phone = scene.agent("phone")
    one, two = at(phone, "one", "two")
    extension = "Supported: path, outbound"
    register(phone, f"Contact: <{one};ob>;reg-id=1;{INSTANCE}", extension)
    register(phone, f"Contact: <{two};ob>;reg-id=2;{INSTANCE}", extension)
    same(listed(phone), [f"{one};ob", f"{two};ob"], "what a query finds")
