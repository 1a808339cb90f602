"""labsip: a real SIP proxy and registrar in a notebook, built up step by step in Kamailio's own words.

`Lab` is where to begin: `lab = Lab()`, `lab.phone("106")`, `@lab.request_route`. Each name is loaded when it is first
used, so that `import labsip` takes no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labsip.findings import explain as explain
    from labsip.flow.calls import calls as calls
    from labsip.lab import Call as Call
    from labsip.lab import Lab as Lab
    from labsip.lab import Phone as Phone
    from labsip.pcap import PCAPS as PCAPS
    from labsip.pcap import read_pcap as read_pcap
    from labsip.pcap import write_pcap as write_pcap
    from labsip.proxy.command import command as command
    from labsip.proxy.exports import Module as Module
    from labsip.proxy.turn import Turn as Turn
    from labsip.sip.errors import BadMessage as BadMessage
    from labsip.sip.errors import LabError as LabError
    from labsip.sip.message import Request as Request
    from labsip.sip.message import Response as Response
    from labsip.sip.message import parse_message as parse_message
    from labsip.sip.uri import SipUri as SipUri
    from labsip.steps import STEPS as STEPS
    from labsip.view.ladder import Ladder as Ladder
    from labsip.view.side_by_side import compare as compare
    from labsip.vocabulary import Ksr as Ksr

_PLACES = {
    "Lab": "labsip.lab",
    "Phone": "labsip.lab",
    "Call": "labsip.lab",
    "STEPS": "labsip.steps",
    "Ksr": "labsip.vocabulary",
    "Module": "labsip.proxy.exports",
    "Turn": "labsip.proxy.turn",
    "command": "labsip.proxy.command",
    "Request": "labsip.sip.message",
    "Response": "labsip.sip.message",
    "parse_message": "labsip.sip.message",
    "SipUri": "labsip.sip.uri",
    "LabError": "labsip.sip.errors",
    "BadMessage": "labsip.sip.errors",
    "read_pcap": "labsip.pcap",
    "write_pcap": "labsip.pcap",
    "Ladder": "labsip.view.ladder",
    "calls": "labsip.flow.calls",
    "explain": "labsip.findings",
    "compare": "labsip.view.side_by_side",
    "PCAPS": "labsip.pcap",
}
__all__ = list(_PLACES)


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        from labsip.sip.errors import NoSuchName

        raise NoSuchName("name", name, _PLACES, where="labsip: ", hint=f"there are {', '.join(_PLACES)}")
    found: object = getattr(import_module(_PLACES[name]), name)
    globals()[name] = found
    return found


def load_ipython_extension(shell: object) -> None:
    """`%load_ext labsip`: a cell that begins with `%%kamailio` is a kamailio.cfg."""
    from labsip.lab.magic import load

    load(shell)


def __dir__() -> list[str]:
    return __all__
