"""Words of the core, and of kex, tmx, textops, textopsx, siputils and rr that public configurations use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labsip.modules import pv
from labsip.vocabulary import Ksr
from tests.kamailio.case import Case, Said

FLAGS = "is $mf $mF $bf $bF $sf $sF"
URI = "sip:108:pw@10.9.9.9:7;p=1?h=2"
ROUTE = ("Route: <sip:HOST:PORT;lr;ftag=f;nat=yes>", "To: <sip:108@HOST>;tag=1")
BODY = ("Content-Type: text/plain",)


def _told(cfg: str, text: str, python: Callable[[Ksr], Any]) -> tuple[str, Said]:
    """Say something, and tell variables."""

    def said(ksr: Ksr) -> int:
        python(ksr)
        return ksr.sl_send_reply(298, pv.expand(ksr._turn, text))

    return f'{cfg} sl_send_reply("298", "{text}");', said


def _uri(command: str, *args: str | int) -> tuple[str, Said]:
    """Rewrite a part of a Request-URI, and tell what it is then."""
    quoted = ", ".join(f'"{arg}"' if isinstance(arg, str) else str(arg) for arg in args)
    return _told(
        f'seturi("{URI}"); {command}({quoted});', "is $ru", lambda k: [k.seturi(URI), getattr(k, command)(*args)]
    )


def _asked(command: str, *args: str) -> tuple[str, Said]:
    """Ask something."""
    quoted = ", ".join(f'"{arg}"' for arg in args)
    return f"{command}({quoted});", lambda k: getattr(k, command)(*args)


def _back(cfg: str, python: Callable[[Ksr], Any]) -> tuple[str, Said]:
    """Send it back to who sent it, after these statements."""

    def said(ksr: Ksr) -> int:
        ksr["$ru"] = f"sip:108@{ksr['$si']}:{ksr['$sp']}"
        python(ksr)
        return ksr.t_relay()

    return f'$ru = "sip:108@HOST:CPORT"; {cfg} t_relay();', said


# fmt: off
CASES = (
    Case("setflag, resetflag",          *_told("setflag(3); setflag(31); resetflag(3);", FLAGS,
                                               lambda k: [k.setflag(3), k.setflag(31), k.resetflag(3)])),
    Case("setbflag, setsflag",          *_told('setbflag("6"); setsflag("2");', FLAGS,
                                               lambda k: [k.setbflag(6), k.setsflag(2)])),
    Case("isbflagset, of a branch there is not", *_asked("isbflagset", "6", "1")),
    Case("setbflag, of a branch there is not",   *_asked("setbflag", "6", "1")),
    Case("issflagset, not set",         *_asked("issflagset", "4")),
    Case("isdsturiset, nothing",        *_asked("isdsturiset")),
    Case("setdsturi",                   *_told('setdsturi("sip:1.2.3.4");', "is $du",
                                               lambda k: k.setdsturi("sip:1.2.3.4"))),
    Case("strip",                       *_uri("strip", 2)),
    Case("strip, too many",             *_uri("strip", 9)),
    Case("strip_tail",                  *_uri("strip_tail", 2)),
    Case("prefix",                      *_uri("prefix", "+49")),
    Case("rewriteuser",                 *_uri("rewriteuser", "bob")),
    Case("rewriteuserpass",             *_uri("rewriteuserpass", "u:p")),
    Case("rewritehost",                 *_uri("rewritehost", "h.x")),
    Case("rewriteport",                 *_uri("rewriteport", "9")),
    Case("rewritehostport",             *_uri("rewritehostport", "h.x:9")),
    Case("revert_uri",                  *_uri("revert_uri")),
    Case("is_request",                  *_asked("is_request")),
    Case("is_reply",                    *_asked("is_reply")),
    Case("is_first_hop",                *_asked("is_first_hop")),
    Case("is_first_hop, two Vias",      *_asked("is_first_hop"),
         headers=("Via: SIP/2.0/UDP HOST:CPORT;rport;branch=z9hG4bKfh, SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKin",),
         differs=("received goes to the topmost Via, in Kamailio to the end of the line, which is another's Via",
                  "RFC 3261 §18.2.1")),
    Case("is_uri, one",                 *_asked("is_uri", "sip:a@b")),
    Case("is_uri, none",                *_asked("is_uri", "foo")),
    Case("is_numeric, no number",       *_asked("is_numeric", "12x")),
    Case("is_tel_number",               *_asked("is_tel_number", "+4912")),
    Case("is_alphanum, no letter",      *_asked("is_alphanum", "a-")),
    Case("cmp_uri, another host",       *_asked("cmp_uri", "sip:a@b", "sip:a@c")),
    Case("cmp_aor, a parameter more",   *_asked("cmp_aor", "sip:a@b", "sip:a@b;x=1")),
    Case("uri_param, with its value",   *_asked("uri_param", "nat", "yes"), uri="sip:108@HOST;nat=yes"),
    Case("uri_param, without",          *_asked("uri_param", "nat"), uri="sip:108@HOST;nat=yes"),
    Case("starts_with, another",        *_asked("starts_with", "108", "11")),
    Case("starts_with, too short",      *_asked("starts_with", "1", "11")),
    Case("ends_with",                   *_asked("ends_with", "108", "08")),
    Case("str_find",                    *_asked("str_find", "hello", "ll")),
    Case("cmp_istr",                    *_asked("cmp_istr", "a", "A")),
    Case("in_list",                     *_asked("in_list", "b", "a,b", ",")),
    Case("search",                      *_asked("search", "^x-CASE")),
    Case("search_body, nothing",        *_asked("search_body", "nothing")),
    Case("has_body, none",              *_asked("has_body")),
    Case("is_present_hf_re",            *_asked("is_present_hf_re", "^x-ca")),
    Case("remove_hf_re, nothing",       *_asked("remove_hf_re", "^Nope")),
    Case("remove_hf_idx, beyond",       *_asked("remove_hf_idx", "X-Case", "5")),
    Case("subst_user",                  *_told('subst_user("/0/oo/");', "is $ru", lambda k: k.subst_user("/0/oo/"))),
    Case("subst_uri, nothing",          *_asked("subst_uri", "/nope/x/")),
    Case("msg_apply_changes",           *_told('append_hf("X-A: 1\\r\\n"); msg_apply_changes();', "is $hdr(X-A)",
                                               lambda k: [k.append_hf("X-A: 1\r\n"), k.msg_apply_changes()])),
    Case("remove_body, none",           *_asked("remove_body")),
    Case("t_is_set, nothing",           *_asked("t_is_set", "failure_route")),
    Case("t_is_set, armed",             't_on_failure("X"); t_is_set("failure_route");',
         lambda k: [k.t_on_failure("X"), k.t_is_set("failure_route")][-1]),
    Case("t_is_request_route",          *_asked("t_is_request_route")),
    Case("t_is_branch_route",           *_asked("t_is_branch_route")),
    Case("t_any_replied, nobody",       *_asked("t_any_replied")),
    Case("t_lookup_request, new",       *_asked("t_lookup_request")),
    Case("t_lookup_request, one",       't_newtran(); t_lookup_request();',
         lambda k: [k.t_newtran(), k.t_lookup_request()][-1]),
    Case("t_send_reply",                *_asked("t_send_reply", "404", "No")),
    Case("check_route_param, no Route", *_asked("check_route_param", "nat=yes")),
    Case("check_route_param",           'loose_route(); check_route_param("nat=yes");',
         lambda k: [k.loose_route(), k.check_route_param("nat=yes")][-1], headers=ROUTE),
    Case("check_route_param, another",  'loose_route(); check_route_param("nat=no");',
         lambda k: [k.loose_route(), k.check_route_param("nat=no")][-1], headers=ROUTE),
    Case("is_direction",                'loose_route(); is_direction("downstream");',
         lambda k: [k.loose_route(), k.is_direction("downstream")][-1], headers=ROUTE),
    Case("set_contact_alias",           *_asked("set_contact_alias"), headers=("Contact: <sip:106@10.0.0.6:5099>",)),
    Case("fix_nated_sdp, no body",      *_asked("fix_nated_sdp", "2")),
    Case("nat_uac_test, a body",        *_asked("nat_uac_test", "8")),
    Case("forwarded, with a parameter", *_back('record_route(); add_rr_param(";nat=yes");',
                                               lambda k: [k.record_route(), k.add_rr_param(";nat=yes")]),
         forwards=True),
    Case("forwarded, a parameter first", *_back('add_rr_param(";nat=yes"); record_route();',
                                                lambda k: [k.add_rr_param(";nat=yes"), k.record_route()]),
         forwards=True),
    Case("forwarded, with an alias",    *_back("set_contact_alias();", lambda k: k.set_contact_alias()), forwards=True,
         headers=("Contact: <sip:106@10.0.0.6:5099>",)),
    Case("forwarded, headers by place", *_back(r'append_hf("X-A: 1\r\n", "Call-ID"); insert_hf("X-B: 1\r\n", "CSeq");',
                                               lambda k: [k.append_hf("X-A: 1\r\n", "Call-ID"),
                                                          k.insert_hf("X-B: 1\r\n", "CSeq")]), forwards=True),
    Case("forwarded, a header changed", *_back('subst_hf("X-Two", "/b/B/g", "a");',
                                               lambda k: k.subst_hf("X-Two", "/b/B/g", "a")), forwards=True,
         headers=("X-Two: abba", "X-Two: b")),
    Case("forwarded, changes applied",  *_back('append_hf("X-A: 1\\r\\n"); msg_apply_changes(); remove_hf("X-A");',
                                               lambda k: [k.append_hf("X-A: 1\r\n"), k.msg_apply_changes(),
                                                          k.remove_hf("X-A")]), forwards=True),
    Case("forwarded, a body set",       *_back('set_body("hello", "text/plain");',
                                               lambda k: k.set_body("hello", "text/plain")), forwards=True),
)
# fmt: on
