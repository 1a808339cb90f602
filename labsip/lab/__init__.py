"""The bench: what a notebook holds. `Lab` makes network, proxy and phones; `Phone` and `Call` are their handles.

Its calls are plain and wait until things have come to rest; what happened is shown by the view.
"""

from labsip.lab.call import Call
from labsip.lab.lab import Lab
from labsip.lab.phone import Phone

__all__ = ["Call", "Lab", "Phone"]
