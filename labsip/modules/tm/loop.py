"""Loops (RFC 3261 §16.3 step 4, §16.6 step 8; RFC 5393): a request that comes back as it went through before."""

from __future__ import annotations

from hashlib import blake2b

from labsip.sip.message import Request

DECIDING = ("Route", "Proxy-Require", "Proxy-Authorization")
"""Headers that may lead a request elsewhere, besides its Request-URI."""


def mark(request: Request, seed: str) -> str:
    """What goes into the branches of a request, 16 hex: the same if it comes again, another if it is to go elsewhere.

    So a spiral, which comes back with another Request-URI, is none.
    """
    parts = [request.uri, request.from_.tag or "", request.to.tag or "", request.call_id, str(request.cseq.number)]
    known = "\n".join([seed, *parts, *(value for name in DECIDING for value in request.get_all(name))])
    return blake2b(known.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def came_back(request: Request, seed: str) -> bool:
    """Whether one of the Vias is what we put there for this very request."""
    vias = request.get_all("Via")
    if len(vias) == 1 and "," not in vias[0]:
        return False
    known = f"{mark(request, seed)}."
    return any(known in via for via in vias)
