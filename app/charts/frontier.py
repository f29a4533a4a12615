"""Budget against steps closed: what plans reach, what none can beat, and where the plan itself stands."""

from __future__ import annotations

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
    quiet_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _HIGH = 9.0, 3.4


@dataclass(frozen=True, slots=True)
class FrontierMark:
    """One budget in pounds, the steps its plan closes and the most that any plan could."""

    pounds: float
    steps: float
    at_most: float
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class FrontierPicture:
    """The curve; ``title`` is the finding."""

    marks: tuple[FrontierMark, ...]
    x_title: str
    title: str
    subtitle: str = ""


def frontier(
    record: FrontierPicture, palette: Palette = LIGHT, size: tuple[float, float] | None = None
) -> Figure:
    """Draw the steps closed with their marks, the limit above them dashed, the ground between them tinted.

    ``size`` in inches is for a window, which says the finding over the picture; a file gets a heading of its own.
    """
    words = heading(record.title, record.subtitle, _WIDTH)
    left, bottom = 0.85, 0.6
    width, height = size or (_WIDTH, words.inches + _HIGH + bottom + 0.1)
    figure = new_figure(width, height, palette)
    if size is None:
        draw_heading(figure, words, palette)
    high = _HIGH if size is None else height - bottom - 0.1
    area = (left / width, bottom / height, (width - left - EDGE_INCHES) / width, high / height)
    axes = figure.add_axes(area)
    quiet_axes(axes, palette)
    _draw_curves(axes, record.marks, palette)
    _draw_current(axes, record.marks, palette)
    axes.set_xlabel(record.x_title, color=palette.secondary, fontsize=TEXT_POINTS)
    axes.set_ylabel("Steps closed", color=palette.secondary, fontsize=TEXT_POINTS)
    axes.xaxis.set_major_formatter(lambda value, _: _pounds(value))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(axis="y", color=palette.hairline, linewidth=0.6)
    return figure


def _draw_curves(axes: Axes, marks: tuple[FrontierMark, ...], palette: Palette) -> None:
    x = [mark.pounds for mark in marks]
    steps, most = [mark.steps for mark in marks], [mark.at_most for mark in marks]
    one, other = palette.series[0], palette.series[1]
    axes.fill_between(x, steps, most, color=one, alpha=0.12, linewidth=0.0)
    limit: dict[str, Any] = {"marker": "^", "linestyle": "--", "markersize": 4.5}
    axes.plot(x, most, color=other, linewidth=1.6, **limit)
    plan: dict[str, Any] = {"marker": "o", "linestyle": "-", "markersize": 5.5}
    axes.plot(x, steps, color=one, linewidth=2.2, **plan)
    top = max(most, default=1.0) or 1.0
    axes.set_ylim(0, top * 1.16)
    reach = x[-1] if x and x[-1] else 1.0
    axes.set_xlim(-0.015 * reach, reach * 1.015)
    how: dict[str, Any] = {"fontsize": TEXT_POINTS, "ha": "right"}
    draw_text(
        axes, reach, most[-1] + top * 0.035, "No plan can close more", color=palette.text, va="bottom", **how
    )
    below = min(steps[len(steps) // 2 :], default=0.0)  # clear of the curve to the left of its end
    draw_text(
        axes, reach, below - top * 0.045, "Closed by the plan found", color=palette.text, va="top", **how
    )


def _draw_current(axes: Axes, marks: tuple[FrontierMark, ...], palette: Palette) -> None:
    """A ring round the plan's own point, a line down to its budget, and its words."""
    mark = next((mark for mark in marks if mark.is_current), None)
    if mark is None:
        return
    line: dict[str, Any] = {"linestyle": ":", "linewidth": 1.2}
    axes.plot([mark.pounds, mark.pounds], [0, mark.steps], color=palette.text, **line)
    ring: dict[str, Any] = {
        "marker": "o",
        "markerfacecolor": "none",
        "markeredgewidth": 2.0,
        "markersize": 12.0,
    }
    axes.plot([mark.pounds], [mark.steps], markeredgecolor=palette.text, **ring)
    words = f"This plan:\n{mark.steps:,.0f} steps,\n{_pounds(mark.pounds)}"
    is_left = mark.pounds > marks[-1].pounds * 0.7
    how: dict[str, Any] = {"ha": "right" if is_left else "left", "va": "center", "fontweight": "bold"}
    shift = marks[-1].pounds * 0.015 * (-1 if is_left else 1)
    height = mark.steps * 0.4
    draw_text(axes, mark.pounds + shift, height, words, color=palette.text, fontsize=TEXT_POINTS, **how)


def _pounds(value: float) -> str:
    """£480k, £1.2m: short enough for an axis."""
    if abs(value) >= 1_000_000:
        return f"£{value / 1_000_000:,.3g}m"
    if abs(value) >= 10_000:
        return f"£{value / 1_000:,.4g}k"
    return f"£{value:,.0f}"
