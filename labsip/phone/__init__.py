"""The softphone (RFC 3261 §8, UAC and UAS core): datagrams and wishes come in, datagrams go out; it knows no socket.

`softphone` is the phone and its verbs · `caller`, `callee` a call before it is answered (§13) · `within` what happens
in it (§12, §14, §15) · `registration` (§10) · `outside` MESSAGE and OPTIONS · `challenged` a request that is asked who
sends it (§22) · `uas` what comes in (§8.2) · `agent` the ground under all of them · `behaviour` what a phone does by
itself.
"""

from labsip.phone.agent import TextMessage
from labsip.phone.behaviour import Behaviour, answering, busy_here, ignoring, rejecting, ringing, trying
from labsip.phone.call import Call, CallState
from labsip.phone.outside import Sent
from labsip.phone.softphone import Softphone

__all__ = [
    "Behaviour",
    "Call",
    "CallState",
    "Sent",
    "Softphone",
    "TextMessage",
    "answering",
    "busy_here",
    "ignoring",
    "rejecting",
    "ringing",
    "trying",
]
