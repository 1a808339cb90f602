"""What the parameters of `modparam` change in a lab: which setting each of them is, and how its value is meant.

A parameter that is not here is taken all the same (`modparams` knows its type), and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, NamedTuple

from labsip.modules.modparams import TYPES
from labsip.proxy.posix import searcher
from labsip.sip.errors import LabError, NoSuchName

Value = int | str


class Means(Enum):
    """How a value is meant."""

    AS_IT_IS = "as it is"
    FILE = "the name of a file whose content the setting is"
    ONE_OF_SEVERAL = "one of several: each adds to the setting"
    NAMED_URL = "name=>URL, one of several"


class Effect(NamedTuple):
    """What a parameter changes."""

    setting: str
    """The name `Lab(...)` and `settings_of` have for it."""
    read: Callable[[Any], Any] = lambda value: value
    means: Means = Means.AS_IT_IS


def _seconds(milliseconds: Any) -> float:
    return float(milliseconds) / 1000


# fmt: off
EFFECTS: dict[str, dict[str, Effect]] = {
    "acc": {
        "log_flag": Effect("log_flag"), "log_missed_flag": Effect("log_missed_flag"),
        "failed_transaction_flag": Effect("failed_transaction_flag"), "log_extra": Effect("log_extra"),
        "report_ack": Effect("report_ack", bool), "early_media": Effect("early_media", bool),
        "db_flag": Effect("db_flag"), "db_missed_flag": Effect("db_missed_flag"), "db_extra": Effect("db_extra"),
        "db_url": Effect("acc_db_url"), "db_table_acc": Effect("db_table_acc"),
        "db_table_missed_calls": Effect("db_table_missed_calls"),
    },
    "alias_db": {
        "db_url": Effect("alias_db_url"), "use_domain": Effect("alias_use_domain", bool),
        "append_branches": Effect("alias_append_branches", bool),
    },
    "auth": {"nonce_expire": Effect("nonce_expire", float), "algorithm": Effect("auth_algorithm")},
    "auth_db": {
        "db_url": Effect("auth_db_url"), "calculate_ha1": Effect("calculate_ha1", bool),
        "password_column": Effect("password_column"), "use_domain": Effect("auth_use_domain", bool),
    },
    "ctl": {"binrpc": Effect("binrpc", means=Means.ONE_OF_SEVERAL)},
    "dialog": {"default_timeout": Effect("default_timeout", float)},
    "dispatcher": {
        "list_file": Effect("dispatcher_list", means=Means.FILE), "flags": Effect("dispatcher_flags"),
        "db_url": Effect("dispatcher_db_url"), "table_name": Effect("dispatcher_table"),
    },
    "domain": {
        "db_url": Effect("domain_db_url"), "domain_table": Effect("domain_table"),
        "domain_attrs_table": Effect("domain_attrs_table"), "register_myself": Effect("register_myself", bool),
    },
    "htable": {
        "htable": Effect("htable", means=Means.ONE_OF_SEVERAL), "db_url": Effect("htable_db_url"),
        "db_expires": Effect("db_expires", bool),
    },
    "jsonrpcs": {
        "pretty_format": Effect("pretty_format", bool), "dgram_socket": Effect("dgram_socket"),
        "transport": Effect("jsonrpc_transport"),
    },
    "maxfwd": {"max_limit": Effect("max_limit")},
    "nathelper": {
        "natping_interval": Effect("natping_interval", float), "ping_nated_only": Effect("ping_nated_only", bool),
        "natping_disable_bflag": Effect("natping_disable_bflag"), "sipping_bflag": Effect("sipping_bflag"),
        "sipping_from": Effect("sipping_from"), "sipping_method": Effect("sipping_method"),
    },
    "path": {"use_received": Effect("use_received", bool)},
    "permissions": {
        "db_url": Effect("permissions_db_url"), "address_table": Effect("address_table"),
        "address_file": Effect("address_list", means=Means.FILE), "trusted_table": Effect("trusted_table"),
        "peer_tag_avp": Effect("peer_tag_avp"), "peer_tag_mode": Effect("peer_tag_mode"),
    },
    "pike": {
        "sampling_time_unit": Effect("sampling_time_unit"), "reqs_density_per_unit": Effect("reqs_density_per_unit"),
        "remove_latency": Effect("remove_latency"),
    },
    "pv": {
        "shvset": Effect("shvset", means=Means.ONE_OF_SEVERAL), "varset": Effect("varset", means=Means.ONE_OF_SEVERAL),
    },
    "registrar": {
        "default_expires": Effect("default_expires"), "min_expires": Effect("min_expires"),
        "max_expires": Effect("max_expires"), "max_contacts": Effect("max_contacts"),
        "use_path": Effect("use_path", bool), "method_filtering": Effect("method_filtering", bool),
        "append_branches": Effect("append_branches", bool),
    },
    "rr": {"append_fromtag": Effect("append_fromtag", bool), "enable_full_lr": Effect("enable_full_lr", bool)},
    "sanity": {"autodrop": Effect("autodrop", bool)},
    "speeddial": {"db_url": Effect("speeddial_db_url"), "use_domain": Effect("speeddial_use_domain", bool)},
    "sqlops": {"sqlcon": Effect("sqlcon", means=Means.NAMED_URL)},
    "tm": {"fr_timer": Effect("fr_timer", _seconds), "fr_inv_timer": Effect("fr_inv_timer", _seconds)},
    "usrloc": {
        "use_domain": Effect("use_domain", bool), "timer_interval": Effect("timer_interval", float),
        "db_url": Effect("location_db_url"), "db_mode": Effect("db_mode"), "nat_bflag": Effect("nat_bflag"),
    },
}
# fmt: on


class Setting(NamedTuple):
    """What one `modparam` comes to."""

    module: str
    name: str
    effect: Effect | None
    """None: it changes nothing here."""
    value: Value


def types_of(module: str, name: str) -> tuple[type, ...]:
    """The types a parameter takes, int or str. Raises NoSuchName for one the module does not have."""
    known = TYPES.get(module, {})
    if name not in known:
        hint = f"{module} has no parameters" if not known else ""
        raise NoSuchName("parameter", name, known, where=f"module {module}: ", hint=hint)
    return known[name]


def modparam(modules: str, name: str, value: Value, loaded: Iterable[str]) -> list[Setting]:
    """What `modparam("MODULES", "NAME", VALUE)` sets; the first is a regular expression over the modules loaded.

    Raises LabError where none of these matches, NoSuchName where one that does has no such parameter, and LabError for
    a value of the other type.
    """
    found = matching(modules, loaded)
    if not found:
        raise NoSuchName("module", modules, loaded, hint="loadmodule loads one")
    for module in found:
        types = types_of(module, name)
        if type(value) not in types:
            wanted = " or ".join("a number" if kind is int else "a text" for kind in types)
            raise LabError(f"modparam {module} {name} takes {wanted}, not {value!r}")
    return [Setting(module, name, EFFECTS.get(module, {}).get(name), value) for module in found]


def matching(modules: str, loaded: Iterable[str]) -> list[str]:
    """Those of the modules loaded that modparam's first argument means, a regular expression over the whole name.

    Raises LabError for what is none.
    """
    try:
        return list(filter(searcher(f"^({modules})$"), loaded))
    except re.error as error:
        raise LabError(f"{modules!r} is no regular expression: {error.msg}") from None


def without_effect(given: Iterable[Setting]) -> str:
    """A line for the log, of the parameters that change nothing here; "" if all do."""
    names = ", ".join(f"{one.module} {one.name}" for one in given if one.effect is None)
    return f"modparam: taken, and without effect here: {names}" if names else ""


def settings_from(given: Iterable[Setting], read_file: Callable[[Setting], str]) -> dict[str, Any]:
    """The settings that these come to, by the names `settings_of` takes; the last of a name counts.

    read_file: the content of a file that a value names; the core opens none.
    """
    found: dict[str, Any] = {}
    for one in given:
        effect = one.effect
        if effect is None:
            continue
        match effect.means:
            case Means.FILE:
                found[effect.setting] = read_file(one)
            case Means.ONE_OF_SEVERAL:
                found[effect.setting] = (*found.get(effect.setting, ()), one.value)
            case Means.NAMED_URL:
                name, arrow, url = str(one.value).partition("=>")
                if not arrow:
                    raise LabError(f'{one.module} {one.name}: {one.value!r} names no URL; write "ca=>sqlite:///FILE"')
                found[effect.setting] = {**found.get(effect.setting, {}), name.strip(): url.strip()}
            case Means.AS_IT_IS:
                found[effect.setting] = effect.read(one.value)
    return found
