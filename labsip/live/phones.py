"""A phone under a hand: what it is up to, which of its buttons do something now, and what they do.

Nothing here waits: what a button begins, the next beat shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from labsip.phone import behaviour
from labsip.phone.behaviour import Behaviour
from labsip.phone.phone_call import CallState, PhoneCall
from labsip.phone.softphone import Softphone
from labsip.sip.errors import LabError
from labsip.sip.transport import Datagram

if TYPE_CHECKING:
    from labsip.lab.phone import Phone

ON_CALL: dict[str, tuple[str, Behaviour]] = {
    "ring": ("ring, and wait", behaviour.ringing()),
    "answer": ("answer at once", behaviour.answering()),
    "busy": ("say it is busy", behaviour.busy_here()),
    "ignore": ("say nothing", behaviour.ignoring()),
}
"""What a phone may do when called: its name on the page, and what it is."""


def phone_state(phone: Phone, muted: bool) -> dict[str, Any]:
    """A phone as the page shows it, but for the last response it got. Called where the nodes live."""
    node = phone._node
    waiting, calling, talking = _waiting(node), _calling(node), _talking(node)
    rings = f", rings: {waiting[0].peer} calls" if waiting else ""
    doing = node.doing.partition(", called by")[0] if waiting else node.doing
    last = node.calls[-1] if node.calls else None
    return {
        "doing": doing + rings + ("" if phone._on else ", offline") + (", muted" if muted else ""),
        "call": repr(last).strip("<>") if last else "",
        "inbox": f"{node.inbox[-1].sender}: {node.inbox[-1].text}" if node.inbox else "",
        "online": phone._on,
        "muted": muted,
        "registered": node.registered,
        "on_call": next((name for name, (_, known) in ON_CALL.items() if known == node.behaviour), ""),
        "can": [
            *(["register", "call", "message"] if phone._on else []),
            *(["unregister"] if phone._on and node.registered else []),
            *(["answer", "reject"] if phone._on and waiting else []),
            *(["cancel"] if phone._on and calling else []),
            *(["hang_up"] if phone._on and talking else []),
        ],
    }


def press(phone: Phone, said: Mapping[str, Any]) -> None:
    """A button was pressed: `verb`, and the `target`, `text`, `on_call` of its card. Raises LabError."""
    verb = str(said.get("verb"))
    node = phone._node
    if verb in ("online", "offline"):
        getattr(phone, verb)()
    elif verb == "mute":
        wire = phone.lab.wire(phone.name, None)
        wire.set(loss=0 if wire.loss == 1 else 1)
    elif verb == "on_call" and said.get("on_call") in ON_CALL:
        node.behaviour = ON_CALL[said["on_call"]][1]
    elif verb in ACTS:
        for act in ACTS[verb](node, said):
            _do(phone, act)
    else:
        raise LabError(f"a phone has no button {verb}")


Act = Callable[[float], list[Datagram]]


def _do(phone: Phone, act: Act) -> None:
    """Without waiting: real sockets go on by themselves. Virtual time does not, but there waiting takes no time."""
    phone._do(act, wait=phone.lab._kind == "memory")


def _target(said: Mapping[str, Any]) -> str:
    target = str(said.get("target", "")).strip()
    if not target:
        raise LabError("whom? Write a number into the field before pressing the button")
    return target


# fmt: off
ACTS: dict[str, Callable[[Softphone, Mapping[str, Any]], list[Act]]] = {
    "register":   lambda node, _: [node.register],
    "unregister": lambda node, _: [node.unregister],
    "call":       lambda node, said: [lambda now: node.call(_target(said), now)[1]],
    "message":    lambda node, said: [lambda now: node.message(_target(said), str(said.get("text", "")), now)[1]],
    "answer":     lambda node, _: [partial(node.answer, call) for call in _waiting(node)[:1]],
    "reject":     lambda node, _: [partial(node.reject, call) for call in _waiting(node)[:1]],
    "cancel":     lambda node, _: [partial(node.cancel, call) for call in _calling(node)],
    "hang_up":    lambda node, _: [partial(node.hang_up, call) for call in _talking(node)],
}
# fmt: on
"""What a button does; `answer` and `reject` take the call that rang first."""


def _recent(node: Softphone) -> list[PhoneCall]:
    return [call for call in node.calls[-20:] if not call.over and call.state is not CallState.CANCELLING]


def _waiting(node: Softphone) -> list[PhoneCall]:
    return [call for call in _recent(node) if not call.outgoing and call.answered is None]


def _calling(node: Softphone) -> list[PhoneCall]:
    return [call for call in _recent(node) if call.outgoing and call.answered is None]


def _talking(node: Softphone) -> list[PhoneCall]:
    return [call for call in _recent(node) if call.answered is not None]
