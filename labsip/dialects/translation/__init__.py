"""A route in Python, said in Kamailio's two other languages: a kamailio.cfg, a KEMI script.

In: functions at hand, or the text of a file that has them; nothing of them is run. Out: text.
"""

from labsip.dialects.translation.route_script import RouteScript, script_of_routes
from labsip.dialects.translation.to_cfg import cfg_text

__all__ = ["RouteScript", "cfg_text", "script_of_routes"]
