"""The ladder as a drawing, and what a notebook and a file get of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib import pyplot as plt
from matplotlib.image import imread

from labsip.sip.errors import LabError
from labsip.view.drawing import LadderSheet, draw
from labsip.view.ladder import Ladder
from labsip.view.palette import INK, NAME, PAPER, QUIET

Told = Callable[..., pd.DataFrame]

ALL_KINDS = """
    0.000  106   -> proxy  INVITE
    0.001  proxy -> 106    100 trying
    0.002  proxy -> 108    INVITE (lost)
    0.502  proxy -> 108    INVITE (again)
    0.503  proxy -> proxy  OPTIONS
    0.503  108   -> proxy  200 OK
    0.504  proxy -> 106    486 Busy $x_1$ 会話
"""


@pytest.fixture(autouse=True)
def no_figure_is_left_open() -> Iterator[None]:
    plt.switch_backend("agg")
    plt.close("all")
    yield
    open_figures = plt.get_fignums()
    plt.close("all")
    assert not open_figures


def inked(file: Path) -> float:
    """Part of a PNG that has ink on it."""
    return float((imread(file)[..., 3] > 0).mean())


def many(count: int) -> str:
    return "\n".join(f"{n / 1000} 106 -> proxy OPTIONS\n{n / 1000} proxy -> 106 200 OK (OPTIONS)" for n in range(count))


@pytest.mark.parametrize("story", [ALL_KINDS, many(2), many(100)], ids=["all kinds", "4 messages", "200 messages"])
def test_it_is_drawn_on_no_ground_of_its_own(told: Told, tmp_path: Path, story: str) -> None:
    file = Ladder(told(story)).save(tmp_path / "a.png")
    assert 0.01 < inked(file) < 0.3


def test_five_hundred_messages_need_no_more_artists_than_four(told: Told) -> None:
    def artists(story: str) -> int:
        sheet = LadderSheet(Ladder(told(story)).layout)
        axes = plt.figure(figsize=(sheet.width, sheet.height)).add_axes((0, 0, 1, 1))
        draw(sheet, axes)
        plt.close(axes.figure)
        return len(axes.get_children())

    assert artists(many(250)) == artists(many(2))


def test_a_longer_flow_makes_a_longer_picture_not_a_smaller_one(told: Told) -> None:
    short, long = LadderSheet(Ladder(told(many(10))).layout), LadderSheet(Ladder(told(many(100))).layout)
    assert long.width == short.width
    assert long.height > 7 * short.height


def test_labels_have_room_between_their_lanes(told: Told) -> None:
    narrow = LadderSheet(Ladder(told("0 106 -> proxy INVITE")).layout)
    wide = LadderSheet(Ladder(told("0 106 -> proxy 407 Proxy Authentication Required")).layout)
    assert wide.between > narrow.between


def test_a_notebook_gets_the_text_and_the_drawing_once(told: Told) -> None:
    data, metadata = DisplayFormatter().format(Ladder(told(ALL_KINDS)))
    assert set(data) == {"text/plain", "image/png"}
    assert data["text/plain"] == Ladder(told(ALL_KINDS)).text()
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["width"] < 900


def test_a_notebook_gets_words_for_an_empty_ladder(told: Told) -> None:
    data, _ = DisplayFormatter().format(Ladder(told(ALL_KINDS)[:0]))
    assert data == {"text/plain": "no messages"}


def test_it_draws_on_axes_it_is_given_or_on_a_figure_of_its_own(told: Told) -> None:
    figure, axes = plt.subplots()
    assert Ladder(told(ALL_KINDS)).axes(axes) is axes
    own = Ladder(told(ALL_KINDS)).axes()
    assert own.figure is not figure
    plt.close("all")


def test_it_is_saved_by_the_suffix_of_the_name(told: Told, tmp_path: Path) -> None:
    picture = Ladder(told(ALL_KINDS))
    begins = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".txt": b"       106", ".mmd": b"sequenceDiagram"}
    for suffix, begin in begins.items():
        assert picture.save(tmp_path / f"a{suffix}").read_bytes().startswith(begin)
    with pytest.raises(LabError, match=r"'a\.gif'.*\.png, \.svg, \.pdf, \.txt, \.mmd"):
        picture.save(tmp_path / "a.gif")


def test_the_same_flow_gives_the_same_file(told: Told, tmp_path: Path) -> None:
    for suffix in (".png", ".svg", ".pdf"):
        one, two = (Ladder(told(ALL_KINDS)).save(tmp_path / f"{n}{suffix}").read_bytes() for n in "ab")
        assert one == two


@pytest.mark.parametrize("ground", [1.0, 0x11 / 255], ids=["paper", "dark"])
def test_every_ink_can_be_read_on_paper_and_in_a_dark_theme(ground: float) -> None:
    def light(channels: list[float]) -> float:
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for colour in [QUIET, NAME, *(ink.colour for ink in INK.values())]:
        ink = light([int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)])
        dark, bright = sorted((ink, light([ground] * 3)))
        assert (bright + 0.05) / (dark + 0.05) > 4, colour
    assert PAPER == "#ffffff"


def test_no_kind_is_told_by_its_colour_alone() -> None:
    looks = [(ink.line, ink.width, ink.tail) for ink in INK.values()]
    assert len(set(looks)) == len({ink.stroke for ink in INK.values()}) == len(INK)
