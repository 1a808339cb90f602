"""Words of modules that have parameters and keep something, said to a real Kamailio and to us as those in `words`."""

from __future__ import annotations

from labsip.modules import pv
from labsip.proxy.settings import Settings
from labsip.vocabulary import Ksr
from tests.kamailio.words import Case, Said

HTABLES = ("a=>size=4;autoexpire=7200;", "b=>size=4", "c=>size=4;initval=7")
PARAMETERS = "\n".join(
    [
        *(f'loadmodule "{name}.so"' for name in ("htable", "pike", "permissions")),
        *(f'modparam("htable", "htable", "{table}")' for table in HTABLES),
        'modparam("pike", "sampling_time_unit", 3600)',
        'modparam("pike", "reqs_density_per_unit", 6)',
        'modparam("permissions", "address_file", "FOLDER/address.list")',
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
ITEMS = "is $sht(a=>$si::x) $shtex(a=>$si::x) $sht(a=>x) $shtex(a=>x) $sht(b=>x) $shtex(b=>x) $sht(c=>n) $sht(a=>nope)"
MORE = "is $shtinc(b=>n) $shtinc(c=>n) $shtinc(c=>n) $shtinc(b=>x)"


FILES = {"address.list": ADDRESSES}
"""What Kamailio reads from FOLDER. CPORT is the port requests come from."""


def settings(server: str, client: int) -> Settings:
    """The same parameters, and our name."""
    return Settings(
        server=server,
        htable=HTABLES,
        sampling_time_unit=3600,
        reqs_density_per_unit=6,
        address_list=ADDRESSES.replace("CPORT", str(client)),
    )


def _told(cfg: str, text: str, *settings: tuple[str, object]) -> tuple[str, Said]:
    """Set variables, or say a word, and tell others."""

    def said(ksr: Ksr) -> int:
        for name, value in settings:
            ksr[name] = value
        return ksr.sl_send_reply(298, pv.expand(ksr, text))

    return f'{cfg} sl_send_reply("298", "{text}");', said


# fmt: off
CASES = (
    Case("$sht, nothing there",          *_told("", ITEMS)),
    Case("$sht, set",                    *_told('$sht(a=>$si::x) = 5; $sht(b=>x) = "t";', ITEMS,
                                                ("$sht(a=>$si::x)", 5), ("$sht(b=>x)", "t"))),
    Case("$sht, in another message",     *_told("", ITEMS)),
    Case("$sht, set to nothing",         *_told('$sht(a=>$si::x) = $null;', ITEMS, ("$sht(a=>$si::x)", None))),
    Case("$shtex, set",                  *_told('$sht(a=>x) = 1; $shtex(a=>x) = 100; $shtex(a=>nope) = 100;', ITEMS,
                                                ("$sht(a=>x)", 1), ("$shtex(a=>x)", 100), ("$shtex(a=>nope)", 100))),
    Case("$shtex, for ever",             *_told('$sht(b=>x) = 1; $shtex(b=>x) = 100;', ITEMS,
                                                ("$sht(b=>x)", 1), ("$shtex(b=>x)", 100))),
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
)
# fmt: on
