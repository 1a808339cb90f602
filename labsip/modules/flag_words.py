"""Flags: of a message (core), of a branch and of a script (Kamailio's module kex). Bits a route sets for itself.

Those of a message stay with its transaction: an onreply_route and a failure_route find and change them. Those of a
branch are kept for each branch by itself, and with a contact by `save`, which `lookup` gives back. Those of a script
last as long as it runs.
"""

from __future__ import annotations

from labsip.proxy.command import command
from labsip.proxy.exports import Variable
from labsip.proxy.flags import bit
from labsip.proxy.script import ANY
from labsip.proxy.turn import Turn


def _yes(bits: int) -> int:
    return 1 if bits else -1


@command(*ANY, returns=bool, kemi="setflag")
def setflag(turn: Turn, /, flag: int | str) -> int:
    """Set a flag of the message, 0 to 31. 1.   Kamailio: core"""
    turn.flags.message |= bit(flag)
    return 1


@command(*ANY, returns=bool, kemi="resetflag")
def resetflag(turn: Turn, /, flag: int | str) -> int:
    """Take a flag of the message away. 1.   Kamailio: core"""
    turn.flags.message &= ~bit(flag)
    return 1


@command(*ANY, returns=bool, kemi="isflagset")
def isflagset(turn: Turn, /, flag: int | str) -> int:
    """Has the message that flag? 1 yes · -1 no.   Kamailio: core"""
    return _yes(turn.flags.message & bit(flag))


@command(*ANY, returns=bool, of="kex", kemi="setbflag")
def setbflag(turn: Turn, /, flag: int | str, branch: int | str = 0) -> int:
    """Set a flag of the branch at hand, or of another of those that append_branch added, from 1. 1 · -1 no such branch.

    Kamailio: kex/flags.c
    """
    return _change(turn, bit(flag), 0, branch)


@command(*ANY, returns=bool, of="kex", kemi="resetbflag")
def resetbflag(turn: Turn, /, flag: int | str, branch: int | str = 0) -> int:
    """Take a flag of a branch away. 1 · -1 no such branch.   Kamailio: kex/flags.c"""
    return _change(turn, 0, bit(flag), branch)


@command(*ANY, returns=bool, of="kex", kemi="isbflagset")
def isbflagset(turn: Turn, /, flag: int | str, branch: int | str = 0) -> int:
    """Has the branch that flag? 1 yes · -1 no, or no such branch.   Kamailio: kex/flags.c"""
    number = int(branch)
    if not number:
        return _yes(turn.branch_flags & bit(flag))
    return _yes(turn.targets[number - 1].flags & bit(flag)) if 0 < number <= len(turn.targets) else -1


def _change(turn: Turn, added: int, taken: int, branch: int | str) -> int:
    number = int(branch)
    if not 0 <= number <= len(turn.targets):
        return -1
    if number:
        target = turn.targets[number - 1]
        target.flags = (target.flags | added) & ~taken
    else:
        turn.branch_flags = (turn.branch_flags | added) & ~taken
    return 1


@command(*ANY, returns=bool, of="kex", kemi="setsflag")
def setsflag(turn: Turn, /, flag: int | str) -> int:
    """Set a flag of the script. 1.   Kamailio: kex/flags.c"""
    turn.flags.script |= bit(flag)
    return 1


@command(*ANY, returns=bool, of="kex", kemi="resetsflag")
def resetsflag(turn: Turn, /, flag: int | str) -> int:
    """Take a flag of the script away. 1.   Kamailio: kex/flags.c"""
    turn.flags.script &= ~bit(flag)
    return 1


@command(*ANY, returns=bool, of="kex", kemi="issflagset")
def issflagset(turn: Turn, /, flag: int | str) -> int:
    """Has the script that flag? 1 yes · -1 no.   Kamailio: kex/flags.c"""
    return _yes(turn.flags.script & bit(flag))


@command(*ANY, of="corex")
def setxflag(turn: Turn, /, flag: int | str) -> int:
    """Set one more flag of the message. 1.   Kamailio: corex"""
    turn.flags.extended |= bit(flag)
    return 1


@command(*ANY, of="corex")
def resetxflag(turn: Turn, /, flag: int | str) -> int:
    """Take one of those away. 1.   Kamailio: corex"""
    turn.flags.extended &= ~bit(flag)
    return 1


@command(*ANY, of="corex")
def isxflagset(turn: Turn, /, flag: int | str) -> int:
    """Has the message that one? 1 yes · -1 no.   Kamailio: corex"""
    return _yes(turn.flags.extended & bit(flag))


def _set_message(turn: Turn, value: object) -> None:
    turn.flags.message = _bits(value)


def _set_branch(turn: Turn, value: object) -> None:
    turn.branch_flags = _bits(value)


def _set_script(turn: Turn, value: object) -> None:
    turn.flags.script = _bits(value)


def _bits(value: object) -> int:
    return int(str(value or 0)) & 0xFFFFFFFF


# fmt: off
CORE = (setflag, resetflag, isflagset)
KEX = (setbflag, resetbflag, isbflagset, setsflag, resetsflag, issflagset)
COREX = (setxflag, resetxflag, isxflagset)
VARIABLES = {
    "$mf": Variable("flags of the message, a number", lambda turn: turn.flags.message, _set_message),
    "$mF": Variable("the same in hex", lambda turn: f"{turn.flags.message:08x}"),
    "$bf": Variable("flags of the branch", lambda turn: turn.branch_flags, _set_branch),
    "$bF": Variable("the same in hex", lambda turn: f"{turn.branch_flags:08x}"),
    "$sf": Variable("flags of the script", lambda turn: turn.flags.script, _set_script),
    "$sF": Variable("the same in hex", lambda turn: f"{turn.flags.script:08x}"),
}
# fmt: on
