"""Commands of modules with parameters and state, run on a real Kamailio and here as those in `commands`."""

from __future__ import annotations

from pathlib import Path

from labsip.modules import pv
from labsip.proxy.settings import Settings
from labsip.vocabulary import Ksr, settings_of
from tests.kamailio.case import Case, Said

HTABLES = ("a=>size=4;autoexpire=7200;", "b=>size=4", "c=>size=4;initval=7")
PARAMETERS = "\n".join(
    [
        *(f'loadmodule "{name}.so"' for name in ("htable", "pike", "permissions", "dispatcher")),
        *(f'modparam("htable", "htable", "{table}")' for table in HTABLES),
        'modparam("pike", "sampling_time_unit", 3600)',
        'modparam("pike", "reqs_density_per_unit", 6)',
        'modparam("permissions", "address_file", "FOLDER/address.list")',
        'modparam("dispatcher", "list_file", "FOLDER/dispatcher.list")',
        'modparam("dispatcher", "flags", 2)',
        "",
    ]
)
ADDRESSES = """# what allow_source_address looks at
1 127.0.0.1 32 0 exact  # and a remark
2 127.0.0.0 8 0
3 127.0.0.1 32 CPORT
4 127.0.0.1 32 9
5 [::1]
6 127.0.0.0 24 9
7 127.0.0.0 24 CPORT carriers
8 127.0.0.77 24
9 10.0.0.0 8
10\t127.0.0.1   0
"""
DESTINATIONS = """# what ds_select_dst chooses from
1 sip:10.0.0.1
1 sip:10.0.0.2:5070
1 sip:10.0.0.3;transport=tcp
2 sip:10.0.0.11 0 5
2 sip:10.0.0.12 0 10 weight=5;x=y  # and a remark
2 sip:10.0.0.13 8 1
2 sip:10.0.0.14 0 10
3 sip:10.0.0.21 1
3 sip:10.0.0.22
3 sip:10.0.0.23 4
4 sip:10.0.0.31 1
5 sip:10.0.0.41
5 sip:10.0.0.42
5 sip:10.0.0.43
"""
ITEMS = (
    "is $sht(a=>$si::x) $shtex(a=>$si::x)s $sht(a=>x) $shtex(a=>x)s $sht(b=>x) $shtex(b=>x)s $sht(c=>n) $sht(a=>nope)"
)
MORE = "is $shtinc(b=>n) $shtinc(c=>n) $shtinc(c=>n) $shtinc(b=>x)"


def prepare(client: int, folder: Path) -> None:
    """Write what Kamailio reads; CPORT is the port requests come from."""
    (folder / "address.list").write_text(ADDRESSES.replace("CPORT", str(client)))
    (folder / "dispatcher.list").write_text(DESTINATIONS)


def settings(server: str, client: int) -> Settings:
    """The same parameters, and our name."""
    return settings_of(
        None,
        server=server,
        htable=HTABLES,
        sampling_time_unit=3600,
        reqs_density_per_unit=6,
        address_list=ADDRESSES.replace("CPORT", str(client)),
        dispatcher_list=DESTINATIONS,
        dispatcher_flags=2,
    )


def _told(cfg: str, text: str, *settings: tuple[str, object]) -> tuple[str, Said]:
    """Set variables, or say a command, and tell others."""

    def said(ksr: Ksr) -> int:
        for name, value in settings:
            ksr[name] = value
        return ksr.sl_send_reply(298, pv.expand(ksr._turn, text))

    return f'{cfg} sl_send_reply("298", "{text}");', said


def _chosen(command: str, *args: str, then: str = "ds_next_dst") -> tuple[str, Said]:
    """Say a command of dispatcher, and tell what is chosen, and what there is to choose next, and after that."""

    def said(ksr: Ksr) -> int:
        code = int(getattr(ksr, command)(*args))
        for _ in range(4):
            ksr.sl_send_reply(298, pv.expand(ksr._turn, f"is {code} $ru $du"))
            code = int(getattr(ksr, then)())
        return code

    quoted = ", ".join(f'"{arg}"' for arg in args)
    told = f'sl_send_reply("298", "is $rc $ru $du"); {then}();'
    return f"{command}({quoted}); {told * 4}", said


def _marked(state: str) -> tuple[str, Said]:
    """Mark the first destination of set 5, and tell who is the first now."""

    def said(ksr: Ksr) -> int:
        ksr.ds_select_dst(5, 8)
        code = int(ksr.ds_mark_dst(state))
        ksr.ds_select_dst(5, 8)
        return ksr.sl_send_reply(298, pv.expand(ksr._turn, f"is {code} $du"))

    mark = f'ds_select_dst("5", "8"); ds_mark_dst("{state}"); $var(c) = $rc;'
    return f'{mark} ds_select_dst("5", "8"); sl_send_reply("298", "is $var(c) $du");', said


# fmt: off
CASES = (
    Case("$sht, nothing there",          *_told("", ITEMS)),
    Case("$sht, set",                    *_told('$sht(a=>$si::x) = 5; $sht(b=>x) = "t";', ITEMS,
                                                ("$sht(a=>$si::x)", 5), ("$sht(b=>x)", "t"))),
    Case("$sht, in another message",     *_told("", ITEMS)),
    Case("$sht, set to nothing",         *_told('$sht(a=>$si::x) = $null;', ITEMS, ("$sht(a=>$si::x)", None))),
    Case("$shtex, set",                  *_told('$sht(a=>x) = 1; $shtex(a=>x) = 900; $shtex(a=>nope) = 900;', ITEMS,
                                                ("$sht(a=>x)", 1), ("$shtex(a=>x)", 900), ("$shtex(a=>nope)", 900))),
    Case("$shtex, for ever",             *_told('$sht(b=>x) = 1; $shtex(b=>x) = 900;', ITEMS,
                                                ("$sht(b=>x)", 1), ("$shtex(b=>x)", 900))),
    Case("$shtinc",                      *_told('$sht(b=>x) = "t";', MORE, ("$sht(b=>x)", "t"))),
    Case("sht_rm_name_re",               'sht_rm_name_re("b=>^x");', lambda k: k.sht_rm_name_re("b=>^x")),
    Case("sht_rm_name_re, it is gone",   *_told("", ITEMS)),
    Case("sht_rm_name_re, none matches", 'sht_rm_name_re("b=>^x");', lambda k: k.sht_rm_name_re("b=>^x")),
    Case("sht_reset",                    'sht_reset("a");',          lambda k: k.sht_reset("a")),
    Case("sht_reset, all are gone",      *_told("", ITEMS)),
    Case("sht_reset, no such table",     'sht_reset("d");',          lambda k: k.sht_reset("d")),
    *(Case(f"pike_check_req, {n}", "pike_check_req();", lambda k: k.pike_check_req()) for n in range(1, 13)),
    Case("allow_source_address",         "allow_source_address();",  lambda k: k.allow_source_address()),
    *(Case(f"allow_source_address, {n}", f'allow_source_address("{n}");', lambda k, n=n: k.allow_source_address(n))
      for n in range(1, 12)),
    *(Case(f"ds_select_dst, in turn, {n}",   *_chosen("ds_select_dst", "1", "4")) for n in range(1, 5)),
    *(Case(f"ds_select_dst, two in turn, {n}", *_chosen("ds_select_dst", "3", "4")) for n in range(1, 4)),
    *(Case(f"ds_select_dst, {call}",         *_chosen("ds_select_dst", "2", "0"), headers=(f"Call-ID: {call}",))
      for call in ("a", "call-1@10.1.1.1", "café", "b81f3c", "1234567", "12345678")),
    Case("ds_select_dst, a hash of those left", *_chosen("ds_select_dst", "3", "0")),
    Case("ds_select_dst, by priority",       *_chosen("ds_select_dst", "2", "8")),
    Case("ds_select_dst, two of them",       *_chosen("ds_select_dst", "2", "8", "2")),
    Case("ds_select_dst, none is left",      *_chosen("ds_select_dst", "4", "4")),
    Case("ds_select_dst, no such set",       *_chosen("ds_select_dst", "9", "4")),
    Case("ds_select_domain",                 *_chosen("ds_select_domain", "1", "8", then="ds_next_domain")),
    Case("ds_select_domain, parameters",     *_chosen("ds_select_domain", "1", "8", then="ds_next_domain"),
         uri="sip:108:pw@HOST:7;user=phone?a=b"),
    Case("ds_next_dst, nothing chosen",      "ds_next_dst();",       lambda k: k.ds_next_dst()),
    Case("ds_mark_dst, nothing chosen",      "ds_mark_dst();",       lambda k: k.ds_mark_dst()),
    *(Case(f"ds_mark_dst, {state}",          *_marked(state)) for state in ("x", "a", "AP", "ix", "ip", "d", "T")),
)
# fmt: on
