"""Who routes on a testbed: our own proxy, a real Kamailio, or anything else that can do what `protocol.Engine` asks.

protocol   Engine: what a testbed asks of one; TextEngine: one that reads the learner's text itself; Site: where it is
own        OwnProxy: labsip's proxy, a node on the testbed's network
kamailio/  Kamailio: a process of its own
"""

from labsip.engine.kamailio import Kamailio
from labsip.engine.own import OwnProxy
from labsip.engine.protocol import Build, Engine, Site, TextEngine

ENGINES: dict[str, Build] = {"labsip": OwnProxy, "kamailio": Kamailio}
"""Those that come with labsip, by name."""

__all__ = ["ENGINES", "Build", "Engine", "Kamailio", "OwnProxy", "Site", "TextEngine"]
