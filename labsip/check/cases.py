"""What exercises play: a thing that happens, and the flow it should make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labsip.phone import behaviour
from labsip.testbed import Testbed

Play = Callable[[Testbed], object]
"""What the phones of a testbed do."""


@dataclass(frozen=True)
class Case:
    """One thing that happens, and the flow it should make."""

    title: str
    play: Play
    expect: str
    """In the notation of `check.notation`."""
    registered: tuple[str, ...] = ()
    """Phones that have registered before."""


def calls(caller: str, callee: str) -> Play:
    return lambda bed: bed.phone(caller).call(callee)


def answered_call(bed: Testbed) -> None:
    caller = bed.phone("106")
    caller.hang_up(caller.call("108"))


def cancelled_call(bed: Testbed) -> None:
    bed.phone("108").behave(behaviour.ringing())
    caller = bed.phone("106")
    caller.cancel(caller.call("108"))


def register(bed: Testbed) -> None:
    bed.phone("106").register()


def ringing(bed: Testbed, seconds: float) -> None:
    bed.phone("108").behave(behaviour.ringing())
    bed.phone("106").call("108")
    bed.wait(seconds)


def unplugged(bed: Testbed) -> None:
    bed.phone("108").unplug()
    bed.phone("106").call("108", wait=False)
    bed.wait(6)


STRAY_CANCEL = """\
CANCEL sip:108@{proxy} SIP/2.0
Via: SIP/2.0/UDP {phone};rport;branch=z9hG4bK-nobody-knows-me
Max-Forwards: 70
From: <sip:106@{proxy}>;tag=stray
To: <sip:108@{proxy}>
Call-ID: stray@{phone}
CSeq: 1 CANCEL
Content-Length: 0

"""


def stray_cancel(bed: Testbed) -> None:
    phone = bed.phone("106")
    text = STRAY_CANCEL.format(phone=phone.node.address, proxy=bed.address)
    phone.send(text.replace("\n", "\r\n").encode())


STILL_480 = Case(
    "106 calls 108",
    calls("106", "108"),
    """
    106   -> proxy  INVITE
    proxy -> 106    480 Temporarily Unavailable
    106   -> proxy  ACK
    """,
)
STILL_501 = Case(
    "106 sends a MESSAGE",
    lambda bed: bed.phone("106").message("108", "hello"),
    """
    106   -> proxy  MESSAGE
    proxy -> 106    501 Not Implemented
    """,
)
STILL_REGISTERS = Case(
    "106 registers",
    register,
    """
    106   -> proxy  REGISTER
    proxy -> 106    200 OK
    """,
)
STILL_CALLS = Case(
    "106 calls 108, who answers; then 106 hangs up",
    answered_call,
    """
    106   -> proxy  INVITE
    proxy -> 108    INVITE
    108   -> proxy  180
    proxy -> 106    180
    108   -> proxy  200
    proxy -> 106    200
    106   -> 108    ACK
    106   -> 108    BYE
    108   -> 106    200 OK (BYE)
    """,
    registered=("106", "108"),
)
STILL_CALLS_THROUGH = Case(
    STILL_CALLS.title,
    answered_call,
    """
    106   -> proxy  INVITE
    proxy -> 108    INVITE
    108   -> proxy  180
    proxy -> 106    180
    108   -> proxy  200
    proxy -> 106    200
    106   -> proxy  ACK
    proxy -> 108    ACK
    106   -> proxy  BYE
    proxy -> 108    BYE
    108   -> proxy  200 OK (BYE)
    proxy -> 106    200 OK (BYE)
    """,
    registered=("106", "108"),
)
STILL_404 = Case(
    "106 calls 109, whom nobody registered",
    calls("106", "109"),
    """
    106   -> proxy  INVITE
    proxy -> 106    404 User not Registered
    106   -> proxy  ACK
    """,
    registered=("106", "108"),
)
STILL_CANCELS = Case(
    "106 calls 108 and gives up while it rings",
    cancelled_call,
    """
    106   -> proxy  INVITE
    proxy -> 108    INVITE
    108   -> proxy  180
    proxy -> 106    180
    106   -> proxy  CANCEL
    proxy -> 108    CANCEL
    proxy -> 106    200 canceling (CANCEL)
    108   -> proxy  200 OK (CANCEL)
    108   -> proxy  487
    proxy -> 108    ACK
    proxy -> 106    487
    106   -> proxy  ACK
    """,
    registered=("106", "108"),
)
