"""Bars: readiness by department (across), money or hours by quarter and pot (stacked)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from app.charts.style import (
    EDGE_INCHES,
    HATCHES,
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
    text_inches,
    widest_inches,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BAR_HIGH = 0.34
_WIDTH = 9.0
_NOT_ASSESSED = "not assessed"


@dataclass(frozen=True, slots=True)
class ReadinessBar:
    """One department: share of assessed requirements met, 0 to 1 (None: nobody assessed), and what is beside it."""

    label: str
    share: float | None
    note: str = ""
    low_coverage: bool = False


@dataclass(frozen=True, slots=True)
class ReadinessPicture:
    """Readiness bars; ``title`` is the finding, order is as given."""

    title: str
    bars: tuple[ReadinessBar, ...]
    subtitle: str = "Requirements met, as a share of those assessed. Hatched: fewer than half assessed"


@dataclass(frozen=True, slots=True)
class StackSeries:
    """One pot or kind: a value for each category, in order."""

    name: str
    values: tuple[Decimal | float, ...]


@dataclass(frozen=True, slots=True)
class StackPicture:
    """Stacked columns, such as planned cost by quarter and pot; at most four series, so that they stay apart."""

    title: str
    categories: tuple[str, ...]
    series: tuple[StackSeries, ...]
    unit: Literal["£", "hours", "people"] = "£"
    subtitle: str = ""

    def __post_init__(self) -> None:
        if len(self.series) > len(HATCHES):
            raise ValueError(f"at most {len(HATCHES)} series can be told apart; put the smallest together")
        if any(len(one.values) != len(self.categories) for one in self.series):
            raise ValueError("every series needs a value for each category")


def readiness_bars(record: ReadinessPicture, palette: Palette = LIGHT) -> Figure:
    """Draw readiness as horizontal bars with the figure at the end of each, and the note beside it."""
    labels = tuple(bar.label for bar in record.bars)
    left = min(_WIDTH * 0.45, EDGE_INCHES + widest_inches(labels, TEXT_POINTS) + 0.12)
    right = (
        EDGE_INCHES + max((text_inches(_said(bar), TEXT_POINTS) for bar in record.bars), default=0.0) + 0.15
    )
    width = max(_WIDTH, left + right + 2.5)
    words = heading(record.title, record.subtitle, width)
    bars_high = max(1, len(record.bars)) * _BAR_HIGH
    height = words.inches + bars_high + 0.35 + EDGE_INCHES
    figure = new_figure(width, height, palette)
    draw_heading(figure, words, palette)
    bottom = (EDGE_INCHES + 0.35) / height
    axes = figure.add_axes((left / width, bottom, (width - left - right) / width, bars_high / height))
    quiet_axes(axes, palette)
    axes.set_xlim(0, 1)
    axes.set_ylim(max(1, len(record.bars)) - 0.5, -0.5)
    for place, bar in enumerate(record.bars):
        _draw_bar(axes, place, bar, palette)
    axes.set_yticks(range(len(labels)), plain_labels(labels))
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.grid(axis="x", color=palette.hairline, linewidth=0.6)
    return figure


def _said(bar: ReadinessBar) -> str:
    figure = _NOT_ASSESSED if bar.share is None else f"{math.floor(bar.share * 100 + 0.5)} %"
    return f"{figure}   {bar.note}".rstrip()


def _draw_bar(axes: Axes, place: int, bar: ReadinessBar, palette: Palette) -> None:
    share = bar.share or 0.0
    how: dict[str, Any] = {"hatch": "////", "edgecolor": palette.surface} if bar.low_coverage else {}
    axes.barh(place, share, height=0.68, color=palette.accent, linewidth=0.0, **how)
    # The figure goes to the end of the scale, so that figures and notes stand in one column and never on a
    # bar.
    draw_text(axes, 1.02, place, _said(bar), va="center", ha="left", fontsize=TEXT_POINTS, color=palette.text)


def stacked_columns(record: StackPicture, palette: Palette = LIGHT) -> Figure:
    """Draw stacked columns with the total above each and the names of the series above the chart."""
    width = max(_WIDTH, 1.6 + 0.95 * len(record.categories))
    words = heading(record.title, record.subtitle, width)
    key_high, columns_high = 0.35, 3.2
    height = words.inches + key_high + columns_high + 0.5 + EDGE_INCHES
    totals = [
        math.fsum(float(one.values[place]) for one in record.series)
        for place in range(len(record.categories))
    ]
    top = max(totals, default=0.0) or 1.0
    left = EDGE_INCHES + text_inches(_amount(top, record.unit), TEXT_POINTS) + 0.45
    figure = new_figure(width, height, palette)
    draw_heading(figure, words, palette)
    box = (
        left / width,
        (EDGE_INCHES + 0.4) / height,
        1 - (left + EDGE_INCHES) / width,
        columns_high / height,
    )
    axes = figure.add_axes(box)
    quiet_axes(axes, palette)
    _draw_stacks(axes, record, totals, palette)
    axes.set_ylim(0, top * 1.12)
    axes.set_xlim(-0.6, max(1, len(record.categories)) - 0.4)
    axes.set_xticks(range(len(record.categories)), plain_labels(record.categories))
    axes.yaxis.set_major_formatter(lambda value, _: _amount(value, record.unit))
    axes.set_ylabel({"£": "Cost in pounds", "hours": "Hours", "people": "People"}[record.unit])
    axes.yaxis.label.set(color=palette.secondary, fontsize=TEXT_POINTS)
    axes.grid(axis="y", color=palette.hairline, linewidth=0.6)
    key = figure.add_axes((left / width, box[1] + box[3], box[2], key_high / height))
    _draw_names(key, tuple(one.name for one in record.series), palette, width - left - EDGE_INCHES)
    return figure


def _draw_stacks(axes: Axes, record: StackPicture, totals: list[float], palette: Palette) -> None:
    below = [0.0] * len(record.categories)
    for number, one in enumerate(record.series):
        values = [float(value) for value in one.values]
        how: dict[str, Any] = {"color": palette.series[number], "hatch": HATCHES[number]}
        axes.bar(range(len(values)), values, 0.62, below, edgecolor=palette.surface, linewidth=0.6, **how)
        below = [low + value for low, value in zip(below, values, strict=True)]
    for place, total in enumerate(totals):
        how = {"va": "bottom", "ha": "center", "fontsize": TEXT_POINTS, "fontweight": "bold"}
        draw_text(axes, place, total, f"{_amount(total, record.unit)}", color=palette.text, **how)


def _draw_names(axes: Axes, names: tuple[str, ...], palette: Palette, width: float) -> None:
    from matplotlib.patches import Rectangle  # slow to import

    axes.set_xlim(0, width)
    axes.set_ylim(0, 0.35)
    axes.axis("off")
    at = 0.0
    for number, name in enumerate(names):
        how: dict[str, Any] = {"hatch": HATCHES[number], "edgecolor": palette.surface, "linewidth": 0.0}
        axes.add_patch(Rectangle((at, 0.1), 0.24, 0.17, facecolor=palette.series[number], **how))
        draw_text(
            axes, at + 0.32, 0.185, name, va="center", ha="left", fontsize=SMALL_POINTS, color=palette.text
        )
        at += 0.32 + text_inches(name, SMALL_POINTS) + 0.3


def _amount(value: float, unit: str) -> str:
    whole = f"{value:,.0f}"
    return f"£{whole}" if unit == "£" else whole
