"""Passing responses on, and choosing the best: RFC 3261 §16.7."""

from __future__ import annotations

from tests.conformance.agent import Agent
from tests.conformance.case import Scene, case, holds, same
from tests.conformance.message import Message


def dropped(caller: Agent, callee: Agent, came: Message, *lines: str) -> None:
    """An answer with these lines goes no further, and the right one after it does."""
    callee.answer(came, "202 Accepted", *lines)
    caller.hear_nothing()
    callee.answer(came, "200 OK")
    caller.hear("200")


@case("3261 §16.7 step 3", "The proxy's Via is taken off a response, and nothing else is changed in it.")
def the_via_is_taken_off(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    answer = callee.answer(callee.hear("MESSAGE"), "299 Seen", "x-MOOD:  fine", "Contact: *", body="hello")
    response = caller.hear("299")
    same(response.values("Via"), answer.values("Via")[1:], "the Vias left")
    same([line for line in response.lines if not line.startswith("Via")],
         [line for line in answer.lines if not line.startswith("Via")], "the rest")  # fmt: skip
    same((response.first, response.body), (answer.first, b"hello"), "the first line and the body")


@case(
    "3261 §16.7 step 3",
    "A response with only the proxy's Via was meant for the proxy, and goes no further.",
    kamailio="tm passes on a response that fits a transaction, whatever Vias are left.",
)
def no_via_left(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    dropped(caller, callee, came, f"Via: {came.values('Via')[0]}")


@case("3261 §18.1.2", "A response whose topmost Via is not the proxy's is discarded.")
def a_via_of_somebody_else(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    vias = came.values("Via")
    dropped(caller, callee, came, f"Via: {vias[0].replace(scene.proxy.udp, '192.0.2.7:5060')}", f"Via: {vias[1]}")


@case(
    "6026 §7.3",
    "A response that nobody waits for is dropped.",
    kamailio="It is forwarded by its next Via, as RFC 3261 §16.7 step 1 had it before RFC 6026.",
)
def a_stray_response(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    stray = f"Via: SIP/2.0/UDP {scene.proxy.udp};branch=z9hG4bKstray"
    dropped(caller, callee, came, stray, f"Via: {came.values('Via')[1]}")


@case(
    "3261 §17.1.3",
    "A response belongs only to a request of its method, whatever its branch.",
    kamailio="tm does not know it either; but a response without a transaction is forwarded by its next Via.",
)
def another_method(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    came = callee.hear("MESSAGE")
    dropped(caller, callee, came, "CSeq: 1 INFO")


@case("3261 §16.7 step 5", "A provisional response goes to the caller at once, with its body.")
def provisional(scene: Scene) -> None:
    caller, callee, other = scene.fork()
    _, first, second = scene.invite(caller, callee, other)
    callee.answer(first, "183 Session Progress", "Content-Type: application/sdp", body="v=0\r\n")
    same(caller.hear("183").body, b"v=0\r\n", "the body")
    other.answer(second, "180 Ringing")
    caller.hear("180")


@case("3261 §16.7 step 5", "A 100 goes no further than the proxy.")
def trying_stays_here(scene: Scene) -> None:
    caller, callee = scene.phones()
    _, came = scene.invite(caller, callee)
    caller.hear("100")
    callee.answer(came, "100 Trying", "Server: callee")
    caller.hear_nothing(not_even_100=True)
    callee.answer(came, "180 Ringing")
    caller.hear("180")


@case("3261 §16.7 step 5", "When two phones of a fork answer a call, both 200 go to the caller.")
def two_winners(scene: Scene) -> None:
    caller, callee, other = scene.fork()
    _, first, second = scene.invite(caller, callee, other)
    callee.answer(first, "180 Ringing")
    caller.hear("180")
    callee.answer(first, "200 OK")
    other.answer(second, "200 OK")
    same({caller.hear("200").target, caller.hear("200").target}, {callee.contact, other.contact}, "who answered")


@case("3261 §16.7 step 10", "When one phone takes the call, those that ring are sent CANCEL, and their 487 ends here.")
def the_others_are_cancelled(scene: Scene) -> None:
    caller, callee, other = scene.fork()
    _, first, second = scene.invite(caller, callee, other)
    other.answer(second, "180 Ringing")
    caller.hear("180")
    callee.answer(first, "200 OK")
    caller.hear("200")
    other.answer(other.hear("CANCEL"), "200 OK")
    other.answer(second, "487 Request Terminated")
    other.hear("ACK")
    caller.hear_nothing()


@case("3261 §16.7 step 6", "No final response but a 2xx is passed on before all phones have answered.")
def the_best_is_waited_for(scene: Scene) -> None:
    caller, callee, other = scene.fork()
    _, first, second = scene.invite(caller, callee, other)
    callee.answer(first, "486 Busy Here")
    callee.hear("ACK")
    caller.hear_nothing()
    other.answer(second, "200 OK")
    caller.hear("200")


def best_of(scene: Scene, one: str, another: str, wanted: str) -> None:
    """Two phones answer a call; the caller hears what is best."""
    caller, callee, other = scene.fork()
    _, first, second = scene.invite(caller, callee, other)
    callee.answer(first, one)
    other.answer(second, another)
    caller.hear(wanted)


@case("3261 §16.7 step 6", "The best response is one of the lowest class: 302 before 486.")
def a_3xx_before_a_4xx(scene: Scene) -> None:
    best_of(scene, "486 Busy Here", "302 Moved Temporarily", "302")


@case("3261 §16.7 step 6", "The best response is one of the lowest class: 404 before 500.")
def a_4xx_before_a_5xx(scene: Scene) -> None:
    best_of(scene, "500 Server Internal Error", "404 Not Found", "404")


@case("3261 §16.7 step 6", "Among 4xx, one that says how to try again is preferred: 415 before 404.")
def one_that_helps(scene: Scene) -> None:
    best_of(scene, "404 Not Found", "415 Unsupported Media Type", "415")


@case("3261 §16.7 step 6", "Of several final responses, a 6xx is the best.")
def a_6xx_is_best(scene: Scene) -> None:
    best_of(scene, "404 Not Found", "603 Decline", "603")


@case("3261 §16.7 step 5", "After a 6xx those that ring are sent CANCEL, and it goes on when they have ended.")
def a_6xx_ends_the_others(scene: Scene) -> None:
    caller, callee, other = scene.fork()
    _, first, second = scene.invite(caller, callee, other)
    other.answer(second, "180 Ringing")
    caller.hear("180")
    callee.answer(first, "603 Decline")
    other.answer(other.hear("CANCEL"), "200 OK")
    caller.hear_nothing()
    other.answer(second, "487 Request Terminated")
    caller.hear("603")


@case("3261 §16.7 step 6", "A 503 is not passed on as such: the neighbour is overloaded, not the proxy.")
def a_503_becomes_a_500(scene: Scene) -> None:
    caller, callee = scene.phones()
    caller.ask("MESSAGE", callee.aor)
    callee.answer(callee.hear("MESSAGE"), "503 Service Unavailable", "Retry-After: 10")
    holds(not caller.hear("500").get("Retry-After"), "Retry-After is passed on")


@case("3261 §16.7 step 7", "The challenges of all phones that ask for a password go to the caller in one response.")
def challenges_are_gathered(scene: Scene) -> None:
    caller, callee, other = scene.fork()
    caller.ask("MESSAGE", callee.aor)
    first, second = callee.hear("MESSAGE"), other.hear("MESSAGE")
    one, another = 'Digest realm="one", nonce="1"', 'Digest realm="another", nonce="2"'
    callee.answer(first, "407 Proxy Authentication Required", f"Proxy-Authenticate: {one}")
    other.answer(second, "401 Unauthorized", f"WWW-Authenticate: {another}")
    response = caller.hear("40")
    got = (response.all("Proxy-Authenticate"), response.all("WWW-Authenticate"))
    same(got, ([one], [another]), "Proxy-Authenticate and WWW-Authenticate")


@case("3261 §16.7", "A 302 is passed on with its Contact as it is.")
def a_redirection(scene: Scene) -> None:
    caller, callee = scene.phones()
    _, came = scene.invite(caller, callee)
    callee.answer(came, "302 Moved Temporarily", "Contact: <sip:elsewhere@far.example>;expires=60")
    same(caller.hear("302").get("Contact"), "<sip:elsewhere@far.example>;expires=60", "Contact")


@case("3261 §16.9", "A phone that can't be reached counts as one that says 503: the caller hears 500, and soon.")
def nobody_listens(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.agent("callee")
    callee.register(f"Contact: <sip:{scene.dead_end()};transport=tcp>")
    caller.ask("MESSAGE", callee.aor)
    caller.hear("500", within=3)


@case("3261 §16.9", "A phone that can't be reached does not keep the user's other phones from being called.")
def one_cannot_be_reached(scene: Scene) -> None:
    caller, callee = scene.phones()
    callee.register(f"Contact: <sip:{scene.dead_end()};transport=tcp>")
    _, came = scene.invite(caller, callee)
    callee.answer(came, "200 OK")
    caller.hear("200")


@case("3261 §16.9", "When the phone of the highest q can't be reached, the next one is called.")
def the_next_one_is_called(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.phone("callee")
    callee.register(f"Contact: <sip:{scene.dead_end()};transport=tcp>;q=1")
    caller.ask("INVITE", callee.aor)
    callee.hear("INVITE", within=3)


@case("3261 §16.9", "A phone at an unknown host counts as one that says 503, too, and the next one is called.")
def an_unknown_host(scene: Scene) -> None:
    caller, callee = scene.agent("caller"), scene.phone("callee")
    callee.register("Contact: <sip:nowhere.invalid>;q=1")
    _, came = scene.invite(caller, callee)
    callee.answer(came, "486 Busy Here")
    callee.hear("ACK")
    caller.hear("486")
    callee.register("Expires: 0")
    caller.ask("MESSAGE", callee.aor)
    caller.hear("500")


@case(
    "3261 §16.8",
    "A phone that rings too long is sent CANCEL (Timer C), and its answer to that goes to the caller.",
    kamailio="When fr_inv_timer fires, the caller gets 408 first, and then CANCEL goes out.",
    on="hasty",
)
def timer_c(scene: Scene) -> None:
    caller, callee = scene.phones()
    _, came = scene.invite(caller, callee)
    callee.answer(came, "180 Ringing")
    caller.hear("180")
    cancel = callee.hear("CANCEL", within=10)
    callee.answer(cancel, "200 OK")
    callee.answer(came, "487 Request Terminated")
    caller.hear("487")


@case("3261 §16.8", "A callee who says nothing at all counts as one who says 408.", on="hasty")
def a_silent_callee(scene: Scene) -> None:
    caller, callee = scene.phones()
    scene.invite(caller, callee)
    caller.hear("408", within=10)


@case("3261 §16.7 step 5", "A call that is taken after somebody else has said 6xx is up: its 200 goes to the caller.")
def a_200_after_a_6xx(scene: Scene) -> None:
    caller, callee, other = scene.fork()
    _, first, second = scene.invite(caller, callee, other)
    other.answer(second, "180 Ringing")
    caller.hear("180")
    callee.answer(first, "603 Decline")
    other.answer(other.hear("CANCEL"), "200 OK")
    other.answer(second, "200 OK")
    caller.hear("200")


@case("3261 §16.7 step 5", "When the call is taken, the caller hears nothing of the phones that still ring.")
def ringing_after_the_end(scene: Scene) -> None:
    caller, callee, other = scene.fork()
    _, first, second = scene.invite(caller, callee, other)
    callee.answer(first, "200 OK")
    caller.hear("200")
    other.answer(second, "180 Ringing")
    caller.hear_nothing()


@case("3261 §16.7 step 5", "The caller of a request other than INVITE hears one final response, even if two succeed.")
def one_success_of_two(scene: Scene) -> None:
    caller, callee, other = scene.fork()
    caller.ask("MESSAGE", callee.aor)
    first, second = callee.hear("MESSAGE"), other.hear("MESSAGE")
    callee.answer(first, "200 OK")
    other.answer(second, "200 OK")
    caller.hear("200")
    caller.hear_nothing()


@case("3261 §16.7 step 6", "A phone that asks for a password is preferred to one that is busy: 407 before 486.")
def a_challenge_before_a_486(scene: Scene) -> None:
    best_of(scene, "486 Busy Here", "407 Proxy Authentication Required", "407")


@case("3261 §16.7 step 6", "The best response is chosen among all phones called, even one after the other.")
def the_best_of_all_attempts(scene: Scene) -> None:
    caller, desk = scene.agent("caller"), scene.agent("desk")
    desk.register(f"Contact: <{desk.contact}>;q=0.9")
    mobile = scene.agent("mobile", user=desk.user)
    mobile.register(f"Contact: <{mobile.contact}>;q=0.1")
    _, first = scene.invite(caller, desk)
    desk.answer(first, "486 Busy Here")
    mobile.answer(mobile.hear("INVITE"), "500 Server Internal Error")
    caller.hear("486")


@case("3261 §16.7 step 2", "Each provisional response gives the callee the whole time of Timer C again.", on="hasty")
def timer_c_begins_again(scene: Scene) -> None:
    caller, callee = scene.phones()
    _, came = scene.invite(caller, callee)
    for second in range(6):  # half a second each, 3 s in all
        callee.answer(came, f"18{second % 2 * 3} Patience {second}")
        caller.hear("18")
        callee.hear_nothing(within=0.5)
    callee.hear("CANCEL", within=10)
