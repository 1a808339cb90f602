"""Texts for hypothesis: what the grammar allows, and what it does not."""

from __future__ import annotations

from hypothesis import strategies as st

from labsip.sip.headers import CSeq, NameAddr, Via
from labsip.sip.uri import Params, SipUri

TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"

tokens = st.text(TOKEN, min_size=1, max_size=12)
hosts = st.from_regex(r"(?:[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]{2,4})?|\[[0-9a-f:]{2,10}\])", fullmatch=True)
ports = st.none() | st.integers(1, 65535)
quoted = st.text(st.characters(codec="utf-8", exclude_characters='"\\\r\n'), max_size=10).map(lambda text: f'"{text}"')
params: st.SearchStrategy[Params] = st.lists(st.tuples(tokens, st.none() | tokens | quoted), max_size=4).map(tuple)
plain_params: st.SearchStrategy[Params] = st.lists(st.tuples(tokens, st.none() | tokens), max_size=3).map(tuple)

uris = st.builds(
    SipUri,
    st.none() | st.text("abcdefgh0123456789-_.!~*'()&=+$,;?/%", min_size=1, max_size=12),
    hosts,
    ports,
    plain_params,
    st.sampled_from(["", "subject=hi", "a=1&b=%20"]),
    st.just(None),
    st.sampled_from(["sip", "sips"]),
)
vias = st.builds(Via, st.sampled_from(["UDP", "TCP", "TLS"]), hosts, ports, params)
displays = st.just("") | quoted | tokens
name_addrs = st.builds(NameAddr, uris.map(str), params, displays)
cseqs = st.builds(CSeq, st.integers(0, 2**32 - 1), tokens)

header_values = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n", exclude_categories=["Zs", "Cc"]), max_size=20
)
header_lines = st.lists(st.tuples(tokens, header_values), max_size=8)
bodies = st.binary(max_size=40)

messy = st.text(st.sampled_from('sip:@;=<>"\\,?&[]% \tab1-./SIPUDP2.0') | st.characters(codec="utf-8"), max_size=40)
"""Text that nearly is something."""
