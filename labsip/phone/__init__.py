"""The softphone (RFC 3261 §8, UAC and UAS core): datagrams and orders come in, datagrams go out; it knows no socket.

`softphone` is the phone and its verbs · `agent` what its cores share: who it is, its calls, what it has to do later ·
`layer` its transactions (§17) · `uac` requests that go out, challenged or not (§8.1, §22), MESSAGE and OPTIONS · `uas`
requests that come in (§8.2) · `caller`, `callee` a call before it is answered (§13), `session` afterwards (§12, §14,
§15), `phone_call` what is known of it · `body` offer and answer · `registration` (§10) · `behaviour` what a phone does
by itself.
"""

from labsip.phone.agent import TextMessage
from labsip.phone.behaviour import Behaviour, answering, busy_here, ignoring, rejecting, ringing, trying
from labsip.phone.phone_call import CallState, PhoneCall
from labsip.phone.softphone import Softphone
from labsip.phone.uac import LoneRequest

__all__ = [
    "Behaviour",
    "CallState",
    "LoneRequest",
    "PhoneCall",
    "Softphone",
    "TextMessage",
    "answering",
    "busy_here",
    "ignoring",
    "rejecting",
    "ringing",
    "trying",
]
