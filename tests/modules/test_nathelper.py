"""Phones behind NAT: kept beside the Contact, written over it, written into it (the codes: tests/kamailio/nat)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labsip.modules.usrloc import Origin, UsrLoc
from labsip.proxy.script import Routes
from labsip.sip.errors import LabError
from labsip.sip.transport import Address, Datagram
from labsip.vocabulary import Ksr, build_proxy, location
from tests.ends import Bench
from tests.modules.saying import codes, relayed

INSIDE = "<sip:106@192.168.1.6:5070>"


def bench(change: Callable[[Ksr], object]) -> Bench:
    """A proxy that makes this change to every message, registers, and else looks up and relays."""

    def route(ksr: Ksr) -> None:
        change(ksr)
        if ksr.is_method("REGISTER"):
            ksr.save("location")
        elif ksr.has_totag() or ksr.lookup("location"):
            ksr.t_relay()

    return Bench(route)


def test_a_request_goes_where_the_register_came_from_and_is_for_the_contact() -> None:
    made = bench(lambda ksr: ksr.is_method("REGISTER") and ksr.nat_uac_test(1) and ksr.fix_nated_register())
    alice, bob = made.end("106"), made.end("108")
    alice.register(INSIDE)
    assert location(made.proxy, 0.0)[0]["Received"] == "sip:127.0.10.106:5060"
    assert alice.heard[0].values("Contact") == [f'{INSIDE};expires=3600;received="sip:127.0.10.106:5060"']
    bob.invite("sip:106@127.0.10.1")
    assert alice.hears("INVITE").uri == "sip:106@192.168.1.6:5070"


def test_who_registers_again_from_where_it_says_is_reached_there() -> None:
    made = bench(lambda ksr: ksr.is_method("REGISTER") and ksr.nat_uac_test(1) and ksr.fix_nated_register())
    phone = made.end("106")
    phone.register(INSIDE)
    phone.register("*", 0)
    phone.register()
    assert location(made.proxy, 0.0)[0]["Received"] == "[not set]"


def test_a_phone_on_tcp_is_reached_by_its_connection() -> None:
    tcp, there = Address("127.0.10.1", proto="tcp"), Address("127.0.10.106", 40106, "tcp")

    def route(ksr: Ksr) -> None:
        if ksr.is_method("REGISTER"):
            ksr.fix_nated_register()
            ksr.save("location")
        elif ksr.lookup("location"):
            ksr.t_relay()

    proxy = build_proxy(Routes(route), [tcp])
    phone = Bench(route).end("106")
    register = phone.request("REGISTER", to="<sip:106@h>", headers=[("Contact", "<sip:106@192.168.1.6;transport=tcp>")])
    proxy.receive(Datagram(register.raw, there, tcp), 0.0)
    assert proxy.module(UsrLoc).live("location", "106", 0.0)[0].received == f"sip:{there};transport=tcp"
    message = phone.request("MESSAGE", "sip:106@127.0.10.1")
    (out,) = proxy.receive(Datagram(message.raw, Address("127.0.10.9", 40109, "tcp"), tcp), 1.0)
    assert out.dst == there


def test_a_contact_with_an_alias_leads_back_to_where_it_came_from() -> None:
    made = bench(lambda ksr: ksr.handle_ruri_alias() if ksr.has_totag() else ksr.add_contact_alias())
    alice, bob = made.end("106"), made.end("108")
    bob.register()
    alice.send(alice.request("INVITE", headers=[("Contact", INSIDE)]))
    (contact,) = bob.hears("INVITE").contacts
    assert contact.uri == "sip:106@192.168.1.6:5070;alias=127.0.10.106~5060~1"
    bob.send(bob.request("BYE", contact.uri, to="<sip:106@127.0.10.1>;tag=1"))
    assert alice.hears("BYE").uri == "sip:106@192.168.1.6:5070"


def test_an_alias_is_no_parameter_of_the_header_where_the_contact_had_no_brackets() -> None:
    made = bench(lambda ksr: ksr.add_contact_alias())
    alice, bob = made.end("106"), made.end("108")
    bob.register()
    alice.send(alice.request("INVITE", headers=[("Contact", INSIDE.strip("<>"))]))
    assert bob.hears("INVITE").get("Contact") == "<sip:106@192.168.1.6:5070;alias=127.0.10.106~5060~1>"


@pytest.mark.parametrize(("contact", "code"), [("sip:106@h", -1), ("sip:106@h:5060", -1), ("sip:106@h:5070", 1)])
def test_a_contact_without_port_means_5060_when_it_is_compared_with_the_source(contact: str, code: int) -> None:
    codes: list[int] = []
    made = bench(lambda ksr: codes.append(int(ksr.nat_uac_test(128))))
    made.end("106").register(f"<{contact}>")
    assert codes == [code]


def test_an_ipv6_source_is_written_in_brackets() -> None:
    here, there = Address("::1"), Address("::2", 5070)
    seen: list[object] = []

    def route(ksr: Ksr) -> None:
        ksr.fix_nated_register()
        seen.append(ksr._turn.note(Origin).uri)
        ksr.add_contact_alias()
        seen.extend(lump.text for lump in ksr._turn.lumps)

    request = Bench(route).end("106").request("REGISTER", headers=[("Contact", "<sip:106@[::9]>")])
    build_proxy(Routes(route), [here]).receive(Datagram(request.raw, there, here), 0.0)
    assert seen == ["sip:[::2]:5070", b"Contact: <sip:106@[::9];alias=[::2]~5070~1>\r\n"]


@pytest.mark.parametrize("flags", [512, 1024, 19 + 512])
def test_what_nat_uac_test_cannot_look_at_is_told(flags: int) -> None:
    made = bench(lambda ksr: ksr.nat_uac_test(flags))
    made.end("106").register()
    assert LabError.__name__ in made.proxy.errors[0].text
    assert f"not {flags}" in made.proxy.errors[0].text


SDP = "v=0\r\no=- 1 1 IN IP4 10.0.0.6\r\ns=-\r\nc=IN IP4 10.0.0.6\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
WITH_SDP = {"headers": [("Content-Type", "application/sdp")], "body": SDP.encode()}


def test_a_body_that_names_another_address_is_seen() -> None:
    asked = [lambda k, flag=flag: k.nat_uac_test(flag) for flag in ("8", "256")]
    assert codes(*asked, **WITH_SDP) == [1, 1]
    assert codes(*asked, headers=[("Content-Type", "text/plain")], body=b"c=IN IP4 10.0.0.6") == [-1, -1]
    assert codes(*asked) == [-1, -1]


@pytest.mark.parametrize(
    ("flags", "ip", "line", "added"),
    [
        (2, "", "c=IN IP4 127.0.10.106", ""),
        (10, "", "o=- 1 1 IN IP4 127.0.10.106", ""),
        (2, "192.0.2.7", "c=IN IP4 192.0.2.7", ""),
        (1, "", "c=IN IP4 10.0.0.6", "a=direction:active\r\n"),
    ],
)
def test_the_address_of_a_body_is_replaced(flags: int, ip: str, line: str, added: str) -> None:
    message = relayed(lambda k: k.fix_nated_sdp(flags, ip), **WITH_SDP)
    text = message.body.decode()
    assert line in text
    assert text.endswith(added)
    assert message.get("Content-Length") == str(len(message.body))


def test_without_a_body_there_is_no_address_to_replace() -> None:
    assert codes(lambda k: k.fix_nated_sdp("2")) == [-1]


def test_set_contact_alias_writes_what_add_contact_alias_does() -> None:
    message = relayed(lambda k: k.set_contact_alias(), headers=[("Contact", "<sip:106@10.0.0.6:5099>")])
    assert message.get("Contact") == "<sip:106@10.0.0.6:5099;alias=127.0.10.106~5060~1>"
