"""The lessons' exercises: what is played against the learner's route, and what should be on the wire.

A case plays on a lab of its own, in virtual time; 106 and 108 are there, registered if the case says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from labsip.check.cases import (
    STILL_404,
    STILL_480,
    STILL_501,
    STILL_CALLS,
    STILL_CALLS_THROUGH,
    STILL_CANCELS,
    STILL_REGISTERS,
    Case,
    calls,
    ringing,
    stray_cancel,
    unplugged,
)
from labsip.sip.errors import NoSuchName


@dataclass(frozen=True)
class Exercise:
    """What the learner's route should do."""

    number: str
    task: str
    cases: tuple[Case, ...]


EXERCISES = {
    exercise.number: exercise
    for exercise in (
        Exercise(
            "00.1",
            "Whoever calls hears 486 Busy Here.",
            (
                Case(
                    "106 calls 108",
                    calls("106", "108"),
                    """
                    106   -> proxy  INVITE
                    proxy -> 106    486 Busy Here
                    106   -> proxy  ACK
                    """,
                ),
            ),
        ),
        Exercise(
            "01.1",
            "OPTIONS is answered 200 Keepalive; all else as before.",
            (
                Case(
                    "106 sends OPTIONS to the proxy",
                    lambda bed: bed.phone("106").options(),
                    """
                    106   -> proxy  OPTIONS
                    proxy -> 106    200 Keepalive
                    """,
                ),
                STILL_480,
                STILL_501,
            ),
        ),
        Exercise(
            "01.2",
            "A call to 999 is declined with 603 Decline; all else as before.",
            (
                Case(
                    "106 calls 999",
                    calls("106", "999"),
                    """
                    106   -> proxy  INVITE
                    proxy -> 106    603 Decline
                    106   -> proxy  ACK
                    """,
                ),
                STILL_480,
                STILL_501,
            ),
        ),
        Exercise(
            "02.1",
            "999 may not register: 403 Forbidden. Everybody else may.",
            (
                Case(
                    "999 registers",
                    lambda bed: bed.phone("999").register(),
                    """
                    999   -> proxy  REGISTER
                    proxy -> 999    403 Forbidden
                    """,
                ),
                STILL_REGISTERS,
                STILL_480,
            ),
        ),
        Exercise(
            "02.2",
            "A call to somebody registered hears 480 as before, to anybody else 404 Not Found.",
            (
                Case(
                    "106 calls 109, whom nobody registered",
                    calls("106", "109"),
                    """
                    106   -> proxy  INVITE
                    proxy -> 106    404 Not Found
                    106   -> proxy  ACK
                    """,
                ),
                Case(STILL_480.title, STILL_480.play, STILL_480.expect, registered=("108",)),
                STILL_REGISTERS,
            ),
        ),
        Exercise(
            "03.1",
            "1 is short for 108: whoever dials 1 calls 108.",
            (
                Case(
                    "106 dials 1",
                    calls("106", "1"),
                    """
                    106   -> proxy  INVITE
                    proxy -> 108    INVITE
                    108   -> proxy  180
                    proxy -> 106    180
                    108   -> proxy  200
                    proxy -> 106    200
                    106   -> 108    ACK
                    """,
                    registered=("106", "108"),
                ),
                STILL_CALLS,
            ),
        ),
        Exercise(
            "03.2",
            "Nothing goes round for ever: an INVITE that comes by with no hops left is answered 483 Too Many Hops.",
            (
                Case(
                    "106 calls 109, whom nobody registered",
                    calls("106", "109"),
                    """
                    106   -> proxy  INVITE
                    # round and round, until no hop is left
                    proxy -> 106    483 Too Many Hops
                    106   -> proxy  ACK
                    """,
                    registered=("106", "108"),
                ),
                STILL_CALLS,
            ),
        ),
        Exercise(
            "04.1",
            "A MESSAGE is treated like a call: delivered to who is registered, 404 User not Registered for who is not.",
            (
                Case(
                    "106 writes to 109, whom nobody registered",
                    lambda bed: bed.phone("106").message("109", "hello"),
                    """
                    106   -> proxy  MESSAGE
                    proxy -> 106    404 User not Registered
                    """,
                    registered=("106", "108"),
                ),
                Case(
                    "106 writes to 108",
                    lambda bed: bed.phone("106").message("108", "hello"),
                    """
                    106   -> proxy  MESSAGE
                    proxy -> 108    MESSAGE
                    108   -> proxy  200
                    proxy -> 106    200
                    """,
                    registered=("106", "108"),
                ),
                STILL_404,
                STILL_CALLS,
            ),
        ),
        Exercise(
            "04.2",
            "108 takes the calls of who is not registered; if 108 is not there either: 404 User not Registered.",
            (
                Case(
                    "106 calls 109, whom nobody registered; 108 is registered",
                    calls("106", "109"),
                    """
                    106   -> proxy  INVITE
                    proxy -> 108    INVITE
                    108   -> proxy  180
                    proxy -> 106    180
                    108   -> proxy  200
                    proxy -> 106    200
                    106   -> 108    ACK
                    """,
                    registered=("106", "108"),
                ),
                Case(STILL_404.title, STILL_404.play, STILL_404.expect, registered=("106",)),
                STILL_CALLS,
                Case(
                    "108 calls 106, who is registered",
                    calls("108", "106"),
                    """
                    108   -> proxy  INVITE
                    proxy -> 106    INVITE
                    106   -> proxy  180
                    proxy -> 108    180
                    106   -> proxy  200
                    proxy -> 108    200
                    108   -> 106    ACK
                    """,
                    registered=("106", "108"),
                ),
            ),
        ),
        Exercise(
            "05.1",
            "A CANCEL that fits no call hears 481 Call/Transaction Does Not Exist; one that does still cancels.",
            (
                Case(
                    "106 sends a CANCEL for a call the proxy has never seen",
                    stray_cancel,
                    """
                    106   -> proxy  CANCEL
                    proxy -> 106    481 Call/Transaction Does Not Exist (CANCEL)
                    """,
                    registered=("106", "108"),
                ),
                STILL_CANCELS,
                STILL_CALLS_THROUGH,
            ),
        ),
        Exercise(
            "05.2",
            "A phone rings for 10 seconds at most; then the caller hears 408.",
            (
                Case(
                    "106 calls 108, who lets it ring for 12 seconds",
                    lambda bed: ringing(bed, 12),
                    """
                    106   -> proxy  INVITE
                    proxy -> 108    INVITE
                    108   -> proxy  180
                    proxy -> 106    180
                    proxy -> 106    408 Request Timeout
                    proxy -> 108    CANCEL
                    106   -> proxy  ACK
                    108   -> proxy  200 OK (CANCEL)
                    108   -> proxy  487
                    proxy -> 108    ACK
                    """,
                    registered=("106", "108"),
                ),
                STILL_CANCELS,
                STILL_CALLS_THROUGH,
            ),
        ),
        Exercise(
            "07.1",
            "A phone that says nothing is given up after 5 seconds, the caller hears 408; one that rings may ring on.",
            (
                Case(
                    "106 calls 108, which was unplugged",
                    unplugged,
                    """
                    106   -> proxy  INVITE
                    proxy -> 108    INVITE
                    proxy -> 106    408 Request Timeout
                    106   -> proxy  ACK
                    """,
                    registered=("106", "108"),
                ),
                Case(
                    "106 calls 108, who lets it ring for 12 seconds",
                    lambda bed: ringing(bed, 12),
                    """
                    106   -> proxy  INVITE
                    proxy -> 108    INVITE
                    108   -> proxy  180
                    proxy -> 106    180
                    """,
                    registered=("106", "108"),
                ),
                STILL_CANCELS,
                STILL_CALLS_THROUGH,
            ),
        ),
    )
}


def exercise(number: str | float) -> Exercise:
    """`"04.1"`, `"4.1"` or `4.1`. Raises NoSuchName with the nearest number there is."""
    lesson, dot, rest = str(number).strip().partition(".")
    known = f"{lesson.zfill(2)}{dot}{rest}"
    if known not in EXERCISES:
        raise NoSuchName("exercise", str(number), EXERCISES, hint=f"there are {', '.join(EXERCISES)}")
    return EXERCISES[known]
