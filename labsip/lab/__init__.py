"""What a notebook holds: `Lab`, the face of a testbed, and `Phone` and `Call`, handles of what is on it.

Their calls are plain and wait until things have come to rest; what happened is in the record, which `Lab`, `Call` and
`Exchange` show. `inputs` takes what a cell hands in as it is meant.
"""

from labsip.lab.lab import Lab
from labsip.lab.phone import Phone
from labsip.lab.record import Call

__all__ = ["Call", "Lab", "Phone"]
