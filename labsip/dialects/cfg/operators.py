"""The words of the language: operators and how they bind, old tests, blocks, core commands and their arguments.

All measured on Kamailio 5.6.3.
"""

from __future__ import annotations

from labsip.dialects.cfg.parameters import CORE_PARAMETERS

# fmt: off
BINARY = {
    "||": 1, "or": 1,
    "&&": 2, "and": 2,
    "|": 3,
    "&": 4,
    "^": 5,
    "<<": 6, ">>": 6,
    "==": 7, "!=": 7, "=~": 7, "eq": 7, "ne": 7, "ieq": 7, "ine": 7,
    "<": 8, ">": 8, "<=": 8, ">=": 8,
    "+": 9, "-": 9,
    "*": 10, "/": 10, "mod": 10,
}
"""How tightly each binds; those of one number go from left to right."""
SIGNS = {"or": "||", "and": "&&", "not": "!"}
"""Words that are signs, too."""
NUMBER_WORDS = {
    "yes": 1, "true": 1, "on": 1, "enable": 1,
    "no": 0, "false": 0, "off": 0, "disable": 0,
}
COMPARED = ("==", "!=", "=~")
ORDERED = ("==", "!=", "<", ">", "<=", ">=")
SUBJECTS = {
    "method": COMPARED, "uri": COMPARED, "from_uri": COMPARED, "to_uri": COMPARED, "status": COMPARED,
    "src_ip": COMPARED, "dst_ip": COMPARED, "to_ip": COMPARED, "snd_ip": COMPARED,
    "proto": ("==", "!="), "snd_proto": ("==", "!="), "af": ("==", "!="), "snd_af": ("==", "!="),
    "src_port": ORDERED, "dst_port": ORDERED, "to_port": ORDERED, "snd_port": ORDERED, "msg:len": ORDERED,
}
"""What old tests look at, and the operators each takes."""
ADDRESSES = ("src_ip", "dst_ip", "to_ip", "snd_ip")
ONLY_ONSEND = ("to_ip", "snd_ip")
"""Known only where something is sent."""
PROTOCOLS = {name: name for name in ("udp", "tcp", "tls", "sctp", "ws", "wss")} | {
    name.upper(): name for name in ("udp", "tcp", "tls", "sctp", "ws", "wss")
}
FAMILIES = {"inet": "inet", "INET": "inet", "inet6": "inet6", "INET6": "inet6"}
MYSELF = ("myself", "MYSELF")
BLOCKS = {
    "request_route": "request_route", "route": "route", "failure_route": "failure_route",
    "onreply_route": "onreply_route", "reply_route": "reply_route", "branch_route": "branch_route",
    "onsend_route": "onsend_route", "event_route": "event_route",
}
NAMELESS = ("request_route", "reply_route")
"""Blocks that take no name."""
JUMPS = ("return", "exit", "drop", "break")
STATEMENT_WORDS = ("if", "else", "while", "switch", "case", "default", *JUMPS)
DECLARATION_WORDS = (
    "loadmodule", "loadmodulex", "modparam", "modparamx", "loadpath", "mpath", "cfgengine", "flags", "avpflags",
)
UNARY_WORDS = ("not", "defined", "strlen", "strempty")

NUMBER, TEXT, HOST, FLAG, NAME = "number", "text", "host", "flag", "name"
CORE_COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "forward": ((), (HOST,), (HOST, NUMBER)),
    "forward_udp": ((), (HOST,), (HOST, NUMBER)), "forward_tcp": ((), (HOST,), (HOST, NUMBER)),
    "forward_tls": ((), (HOST,), (HOST, NUMBER)), "forward_sctp": ((), (HOST,), (HOST, NUMBER)),
    "log": ((TEXT,), (NUMBER, TEXT)),
    "setflag": ((FLAG,),), "resetflag": ((FLAG,),), "isflagset": ((FLAG,),),
    "error": ((TEXT, TEXT),), "exec": ((TEXT,),),
    "rewritehost": ((TEXT,),), "rewriteport": ((TEXT,),), "rewritehostport": ((TEXT,),),
    "rewritehostporttrans": ((TEXT,),), "rewriteuser": ((TEXT,),), "rewriteuserpass": ((TEXT,),),
    "rewriteuri": ((TEXT,),),
    "prefix": ((TEXT,),), "strip": ((NUMBER,),), "strip_tail": ((NUMBER,),),
    "userphone": ((),), "revert_uri": ((),), "force_rport": ((),), "add_local_rport": ((),),
    "force_tcp_alias": ((), (NUMBER,)),
    "clear_branches": ((),), "remove_branch": ((), (NUMBER,)),
    "set_advertised_address": ((HOST,), (TEXT,)), "set_advertised_port": ((NUMBER,), (TEXT,)),
    "force_send_socket": ((HOST,),), "udp_mtu_try_proto": ((NAME,),),
    "set_forward_no_connect": ((),), "set_forward_close": ((),),
    "set_reply_no_connect": ((),), "set_reply_close": ((),),
    "cfg_select": ((TEXT, NUMBER),), "cfg_reset": ((TEXT,),),
}
"""The core's commands, which have a grammar of their own: each form of their arguments."""
SAME = {
    "seturi": "rewriteuri", "setuser": "rewriteuser", "setuserpass": "rewriteuserpass", "sethost": "rewritehost",
    "sethostport": "rewritehostport", "sethp": "rewritehostport", "setport": "rewriteport", "setp": "rewriteport",
    "sethostporttrans": "rewritehostporttrans", "sethpt": "rewritehostporttrans", "rewritehp": "rewritehostport",
    "add_rport": "force_rport", "tcp_alias": "force_tcp_alias", "add_tcp_alias": "force_tcp_alias",
}
"""Other names of core commands, and the one they stand for."""
WITHOUT_BRACKETS = (
    "force_rport", "add_local_rport", "revert_uri", "userphone", "set_forward_no_connect", "set_forward_close",
    "set_reply_no_connect", "set_reply_close",
)
"""Core commands that may be written without brackets."""
# fmt: on
CORE_NAMES = frozenset(CORE_COMMANDS) | frozenset(SAME)
KEYWORDS = (
    frozenset(CORE_PARAMETERS) | CORE_NAMES | frozenset(BLOCKS) | frozenset(STATEMENT_WORDS) | frozenset(UNARY_WORDS)
    | frozenset(DECLARATION_WORDS) | frozenset(SUBJECTS) | frozenset(NUMBER_WORDS) | frozenset(MYSELF)
    | frozenset(PROTOCOLS) | frozenset(FAMILIES) | {"and", "or", "mod", "eq", "ne", "ieq", "ine", "route"}
)  # fmt: skip
"""Words of the language itself: no define replaces them, and nothing else may have their name."""
