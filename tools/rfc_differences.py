"""Write the table of docs/rfc-differences.md that is made from the fields of `labsip.proxy.policy.Policy`.

Usage: python tools/rfc_differences.py

The rest of the page is written by hand, and stays as it is.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from labsip.proxy.policy import Policy, differences_of

PAGE = Path(__file__).parents[1] / "docs" / "rfc-differences.md"
BEGIN = "<!-- This table is made from labsip/proxy/policy.py by tools/rfc_differences.py. -->"
END = "<!-- What follows is written by hand. -->"


def table() -> list[str]:
    """A line a difference, and its heading."""
    lines = ["| field | RFC | when | `kamailio` | `rfc` |", "| --- | --- | --- | --- | --- |"]
    for field in fields(Policy):
        lines += [f"| `{field.name}` | {' | '.join(one)} |" for one in differences_of(field)]
    return lines


def page(text: str) -> str:
    """The page with the table as it should be."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([f"{before}{BEGIN}", "", *table(), "", f"{END}{after}"])


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
