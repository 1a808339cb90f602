"""All of it, headless: a network, an engine that routes on it, and phones, as public fields of one object.

    testbed  Testbed: makes them, waits until things have come to rest, and has the record of all that was sent
    handset  Handset: a phone on the testbed, and what it can be told to do; Trail: which messages that led to

It knows no notebook and shows nothing: exercises (`check`), panels (`live`) and the learner's `Lab` stand on it.
"""

from labsip.proxy.script import no_route
from labsip.testbed.handset import Handset, Trail
from labsip.testbed.testbed import LIMITS, Testbed

__all__ = ["LIMITS", "Handset", "Testbed", "Trail", "no_route"]
