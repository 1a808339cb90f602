"""The proxy asked from outside, in a cell: what the real kamcmd would print."""

from __future__ import annotations

from labsip.lab.faces import OnTestbed
from labsip.modules.ctl import arguments_of, text_of, text_of_fault
from labsip.proxy.rpc import RpcFault


class KamcmdText(str):
    """What kamcmd prints; a cell shows it as it stands."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def kamcmd(lab: OnTestbed, line: str) -> KamcmdText:
    """Ask the proxy as `kamcmd LINE` does, and get the text that would print: `lab.kamcmd("ul.lookup location s:106")`.

    `106` is a number and `s:106` a text, as there. `system.listMethods` lists the commands. What a command refuses is
    a text, too: `error: 500 - AOR not found in location table`. Raises LabError for a quote that is never closed.
    """
    name, *arguments = arguments_of(line)
    try:
        return KamcmdText(text_of(lab.testbed.engine.rpc(str(name), arguments)))
    except RpcFault as fault:
        return KamcmdText(text_of_fault(fault))
