"""`%%kamailio`: a cell that is a kamailio.cfg, once `%load_ext labsip` has run."""

from __future__ import annotations

import re
import shlex
from typing import Any

from labsip.dialects.cfg.operators import KEYWORDS
from labsip.lab.lab import Lab, newest
from labsip.sip.errors import LabError
from labsip.vocabulary import EXPORTS

MAGIC = "kamailio"
BLOCKS = ("request_route", "route", "failure_route", "onreply_route", "branch_route", "reply_route", "event_route")


def load(shell: Any) -> None:
    """Teach IPython the magic, and what TAB completes in such a cell."""

    def kamailio(line: str, cell: str) -> None:
        """Run this cell as the kamailio.cfg of the newest lab: `%%kamailio [LAB] [-A NAME[=VALUE]] …`.

        LAB: the name of a lab, or of a variable that is one. What is wrong shows below, with its line.
        """
        name, defines = _told(line)
        lab = shell.user_ns.get(name) if name else None
        (lab if isinstance(lab, Lab) else newest(name)).cfg(cell if cell.strip() else "\n", defines)

    shell.register_magic_function(kamailio, "cell", MAGIC)
    completer = getattr(shell, "Completer", None)
    if completer is not None and hasattr(completer, "custom_matchers"):
        completer.custom_matchers.append(_matcher())


def _matcher() -> Any:
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher()  # type: ignore[untyped-decorator]
    def kamailio_words(context: Any) -> dict[str, Any]:
        """Commands and words of the language, or variables behind a $, in a cell of ours."""
        ours = context.full_text.startswith(f"%%{MAGIC}") and context.cursor_line > 0
        # a token of IPython's begins behind the $ of a variable
        before = context.text_until_cursor.removesuffix(context.token)
        variable = "$" if before.endswith("$") else ""
        found = [one.removeprefix(variable) for one in completions(variable + context.token)] if ours else []
        return {"completions": [SimpleCompletion(text=one, type="kamailio") for one in found], "suppress": bool(found)}

    return kamailio_words


def _told(line: str) -> tuple[str, list[str]]:
    """The lab's name and the defines. Raises LabError for anything else."""
    words, names, defines = shlex.split(line), [], []
    while words:
        word = words.pop(0)
        if word == "-A" and words:
            defines.append(words.pop(0))
        elif word.startswith("-"):
            raise LabError(f"{word} is no option of %%{MAGIC}; write %%{MAGIC} [LAB] [-A NAME[=VALUE]]")
        else:
            names.append(word)
    if len(names) > 1:
        raise LabError(f"%%{MAGIC} takes one lab, not {', '.join(names)}")
    return "".join(names), defines


def completions(text: str) -> list[str]:
    """What may stand where `text` has begun, sorted."""
    begun = re.search(r"\$?\w*\Z", text)
    word = begun[0] if begun is not None else ""
    known = EXPORTS.variables if word.startswith("$") else {*EXPORTS.commands, *KEYWORDS, *BLOCKS}
    return sorted(text[: len(text) - len(word)] + one for one in known if word and one.startswith(word))
