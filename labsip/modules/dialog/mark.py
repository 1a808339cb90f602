"""Marks: what our Record-Route bears, so that the requests of its dialog are known again."""

from __future__ import annotations

import re
from hashlib import blake2b
from hmac import compare_digest
from typing import NamedTuple

from labsip.proxy.listening import Listening
from labsip.sip.message import Request
from labsip.sip.uri import SipUri

DialogKey = tuple[str, str]
"""Call-ID, and the tag of whoever began."""
_HEX = re.compile(r"[0-9a-f]{1,16}\Z")


class Mark(NamedTuple):
    """The dialog a mark was made for, and until when it holds, in seconds since 1970 or since the proxy began."""

    key: DialogKey
    expires: int

    def signed(self, secret: str) -> str:
        """The mark as a parameter's value: the expiry, and 16 hex that only somebody with the secret can compute."""
        call_id, tag = self.key
        known = f"{self.expires:x} {len(tag)} {tag} {call_id}"
        signature = blake2b(_bytes(known), digest_size=8, key=_bytes(secret)).hexdigest()
        return f"{self.expires:x}.{signature}"


def mark_of(request: Request, listening: Listening, secret: str) -> Mark | None:
    """The mark that a request bears in a Route of ours, if we made it for this dialog; whichever end sends it.

    After a strict router, our Route is the Request-URI (RFC 3261 §16.4).
    """
    tags = request.from_.tag or "", request.to.tag or ""
    for uri in (SipUri.parse(request.uri, any_scheme=True), *(route.sip_uri for route in request.routes)):
        text = uri.param("mark") or ""
        expires = text.partition(".")[0]
        if not _HEX.match(expires) or not listening.is_own(uri.host, uri.port):
            continue
        for tag in tags:
            mark = Mark((request.call_id, tag), int(expires, 16))
            if compare_digest(_bytes(mark.signed(secret)), _bytes(text)):
                return mark
    return None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
