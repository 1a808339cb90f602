"""Authentication: RFC 3261 §22, RFC 7616 and 8760."""

from __future__ import annotations

from functools import partial

from tests.conformance.case import Scene, case, holds, same
from tests.conformance.digest import answer, ask, members, register, told
from tests.conformance.message import name_of

case = partial(case, on="users")


@case("3261 §22.2", "A REGISTER without credentials is answered 401, and nothing is stored.")
def a_registrar_asks(scene: Scene) -> None:
    phone = scene.member("phone")
    phone.ask("REGISTER", f"sip:{scene.domain}", f"To: <{phone.aor}>")
    holds(phone.hear("401").get("WWW-Authenticate").startswith("Digest "), "there is no WWW-Authenticate: Digest")
    same(register(phone, "Contact:").values("Contact"), [], "the Contacts a query finds")


@case("3261 §22.3", "Another request without credentials is answered 407, and goes nowhere.")
def a_proxy_asks(scene: Scene) -> None:
    caller, callee = members(scene)
    caller.ask("MESSAGE", callee.aor)
    holds(caller.hear("407").get("Proxy-Authenticate").startswith("Digest "), "there is no Proxy-Authenticate: Digest")
    callee.hear_nothing()


@case("7616 §3.3", "A challenge has a realm, a nonce and qop; the realm is the domain.")
def a_challenge(scene: Scene) -> None:
    caller = scene.member("caller")
    caller.ask("MESSAGE", caller.aor)
    challenge = told(caller.hear("407"))
    same((challenge.get("realm"), challenge.get("qop")), (scene.domain, "auth"), "realm and qop")
    holds(len(challenge.get("nonce", "")) >= 20, "the nonce can be guessed")


@case("7616 §3.3", "No two challenges have the same nonce.")
def a_nonce_of_its_own(scene: Scene) -> None:
    nonces = []
    for agent in (scene.member("caller"), scene.member("other")):
        agent.ask("MESSAGE", agent.aor)
        nonces.append(told(agent.hear("407"))["nonce"])
    holds(nonces[0] != nonces[1], "two are the same")


@case("3261 §22.2", "A REGISTER with the right password is stored.")
def the_right_password(scene: Scene) -> None:
    phone = scene.member("phone")
    same(register(phone).target, phone.contact, "the Contact in the 200")


@case("3261 §22.3", "A request with the right password goes on, and without it: the callee does not see credentials.")
def the_credentials_stay_here(scene: Scene) -> None:
    caller, callee = members(scene)
    ask(caller, "MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    same(came.all("Proxy-Authorization"), [], "Proxy-Authorization")
    callee.answer(came, "200 OK")
    caller.hear("200")


@case("3261 §22.3", "A wrong password is asked for again, and the request goes nowhere.")
def a_wrong_password(scene: Scene) -> None:
    caller, callee = members(scene)
    asked = caller.ask("MESSAGE", callee.aor)
    wrong = answer(caller.hear("407"), asked, caller.user, password="guessed")
    caller.ask("MESSAGE", callee.aor, wrong)
    holds(told(caller.hear("407")).get("stale", "false") != "true", "the nonce is blamed")
    callee.hear_nothing()


@case("3261 §22.3", "An unknown user gets the same answer as a wrong password: nobody can find out which users exist.")
def an_unknown_user(scene: Scene) -> None:
    seen = []
    for username in (scene.member("caller").user, "nobody"):
        caller = scene.agent("caller", user=username)
        asked = caller.ask("MESSAGE", caller.aor)
        caller.ask("MESSAGE", caller.aor, answer(caller.hear("407"), asked, username, password="guessed"))
        response = caller.hear("407")
        challenge = {name: value for name, value in told(response).items() if name != "nonce"}
        seen.append((response.first, [name_of(line) for line in response.lines], challenge))
    same(seen[1], seen[0], "the answer")


@case("7616 §3.4", "A nonce can be used again, with a higher nc.")
def the_next_use(scene: Scene) -> None:
    caller, callee = members(scene)
    challenge, asked = ask(caller, "MESSAGE", callee.aor)
    callee.hear("MESSAGE")
    caller.ask("MESSAGE", callee.aor, answer(challenge, asked, caller.user, nc=2))
    callee.hear("MESSAGE")


@case("7616 §3.4", "Credentials that were used before are refused; stale=true says the password is not at fault.")
def a_replay(scene: Scene) -> None:
    caller, callee = members(scene)
    challenge, asked = ask(caller, "MESSAGE", callee.aor)
    callee.hear("MESSAGE")
    caller.ask("MESSAGE", callee.aor, answer(challenge, asked, caller.user))
    same(told(caller.hear("407")).get("stale"), "true", "stale")
    callee.hear_nothing()


@case("3261 §17.2.2", "A request with credentials that is repeated gets the same answer, and goes on once.")
def a_message_with_credentials_is_repeated(scene: Scene) -> None:
    caller, callee = members(scene)
    _, sent = ask(caller, "MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    callee.answer(came, "200 OK")
    done = caller.hear("200")
    callee.hear_nothing()
    caller.send(sent.raw)
    caller.hear_again(done)
    callee.hear_not_again(came, within=0)


@case(
    "3261 §17.2.2",
    "A REGISTER with credentials that is repeated gets the same answer.",
    kamailio="Its stock configuration makes no transaction for a REGISTER, so that a repeat counts as a replay.",
)
def a_register_with_credentials_is_repeated(scene: Scene) -> None:
    phone = scene.member("phone")
    _, sent = ask(phone, "REGISTER", f"sip:{scene.domain}", f"To: <{phone.aor}>")
    done = phone.hear("200")
    phone.hear_nothing()
    phone.send(sent.raw)
    phone.hear_again(done)


@case("7616 §3.3", "A nonce that is too old is answered with a new one and stale=true.", on="fleeting")
def a_nonce_grows_old(scene: Scene) -> None:
    caller = scene.member("caller")
    asked = caller.ask("MESSAGE", caller.aor)
    challenge = caller.hear("407")
    caller.hear_nothing(within=2.5)
    caller.ask("MESSAGE", caller.aor, answer(challenge, asked, caller.user))
    fresh = told(caller.hear("407"))
    same(fresh.get("stale"), "true", "stale")
    holds(fresh["nonce"] != told(challenge)["nonce"], "the nonce is the old one")


@case("7616 §3.3", "A nonce made by somebody else is not accepted.")
def another_nonce(scene: Scene) -> None:
    caller, callee = members(scene)
    asked = caller.ask("MESSAGE", callee.aor)
    challenge = caller.hear("407")
    nonce = told(challenge)["nonce"]
    made_up = nonce[:10] + ("A" if nonce[10] != "A" else "B") + nonce[11:]
    caller.ask("MESSAGE", callee.aor, answer(challenge, asked, caller.user, nonce=made_up))
    caller.hear("407")
    callee.hear_nothing()


@case(
    "7616 §3.4.6",
    "Credentials made for another URI than the Request-URI are refused.",
    kamailio="auth does not compare them.",
)
def another_uri(scene: Scene) -> None:
    caller, callee = members(scene)
    asked = caller.ask("MESSAGE", callee.aor)
    caller.ask("MESSAGE", callee.aor, answer(caller.hear("407"), asked, caller.user, uri="sip:other@lab.example"))
    caller.hear("4")


@case("7616 §3.4", "Credentials made for another method are refused.")
def made_for_another_method(scene: Scene) -> None:
    caller, callee = members(scene)
    asked = caller.ask("MESSAGE", callee.aor)
    caller.ask("INFO", callee.aor, answer(caller.hear("407"), asked, caller.user))
    caller.hear("407")
    callee.hear_nothing()


@case("3261 §10.3 step 4", "A user who registers somebody else with their own password is answered 403.")
def somebody_else_is_registered(scene: Scene) -> None:
    phone, victim = scene.member("phone"), scene.member("victim")
    ask(phone, "REGISTER", f"sip:{scene.domain}", f"To: <{victim.aor}>")
    phone.hear("403")
    same(register(victim, "Contact:").values("Contact"), [], "the victim's Contacts")


@case("8224 §4.1", "A user who puts somebody else in From with their own password is answered 403.")
def somebody_else_speaks(scene: Scene) -> None:
    caller, callee = members(scene)
    ask(caller, "MESSAGE", callee.aor, f"From: <{callee.aor}>;tag=1")
    caller.hear("403")
    callee.hear_nothing()


@case("3261 §22.1", "CANCEL is not challenged: it belongs to an INVITE that was.")
def a_cancel_is_not_challenged(scene: Scene) -> None:
    caller, callee = members(scene)
    _, sent = ask(caller, "INVITE", callee.aor)
    callee.answer(callee.hear("INVITE"), "180 Ringing")
    caller.hear("180")
    caller.cancel(sent)
    caller.hear("200")
    callee.hear("CANCEL")


@case("3261 §22.1", "ACK is not challenged, neither that for a 407 nor that for a 200.")
def an_ack_is_not_challenged(scene: Scene) -> None:
    caller, callee = members(scene)
    ask(caller, "INVITE", callee.aor)
    callee.answer(callee.hear("INVITE"), "200 OK")
    ok = caller.hear("200")
    routes = [f"Route: {route}" for route in reversed(ok.values("Record-Route"))]
    dialog = [f"{name}: {ok.get(name)}" for name in ("From", "To", "Call-ID")]
    caller.ask("ACK", ok.target, *dialog, *routes)
    callee.hear("ACK")
    caller.hear_nothing()


@case("3261 §22.3", "Credentials for another realm are left for the proxy that has it, and those for ours are found.")
def of_two_realms(scene: Scene) -> None:
    caller, callee = members(scene)
    asked = caller.ask("MESSAGE", callee.aor)
    challenge = caller.hear("407")
    other = answer(challenge, asked, caller.user, realm="other.example")
    caller.ask("MESSAGE", callee.aor, other, answer(challenge, asked, caller.user))
    same(callee.hear("MESSAGE").all("Proxy-Authorization"), [other.partition(": ")[2]], "Proxy-Authorization")


@case("3261 §22.2", "Authorization is for the callee: a proxy passes it on as it is.")
def authorization_is_passed_on(scene: Scene) -> None:
    caller, callee = members(scene)
    own = 'Authorization: Digest username="bob", realm="pc.example", nonce="1", uri="sip:bob@pc.example", response="2"'
    ask(caller, "MESSAGE", callee.aor, own)
    same(callee.hear("MESSAGE").all("Authorization"), [own.partition(": ")[2]], "Authorization")


@case("3261 §22.1", "Basic, which reveals the password to everybody, is not accepted.")
def basic(scene: Scene) -> None:
    caller, callee = members(scene)
    caller.ask("MESSAGE", callee.aor, "Proxy-Authorization: Basic dXNlcjAwMDpzZWNyZXQ=")
    caller.hear("407")
    callee.hear_nothing()


@case("7616 §3.4", "Order, spaces and quotes of the parameters don't matter, nor do unknown parameters.")
def any_order(scene: Scene) -> None:
    caller, callee = members(scene)
    asked = caller.ask("MESSAGE", callee.aor)
    name, _, value = answer(caller.hear("407"), asked, caller.user).partition(": Digest ")
    turned = " ,\t".join([*reversed(value.replace("qop=auth", 'qop="auth"').split(", ")), 'x-lab="a, b"'])
    caller.ask("MESSAGE", callee.aor, f"{name}: DIGEST  {turned}")
    callee.hear("MESSAGE")


@case("8760 §2.1", "A proxy can ask for SHA-256, and takes it.", on="sha256")
def sha256(scene: Scene) -> None:
    caller, callee = members(scene)
    challenge, _ = ask(caller, "MESSAGE", callee.aor)
    same(told(challenge).get("algorithm"), "SHA-256", "algorithm")
    callee.hear("MESSAGE")


@case(
    "8760 §2.3",
    "A client asked for SHA-256 can't answer with MD5: nobody on the way may choose the weakest.",
    on="sha256",
)
def a_weaker_one(scene: Scene) -> None:
    caller, callee = members(scene)
    asked = caller.ask("MESSAGE", callee.aor)
    caller.ask("MESSAGE", callee.aor, answer(caller.hear("407"), asked, caller.user, algorithm="MD5"))
    caller.hear("4")
    callee.hear_nothing()
