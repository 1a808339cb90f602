"""The commands of nathelper, said to a real Kamailio and to us."""

from __future__ import annotations

from typing import Any

from labsip.vocabulary import Ksr
from tests.kamailio.case import REGISTER, Case, Said


def _nat(name: str, statement: str, python: Said, *headers: str, **more: Any) -> Case:
    """A command that changes the Contact: its code, and the Contact as it goes out."""

    def said(ksr: Ksr) -> int:
        ksr["$ru"] = f"sip:108@{ksr['$si']}:{ksr['$sp']}"
        code = int(python(ksr))
        ksr.append_hf(f"X-Code: {code}")
        return ksr.t_relay()

    cfg = rf'$ru = "sip:108@HOST:CPORT"; {statement}; $var(a) = $rc; append_hf("X-Code: $var(a)\r\n"); t_relay();'
    return Case(name, cfg, said, headers=headers, forwards=True, **more)


def _looked_at(name: str, flag: int, *headers: str) -> Case:
    command = f'nat_uac_test("{flag}");'
    return Case(f"nat_uac_test {flag}, {name}", command, lambda k: k.nat_uac_test(flag), headers=headers)


def _aliased(name: str, alias: str, **more: Any) -> Case:
    """Where a request goes whose Request-URI has that alias, told in a reason phrase."""

    def said(ksr: Ksr) -> int:
        code = int(ksr.handle_ruri_alias())
        return ksr.sl_send_reply(298, f"Code {code} {ksr['$du'] or 0} {ksr['$ru']}")

    cfg = 'handle_ruri_alias(); $var(a) = $rc; $var(u) = $du; sl_send_reply("298", "Code $var(a) $var(u) $ru");'
    return Case(f"handle_ruri_alias, {name}", cfg, said, uri=f"sip:108@10.1.1.1{alias}", **more)


# fmt: off
CASES = (
    _nat("fix_nated_contact",              "fix_nated_contact()",          lambda k: k.fix_nated_contact(),
         'Contact: "A" <sip:106:pw@10.1.1.1:99;ob;x=y?H=1>;expires=3'),
    _nat("fix_nated_contact, no user",     "fix_nated_contact()",          lambda k: k.fix_nated_contact(),
         "m: <sip:10.1.1.1>;a=b"),
    _nat("fix_nated_contact, a list",      "fix_nated_contact()",          lambda k: k.fix_nated_contact(),
         "Contact: <sip:106@10.1.1.1>, sip:107@10.1.1.2"),
    _nat("fix_nated_contact, none",        "fix_nated_contact()",          lambda k: k.fix_nated_contact()),
    _nat("fix_nated_contact, a star",      "fix_nated_contact()",          lambda k: k.fix_nated_contact(),
         "Contact: *"),
    _nat("fix_nated_contact, another URI", "fix_nated_contact()",          lambda k: k.fix_nated_contact(),
         "Contact: <tel:123>"),
    _nat("add_contact_alias",              "add_contact_alias()",          lambda k: k.add_contact_alias(),
         'Contact: "A" <sip:106@10.1.1.1:7060;ob?H=1>;q=1'),
    _nat("add_contact_alias, no <>",       "add_contact_alias()",          lambda k: k.add_contact_alias(),
         "Contact: sip:106@10.1.1.1;expires=5"),
    _nat("add_contact_alias, a list",      "add_contact_alias()",          lambda k: k.add_contact_alias(),
         "Contact: <sip:106@10.1.1.1>, <sip:107@10.1.1.2>"),
    _nat("add_contact_alias, true as is",  "add_contact_alias()",          lambda k: k.add_contact_alias(),
         "Contact: <sip:106@HOST:CPORT;transport=udp>"),
    _nat("add_contact_alias, no transport", "add_contact_alias()",         lambda k: k.add_contact_alias(),
         "Contact: <sip:106@HOST:CPORT>"),
    _nat("add_contact_alias, a star",      "add_contact_alias()",          lambda k: k.add_contact_alias(),
         "Contact: *"),
    _nat("add_contact_alias, none",        "add_contact_alias()",          lambda k: k.add_contact_alias()),
    _nat("add_contact_alias, given",       'add_contact_alias("10.2.2.2", "5070", "tcp")',
         lambda k: k.add_contact_alias("10.2.2.2", "5070", "tcp"), "Contact: <sip:106@10.1.1.1>"),
    _nat("add_contact_alias, no address",  'add_contact_alias("foo", "5070", "tcp")',
         lambda k: k.add_contact_alias("foo", "5070", "tcp"), "Contact: <sip:106@10.1.1.1>"),
    _aliased("none",                       ";ob"),
    _aliased("UDP",                        ";alias=10.2.2.2~5070~1"),
    _aliased("TCP among others",           ";ob;alias=10.2.2.2~5070~2;x=y?H=1"),
    _aliased("TLS, IPv6",                  ";alias=[::1]~5070~3"),
    _aliased("two",                        ";alias=10.2.2.2~5070~1;alias=1~2~1"),
    _aliased("nonsense",                   ";alias=nonsense"),
    _aliased("no such transport",          ";alias=10.2.2.2~5070~9",
             differs=("an alias that can't be followed stays as it was, in Kamailio its first ~ becomes a :",
                      "nothing is changed before the whole alias is read")),
    _aliased("no value",                   ";alias"),
    _looked_at("private",                  1, "Contact: <sip:106@192.168.1.1>"),
    _looked_at("shared",                   1, "Contact: <sip:106@100.64.1.1>"),
    _looked_at("a name",                   1, "Contact: <sip:106@a.invalid>"),
    _looked_at("no Contact",               1),
    _looked_at("another host",             2, "Via: SIP/2.0/UDP 10.9.9.9:CPORT;rport;branch=z9hG4bKnat2"),
    _looked_at("as it is",                 2),
    _looked_at("private",                  4, "Via: SIP/2.0/UDP 172.31.9.9:CPORT;rport;branch=z9hG4bKnat4"),
    _looked_at("another port",             16, "Via: SIP/2.0/UDP HOST:1;rport;branch=z9hG4bKnat16"),
    _looked_at("as it is",                 32),
    _looked_at("another port",             128, "Contact: <sip:106@HOST>"),
    _looked_at("the same",                 128, "Contact: <sip:106@10.1.1.1:CPORT>"),
    _looked_at("Via's port",               19, "Via: SIP/2.0/UDP HOST:1;rport;branch=z9hG4bKnat19"),
    _looked_at("as it is",                 19, "Contact: <sip:106@HOST>"),
    Case("fix_nated_register",             'fix_nated_register();',        lambda k: k.fix_nated_register()),
    Case("save, behind NAT",               'fix_nated_register(); save("location");',
         lambda k: [k.fix_nated_register(), k.save("location")][-1], "REGISTER", "sip:HOST",
         ("To: <sip:nat@HOST>", "Contact: <sip:nat@10.1.1.1>", "Call-ID: nat")),
    Case("lookup, who is behind NAT",      'lookup("location"); t_relay();',
         lambda k: [k.lookup("location"), k.t_relay()][-1], uri="sip:nat@HOST", forwards=True),
    Case("save, behind NAT no more",       **REGISTER, headers=(
        "To: <sip:nat@HOST>", "Contact: <sip:nat@10.1.1.1>", "Call-ID: nat", "CSeq: 2 REGISTER")),
)
# fmt: on
