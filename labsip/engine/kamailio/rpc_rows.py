"""What Kamailio's RPC commands answer, as the rows that a lab shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

UNSET = "[not set]"
"""What its tables say of what is not there."""
ALL_METHODS = 0xFFFFFFFF
"""A contact's methods if it named none; elsewhere Kamailio prints -1."""


def contact_rows(domains: Iterable[Mapping[str, Any]], table: str) -> list[dict[str, Any]]:
    """The contacts of a table in `ul.dump`, a row each, with AoR first."""
    found = []
    for domain in (one["Domain"] for one in domains):
        for aor in (one["Info"] for one in domain["AoRs"] if domain["Domain"] == table):
            found += [_contact(aor["AoR"], one["Contact"]) for one in aor["Contacts"]]
    return found


def _contact(aor: str, contact: Mapping[str, Any]) -> dict[str, Any]:
    row = {"AoR": aor} | dict(contact)
    row["Methods"] = -1 if row["Methods"] == ALL_METHODS else row["Methods"]
    return row


def dialog_row(one: Mapping[str, Any]) -> dict[str, Any]:
    """A dialog of `dlg.list` with the columns of `lab.dialogs`."""
    sides = {f"{side}_tag": one.get(role, {}).get("tag") for side, role in (("from", "caller"), ("to", "callee"))}
    variables = {name: value for each in one.get("variables", ()) for name, value in each.items()}
    return {**one, **sides, "variables": variables}
