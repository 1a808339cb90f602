"""Texts with variables in them, as commands of a kamailio.cfg fill them in: `"sip:$tU@$rd"`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from labsip.dialects.cfg.nodes import Pvar

Parts = list["str | Pvar"]
"""Constants and variables, in order."""
GOES_ON = re.compile(r"[A-Za-z0-9_.(\[{]")
"""What would belong to a variable that ends before it."""


def filled_text(parts: Sequence[str | Pvar], *, escapes: bool = True) -> str:
    """The text for them. escapes: a `$` in the constants is none of a variable."""
    found = ""
    for number, part in enumerate(parts):
        if isinstance(part, str):
            found += part.replace("$", "$$") if escapes else part
            continue
        text = part.text
        after = parts[number + 1] if number + 1 < len(parts) else ""
        if not text.startswith("$(") and not text.endswith(")") and isinstance(after, str) and GOES_ON.match(after):
            text = f"$({text[1:]})"
        found += text
    return found
