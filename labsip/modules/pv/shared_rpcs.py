"""`$shv` asked and told from outside (Kamailio's pv/pv_shv.c)."""

from __future__ import annotations

from labsip.modules.pv.stores import ProcessVariables
from labsip.proxy.receive import Proxy
from labsip.proxy.rpc import Named, RpcFault, Value, rpc


def _row(name: str, value: object) -> Value:
    kind = "int" if isinstance(value, int) else "string"
    return {"name": name, "type": kind, "value": value if isinstance(value, int) else str(value)}


def _known(proxy: Proxy, name: str) -> object:
    """Raises RpcFault for a variable that nobody has set."""
    shared = proxy.module(ProcessVariables).shared
    if name not in shared:
        raise RpcFault(404, "Variable not found")
    return shared[name]


@rpc("pv.shvGet")
def pv_shv_get(proxy: Proxy, _: float, name: str = "") -> Value:
    """A variable, without a name all of them."""
    if name:
        return _row(name, _known(proxy, name))
    shared = proxy.module(ProcessVariables).shared
    return {"items": [Named("shv", _row(name, shared[name])) for name in reversed(shared)]}


@rpc("pv.shvSet", writes=True)
def pv_shv_set(proxy: Proxy, _: float, name: str = "", type: str = "", value: object = None) -> Value:
    """Set a variable: its name, int or str, the value."""
    if not name or not type:
        raise _missing("parameter type" if name else "parameter varname")
    if type not in ("int", "str"):
        raise RpcFault(500, "Unknown parameter type (Types: int or str)")
    if not isinstance(value, int if type == "int" else str):
        raise _missing("integer parameter value" if type == "int" else "parameter value")
    _known(proxy, name)
    proxy.module(ProcessVariables).shared[name] = value
    return "Ok. Variable set to new value."


def _missing(what: str) -> RpcFault:
    return RpcFault(500, f"Missing {what} (Parameters: varname type value)")


RPCS = (pv_shv_get, pv_shv_set)
