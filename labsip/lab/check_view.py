"""The answer to an exercise, as a notebook shows it."""

from __future__ import annotations

from labsip.check import Verdict
from labsip.view.ladder import Ladder


class CheckView:
    """True if the exercise is solved; `repr` says what was wrong, and shows the ladder of that."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def __bool__(self) -> bool:
        return bool(self.verdict)

    @property
    def text(self) -> str:
        """Solved or not yet; what went well, and what did not."""
        return self.verdict.text

    @property
    def ladder(self) -> Ladder | None:
        """What the case that went wrong put on the wire; None if all is well."""
        mismatch = self.verdict.mismatch
        return None if mismatch is None else Ladder(mismatch.flow)

    def __repr__(self) -> str:
        return self.text if self.ladder is None else f"{self.text}\n\n{self.ladder.text()}"

    def _ipython_display_(self) -> None:
        """The text, then the drawing: of an output with both, a notebook would show the drawing alone."""
        from IPython.display import display

        from labsip.view.listing import TextLine, as_html

        page = as_html(map(TextLine, self.text.splitlines()))  # plain text breaks within words
        display({"text/plain": self.text, "text/html": page}, raw=True)  # type: ignore[no-untyped-call]
        if self.ladder is not None:
            display(self.ladder)  # type: ignore[no-untyped-call]
