"""From one day to another: a bar for before, a floating bar for each part of the change, a bar for after."""

from __future__ import annotations

import textwrap
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
    plain_labels,
    quiet_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _BARS_HIGH = 9.0, 3.2
_NAMES_HIGH = 0.75
_HELD_BACK = "[c]"


@dataclass(frozen=True, slots=True)
class WaterfallPicture:
    """Before, what each part added or took off, after. None is a figure that must not be shown.

    ``title`` is the finding. The parts add up to the change. What rises is hatched, so that it reads without colour.
    """

    title: str
    before: tuple[str, int | None]
    parts: tuple[tuple[str, int | None], ...]
    after: tuple[str, int | None]
    y_title: str
    subtitle: str = ""


def waterfall(
    record: WaterfallPicture, palette: Palette = LIGHT, size: tuple[float, float] | None = None
) -> Figure:
    """Draw it. ``size`` in inches fits it into a room whose heading stands elsewhere."""
    count = len(record.parts) + 2
    left = EDGE_INCHES + 0.85
    width = size[0] if size else max(_WIDTH, left + EDGE_INCHES + count * 0.9)
    words = heading("", "", width) if size else heading(record.title, record.subtitle, width)
    top_inches = EDGE_INCHES if size else words.inches
    bars_high = max(0.6, size[1] - top_inches - _NAMES_HIGH) if size else _BARS_HIGH
    height = size[1] if size else top_inches + bars_high + _NAMES_HIGH + EDGE_INCHES
    figure = new_figure(width, height, palette)
    draw_heading(figure, words, palette)
    bottom = 1 - (top_inches + bars_high) / height
    axes = figure.add_axes(
        (left / width, bottom, max(0.1, width - left - EDGE_INCHES) / width, bars_high / height)
    )
    quiet_axes(axes, palette)
    _draw_bars(axes, record, palette)
    names = [record.before[0], *(name for name, _ in record.parts), record.after[0]]
    characters = max(6, int((width - left - EDGE_INCHES) / count / 0.085))
    labels = tuple("\n".join(textwrap.wrap(name, characters, break_long_words=False)) for name in names)
    axes.set_xticks(range(count), plain_labels(labels))
    axes.tick_params(axis="x", labelsize=SMALL_POINTS, pad=4)
    axes.set_xlim(-0.6, count - 0.4)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_ylabel(record.y_title, color=palette.secondary, fontsize=TEXT_POINTS)
    axes.grid(axis="y", color=palette.hairline, linewidth=0.6)
    return figure


def _draw_bars(axes: Axes, record: WaterfallPicture, palette: Palette) -> None:
    level = record.before[1] or 0
    seen = [0.0, float(level), float(record.after[1] or 0)]
    axes.bar(0, level, 0.62, color=palette.series[0], linewidth=0.0)
    for place, (_, change) in enumerate(record.parts, start=1):
        if change:
            how: dict[str, Any] = {"hatch": "" if change < 0 else "///", "edgecolor": palette.surface}
            colour = palette.series[2] if change < 0 else palette.series[1]
            axes.bar(place, abs(change), 0.62, min(level, level + change), color=colour, linewidth=0.0, **how)
        axes.plot([place - 1 + 0.31, place + 0.31], [level, level], color=palette.secondary, linewidth=0.8)
        level += change or 0
        seen.append(float(level))
    last = len(record.parts) + 1
    axes.bar(last, record.after[1] or 0, 0.62, color=palette.series[0], linewidth=0.0)
    top = max(seen) or 1.0
    lowest = min(0.0, *seen)
    axes.set_ylim(lowest, top + (top - lowest) * 0.14)
    _say_values(axes, record, top - lowest, palette)


def _say_values(axes: Axes, record: WaterfallPicture, extent: float, palette: Palette) -> None:
    level = record.before[1] or 0
    how: dict[str, Any] = {"va": "bottom", "ha": "center", "fontsize": TEXT_POINTS, "color": palette.text}
    lift = extent * 0.015
    draw_text(axes, 0, level + lift, _said(record.before[1], ""), fontweight="bold", **how)
    for place, (_, change) in enumerate(record.parts, start=1):
        draw_text(axes, place, max(level, level + (change or 0)) + lift, _said(change, "+"), **how)
        level += change or 0
    after = record.after[1]
    draw_text(axes, len(record.parts) + 1, (after or 0) + lift, _said(after, ""), fontweight="bold", **how)


def _said(value: int | None, plus: str) -> str:
    if value is None:
        return _HELD_BACK
    sign = "\u2212" if value < 0 else plus if value else ""
    return f"{sign}{abs(value):,}"
