"""Lines over time, each named at its end, with a band where there is an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

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
    widest_inches,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _LINES_HIGH = 9.0, 3.2
_MARKERS = ("o", "s", "^", "D")
_DASHES = ("-", "--", "-.", ":")


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One line: a value a point (None leaves a gap), and its band where ``low`` and ``high`` are given."""

    name: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class TrendPicture:
    """Lines over the same points in time; at most four, ``title`` is the finding."""

    title: str
    points: tuple[str, ...]
    lines: tuple[TrendLine, ...]
    y_title: str
    unit: Literal["share", "fte", "count"] = "share"
    subtitle: str = ""

    def __post_init__(self) -> None:
        if len(self.lines) > len(_MARKERS):
            raise ValueError(f"at most {len(_MARKERS)} lines can be told apart")
        for line in self.lines:
            if any(part and len(part) != len(self.points) for part in (line.values, line.low, line.high)):
                raise ValueError(f"line {line.name!r} does not have a value for each point")


def trend(record: TrendPicture, palette: Palette = LIGHT, size: tuple[float, float] | None = None) -> Figure:
    """Draw the lines; names stand at their ends, moved apart where they would meet.

    ``size`` in inches fits it into a room whose heading stands elsewhere; without it the figure has its own.
    """
    right = EDGE_INCHES + widest_inches(tuple(line.name for line in record.lines), TEXT_POINTS) + 0.45
    left = EDGE_INCHES + 0.85
    width = size[0] if size else max(_WIDTH, left + right + 0.6 * len(record.points))
    words = heading("", "", width) if size else heading(record.title, record.subtitle, width)
    top_inches = EDGE_INCHES if size else words.inches
    lines_high = max(0.6, size[1] - top_inches - 0.55 - EDGE_INCHES / 2) if size else _LINES_HIGH
    height = size[1] if size else words.inches + _LINES_HIGH + 0.55 + EDGE_INCHES
    figure = new_figure(width, height, palette)
    draw_heading(figure, words, palette)
    bottom = (EDGE_INCHES + 0.4) / height if not size else 1 - (top_inches + lines_high) / height
    axes = figure.add_axes(
        (left / width, bottom, max(0.1, width - left - right) / width, lines_high / height)
    )
    quiet_axes(axes, palette)
    top = _top(record)
    axes.set_ylim(0, top)
    axes.set_xlim(-0.02 * len(record.points), max(1, len(record.points) - 1) * 1.005)
    for number, line in enumerate(record.lines):
        _draw_line(axes, number, line, palette)
    _name_ends(axes, record, top / lines_high, palette)
    _label_points(axes, record, width)
    axes.yaxis.set_major_formatter(
        lambda value, _: f"{value * 100:.0f} %" if record.unit == "share" else f"{value:,g}"
    )
    axes.set_ylabel(record.y_title, color=palette.secondary, fontsize=TEXT_POINTS)
    axes.grid(axis="y", color=palette.hairline, linewidth=0.6)
    return figure


def _top(record: TrendPicture) -> float:
    if record.unit == "share":
        return 1.0
    seen = [
        value
        for line in record.lines
        for part in (line.values, line.high)
        for value in part
        if value is not None
    ]
    return (max(seen, default=0.0) or 1.0) * 1.1


def _draw_line(axes: Axes, number: int, line: TrendLine, palette: Palette) -> None:
    colour = palette.series[number]
    nothing = float("nan")
    places = range(len(line.values))
    if line.low and line.high:
        low = [nothing if value is None else value for value in line.low]
        high = [nothing if value is None else value for value in line.high]
        axes.fill_between(places, low, high, color=colour, alpha=0.18, linewidth=0.0)
    values = [nothing if value is None else value for value in line.values]
    how: dict[str, Any] = {"marker": _MARKERS[number], "linestyle": _DASHES[number]}
    axes.plot(places, values, color=colour, linewidth=2.0, markersize=5.0, **how)


def _name_ends(axes: Axes, record: TrendPicture, inch: float, palette: Palette) -> None:
    """Names beside the last values, at least a line of text apart; ``inch`` is what an inch of height is worth."""
    apart = inch * TEXT_POINTS * 1.35 / 72
    ends = sorted(
        (next((value for value in reversed(line.values) if value is not None), 0.0), number)
        for number, line in enumerate(record.lines)
    )
    lowest = float("-inf")
    for value, number in ends:
        height = max(value, lowest)
        lowest = height + apart
        last = max(1, len(record.points) - 1)
        mark: dict[str, Any] = {"marker": _MARKERS[number], "color": palette.series[number], "clip_on": False}
        axes.plot([last * 1.02], [height], markersize=6.0, **mark)
        how: dict[str, Any] = {"va": "center", "ha": "left", "fontsize": TEXT_POINTS, "clip_on": False}
        draw_text(
            axes, last * 1.02 + last * 0.015, height, record.lines[number].name, color=palette.text, **how
        )


def _label_points(axes: Axes, record: TrendPicture, width: float) -> None:
    room = max(1, int((width - 2.5) / 1.0))  # labels an inch apart
    every = max(1, -(-len(record.points) // min(10, room)))  # for about ten points, and always for the first
    places = list(range(0, len(record.points), every))
    axes.set_xticks(places, plain_labels(tuple(record.points[place] for place in places)))
    axes.tick_params(axis="x", pad=8)
