"""The registrar, storing and answering: RFC 3261 §10.2 and §10.3."""

from __future__ import annotations

from tests.conformance.case import Scene, case, holds, same
from tests.conformance.registering import at, listed, register, uris, values


@case("3261 §10.3 step 8", "The 200 lists the Contact and its remaining seconds.")
def the_time_it_has(scene: Scene) -> None:
    phone = scene.agent("phone")
    response = register(phone, "Expires: 120")
    same((response.target, response.param("expires", "Contact")), (phone.contact, "120"), "the Contact and its time")


@case("3261 §10.2.1.1", "A Contact's own expires counts, not the Expires header.")
def the_parameter_counts(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone, "Expires: 120", f"Contact: <{phone.contact}>;expires=240")
    left = register(phone, "Contact:").param("expires", "Contact")
    holds(left.isdigit() and 120 < int(left) <= 240, f"expires is {left}")


@case("3261 §10.2.1.1", "An expires that is not a number counts as 3600.")
def a_malformed_time(scene: Scene) -> None:
    phone = scene.agent("phone")
    response = register(phone, f"Contact: <{phone.contact}>;expires=soon")
    same(response.param("expires", "Contact"), "3600", "expires")


@case("3261 §20.19", "A phone can ask for the longest possible time: 2**32 - 1 s; the registrar may give less.")
def a_very_long_time(scene: Scene) -> None:
    given = register(scene.agent("phone"), "Expires: 4294967295").param("expires", "Contact")
    holds(given.isdigit() and int(given) >= 3600, f"expires is {given}")


@case(
    "3261 §10.3 step 7",
    "If the time is too short, the registrar answers 423, with the shortest it accepts in Min-Expires.",
    kamailio="registrar makes the time longer (min_expires), which the 200 shows.",
)
def too_brief(scene: Scene) -> None:
    phone = scene.agent("phone")
    least = register(phone, "Expires: 1", wanted="423").get("Min-Expires")
    same(
        register(phone, f"Expires: {least}").param("expires", "Contact"), least, "expires of a Contact that asks for it"
    )


@case("3261 §10.3 step 7", "When its time is over, a Contact goes away by itself.", on="hasty")
def its_time_is_over(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.agent("callee")
    register(callee, "Expires: 1")
    callee.hear_nothing(within=2.5)
    same(listed(callee), [], "what a query finds")
    caller.ask("MESSAGE", callee.aor)
    caller.hear("4")


@case("3261 §10.3 step 7", "Contacts in one header line or in several are all stored, in one go.")
def several_contacts(scene: Scene) -> None:
    phone = scene.agent("phone")
    one, two, three = at(phone, "one", "two", "three")
    register(phone, values(one, two), values(three))
    same(listed(phone), [one, three, two], "what a query finds")


@case("3261 §10.3 step 7", "An existing Contact is updated, not added again.")
def a_refresh(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone, "Expires: 120")
    register(phone, f"Contact: <{phone.contact}>;q=0.3")
    response = register(phone, "Contact:")
    same((len(response.values("Contact")), response.param("q", "Contact")), (1, "0.3"), "the number of Contacts, and q")


@case("3261 §10.3 step 7", "expires=0 removes one Contact, and leaves the others.")
def one_is_removed(scene: Scene) -> None:
    phone = scene.agent("phone")
    one, two = at(phone, "one", "two")
    register(phone, values(one, two))
    same(uris(register(phone, f"Contact: <{one}>;expires=0")), [two], "what the 200 lists")


@case("3261 §10.2.3", "A REGISTER without Contact asks for the list, and changes nothing.")
def a_query(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone)
    same(listed(phone), [phone.contact], "what is listed first")
    same(listed(phone), [phone.contact], "what is listed then")


@case("3261 §10.3 step 6", "Contact: * with Expires: 0 removes all Contacts.")
def all_are_removed(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone, values(*at(phone, "one", "two")))
    same(uris(register(phone, "Contact: *", "Expires: 0")), [], "what the 200 lists")
    same(listed(phone), [], "what a query finds")


@case("3261 §10.3 step 6", "Contact: * with another Expires, or with none, is answered 400, and removes nothing.")
def a_star_without_zero(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone)
    register(phone, "Contact: *", "Expires: 60", wanted="400")
    register(phone, "Contact: *", wanted="400")
    same(listed(phone), [phone.contact], "what a query finds")


@case("3261 §10.3 step 6", "Contact: * beside another Contact is answered 400, and removes nothing.")
def a_star_and_more(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone)
    register(phone, "Contact: *", values(*at(phone, "other")), "Expires: 0", wanted="400")
    same(listed(phone), [phone.contact], "what a query finds")


@case(
    "3261 §10.3 step 6",
    "Contact: * removes nothing if its CSeq is not above that of the stored Contacts.",
    kamailio="save() does not look at the CSeq of a *.",
)
def a_star_of_before(scene: Scene) -> None:
    phone = scene.agent("phone")
    call = f"Call-ID: {phone.user}"
    register(phone, call, "CSeq: 7 REGISTER")
    register(phone, call, "CSeq: 6 REGISTER", "Contact: *", "Expires: 0", wanted="4")
    same(listed(phone), [phone.contact], "what a query finds")


@case("3261 §10.3 step 7", "A REGISTER older than the last one of its Call-ID is refused, and changes nothing.")
def an_older_one(scene: Scene) -> None:
    phone = scene.agent("phone")
    call = f"Call-ID: {phone.user}"
    register(phone, call, "CSeq: 7 REGISTER")
    register(phone, call, "CSeq: 6 REGISTER", "Expires: 0", wanted="4")
    same(listed(phone), [phone.contact], "what a query finds")


@case(
    "3261 §10.3 step 7",
    "Another REGISTER with the same Call-ID and CSeq is refused as well.",
    kamailio="usrloc takes it for a repeat, and says 200 to it; nothing is changed.",
)
def an_equal_one(scene: Scene) -> None:
    phone = scene.agent("phone")
    call = f"Call-ID: {phone.user}"
    register(phone, call, "CSeq: 7 REGISTER")
    register(phone, call, "CSeq: 7 REGISTER", "Expires: 0", wanted="4")
    same(listed(phone), [phone.contact], "what a query finds")


@case("3261 §10.3 step 7", "A lower CSeq is not older if the Call-ID is different: the phone was restarted.")
def a_restarted_phone(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone, "CSeq: 7 REGISTER")
    register(phone, "CSeq: 1 REGISTER", f"Contact: <{phone.contact}>;q=0.3")
    same(register(phone, "Contact:").param("q", "Contact"), "0.3", "q")


@case("3261 §17.2.2", "A repeated REGISTER gets the same answer again.")
def a_register_is_repeated(scene: Scene) -> None:
    phone = scene.agent("phone")
    sent = phone.ask("REGISTER", f"sip:{scene.domain}", f"To: <{phone.aor}>")
    first = phone.hear("200")
    same(listed(phone), [phone.contact], "what a query finds")
    phone.send(sent.raw)
    phone.hear_again(first)


@case("3261 §10.3", "When one Contact of a REGISTER can't be stored, none is: here, too many for one user.")
def all_or_none(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone, values(*at(phone, *(f"p{number}" for number in range(25)))), wanted="5")
    same(listed(phone), [], "what a query finds")


@case("3261 §10.3", "When one Contact of a REGISTER can't be read, none is stored.")
def one_is_malformed(scene: Scene) -> None:
    phone = scene.agent("phone")
    register(phone, f"Contact: <{phone.contact}>, <sip:{phone.user}@host:port>", wanted="400")
    same(listed(phone), [], "what a query finds")


@case(
    "3261 §10.3 step 8",
    "The 200 lists all Contacts of the user, however many.",
    labsip="By UDP, and without passwords, no more than fits twice the size of the request: anybody could have a "
    "long list sent to somebody else.",
)
def a_long_list(scene: Scene) -> None:
    phone = scene.agent("phone")
    contacts = at(phone, *(f"p{number}" for number in range(10, 26)))
    register(phone, values(*contacts))
    holds(len(listed(phone)) == 16, "some are left out")


@case("3261 §10.3 step 8", "Over a connection the 200 lists all Contacts of the user, however many.")
def a_long_list_over_tcp(scene: Scene) -> None:
    phone = scene.agent("phone", tcp=True)
    contacts = at(phone, *(f"p{number}" for number in range(10, 26)))
    register(phone, values(*contacts))
    same(listed(phone), sorted(contacts), "what a query finds")


@case(
    "3261 §10.3 step 8",
    "The 200 says when it was made (Date).",
    labsip="Only a SHOULD, for phones without a clock; the core has none either.",
    kamailio="Only a SHOULD; a script would have to add it.",
)
def a_date(scene: Scene) -> None:
    holds(register(scene.agent("phone")).get("Date"), "there is no Date")


@case(
    "3261 §10.3 step 1",
    "A user's REGISTER for another domain is forwarded there.",
    labsip="It is answered 403: to register elsewhere, a phone asks that registrar itself.",
)
def a_registrar_elsewhere(scene: Scene) -> None:
    phone, other = scene.phone("phone"), scene.agent("other")
    phone.ask("REGISTER", f"sip:{other.at}", f"To: <sip:{phone.user}@{other.at}>")
    other.hear("REGISTER")


@case(
    "3261 §10.3 step 2",
    "A REGISTER that requires an unknown extension is answered 420, and nothing is stored.",
    kamailio="save() does not look at Require; sanity_check looks at Proxy-Require alone.",
)
def an_unknown_extension(scene: Scene) -> None:
    phone = scene.agent("phone")
    response = register(phone, "Require: teleport, path", wanted="420")
    same(response.values("Unsupported"), ["teleport"], "Unsupported")
    same(listed(phone), [], "what a query finds")
