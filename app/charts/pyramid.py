"""A pyramid: how many people stand at each grade or level, most senior on top, bars about a middle line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.charts.style import (
    EDGE_INCHES,
    LIGHT,
    SMALL_POINTS,
    TEXT_POINTS,
    Palette,
    draw_heading,
    draw_text,
    heading,
    new_figure,
    quiet_axes,
    text_inches,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BAR_HIGH, _WIDTH, _LONGEST = 0.34, 5.0, 30


@dataclass(frozen=True, slots=True)
class PyramidBar:
    """One step: people, and how many of them are contractors; ``said`` stands at its end."""

    label: str
    people: int
    contractors: int
    said: str


@dataclass(frozen=True, slots=True)
class PyramidPicture:
    """The steps, most senior first; ``title`` is the finding."""

    title: str
    bars: tuple[PyramidBar, ...]
    subtitle: str = "People; the hatched part are contractors"


def pyramid(record: PyramidPicture, palette: Palette = LIGHT) -> Figure:
    """Draw the bars about a middle line, label at the left and figure at the right."""
    labels = tuple(
        bar.label if len(bar.label) <= _LONGEST else f"{bar.label[: _LONGEST - 1]}…" for bar in record.bars
    )
    left = EDGE_INCHES + max((text_inches(label, TEXT_POINTS) for label in labels), default=0.0) + 0.15
    right = EDGE_INCHES + max((text_inches(bar.said, TEXT_POINTS) for bar in record.bars), default=0.0) + 0.15
    width = max(_WIDTH, left + right + 2.0)
    words = heading(record.title, record.subtitle, width)
    bars_high = max(1, len(record.bars)) * _BAR_HIGH
    height = words.inches + bars_high + 2 * EDGE_INCHES
    figure = new_figure(width, height, palette)
    draw_heading(figure, words, palette)
    box = (left / width, EDGE_INCHES / height, (width - left - right) / width, bars_high / height)
    axes = figure.add_axes(box)
    quiet_axes(axes, palette)
    most = max((bar.people for bar in record.bars), default=0) or 1
    axes.set_xlim(-most / 2, most / 2)
    axes.set_ylim(max(1, len(record.bars)) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    for place, (bar, label) in enumerate(zip(record.bars, labels, strict=True)):
        _draw_bar(axes, place, bar, most, palette)
        how: dict[str, Any] = {
            "va": "center",
            "fontsize": TEXT_POINTS,
            "color": palette.text,
            "clip_on": False,
        }
        inch = most / (width - left - right)
        draw_text(axes, -most / 2 - 0.1 * inch, place, label, ha="right", **how)
        draw_text(axes, most / 2 + 0.1 * inch, place, bar.said, ha="left", **how)
    if not record.bars:
        draw_text(axes, 0, 0, "Nobody to show", ha="center", va="center", fontsize=SMALL_POINTS)
    return figure


def _draw_bar(axes: Axes, place: int, bar: PyramidBar, most: int, palette: Palette) -> None:
    """Civil servants plain, contractors hatched beside them; together they stand about the middle."""
    start = -bar.people / 2
    own = bar.people - bar.contractors
    axes.barh(place, own, left=start, height=0.72, color=palette.accent, linewidth=0.0)
    if bar.contractors:
        how: dict[str, Any] = {"hatch": "////", "edgecolor": palette.surface, "linewidth": 0.0}
        axes.barh(place, bar.contractors, left=start + own, height=0.72, color=palette.accent, **how)
    if not bar.people:
        axes.barh(place, most / 400, left=0, height=0.72, color=palette.hairline)
