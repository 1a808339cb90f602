"""The commands of the lessons and of tm, said to a real Kamailio and to us."""

from __future__ import annotations

from labsip.modules import pv
from labsip.vocabulary import Ksr
from tests.kamailio import nat, substitutions, words
from tests.kamailio.case import REGISTER, Case, Said


def _lines(*lines: str) -> tuple[str, ...]:
    return lines


def _forward(cfg: str = "", python: Said = lambda _: None) -> tuple[str, Said]:
    """Forward the request to who sent it, after these statements."""

    def said(ksr: Ksr) -> int:
        ksr["$ru"] = f"sip:108@{ksr['$si']}:{ksr['$sp']}"
        python(ksr)
        return ksr.t_relay()

    return f'$ru = "sip:108@HOST:CPORT"; {cfg} t_relay();', said


SHOWN = (
    "is $rm $ru $rU $rd $rp $ou $du $fu $fU $fd $fn $ft $tu $tU $td $tn $tt $ci $cs $ct $ua $cl $rb $si $Ri $pr $rs "
    "$rr $T_reply_code $T_branch_idx $null $hdr(X-Two) $hdr(Nope) $avp(x) $var(x) $$"
)
"""Pseudo-variables, shown in a reason phrase; ports are left out, for they are not the same twice."""


def _variables(cfg: str = "", *settings: tuple[str, object]) -> tuple[str, Said]:
    """Set variables, and tell all there are."""

    def said(ksr: Ksr) -> int:
        for name, value in settings:
            ksr[name] = value
        return ksr.sl_send_reply(298, pv.expand(ksr._turn, SHOWN))

    return f'{cfg} sl_send_reply("298", "{SHOWN}");', said


def _here(ksr: Ksr, before: str = "", port: bool = False) -> str:
    """Our host, with the port if asked for."""
    return f"{before}{ksr['$Ri']}" + (f":{ksr['$Rp']}" if port else "")


def _contacts(*branches: tuple[str, str]) -> tuple[str, Said]:
    """The target set with these branches (user, q), sorted; the first ones are told in a redirect, behind the codes."""

    def said(ksr: Ksr) -> int:
        ksr["$ru"] = "sip:a@h.invalid"
        for user, q in branches:
            ksr.append_branch(f"sip:{user}@h.invalid", q)
        codes = f"{int(ksr.t_load_contacts())} {int(ksr.t_next_contacts())}"
        ksr.sl_send_reply(302, f"Go {codes}")
        return ksr.t_next_contacts()

    added = " ".join(f'append_branch("sip:{user}@h.invalid", "{q}");' for user, q in branches)
    sort = "t_load_contacts(); $var(a) = $rc; t_next_contacts(); $var(b) = $rc;"
    tell = 'sl_send_reply("302", "Go $var(a) $var(b)"); t_next_contacts();'
    return f'$ru = "sip:a@h.invalid"; {added} {sort} {tell}', said


def _next_hop(ksr: Ksr) -> None:
    ksr["$ru"] = "sip:1@10.9.9.9"
    ksr["$du"] = f"sip:{ksr['$si']}:{ksr['$sp']}"


# fmt: off
ME = "To: <sip:106@HOST>"
AT = "Contact: <sip:106@HOST:7060>"

CASES = (
    Case("is_method, the method",          'is_method("MESSAGE");',        lambda k: k.is_method("MESSAGE")),
    Case("is_method, one of two",          'is_method("INVITE|MESSAGE");', lambda k: k.is_method("INVITE|MESSAGE")),
    Case("is_method, another",             'is_method("INVITE");',         lambda k: k.is_method("INVITE")),
    Case("is_method, nobody's own",        'is_method("FOOBAR");',         lambda k: k.is_method("FOOBAR"), "FOOBAR"),
    Case("has_totag, no tag",              'has_totag();',                 lambda k: k.has_totag()),
    Case("has_totag, a tag",               'has_totag();',                 lambda k: k.has_totag(),
         headers=_lines("To: <sip:108@HOST>;tag=1")),
    Case("is_present_hf, there",           'is_present_hf("X-Case");',     lambda k: k.is_present_hf("X-Case")),
    Case("is_present_hf, compact",         'is_present_hf("Subject");',    lambda k: k.is_present_hf("Subject"),
         headers=_lines("s: hello")),
    Case("is_present_hf, not there",       'is_present_hf("X-No");',       lambda k: k.is_present_hf("X-No")),
    Case("append_hf",                      r'append_hf("X-A: 1\r\n");',    lambda k: k.append_hf("X-A: 1\r\n")),
    Case("remove_hf, there",               'remove_hf("X-Case");',         lambda k: k.remove_hf("X-Case")),
    Case("remove_hf, not there",           'remove_hf("X-No");',           lambda k: k.remove_hf("X-No")),
    Case("xlog",                           'xlog("$rm $ru\n");',           lambda k: k.xlog("$rm $ru\n")),
    Case("force_rport",                    'force_rport(); has_totag();',  lambda k: k.force_rport() and k.has_totag(),
         headers=_lines("Via: SIP/2.0/UDP HOST:CPORT;branch=z9hG4bKnorport")),
    Case("sl_reply",                       'sl_reply("404", "No");',       lambda k: k.sl_reply("404", "No")),
    Case("sl_reply, provisional",          'sl_reply("180", "Ringing");',  lambda k: k.sl_reply(180, "Ringing")),
    Case("sl_reply, 100",                  'sl_reply("100", "Trying");',   lambda k: k.sl_reply(100, "Trying")),
    Case("sl_send_reply",                  'sl_send_reply("480", "No");',  lambda k: k.sl_send_reply(480, "No")),
    Case("sl_reply, a To with a tag",      'sl_reply("404", "No");',       lambda k: k.sl_reply(404, "No"),
         headers=_lines("To: <sip:108@HOST>;tag=kept")),
    Case("sl_reply, a redirect to nobody", 'sl_reply("302", "Moved");',    lambda k: k.sl_reply(302, "Moved")),
    Case("sl_reply, a redirect",          '$ru = "sip:1@HOST:7"; append_branch("sip:2@HOST:7"); sl_reply("302", "Go");',
         lambda k: [k.__setitem__("$ru", "sip:1@127.0.0.1:7"), k.append_branch("sip:2@127.0.0.1:7"),
                    k.sl_reply(302, "Go")][-1]),
    Case("t_reply, a redirect",            't_newtran(); append_branch("sip:2@HOST:7"); t_reply("300", "Choose");',
         lambda k: [k.t_newtran(), k.append_branch("sip:2@127.0.0.1:7"), k.t_reply(300, "Choose")][-1]),
    Case("send_reply, no transaction",     'send_reply("404", "No");',     lambda k: k.send_reply(404, "No")),
    Case("send_reply, a transaction",      't_newtran(); send_reply("404", "No");',
         lambda k: k.t_newtran() and k.send_reply(404, "No")),
    Case("send_reply, twice",              't_newtran(); send_reply("404", "No"); send_reply("405", "No");',
         lambda k: [k.t_newtran(), k.send_reply(404, "No"), k.send_reply(405, "No")][-1]),
    Case("t_reply, no transaction",        't_reply("404", "No");',        lambda k: k.t_reply(404, "No")),
    Case("t_reply",                        't_newtran(); t_reply("404", "No");',
         lambda k: k.t_newtran() and k.t_reply(404, "No")),
    Case("t_reply, provisional",           't_newtran(); t_reply("180", "Ringing");',
         lambda k: k.t_newtran() and k.t_reply(180, "Ringing")),
    Case("t_reply, provisional and final", 't_newtran(); t_reply("180", "R"); t_reply("486", "Busy");',
         lambda k: [k.t_newtran(), k.t_reply(180, "R"), k.t_reply(486, "Busy")][-1], "INVITE"),
    Case("t_newtran",                      't_newtran();',                 lambda k: k.t_newtran()),
    Case("t_newtran, a repeat",            't_newtran(); t_reply("404", "No");',
         lambda k: k.t_newtran() and k.t_reply(404, "No"), call="repeat"),
    Case("t_newtran, the repeat",          't_newtran();',                 lambda k: k.t_newtran(), call="repeat"),
    Case("t_check_trans, new",             't_check_trans();',             lambda k: k.t_check_trans()),
    Case("t_check_trans, a repeat",        't_newtran(); t_reply("404", "No");',
         lambda k: k.t_newtran() and k.t_reply(404, "No"), call="checked"),
    Case("t_check_trans, the repeat",      't_check_trans();',             lambda k: k.t_check_trans(), call="checked"),
    Case("t_check_trans, CANCEL alone",    't_check_trans();',             lambda k: k.t_check_trans(), "CANCEL"),
    Case("t_relay, nowhere",               '$ru = "sip:108@nowhere.invalid"; t_relay();',
         lambda k: [k.__setitem__("$ru", "sip:108@nowhere.invalid"), k.t_relay()][-1]),
    Case("t_relay, an INVITE nowhere",     '$ru = "sip:108@nowhere.invalid"; t_relay();',
         lambda k: [k.__setitem__("$ru", "sip:108@nowhere.invalid"), k.t_relay()][-1], "INVITE"),
    Case("t_relay, each branch dropped",   '$ru = "sip:108@HOST:CPORT"; t_on_branch("DROP"); t_relay();',
         lambda k: [k.__setitem__("$ru", "sip:108@127.0.0.1"), k.t_on_branch("DROP"), k.t_relay()][-1]),
    Case("t_relay, nothing to relay to",   '$ru = "sip:108@nowhere.invalid"; t_relay(); t_relay();',
         lambda k: [k.__setitem__("$ru", "sip:108@nowhere.invalid"), k.t_relay(), k.t_relay()][-1]),
    Case("a CANCEL before any branch",     't_newtran();',                 lambda k: k.t_newtran(), "INVITE",
         call="early"),
    Case("its CANCEL",                     't_relay();',                   lambda k: k.t_relay(), "CANCEL",
         call="early"),
    Case("t_is_canceled",                  't_is_canceled();',             lambda k: k.t_is_canceled()),
    Case("t_set_fr",                       't_set_fr("10000", "2000");',   lambda k: k.t_set_fr(10000, 2000)),
    Case("t_on_failure",                   't_on_failure("X");',           lambda k: k.t_on_failure("X")),
    Case("t_on_reply",                     't_on_reply("X");',             lambda k: k.t_on_reply("X")),
    Case("t_on_branch",                    't_on_branch("X");',            lambda k: k.t_on_branch("X")),
    Case("append_branch",                  'append_branch("sip:1@HOST");', lambda k: k.append_branch("sip:1@HOST")),
    Case("append_branch, the Request-URI", 'append_branch();',             lambda k: k.append_branch()),
    Case("record_route",                   'record_route();',              lambda k: k.record_route()),
    Case("loose_route, no Route",          'loose_route();',               lambda k: k.loose_route()),
    Case("loose_route, ours, no dialog",   'loose_route();',               lambda k: k.loose_route(),
         headers=_lines("Route: <sip:HOST:PORT;lr>")),
    Case("loose_route, ours and more",     'loose_route();',               lambda k: k.loose_route(),
         headers=_lines("Route: <sip:HOST:PORT;lr>, <sip:HOST:7777;lr>")),
    Case("loose_route, ours in a dialog",  'loose_route();',               lambda k: k.loose_route(),
         uri="sip:108@HOST:7070", headers=_lines("Route: <sip:HOST:PORT;lr>", "To: <sip:108@HOST>;tag=1")),
    Case("loose_route, another's",         'loose_route();',               lambda k: k.loose_route(),
         uri="sip:108@HOST:7070", headers=_lines("Route: <sip:HOST:7777;lr>", "To: <sip:108@HOST>;tag=1")),
    Case("mf_process_maxfwd_header, 70",   'mf_process_maxfwd_header("10");', lambda k: k.mf_process_maxfwd_header(10)),
    Case("mf_process_maxfwd_header, 0",    'mf_process_maxfwd_header("10");', lambda k: k.mf_process_maxfwd_header(10),
         headers=_lines("Max-Forwards: 0")),
    Case("mf_process_maxfwd_header, none", 'mf_process_maxfwd_header("10");', lambda k: k.mf_process_maxfwd_header(10),
         headers=_lines("Max-Forwards:-")),
    Case("mf_process_maxfwd_header, text", 'mf_process_maxfwd_header("10");', lambda k: k.mf_process_maxfwd_header(10),
         headers=_lines("Max-Forwards: many")),
    Case("sanity_check, sound",            'sanity_check("17895", "7");',  lambda k: k.sanity_check(17895, 7)),
    Case("sanity_check, CSeq's method",    'sanity_check("17895", "7");',  lambda k: k.sanity_check(17895, 7),
         headers=_lines("CSeq: 1 BYE")),
    Case("sanity_check, Content-Length",   'sanity_check("17895", "7");',  lambda k: k.sanity_check(17895, 7),
         headers=_lines("Content-Length: 5")),
    Case("sanity_check, scheme",           'sanity_check("17895", "7");',  lambda k: k.sanity_check(17895, 7),
         uri="http://HOST/",
         differs=("a Request-URI of an unknown scheme is answered 416, in Kamailio 400", "RFC 3261 §16.3 step 2")),
    Case("sanity_check, a Contact's name", 'sanity_check("17895", "15");', lambda k: k.sanity_check(17895, 15),
         headers=_lines("Contact: : <sip:106@HOST>")),
    Case("sanity_check, one in quotes",    'sanity_check("17895", "15");', lambda k: k.sanity_check(17895, 15),
         headers=_lines('Contact: "a: b" <sip:106@HOST>')),
    Case("sanity_check, a Contact's port", 'sanity_check("17895", "15");', lambda k: k.sanity_check(17895, 15),
         headers=_lines("Contact: <sip:106@HOST:5060transport=udp>")),
    Case("sanity_check, an empty list",    'sanity_check("512", "7");',    lambda k: k.sanity_check(512, 7),
         headers=_lines("Proxy-Require:")),
    Case("variables of a request",         *_variables()),
    Case("variables, telephone numbers",   *_variables(), uri="sip:108;npdi;rn=+1555@HOST;user=phone",
         headers=_lines("From: <sip:106;npdi@HOST;user=phone>;tag=f", "To: <sip:108;npdi@HOST>")),
    Case("variables, PHONE",               *_variables(), uri="sip:108;npdi@HOST;user=PHONE",
         differs=("user=PHONE is user=phone, in Kamailio it is not",
                  "RFC 3261 §7.3.1: case does not count in parameters")),
    Case("variables, a number set",        *_variables('$rU = "109";', ("$rU", "109")),
         uri="sip:108;npdi;rn=+1555@HOST;user=phone"),
    Case("variables, a fuller request",    *_variables(), uri="sip:bob:pw@HOST:7099;user=phone?a=b",
         headers=_lines('From: "A. Bell" <sip:106@HOST;x=1>;tag=f', "To: Bob <sips:108@HOST>;tag=t", "User-Agent: ua/1",
                        "Contact: <sip:106@HOST>, <sip:107@HOST>", "X-Two: one", "x-two: two")),
    Case("variables, set one by one",     *_variables('$rU = "109"; $rd = "10.1.1.1"; $rp = 7000; $du = "sip:1.2.3.4";',
                                                       ("$rU", "109"), ("$rd", "10.1.1.1"), ("$rp", 7000),
                                                       ("$du", "sip:1.2.3.4"))),
    Case("variables, set to nothing",     *_variables('$du = "sip:1.2.3.4"; $du = $null; $avp(x) = 1; $avp(x) = $null;',
                                                       ("$du", "sip:1.2.3.4"), ("$du", None), ("$avp(x)", 1),
                                                       ("$avp(x)", None))),
    Case("variables of one's own",         *_variables('$ru = "sip:1@10.3.3.3"; $var(x) = "v"; $avp(x) = "a";',
                                                       ("$ru", "sip:1@10.3.3.3"), ("$var(x)", "v"), ("$avp(x)", "a"))),
    Case("lookup, nobody",                 'lookup("location");',          lambda k: k.lookup("location")),
    Case("lookup, no user",                'lookup("location");',          lambda k: k.lookup("location"),
         uri="sip:HOST"),
    Case("registered, nobody",             'registered("location");',      lambda k: k.registered("location")),
    Case("save, no Contact and nobody",    **REGISTER, headers=_lines(ME)),
    Case("save, an unknown one goes",      **REGISTER, headers=_lines(ME, AT, "Expires: 0")),
    Case("save, new",                      **REGISTER, headers=_lines(ME, AT, "Call-ID: r1", "CSeq: 5 REGISTER")),
    Case("save, later",                    **REGISTER, headers=_lines(ME, AT, "Call-ID: r1", "CSeq: 6 REGISTER")),
    Case("save, the same again",           **REGISTER, headers=_lines(ME, AT, "Call-ID: r1", "CSeq: 6 REGISTER")),
    Case("save, earlier",                  **REGISTER, headers=_lines(ME, AT, "Call-ID: r1", "CSeq: 4 REGISTER")),
    Case("save, a second contact",         **REGISTER, headers=_lines(ME, "Contact: <sip:106@HOST:7061>;q=0.5")),
    Case("save, one of two goes",          **REGISTER,
         headers=_lines(ME, "Contact: <sip:106@HOST:7061>;expires=0", "Call-ID: r2")),
    Case("save, no Contact",               **REGISTER, headers=_lines(ME)),
    Case("save, star with a time",         **REGISTER, headers=_lines(ME, "Contact: *", "Expires: 60")),
    Case("save, star and another",         **REGISTER, headers=_lines(ME, "Contact: *", AT, "Expires: 0")),
    Case("save, a time that is none",      **REGISTER, headers=_lines(ME, AT, "Expires: soon", "Call-ID: r3")),
    Case("save, no answer",                'save("location", "2");',       lambda k: k.save("location", 2),
         "REGISTER", "sip:HOST", _lines(ME, AT, "Call-ID: r4")),
    Case("save, answer with a transaction", 't_newtran(); save("location");',
         lambda k: k.t_newtran() and k.save("location"), "REGISTER", "sip:HOST", _lines(ME, AT, "Call-ID: r5")),
    Case("lookup, somebody",               'lookup("location");',          lambda k: k.lookup("location"),
         uri="sip:106@HOST"),
    Case("lookup, escaped",                'lookup("location");',          lambda k: k.lookup("location"),
         uri="sip:%3106@HOST"),
    Case("lookup, a number's parameters",  'lookup("location");',          lambda k: k.lookup("location"),
         uri="sip:106;npdi;rn=+1555@HOST;user=phone"),
    Case("lookup, no number",              'lookup("location");',          lambda k: k.lookup("location"),
         uri="sip:106;npdi@HOST"),
    Case("save, a number's parameters",    **REGISTER,
         headers=_lines("To: <sip:106;npdi@HOST;user=phone>", AT, "Call-ID: r6")),
    Case("lookup, another host",           'lookup("location");',          lambda k: k.lookup("location"),
         uri="sip:106@elsewhere.invalid"),
    Case("lookup, by argument",            'lookup("location", "sip:106@HOST");',
         lambda k: k.lookup("location", "sip:106@h")),
    Case("registered, somebody",           'registered("location");',      lambda k: k.registered("location"),
         uri="sip:106@HOST"),
    Case("registered, by argument",        'registered("location", "sip:106@HOST");',
         lambda k: k.registered("location", "sip:106@h")),
    Case("unregister, somebody",           'unregister("location", "sip:106@HOST");',
         lambda k: k.unregister("location", "sip:106@h")),
    Case("unregister, nobody",             'unregister("location", "sip:106@HOST");',
         lambda k: k.unregister("location", "sip:106@h")),
    Case("save, a user too long",          **REGISTER, headers=_lines(f"To: <sip:{'u' * 65}@HOST>", AT)),
    Case("save, a contact too long",       **REGISTER,
         headers=_lines("To: <sip:long@HOST>", f"Contact: <sip:{'c' * 503}@a.com>")),
    Case("save, a Call-ID too long",       **REGISTER,
         headers=_lines("To: <sip:long@HOST>", AT, f"Call-ID: {'i' * 256}")),
    Case("save, as long as may be",        **REGISTER,
         headers=_lines(f"To: <sip:{'u' * 64}@HOST>", f"Contact: <sip:{'c' * 502}@a.com>", f"Call-ID: {'i' * 255}")),
    Case("save, star",                     **REGISTER, headers=_lines(ME, "Contact: *", "Expires: 0")),
    Case("forwarded as it is",             *_forward(), forwards=True),
    Case("forwarded, an INVITE",           *_forward(), "INVITE", forwards=True),
    Case("forwarded, headers put on top",  *_forward('record_route();', lambda k: k.record_route()),
         headers=_lines("Record-Route: <sip:HOST:7777;lr>"), forwards=True),
    Case("forwarded, headers behind",      *_forward(r'append_hf("X-A: 1\r\n"); append_hf("X-B: 2\r\n");',
                                                     lambda k: [k.append_hf("X-A: 1"), k.append_hf("X-B: 2")]),
         forwards=True),
    Case("forwarded, headers taken out",   *_forward('remove_hf("X-Case"); remove_hf("Subject");',
                                                     lambda k: [k.remove_hf("X-Case"), k.remove_hf("Subject")]),
         headers=_lines("Subject: one", "s: two", "X-Other: kept"), forwards=True),
    Case("forwarded, a hop limit added",   *_forward('mf_process_maxfwd_header("10");',
                                                     lambda k: k.mf_process_maxfwd_header(10)),
         headers=_lines("Max-Forwards:-"), forwards=True),
    Case("forwarded, a hop counted",       *_forward('mf_process_maxfwd_header("10");',
                                                     lambda k: k.mf_process_maxfwd_header(10)), forwards=True),
    Case("forwarded, a limit lowered",     *_forward('mf_process_maxfwd_header("10");',
                                                     lambda k: k.mf_process_maxfwd_header(10)),
         headers=_lines("Max-Forwards: 100"), forwards=True),
    Case("forwarded, a limit and a route", *_forward('mf_process_maxfwd_header("10"); record_route();',
                                                     lambda k: [k.mf_process_maxfwd_header(10), k.record_route()]),
         headers=_lines("Max-Forwards:-"), forwards=True),
    Case("forwarded, rport forced",        *_forward('force_rport();', lambda k: k.force_rport()),
         headers=_lines("Via: SIP/2.0/UDP HOST:CPORT;branch=z9hG4bKforced"), forwards=True),
    Case("forwarded, another's Via host",  *_forward(), forwards=True,
         headers=_lines("Via: SIP/2.0/UDP 10.9.9.9:CPORT;branch=z9hG4bKo")),
    Case("forwarded, two Vias in a line",  *_forward(),
         headers=_lines("Via: SIP/2.0/UDP HOST:CPORT;rport;branch=z9hG4bKtwo, SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKin"),
         forwards=True,
         differs=("received goes to the topmost Via, in Kamailio to the end of the line, which is another's Via",
                  "RFC 3261 §18.2.1")),
    Case("forwarded, another user",        *_forward('$rU = "109";', lambda k: k.__setitem__("$rU", "109")),
         forwards=True),
    Case("forwarded, another next hop",    *_forward('$ru = "sip:1@10.9.9.9"; $du = "sip:HOST:CPORT";', _next_hop),
         forwards=True),
    Case("forwarded, along a Route",       'loose_route(); t_relay();', lambda k: [k.loose_route(), k.t_relay()][-1],
         uri="sip:108@10.9.9.9", headers=_lines("Route: <sip:HOST:PORT;lr>, <sip:HOST:CPORT;lr>, <sip:10.1.1.1;lr>"),
         forwards=True),
    Case("forwarded, along Route lines",   'loose_route(); t_relay();', lambda k: [k.loose_route(), k.t_relay()][-1],
         uri="sip:108@10.9.9.9", headers=_lines("Route: <sip:HOST:PORT;lr>", "To: <sip:108@HOST>;tag=1",
                                                "Route:  <sip:HOST:CPORT;lr>"), forwards=True),
    Case("forwarded, in a dialog",         'loose_route(); t_relay();', lambda k: [k.loose_route(), k.t_relay()][-1],
         uri="sip:108@HOST:CPORT", headers=_lines("Route: <sip:HOST:PORT;lr;ftag=f>", "To: <sip:108@HOST>;tag=1"),
         forwards=True),
    Case("sl_reply_error",                 'sl_reply_error();',            lambda k: k.sl_reply_error()),
    Case("sl_reply_error, after t_relay",  '$ru = "sip:1@h.invalid"; t_relay(); sl_reply_error();',
         lambda k: [k.__setitem__("$ru", "sip:1@h.invalid"), k.t_relay(), k.sl_reply_error()][-1]),
    Case("t_precheck_trans",               't_precheck_trans();',          lambda k: k.t_precheck_trans()),
    Case("t_check_status, no transaction", 't_check_status("486");',       lambda k: k.t_check_status("486")),
    Case("t_check_status, no response",    't_newtran(); t_check_status("486");',
         lambda k: [k.t_newtran(), k.t_check_status("486")][-1]),
    Case("t_check_status, the response",   't_newtran(); t_reply("486", "No"); t_check_status("4[0-9]6|500");',
         lambda k: [k.t_newtran(), k.t_reply(486, "No"), k.t_check_status("4[0-9]6|500")][-1]),
    Case("t_check_status, another",        't_newtran(); t_reply("486", "No"); t_check_status("404|^5");',
         lambda k: [k.t_newtran(), k.t_reply(486, "No"), k.t_check_status("404|^5")][-1]),
    Case("is_myself, a URI",               'is_myself("sip:1@HOST:PORT");',
         lambda k: k.is_myself(_here(k, "sip:1@", True))),
    Case("is_myself, no port",             'is_myself("sip:1@HOST");',     lambda k: k.is_myself(_here(k, "sip:1@"))),
    Case("is_myself, a host",              'is_myself("HOST");',           lambda k: k.is_myself(_here(k))),
    Case("is_myself, another port",        'is_myself("sip:1@HOST:9");',
         lambda k: k.is_myself(_here(k, "sip:1@") + ":9")),
    Case("is_myself, another host",        'is_myself("sip:1@h");',        lambda k: k.is_myself("sip:1@h")),
    Case("is_myself, no URI",              'is_myself("foo");',            lambda k: k.is_myself("foo")),
    Case("t_load_contacts, one alone",     *_contacts()),
    Case("t_load_contacts, two",           *_contacts(("b", "0.5"))),
    Case("t_load_contacts, q alike",       *_contacts(("b", ""), ("c", ""))),
    Case("t_load_contacts, two of one q",  *_contacts(("b", "0.5"), ("c", "0.2"), ("d", "0.5"))),
    Case("t_load_contacts, three",         *_contacts(("b", "0.5"), ("c", "0.2"), ("d", "1"))),
    Case("append_branch, a q",             'append_branch("sip:1@HOST", "0.7"); sl_reply("302", "Go");',
         lambda k: [k.append_branch(_here(k, "sip:1@"), "0.7"), k.sl_reply(302, "Go")][-1]),
    Case("t_release, no transaction",      't_release();',                 lambda k: k.t_release()),
    Case("t_release",                      't_newtran(); t_release();',
         lambda k: [k.t_newtran(), k.t_release()][-1]),
    Case("t_release, and an answer",       't_newtran(); t_release(); t_reply("404", "No");',
         lambda k: [k.t_newtran(), k.t_release(), k.t_reply(404, "No")][-1], call="released"),
    Case("t_release, the repeat",          't_newtran();',                 lambda k: k.t_newtran(), call="released"),
    Case("t_replicate, nowhere",           't_replicate("sip:1@h.invalid");',
         lambda k: k.t_replicate("sip:1@h.invalid")),
    Case("t_replicate, no URI",            't_replicate("foo");',          lambda k: k.t_replicate("foo")),
    *nat.CASES,
    *words.CASES,
    *substitutions.CASES,
    Case("exit",                           'exit;',                        lambda k: k.exit()),
    Case("drop",                           'drop;',                        lambda k: k.drop()),
)
# fmt: on


CONTACTS = 'modparam("tm", "contacts_avp", "contacts")\nmodparam("tm", "contact_flows_avp", "flows")\n'
