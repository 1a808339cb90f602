"""Exercises: what a route of the learner's should do, and an answer in SIP terms where it does something else.

exercises    Exercise: the lessons' exercises by number; `cases` has what is played for them
notation     flows as they are written down: `106 -> proxy  INVITE`
differences  what each phone received instead, in a sentence
play         check: plays them on a testbed
"""

from labsip.check.mismatch import Mismatch
from labsip.check.play import Verdict, check

__all__ = ["Mismatch", "Verdict", "check"]
