"""Many short texts as one artist: outlines are made once for each text, then placed by the hundred.

A matplotlib Text for every arrow costs five times as much. Sizes are in points, places in data coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from warnings import catch_warnings, simplefilter

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import IdentityTransform


class Word(NamedTuple):
    """A text and where it stands."""

    x: float
    y: float
    text: str
    colour: str
    align: float = 0.5
    """Part of its width left of x: 0 begins there, 1 ends there."""
    lift: float = 0.0
    """Points from y up to the base line."""


def letter(ax: Axes, words: Sequence[Word], size: float, *, bold: bool = False) -> None:
    """Write all words on the axes, `size` points high."""
    if not words:
        return
    collection = PathCollection(
        [outline(word.text, size, word.align, word.lift, bold) for word in words],
        sizes=[1.0],
        offsets=[(word.x, word.y) for word in words],
        offset_transform=ax.transData,
        transform=IdentityTransform(),
        facecolors=[word.colour for word in words],
        edgecolors="none",
        zorder=6 if bold else 4,
    )
    ax.add_collection(collection, autolim=False)


@lru_cache(maxsize=4096)
def outline(text: str, size: float, align: float = 0.0, lift: float = 0.0, bold: bool = False) -> Path:
    """The text's outline in points; dollar signs are dollar signs."""
    vertices, codes, width = _shape(text, bold)
    scale = size / text_to_path.FONT_SCALE
    return Path((vertices - (align * width, 0.0)) * scale + (0.0, lift), codes)


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Width of the text in points."""
    return _shape(text, bold)[2] * size / text_to_path.FONT_SCALE


Shape = tuple[np.ndarray, np.ndarray, float]
"""Vertices and codes of a path, and its width, at the size fonts are read in."""


def _shape(text: str, bold: bool) -> Shape:
    return _figures(text) if not bold and text.replace(".", "").isdecimal() and text.isascii() else _read(text, bold)


@lru_cache(maxsize=2048)
def _read(text: str, bold: bool) -> Shape:
    font = FontProperties(weight="bold" if bold else "normal")
    with catch_warnings():
        simplefilter("ignore", UserWarning)  # a character the font lacks is a box, and no matter for the learner
        vertices, codes = text_to_path.get_text_path(font, text, ismath=False)
        width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    scale = text_to_path.FONT_SCALE / font.get_size_in_points()
    return np.asarray(vertices, dtype=float).reshape(-1, 2), np.asarray(codes, dtype=np.uint8), width * scale


def _figures(text: str) -> Shape:
    """Figures need no kerning: a time stamp is put together from ten outlines."""
    vertices, codes, pen = [], [], 0.0
    for figure in text:
        shape, code, width = _read(figure, False)
        vertices.append(shape + np.array((pen, 0.0)))
        codes.append(code)
        pen += width
    return np.concatenate(vertices), np.concatenate(codes), pen
