"""The heat map as a picture: departments down, skills across, the value printed in every cell."""

from __future__ import annotations

import math
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
    heat_colour,
    new_figure,
    plain_labels,
    text_inches,
    text_on,
    widest_inches,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CELL_WIDE, _CELL_HIGH = 0.56, 0.3
_KEY_BOX = 0.22
_SLANT = 40.0
_GAP = 0.03
_FOOT_INCHES = 0.55
_LONGEST_HEADER = 44
_LONGEST_LABEL = 48


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One cell. ``share`` colours it (0 to 1) and is None where nobody is assessed.

    ``text`` is printed in place of the share in per cent ("[c]" where the figure is held back);
    ``low_coverage`` hatches it.
    """

    share: float | None
    text: str = ""
    low_coverage: bool = False


@dataclass(frozen=True, slots=True)
class HeatPicture:
    """What the heat map shows; ``title`` is the finding. ``cells[row][column]`` is None where nothing is required."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[HeatCell | None, ...], ...]
    subtitle: str = "Share of assessed people who are short of what their role requires, in per cent"
    low_coverage_is: str = "fewer than half assessed"


def heatmap(record: HeatPicture, palette: Palette = LIGHT) -> Figure:
    """Draw the heat map; as large as its rows and columns need, so that every figure can be read."""
    rows, columns = _shortened(record.rows, _LONGEST_LABEL), _shortened(record.columns, _LONGEST_HEADER)
    slope = math.radians(_SLANT)
    left = EDGE_INCHES + widest_inches(rows, TEXT_POINTS) + 0.12
    map_wide, map_high = max(1, len(columns)) * _CELL_WIDE, max(1, len(rows)) * _CELL_HIGH
    # A slanted header reaches beyond its own column by its length along the slope.
    reach = max(
        (
            text_inches(text, TEXT_POINTS) * math.cos(slope) - (len(columns) - place - 0.5) * _CELL_WIDE
            for place, text in enumerate(columns)
        ),
        default=0.0,
    )
    header_high = widest_inches(columns, TEXT_POINTS) * math.sin(slope) + 0.25
    width = max(_key_inches(record, palette), left + map_wide + max(0.0, reach) + EDGE_INCHES)
    words = heading(record.title, record.subtitle, width)
    height = words.inches + header_high + map_high + _FOOT_INCHES + EDGE_INCHES
    figure = new_figure(width, height, palette)
    draw_heading(figure, words, palette)
    bottom = EDGE_INCHES + _FOOT_INCHES
    axes = figure.add_axes((left / width, bottom / height, map_wide / width, map_high / height))
    _draw_cells(axes, record, palette)
    _label(axes, rows, columns, palette)
    foot = figure.add_axes(
        (EDGE_INCHES / width, EDGE_INCHES / height, 1 - 2 * EDGE_INCHES / width, 0.25 / height)
    )
    _draw_key(foot, record, palette, width - 2 * EDGE_INCHES)
    return figure


def _shortened(labels: tuple[str, ...], longest: int) -> tuple[str, ...]:
    return tuple(label if len(label) <= longest else label[: longest - 1].rstrip() + "…" for label in labels)


def _draw_cells(axes: Axes, record: HeatPicture, palette: Palette) -> None:
    axes.set_xlim(0, max(1, len(record.columns)))
    axes.set_ylim(max(1, len(record.rows)), 0)
    axes.set_facecolor(palette.surface)
    boxes: list[_Box] = []
    for down, row in enumerate(record.cells):
        for across, cell in enumerate(row):
            if cell is not None:
                boxes.append(_box(across, down, cell, palette))
                _print_value(axes, boxes[-1], cell)
    _fill(axes, boxes)


@dataclass(frozen=True, slots=True)
class _Box:
    across: int
    down: int
    colour: str
    ink: str
    is_hatched: bool

    @property
    def corners(self) -> list[tuple[float, float]]:
        left, right = self.across + _GAP, self.across + 1 - _GAP
        top, bottom = self.down + _GAP, self.down + 1 - _GAP
        return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _box(across: int, down: int, cell: HeatCell, palette: Palette) -> _Box:
    if cell.share is None:
        return _Box(across, down, palette.surface, palette.secondary, cell.low_coverage)
    colour = heat_colour(palette, cell.share)
    return _Box(across, down, colour, text_on(colour), cell.low_coverage)


def _print_value(axes: Axes, box: _Box, cell: HeatCell) -> None:
    text = cell.text or ("–" if cell.share is None else f"{_whole_per_cent(cell.share)}")
    how: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": TEXT_POINTS, "color": box.ink}
    if box.is_hatched:  # a figure must not be crossed out by its own hatching
        how["bbox"] = {"boxstyle": "square,pad=0.12", "facecolor": box.colour, "edgecolor": "none"}
    draw_text(axes, box.across + 0.5, box.down + 0.5, text, **how)


def _fill(axes: Axes, boxes: list[_Box]) -> None:
    """All boxes at once, then all hatching: a shape of its own for each takes twenty times as long."""
    from matplotlib.collections import PolyCollection  # slow to import

    colours = [box.colour for box in boxes]
    axes.add_collection(PolyCollection([box.corners for box in boxes], facecolors=colours, linewidths=0.0))
    for ink in sorted({box.ink for box in boxes if box.is_hatched}):
        hatched = [box.corners for box in boxes if box.is_hatched and box.ink == ink]
        how: dict[str, Any] = {"facecolors": "none", "edgecolors": ink, "hatch": "////", "linewidths": 0.0}
        axes.add_collection(PolyCollection(hatched, **how))


def _whole_per_cent(share: float) -> int:
    return math.floor(share * 100 + 0.5)


def _label(axes: Axes, rows: tuple[str, ...], columns: tuple[str, ...], palette: Palette) -> None:
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_yticks([place + 0.5 for place in range(len(rows))], plain_labels(rows))
    axes.set_xticks([place + 0.5 for place in range(len(columns))], plain_labels(columns))
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelsize=TEXT_POINTS, colors=palette.text, pad=3)
    for label in axes.get_xticklabels():
        label.set(rotation=_SLANT, ha="left", va="bottom", rotation_mode="anchor")


def _key_words(record: HeatPicture) -> tuple[str, str, str]:
    return "0", "100 per cent short", f"{record.low_coverage_is}     –  not assessed     blank  not required"


def _key_inches(record: HeatPicture, palette: Palette) -> float:
    """How wide a figure must be for the line below the map."""
    words = sum(text_inches(text, SMALL_POINTS) + 0.1 for text in _key_words(record))
    return 2 * EDGE_INCHES + words + (len(palette.heat) + 1) * _KEY_BOX + 0.45


def _draw_key(axes: Axes, record: HeatPicture, palette: Palette, width: float) -> None:
    """The scale and what hatching, blank and the dash mean, in one line below the map."""
    from matplotlib.patches import Rectangle  # slow to import

    axes.set_xlim(0, width)
    axes.set_ylim(0, 0.25)
    axes.axis("off")
    at = 0.0

    def say(text: str) -> None:
        nonlocal at
        draw_text(
            axes, at, 0.12, text, fontsize=SMALL_POINTS, color=palette.secondary, va="center", ha="left"
        )
        at += text_inches(text, SMALL_POINTS) + 0.1

    def box(colour: str, **how: Any) -> None:
        nonlocal at
        axes.add_patch(Rectangle((at, 0.03), _KEY_BOX, 0.18, facecolor=colour, linewidth=0.0, **how))
        at += _KEY_BOX

    least, most, rest = _key_words(record)
    say(least)
    for colour in palette.heat:
        box(colour)
    at += 0.1
    say(most)
    at += 0.15
    box(palette.surface, hatch="////", edgecolor=palette.text)
    at += 0.1
    say(rest)
