"""Shares side by side with their intervals: a dot, a line for the interval, the rank where the intervals settle it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.charts.style import (
    EDGE_INCHES,
    LIGHT,
    TEXT_POINTS,
    Palette,
    draw_heading,
    draw_text,
    heading,
    new_figure,
    plain_labels,
    quiet_axes,
    text_inches,
    widest_inches,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _LINE_HIGH = 9.0, 0.34
_FOOT = 0.35


@dataclass(frozen=True, slots=True)
class IntervalBar:
    """One group: its share and interval, 0 to 1 (None where it has none), and what is written at its right."""

    label: str
    share: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class IntervalPicture:
    """Groups with intervals, in the order given; ``title`` is the finding."""

    title: str
    bars: tuple[IntervalBar, ...]
    subtitle: str = ""


def intervals(
    record: IntervalPicture, palette: Palette = LIGHT, size: tuple[float, float] | None = None
) -> Figure:
    """Draw it. ``size`` in inches fits it into a room whose heading stands elsewhere."""
    labels = tuple(_short(bar.label) for bar in record.bars)
    notes = tuple(_said(bar) for bar in record.bars)
    left = EDGE_INCHES + widest_inches(labels, TEXT_POINTS) + 0.12
    right = EDGE_INCHES + max((text_inches(note, TEXT_POINTS) for note in notes), default=0.0) + 0.15
    width = size[0] if size else max(_WIDTH, left + right + 2.5)
    words = heading("", "", width) if size else heading(record.title, record.subtitle, width)
    top_inches = EDGE_INCHES / 2 if size else words.inches
    wanted = max(1, len(record.bars)) * _LINE_HIGH
    bars_high = max(0.5, size[1] - top_inches - _FOOT) if size else wanted
    height = size[1] if size else top_inches + bars_high + _FOOT + EDGE_INCHES
    figure = new_figure(width, height, palette)
    draw_heading(figure, words, palette)
    bottom = 1 - (top_inches + bars_high) / height
    axes = figure.add_axes((left / width, bottom, max(0.5, width - left - right) / width, bars_high / height))
    quiet_axes(axes, palette)
    axes.set_xlim(0, 1)
    axes.set_ylim(max(1, len(record.bars)) - 0.5, -0.5)
    for place, bar in enumerate(record.bars):
        _draw(axes, place, bar, palette)
        how: dict[str, Any] = {"va": "center", "ha": "left", "fontsize": TEXT_POINTS}
        draw_text(axes, 1.02, place, notes[place], color=palette.text, **how)
    axes.set_yticks(range(len(labels)), plain_labels(labels))
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.grid(axis="x", color=palette.hairline, linewidth=0.6)
    return figure


def _draw(axes: Axes, place: int, bar: IntervalBar, palette: Palette) -> None:
    if bar.low is not None and bar.high is not None:
        axes.plot(
            [bar.low, bar.high], [place, place], color=palette.accent, linewidth=3.0, solid_capstyle="butt"
        )
        for end in (bar.low, bar.high):
            axes.plot([end, end], [place - 0.18, place + 0.18], color=palette.accent, linewidth=1.5)
    if bar.share is not None:
        how: dict[str, Any] = {"marker": "o", "markersize": 7.0, "linestyle": "none"}
        axes.plot([bar.share], [place], color=palette.text, markeredgecolor=palette.surface, **how)


def _said(bar: IntervalBar) -> str:
    figure = "" if bar.share is None else f"{math.floor(bar.share * 100 + 0.5)} %"
    return f"{figure}   {bar.note}".strip()


def _short(label: str) -> str:
    return label if len(label) <= 44 else label[:43].rstrip() + "\u2026"
