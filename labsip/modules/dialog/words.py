"""What a route says to the calls that are looked after, and reads of them."""

from __future__ import annotations

from collections.abc import Callable

from labsip.modules.dialog.dialog_table import DialogAtHand, DialogRow, DialogState, DialogTable
from labsip.proxy.arguments import checked_number
from labsip.proxy.command import command
from labsip.proxy.exports import NamedVariable, Value, Variable
from labsip.proxy.flags import bit
from labsip.proxy.script import ANY, BRANCH, FAILURE, ONREPLY, REQUEST
from labsip.proxy.turn import Turn
from labsip.sip.errors import NoSuchName
from labsip.sip.message import Request


def _dialog(turn: Turn) -> DialogRow | None:
    return turn.module(DialogTable).of(turn)


@command(REQUEST)
def dlg_manage(turn: Turn, /) -> int:
    """Look after the call that this INVITE begins; its requests find it again. 1 · -1 it is already, or begins none.

    Kamailio: dialog
    """
    if not isinstance(turn.message, Request):  # as in Kamailio: it begins nothing, and complains of nothing
        return 1
    if turn.request.to.tag:
        return -1 if _dialog(turn) is None else 1
    return 1 if turn.module(DialogTable).begin(turn) else -1


@command(*ANY)
def dlg_setflag(turn: Turn, /, flag: int | str) -> int:
    """Set a flag of the call. 1 · -1 it is not looked after.   Kamailio: dialog"""
    dialog = _dialog(turn)
    if dialog is None:
        return -1
    dialog.flags |= bit(flag)
    return 1


@command(*ANY)
def dlg_resetflag(turn: Turn, /, flag: int | str) -> int:
    """Take a flag of the call away. 1 · -1 it is not looked after.   Kamailio: dialog"""
    dialog = _dialog(turn)
    if dialog is None:
        return -1
    dialog.flags &= ~bit(flag)
    return 1


@command(*ANY)
def dlg_isflagset(turn: Turn, /, flag: int | str) -> int:
    """Has the call that flag? 1 yes · -1 no, or it is not looked after.   Kamailio: dialog"""
    dialog = _dialog(turn)
    return 1 if dialog is not None and dialog.flags & bit(flag) else -1


@command(*ANY)
def dlg_set_timeout(turn: Turn, /, seconds: int | str) -> int:
    """How long the call may last. 1 · -1 it is not looked after.   Kamailio: dialog"""
    dialog, lifetime = _dialog(turn), checked_number(seconds, "seconds")
    if dialog is None:
        return -1
    dialog.lifetime = float(lifetime)
    return 1


@command(*ANY)
def dlg_get(turn: Turn, /, callid: str, ftag: str, ttag: str) -> int:
    """Let `$dlg` and the rest be of that call from now on. 1 · -1 there is none.   Kamailio: dialog"""
    managed = turn.module(DialogTable)
    found = managed.named(callid, ftag) or managed.named(callid, ttag)
    if found is None:
        return -1
    turn.note(DialogAtHand).dialog = found
    return 1


@command(*ANY, kemi="dialog.set_dlg_profile")
def set_dlg_profile(turn: Turn, /, profile: str, value: str = "") -> int:
    """Put the call into a profile, with a value or without. 1 · -1 it is not looked after.   Kamailio: dialog"""
    dialog = _dialog(turn)
    if dialog is None:
        return -1
    dialog.profiles.add((profile, value))
    return 1


@command(REQUEST, FAILURE, BRANCH, ONREPLY, kemi="dialog.unset_dlg_profile")
def unset_dlg_profile(turn: Turn, /, profile: str, value: str = "") -> int:
    """Take the call out of it. 1 · -1 it was not in it.   Kamailio: dialog"""
    dialog = _dialog(turn)
    if dialog is None or (profile, value) not in dialog.profiles:
        return -1
    dialog.profiles.remove((profile, value))
    return 1


@command(*ANY, kemi="dialog.is_in_profile")
def is_in_profile(turn: Turn, /, profile: str, value: str | None = None) -> int:
    """Is the call in that profile? 1 yes · -1 no.   Kamailio: dialog"""
    dialog = _dialog(turn)
    return 1 if dialog and any(name == profile and value in (None, known) for name, known in dialog.profiles) else -1


def _read_var(turn: Turn, name: str) -> Value:
    dialog = _dialog(turn)
    return (turn.note(DialogAtHand).variables if dialog is None else dialog.variables).get(name)


def _write_var(turn: Turn, name: str, value: Value) -> None:
    dialog = _dialog(turn)
    variables = turn.note(DialogAtHand).variables if dialog is None else dialog.variables
    if value is None:
        variables.pop(name, None)
    else:
        variables[name] = str(value)


# fmt: off
FIELDS: dict[str, Callable[[DialogRow], Value]] = {
    "callid": lambda one: one.key[0], "from_tag": lambda one: one.key[1], "to_tag": lambda one: one.to_tag or None,
    "from_uri": lambda one: one.from_uri, "to_uri": lambda one: one.to_uri, "h_id": lambda one: one.h_id,
    "h_entry": lambda one: one.h_entry, "state": lambda one: int(one.state),
    "start_ts": lambda one: int(one.start or 0), "lifetime": lambda one: int(one.lifetime),
    "flags": lambda one: one.flags,
}
# fmt: on


def _field(turn: Turn, name: str) -> Value:
    if name not in FIELDS:
        raise NoSuchName("part of $dlg", name, FIELDS)
    dialog = _dialog(turn)
    return None if dialog is None else FIELDS[name](dialog)


def _status(turn: Turn) -> Value:
    dialog = _dialog(turn)
    return None if dialog is None or dialog.state < DialogState.ANSWERED else int(dialog.state)


def _lasted(turn: Turn) -> Value:
    dialog = _dialog(turn)
    return None if dialog is None or dialog.start is None else int(turn.now - dialog.start)


COMMANDS = (
    dlg_manage,
    dlg_setflag,
    dlg_resetflag,
    dlg_isflagset,
    dlg_set_timeout,
    dlg_get,
    set_dlg_profile,
    unset_dlg_profile,
    is_in_profile,
)
VARIABLES: dict[str, Variable | NamedVariable] = {
    "$dlg_var": NamedVariable("kept with the call that dlg_manage looks after", _read_var, _write_var),
    "$dlg": NamedVariable("part of it: callid, state, from_uri, start_ts and so on", _field),
    "$DLG_status": Variable("its state, in requests of the call", _status),
    "$DLG_lifetime": Variable("seconds since it was answered", _lasted),
}
