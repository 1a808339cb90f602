"""A picture in a notebook: a text first, and a drawing of the same, on any background."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from labsip.flow.files import writing
from labsip.sip.errors import LabError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DRAWN = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
"""Suffixes a drawing can be saved under, and the metadata to leave out, which would differ from run to run."""
FINE, COARSE = 200, 100  # dots an inch
COLOURS = 32  # of the palette: five inks and the shades of their edges
LARGE = 200.0  # square inches, drawn in coarse dots to spare memory


class Picture:
    """Something shown: its `repr` is the text, its PNG the drawing. A subclass says what to write and what to draw."""

    def text(self) -> str:
        """The picture in characters."""
        raise NotImplementedError

    def _size(self) -> tuple[float, float]:
        """Width and height in inches."""
        raise NotImplementedError

    def _draw(self, ax: Axes) -> None:
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.text()

    def axes(self, ax: Axes | None = None) -> Axes:
        """Draw on `ax`, or on a new pyplot figure of the right size; returns the axes."""
        if ax is None:
            from matplotlib import pyplot as plt

            ax = plt.figure(figsize=self._size(), facecolor="none").add_axes((0.0, 0.0, 1.0, 1.0))
        self._draw(ax)
        return ax

    def save(self, path: str | Path) -> Path:
        """Write it to a file, as its suffix says. Raises LabError for an unknown suffix, and if writing fails."""
        with writing(path) as file:
            file.write_bytes(self.content(file.suffix.lower(), file.name))
        return file

    def content(self, suffix: str, name: str = "") -> bytes:
        """What a file with that suffix holds: .png, .svg, .pdf the drawing, .txt the text, and what else it can be
        written as (a ladder .mmd and .html). Raises LabError, naming the file, for any other suffix.
        """
        writings = self._writings()
        if suffix in writings:
            return f"{writings[suffix]()}\n".encode("utf-8", "backslashreplace")  # a peer may send what is no UTF-8
        if suffix not in DRAWN:
            known = ", ".join([*DRAWN, *writings])
            raise LabError(f"a picture can't be saved as {name or suffix!r}; its name must end in one of {known}")
        from matplotlib import rc_context

        data = BytesIO()
        with rc_context({"svg.hashsalt": "labsip"}):
            self._figure().savefig(data, format=suffix[1:], dpi=self._dots(), metadata=DRAWN[suffix])
        return data.getvalue()

    def _writings(self) -> dict[str, Callable[[], str]]:
        """What it can be written as, by suffix."""
        return {".txt": self.text}

    def _dots(self) -> int:
        width, height = self._size()
        return FINE if width * height < LARGE else COARSE

    def _figure(self) -> Figure:
        """A figure that pyplot does not know: it is shown once, and freed when nobody holds it."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=self._size(), facecolor="none")
        self._draw(figure.add_axes((0.0, 0.0, 1.0, 1.0)))
        return figure

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        """The drawing, with the size in pixels a page shows it at; None if the text says it all."""
        width, height = self._size()
        return self._png(), {"width": round(width * COARSE), "height": round(height * COARSE)}

    def _png(self) -> bytes:
        """The drawing with a palette, a quarter of the size: a notebook carries dozens of them."""
        from PIL import Image  # matplotlib brings it

        drawn, data = BytesIO(), BytesIO()
        self._figure().savefig(drawn, format="png", dpi=self._dots(), pil_kwargs={"compress_level": 1})
        image = Image.open(drawn).quantize(COLOURS, Image.Quantize.FASTOCTREE)
        image.save(data, "PNG", optimize=True)
        return data.getvalue()
