"""The career map: role levels in the plane, near ones near, a look for each family, labels that never meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin
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
_APART, _PUSHES = 0.115, 40
"""Inches between two marks at least, and how often they are pushed."""

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
    """A label and the room it takes, inches from the lower left of the area; ``is_far``: a line leads to its mark."""

    mark: int
    box: Box
    align: str
    is_far: bool = False


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
    for at, (mark, (x, y)) in enumerate(zip(record.marks, spots, strict=True)):
        look = _look(families.index(mark.family), palette)
        name = f"{mark.name}, {mark.family}"
        axes.plot(
            [x],
            [y],
            linestyle="none",
            markersize=9 if mark.is_bold else 6,
            gid=f"mark-{at}",
            label=name,
            **look,
        )
    for label in place_labels(record.marks, spots, (wide, high)):
        if label.is_far:
            left, bottom, right, top = label.box
            x, y = spots[label.mark]
            end = left if abs(left - x) < abs(right - x) else right
            axes.plot([x, end], [y, (bottom + top) / 2], color=palette.secondary, linewidth=0.8, zorder=1)
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
    return _pushed_apart(
        [
            (wide / 2 + (x - middle[0]) * scale, high / 2 + (y - middle[1]) * scale)
            for x, y in zip(xs, ys, strict=True)
        ],
        (wide, high),
    )


def _pushed_apart(spots: list[tuple[float, float]], area: tuple[float, float]) -> list[tuple[float, float]]:
    """Marks that would cover one another, moved a little until each can be seen and clicked."""
    found = [list(spot) for spot in spots]
    for _ in range(_PUSHES):
        is_moved = False
        for one in range(len(found)):
            for other in range(one):
                x, y = found[one][0] - found[other][0], found[one][1] - found[other][1]
                away = hypot(x, y)
                if away >= _APART:
                    continue
                is_moved = True
                # two in one place part along a direction of their own, the same every time
                angle = atan2(y, x) if away > 1e-9 else 2.4 * one
                step = (_APART - away) / 2
                for at, sign in ((one, 1), (other, -1)):
                    found[at][0] = min(max(found[at][0] + sign * step * cos(angle), 0.1), area[0] - 0.1)
                    found[at][1] = min(max(found[at][1] + sign * step * sin(angle), 0.1), area[1] - 0.1)
        if not is_moved:
            break
    return [(x, y) for x, y in found]


def place_labels(
    marks: Sequence[CareerMark], spots: Sequence[tuple[float, float]], area: tuple[float, float]
) -> list[PlacedLabel]:
    """Labels where there is room: bold ones first, then those with fewest neighbours; none meets a label or a mark.

    A bold one without room beside its mark stands at the nearest place that is free.
    """
    taken: list[Box] = [(x - 0.06, y - 0.06, x + 0.06, y + 0.06) for x, y in spots]
    order = sorted(
        range(len(marks)), key=lambda at: (not marks[at].is_bold, _crowd(at, spots), marks[at].name)
    )
    found: list[PlacedLabel] = []
    for at in order:
        width = text_inches(marks[at].name, SMALL_POINTS, bold=marks[at].is_bold) + 0.04
        near = _rooms(spots[at], width)
        far = _far_rooms(spots[at], width) if marks[at].is_bold else []
        for place, (align, box) in enumerate([*near, *far]):
            is_inside = box[0] >= 0 and box[1] >= 0 and box[2] <= area[0] and box[3] <= area[1]
            if is_inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                found.append(PlacedLabel(at, box, align, place >= len(near)))
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


def _far_rooms(spot: tuple[float, float], width: float) -> list[tuple[str, Box]]:
    """Places in rings around a mark, the nearest first."""
    found: list[tuple[str, Box]] = []
    for ring in range(1, 24):
        for turn in range(16):
            x = spot[0] + 0.15 * ring * cos(turn * pi / 8)
            y = spot[1] + 0.15 * ring * sin(turn * pi / 8)
            left = x if cos(turn * pi / 8) >= 0 else x - width
            found.append(("left", (left, y - _LINE / 2, left + width, y + _LINE / 2)))
    return found


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
