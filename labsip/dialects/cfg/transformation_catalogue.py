"""The transformations of Kamailio 5.6.3's modules, whether labsip has them or not.

Measured: a real one was asked for every name that its modules' texts have in them.
"""

from __future__ import annotations

TABLE = """
    pv: line.at line.count line.sw nameaddr.len nameaddr.name nameaddr.uri param.count param.in param.name param.value
        param.valueat re.subst s.after s.before s.corehash s.count s.decode.7bit s.decode.base58 s.decode.base64
        s.decode.base64t s.decode.base64url s.decode.hexa s.encode.7bit s.encode.base58 s.encode.base64
        s.encode.base64t s.encode.base64url s.encode.hexa s.escape.common s.escape.csv s.escape.param s.escape.user
        s.fmtlines s.fmtlinet s.ftime s.int s.len s.ltrim s.md5 s.numeric s.prefixes s.rafter s.rbefore s.replace s.rm
        s.rmws s.rtrim s.select s.sha256 s.sha384 s.sha512 s.strip s.striptail s.stripto s.substr s.tolower s.toupper
        s.trim s.unbracket s.unescape.common s.unescape.param s.unescape.user s.unquote tobody.display tobody.host
        tobody.params tobody.tag tobody.uri tobody.user uri.domain uri.duri uri.headers uri.host uri.lr uri.maddr
        uri.method uri.param uri.params uri.passwd uri.port uri.r2 uri.saor uri.scheme uri.suri uri.tosocket
        uri.transport uri.ttl uri.uparam uri.user urialias.decode urialias.encode
    corex: sock.host sock.port sock.proto sock.touri
    sqlops: sql.val sql.val.int sql.val.str
    xhttp: url.path url.querystring
"""
"""A module and its transformations."""


def _by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    module = ""
    for word in TABLE.split():
        if word.endswith(":"):
            module = word[:-1]
        else:
            found[word] = module
    return found


TRANSFORMATIONS = _by_name()
"""The module of each."""
