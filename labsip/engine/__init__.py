"""Who routes on a testbed: our own proxy, or anything else that can do what `protocol.Engine` asks.

protocol  Engine: what a testbed asks of one; Site: where it is put
own       OwnProxy: labsip's proxy, a node on the testbed's network
"""

from labsip.engine.own import OwnProxy
from labsip.engine.protocol import Engine, Site

__all__ = ["Engine", "OwnProxy", "Site"]
