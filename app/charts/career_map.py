"""The career map: role levels in the plane, near ones near, a look for each family, labels that never meet."""

from __future__ import annotations

from collections.abc import Sequence
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
    text_inches,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _HIGH, _LEGEND_ROW = 10.0, 6.4, 0.24
_MARKERS = ("o", "s", "^", "D", "v", "P")
_LINE, _GAP = 0.17, 0.09
"""Inches: the height of a line, and the room between a mark and its label."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in inches."""


@dataclass(frozen=True, slots=True)
class CareerMark:
    """A role level at a place; ``is_bold`` for the one asked about and the next level of its role."""

    x: float
    y: float
    name: str
    family: str
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class CareerPicture:
    """The map; ``title`` is the finding."""

    marks: tuple[CareerMark, ...]
    title: str
    subtitle: str = ""


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A label and the room it takes, inches from the lower left of the area."""

    mark: int
    box: Box
    align: str


def career_map(
    record: CareerPicture, palette: Palette = LIGHT, size: tuple[float, float] | None = None
) -> Figure:
    """Draw the map; labels that would meet another or a mark are left out (the table beside it names all).

    ``size`` in inches is for a window, which says the finding over the picture; a file gets a heading of its own.
    """
    families = list(dict.fromkeys(mark.family for mark in record.marks))
    words = heading(record.title, record.subtitle, _WIDTH)
    width = size[0] if size else _WIDTH
    legend = _LEGEND_ROW * -(-len(families) // _columns(families, width)) + 0.1
    height = size[1] if size else words.inches + _HIGH + legend + 0.1
    figure = new_figure(width, height, palette)
    if size is None:
        draw_heading(figure, words, palette)
    high = max(_HIGH if size is None else height - legend - 0.1, 1.0)
    wide = width - 2 * EDGE_INCHES
    axes = figure.add_axes((EDGE_INCHES / width, legend / height, wide / width, high / height))
    axes.set_axis_off()
    axes.set_xlim(0, wide)
    axes.set_ylim(0, high)
    spots = spots_of(record.marks, wide, high)
    for mark, (x, y) in zip(record.marks, spots, strict=True):
        look = _look(families.index(mark.family), palette)
        axes.plot([x], [y], linestyle="none", markersize=9 if mark.is_bold else 6, **look)
    for label in place_labels(record.marks, spots, (wide, high)):
        _write(axes, record.marks[label.mark], label, palette)
    _draw_legend(figure, families, palette, (width, height))
    return figure


def spots_of(marks: Sequence[CareerMark], wide: float, high: float) -> list[tuple[float, float]]:
    """Places in inches; one scale for both directions, so that distances stay comparable."""
    if not marks:
        return []
    xs, ys = [mark.x for mark in marks], [mark.y for mark in marks]
    room = 1.2
    reach = (max(xs) - min(xs) or 1.0, max(ys) - min(ys) or 1.0)
    scale = min(max(wide - 2 * room, 0.2) / reach[0], max(high - 0.6, 0.2) / reach[1])
    middle = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)
    return [
        (wide / 2 + (x - middle[0]) * scale, high / 2 + (y - middle[1]) * scale)
        for x, y in zip(xs, ys, strict=True)
    ]


def place_labels(
    marks: Sequence[CareerMark], spots: Sequence[tuple[float, float]], area: tuple[float, float]
) -> list[PlacedLabel]:
    """Labels where there is room: bold ones first, then those with fewest neighbours; none meets a label or a mark."""
    taken: list[Box] = [(x - 0.06, y - 0.06, x + 0.06, y + 0.06) for x, y in spots]
    order = sorted(
        range(len(marks)), key=lambda at: (not marks[at].is_bold, _crowd(at, spots), marks[at].name)
    )
    found: list[PlacedLabel] = []
    for at in order:
        width = text_inches(marks[at].name, SMALL_POINTS, bold=marks[at].is_bold) + 0.04
        for align, box in _rooms(spots[at], width):
            is_inside = box[0] >= 0 and box[1] >= 0 and box[2] <= area[0] and box[3] <= area[1]
            if is_inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                found.append(PlacedLabel(at, box, align))
                break
    return found


def _crowd(at: int, spots: Sequence[tuple[float, float]]) -> int:
    x, y = spots[at]
    return sum(abs(x - other[0]) < 1 and abs(y - other[1]) < _LINE for other in spots)


def _rooms(spot: tuple[float, float], width: float) -> list[tuple[str, Box]]:
    """Right, left, above and below of a mark."""
    x, y = spot
    half = _LINE / 2
    return [
        ("left", (x + _GAP, y - half, x + _GAP + width, y + half)),
        ("right", (x - _GAP - width, y - half, x - _GAP, y + half)),
        ("center", (x - width / 2, y + _GAP, x + width / 2, y + _GAP + _LINE)),
        ("center", (x - width / 2, y - _GAP - _LINE, x + width / 2, y - _GAP)),
    ]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _look(family: int, palette: Palette) -> dict[str, Any]:
    """Colour and shape of a family; the shape changes with every round of colours, so that none looks alike."""
    colours = palette.series
    marker = _MARKERS[family // len(colours) % len(_MARKERS)]
    return {"marker": marker, "color": colours[family % len(colours)], "markeredgewidth": 0.0}


def _write(axes: Axes, mark: CareerMark, label: PlacedLabel, palette: Palette) -> None:
    left, bottom, right, top = label.box
    x = {"left": left, "right": right, "center": (left + right) / 2}[label.align]
    how: dict[str, Any] = {"ha": label.align, "va": "center", "fontsize": SMALL_POINTS}
    weight = "bold" if mark.is_bold else "normal"
    draw_text(axes, x, (bottom + top) / 2, mark.name, color=palette.text, fontweight=weight, **how)


def _columns(families: list[str], width: float) -> int:
    """Columns of the legend: three at most, fewer where the longest family would meet the next one."""
    longest = max((text_inches(name, TEXT_POINTS) for name in families), default=0.0) + 0.4
    return max(1, min(3, int((width - 2 * EDGE_INCHES) / longest)))


def _draw_legend(figure: Figure, families: list[str], palette: Palette, size: tuple[float, float]) -> None:
    """Families in columns below the map."""
    width, height = size
    columns = _columns(families, width)
    rows = -(-len(families) // columns)
    axes = figure.add_axes((0, 0, 1, (rows * _LEGEND_ROW + 0.05) / height))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(0, rows * _LEGEND_ROW + 0.05)
    for at, family in enumerate(families):
        x = EDGE_INCHES + (at % columns) * (width - 2 * EDGE_INCHES) / columns
        y = (rows - 1 - at // columns) * _LEGEND_ROW + 0.14
        axes.plot([x + 0.06], [y], linestyle="none", markersize=6, **_look(at, palette))
        draw_text(axes, x + 0.2, y, family, color=palette.secondary, va="center", fontsize=TEXT_POINTS)
