"""Variables and transformations, each filled into a text by a real Kamailio and by us."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """A text with variables in it, and the statements before it is filled in."""

    text: str
    before: str = ""
    differs: tuple[str, str] = ("", "")
    """What we do otherwise on purpose, and why."""


def _of(value: str, names: str) -> list[Row]:
    """Transformations of a text; a name has no space in it."""
    return [Row(f"$(var(v){{{name}}})", f'$var(v) = "{value}";') for name in names.split()]


def _null(names: str) -> list[Row]:
    return [Row(f"$(null{{{name}}})") for name in names.split()]


def _each(names: str) -> list[Row]:
    return [Row(f"${name}") for name in names.split()]


HEADERS = (
    "Via: SIP/2.0/UDP HOST:CPORT;rport;branch=z9hG4bKNUMBER;x=y, SIP/2.0/TCP 10.0.0.9:5070;branch=z9hG4bKin;"
    "received=1.2.3.4",
    "Via: SIP/2.0/TLS far.invalid;branch=z9hG4bKfar;rport=99",
    'From: "Alice B" <sip:106;x=1:pw@lab.example:5080;a=b>;tag=f1;z=9',
    "To: <sip:+49.108@lab.example>",
    "CSeq: 7 MESSAGE",
    "Contact: <sip:106@10.0.0.6:5099;transport=tcp>;expires=300;q=0.5, <sip:107@10.0.0.7>;expires=60",
    "Expires: 1800",
    "User-Agent: probe/1",
    "Content-Type: text/plain",
    "Subject: first",
    "s: second",
    "Subject: third, fourth",
    'P-Asserted-Identity: "A" <sip:asserted@trusted.example;p=1>',
    "P-Preferred-Identity: <sip:preferred@trusted.example>",
    "Remote-Party-ID: <sip:remote@trusted.example>",
    "Diversion: <sip:diverted@d.example>;reason=unconditional;privacy=off",
    "Refer-To: <sip:referred@r.example>",
    'Authorization: Digest username="106@u.example", realm="lab", nonce="n0", uri="sip:lab", response="r0", '
    'algorithm=MD5, cnonce="c0", opaque="o0", qop=auth, nc=00000001',
    "Route: <sip:HOST:PORT;lr;ftag=f1>, <sip:next.invalid;lr>",
    "Record-Route: <sip:rr.invalid;lr>",
    "Allow: INVITE, ACK",
    "Max-Forwards: 70",
)
"""Of each request, the number of a row in its branch."""

# fmt: off
MESSAGE = _each("""
    rm mt mts rv ci cs csb cl ct cT bs rb ua ru rU rUl rd rp rP rz ruri ou oU oUl od op oP ouri du dd dp dP duri
    fu fU fUl fd fn ft from tu tU tUl td tn tt to ai pu pU pd pn di dip dir dic re rt aa au aU ad adn ado adr
    adu adc AU Au ar rs rr si siz su sut sas Ri Rut Ru RAi RAu RAut Ras fs fsp src_ip proto pr mf mF bf bF sf sF
    br bR branch(count) branch(uri) T_branch_idx T_reply_code T_reply_reason true null rc retcode def(NOPE)
    defn(NOPE) env(NOPE) envn(NOPE) route_uri tti fti rdir(id) rdir(name) hu hdr(Subject) hdr(s) hdr(subject)
    hdr(Nope) hdr(Via) hdrc(Subject) hdrc(s) hdrc(Via) hdrc(Nope) hflc(Via) hflc(Subject) hflc(Contact)
    hfl(Nope) via0(host) via0(port) via0(proto) via0(protoid) via0(branch) via0(rport) via0(received) via0(i)
    via1(host) via1(port) via1(proto) via1(branch) via1(received) via1(rport) viaZ(host) viaZ(port) viaZ(proto)
    viaZ(rport) msg(len) msg(body_len) expires(min) expires(max) nh(u) nh(U) nh(d) nh(p) nh(P) sndto(ip)
    sndfrom(ip) sel(ruri.user) vn(x) vz(x) var(x) shv(n) timef(x) utimef(x) time(year) utime(year) _s(at_$rU)
    (hdr(Subject)[0]) (hdr(Subject)[1]) (hdr(Subject)[2]) (hdr(Subject)[-1]) (hdr(Subject)[-3])
    (hdr(Subject)[-4]) (hdr(Subject)[3]) (hdr(Subject)[*]) (hdr(s)[1]) (hdr(Via)[1]) (hdr(Via)[-1])
    (hfl(Via)[1]) (hfl(Via)[2]) (hfl(Via)[3]) (hfl(Subject)[0]) (hfl(P-Asserted-Identity)) (hfl(Route)[1])
    (hfl(Nope)[1])
""")
KEPT = (
    Row("$shv(n)",                          "$shv(n) = 3;"),
    Row("$vn(x) $vz(x)",                    '$vn(x) = "a"; $vz(x) = 5;'),
    Row("$vn(q) $vz(q)",                    "$vn(q) = $null; $vz(q) = $null;"),
    Row("$xavu(a=>b) $xavu(a=>c)",          '$xavu(a=>b) = "x"; $xavu(a=>b) = "y";'),
    Row("$xavu(a) $xavu(a=>b)",             "$xavu(a) = 5;"),
    Row("$xavi(A=>b) $xavi(a=>B)",          '$xavi(a=>b) = "x";'),
    Row("$xavp(a=>b) $(xavp(a[1]=>b))",     '$xavp(a=>b) = "x"; $xavp(a=>b) = "y";'),
    Row("$du $dd $dp $dP $duri",            '$du = "sip:9.9.9.9:7;transport=tcp";'),
    Row("$nh(u) $nh(U) $nh(d) $nh(p) $nh(P)", '$du = "sip:n@9.9.9.9:7;transport=tcp";'),
    Row("$ru $rz",                          '$ru = "tel:+49123";'),
    Row("$fs $fsp",                         '$fs = "udp:HOST:PORT";'),
    Row("$shtdec(t=>n) $sht(t=>n)",         "$sht(t=>n) = 5;"),
    Row("$shtdec(t=>none) $sht(t=>none)"),
    Row("$shtdec(t=>w) $shtinc(t=>w)",      '$sht(t=>w) = "text";'),
    Row("$shtcn(u=>~~^k) $shtcn(u=>k1)", '$sht(u=>k1) = 1; $sht(u=>k2) = "x"; $sht(u=>m) = 1;'),
    Row("$shtcv(u=>1) $shtcv(u=>x) $shtcv(u=>~~x)"),
    Row("$sht(u=>k1) $rc",                  'sht_rm("u", "k1");'),
    Row("$sht(u=>k2) $sht(u=>m) $rc",       'sht_rm_name("u", "sw", "k");'),
    Row("$sht(u=>m) $rc",                   'sht_rm_name("u", "re", "^m");'),
    Row("$sht(u=>a) $sht(u=>b) $rc",        '$sht(u=>a) = "va"; $sht(u=>b) = "vb"; sht_rm_value("u", "re", "^va");'),
    Row("$rc",                              'sht_has_name("u", "eq", "b");'),
    Row("$rc",                              'sht_has_name("u", "sw", "x");'),
    Row("$rc",                              'sht_has_str_value("u", "eq", "vb");'),
    Row("$rc",                              'sht_lock("u=>b"); sht_unlock("u=>b");'),
    Row("$rc $shtitkey(i) $shtitval(i)",    'sht_iterator_start("i", "u"); sht_iterator_next("i");'),
    Row("$rc $shtitkey(i) $shtitval(i)",    'sht_iterator_next("i");'),
    Row("$rc $shtitkey(i) $shtitval(i)",    'sht_iterator_end("i");'),
    Row("$rc $sht(u=>b)",
        'sht_iterator_start("i", "u"); sht_iterator_next("i"); sht_iterator_rm("i"); sht_iterator_end("i");'),
    Row("$rc",                              'sht_iterator_next("never");'),
    Row("$(hfl(Via)[0])",                   differs=("without the comma behind it", "it is no part of the value")),
    Row("$(hfl(Contact)[0])",               differs=("the first Contact; in Kamailio the last",
                                                     "they are counted as they stand")),
    Row("$(hfl(Allow)[1])",                 differs=("ACK; in Kamailio the line is one value", "it is a list")),
)
TRANSFORMATIONS = (
    *_of(" Hello, World ", """
        s.len s.int s.tolower s.toupper s.trim s.ltrim s.rtrim s.rmws s.md5 s.sha256 s.sha384 s.sha512
        s.substr,1,5 s.substr,-3,2 s.substr,3,0 s.substr,30,2 s.substr,1,100 s.select,0,, s.select,1,,
        s.select,-1,, s.select,5,, s.select,-5,, s.strip,3 s.strip,0 s.strip,50 s.striptail,3 s.striptail,50
        s.stripto,W s.stripto,q s.rm,l s.rm,lo s.rm,q s.replace,l,L s.prefixes s.prefixes,3 s.numeric s.after,l
        s.after,o s.after,q s.before,l s.before,q s.count,l s.count,q s.count,lo s.corehash s.corehash,64
        s.encode.hexa s.encode.base64 s.encode.base58 s.encode.base64t s.encode.base64url s.encode.7bit
        s.escape.common s.escape.user s.escape.param s.escape.csv s.unquote s.unbracket url.path url.querystring
        line.count line.at,0 sql.val s.tolower}{s.trim}{s.substr,0,5
    """),
    *_of(r"\"a, b\"",    "s.unquote s.escape.csv s.escape.common s.unescape.common s.len"),
    *_of("'a'",          "s.unquote"),
    *_of("<sip:a@b>;c",  "s.unbracket"),
    *_of("<sip:a@b>",    "s.unbracket"),
    *_of("[::1]",        "s.unbracket"),
    *_of("(x)",          "s.unbracket"),
    *_of("{x}",          "s.unbracket"),
    *_of("42",           "s.int s.len s.numeric sql.val sql.val.int sql.val.str s.encode.hexa s.decode.hexa s.strip,1"),
    *_of("+4 2x",        "s.int s.numeric sql.val.int"),
    *_of("68616c6c6f",   "s.decode.hexa"),
    *_of("6",            "s.decode.hexa"),
    *_of("aGFsbG8=",     "s.decode.base64 s.decode.base64url s.decode.base64t"),
    *_of("aGFsbG8",      "s.decode.base64t s.decode.base64 s.decode.base64url"),
    *_of("a?b>c?d>e~~",  "s.encode.base64 s.encode.base64url s.encode.base64t s.encode.base58"),
    *_of("E8329BFD06",   "s.decode.7bit"),
    *_of("a%20b%3bc",    "s.unescape.user s.unescape.param"),
    *_of("a%2",          "s.unescape.user s.unescape.param"),
    *_of("a b;c@d/e=f?g&h", "s.escape.user s.escape.param s.escape.common"),
    *_of("o'n\\\\eil",   "s.escape.common s.unescape.common"),
    *_of("/p/a?x=1&y=2", "url.path url.querystring"),
    *_of("http://h/p?q", "url.path url.querystring"),
    *_of("sip:u:p@h.x:5070;transport=tcp;user=phone;lr;ttl=5;maddr=1.2.3.4;method=INVITE;r2=on?h=1&g=2", """
        uri.user uri.passwd uri.host uri.domain uri.port uri.params uri.param,transport uri.param,lr uri.param,x
        uri.headers uri.transport uri.ttl uri.uparam uri.maddr uri.method uri.lr uri.r2 uri.scheme uri.tosocket
    """),
    *_of("sip:h.x",      "uri.user uri.host uri.port uri.tosocket uri.lr uri.r2"),
    *_of("sips:u@h.x;transport=tls", "uri.tosocket uri.scheme uri.port"),
    *_of("sips:u@h.x",   "uri.tosocket"),
    *_of("sip:u@[::1]:9;transport=udp", "uri.tosocket uri.host"),
    *_of("tel:+49;phone-context=x", "uri.user uri.host uri.params uri.param,phone-context uri.scheme uri.tosocket"),
    *_of("junk", """
        uri.user uri.host uri.port uri.tosocket nameaddr.uri nameaddr.name nameaddr.len tobody.uri tobody.user
        tobody.params sock.host sock.touri param.count param.value,x param.name,0 param.in,junk
    """),
    *_of("", """
        s.len s.int s.md5 s.select,0,, s.tolower uri.user param.count nameaddr.uri tobody.user s.after,x
        s.before,x s.count,x sql.val line.count s.corehash url.path s.prefixes
    """),
    *_of(r"\"Bob X\" <sip:b@h.x;u=1>;tag=t1;z=2", """
        nameaddr.name nameaddr.uri nameaddr.len tobody.uri tobody.display tobody.tag tobody.user tobody.host
        tobody.params s.unbracket
    """),
    *_of("sip:b@h.x;u=1", """
        nameaddr.name nameaddr.uri nameaddr.len tobody.uri tobody.display tobody.tag tobody.params tobody.host
    """),
    *_of("Bob <sip:b@h.x>;tag=t2", "nameaddr.name nameaddr.uri nameaddr.len tobody.display tobody.tag tobody.params"),
    *_of("a=1;b=\\\"two\\\";c;d=4;a=9", """
        param.value,a param.value,b param.value,c param.value,x param.valueat,0 param.valueat,1 param.valueat,-1
        param.valueat,9 param.name,0 param.name,-2 param.name,9 param.count param.in,c param.in,x param.in,A
        param.value,A param.count,,
    """),
    *_of(";a=1 ; b=2",   "param.value,a param.value,b param.count param.name,0"),
    *_of("a=1&b=2&c",    "param.value,b,& param.count,& param.name,2,& param.valueat,1,& param.in,c,&"),
    *_of("udp:1.2.3.4:5060", "sock.host sock.port sock.proto sock.touri"),
    *_of("udp:h.x",      "sock.host sock.port sock.proto sock.touri"),
    *_of(r"one\r\ntwo\r\nthree", """
        line.count line.at,0 line.at,1 line.at,2 line.at,3 line.at,-1 line.at,-4 line.sw,t line.sw,x line.sw,th
    """),
    *_of(r"one\ntwo\n",  "line.count line.at,1 line.at,2 line.at,-1"),
    *_null("""
        s.len s.int s.tolower s.md5 uri.user param.count sql.val sql.val.int sql.val.str s.after,x s.count,x
        s.corehash nameaddr.uri tobody.uri line.count sock.host url.path s.numeric param.in,x
    """),
    Row("$(var(v){s.ftime,%Y-%m-%d})",      "$var(v) = 86400;"),
    Row("$(var(v){s.ftime,%H:%M:%S %j})",   "$var(v) = 1000000000;"),
    Row("$(var(v){s.ftime,x})",             '$var(v) = "abc";'),
    Row("$(var(v){s.numeric})",             "$var(v) = -5;"),
    Row("$(var(v){s.len})",                 "$var(v) = -5;"),
    Row("$(var(v){s.select,$var(i),,})",    '$var(v) = "a,b,c"; $var(i) = 2;'),
    Row("$(var(v){s.after,$var(i)})",       '$var(v) = "a,b,c"; $var(i) = "b";'),
    Row("$(var(v){s.rm,$var(i)})",          '$var(v) = "a,b,c"; $var(i) = "b";'),
    Row("$(var(v){s.replace,b,$var(i)})",   '$var(v) = "a,b,c"; $var(i) = "XX";'),
    Row("$(var(v){s.count,$var(i)})",       '$var(v) = "a,b,c"; $var(i) = ",";'),
    Row("$(sht(t=>k){s.len})",              '$sht(t=>k) = "abc";'),
    Row("$(var(v){sql.val})",               '$var(v) = "o\'neil";',
        differs=("a quote is doubled, in Kamailio's {sql.val} it is escaped with a backslash",
                 "SQLite understands nothing else")),
)
# fmt: on
ROWS = (*MESSAGE, *KEPT, *TRANSFORMATIONS)
MODULES = ("auth", "sqlops", "xhttp", "htable")
"""Beside those that are always loaded."""


def script(host: str, port: int, client: int) -> str:
    """A script that answers the request of a row with its text."""
    rows = "".join(
        f'\tif ($hdr(X-Row) == "{number}") {{\n\t\t{_placed(row.before, host, port, client)}\n'
        f'\t\tsl_send_reply("299", "={row.text}=");\n\t\texit;\n\t}}\n'
        for number, row in enumerate(ROWS)
    )
    return (
        "".join(f'loadmodule "{name}.so"\n' for name in MODULES)
        + 'modparam("htable", "htable", "t=>size=4;")\nmodparam("htable", "htable", "u=>size=4;")\n'
        + 'modparam("pv", "shvset", "n=i:1")\n'
        + f'event_route[xhttp:request] {{ drop; }}\nrequest_route {{\n{rows}\tsl_send_reply("200", "ready");\n}}\n'
    )


def request(number: int, host: str, port: int, client: int) -> bytes:
    """The request of a row."""
    lines = "\r\n".join(("MESSAGE sip:108;x=2@HOST:PORT;transport=udp SIP/2.0", *HEADERS))
    end = f"\r\nX-Row: {number}\r\nCall-ID: row{number}\r\nContent-Length: 9\r\n\r\nhello you"
    return (_placed(lines, host, port, client).replace("NUMBER", str(number)) + end).encode()


def _placed(text: str, host: str, port: int, client: int) -> str:
    return text.replace("HOST", host).replace("CPORT", str(client)).replace("PORT", str(port))
