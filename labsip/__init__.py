"""labsip: a real SIP proxy and registrar in a notebook, built up step by step in Kamailio's own words.

`Lab` is where to begin: `lab = Lab()`, `lab.phone("106")`, `@lab.request_route`.
"""

from labsip.lab import Call, Lab, Phone
from labsip.sip.errors import BadMessage, LabError
from labsip.sip.message import Request, Response, parse_message
from labsip.sip.uri import SipUri
from labsip.steps import STEPS

__all__ = [
    "STEPS",
    "BadMessage",
    "Call",
    "Lab",
    "LabError",
    "Phone",
    "Request",
    "Response",
    "SipUri",
    "parse_message",
]
