"""A printed page: everything is placed in inches from the top left, and text is measured before it is set."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from app.charts.style import LIGHT, Palette, draw_text, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

A4_WIDE, A4_HIGH = 8.27, 11.69
_LINE = 1.32
_POINTS_AN_INCH = 72.0
_FINE = 10
_ROUNDING = 1.015


@lru_cache(maxsize=16_384)
def text_inches(text: str, points: float, *, bold: bool = False) -> float:
    """How wide a line is on paper, in inches.

    Measured at ten times the size: at the size itself letters are moved to whole points, as a screen would need it,
    and lines come out a tenth too wide.
    """
    from matplotlib.font_manager import FontProperties, findfont, get_font  # slow to import

    if not text.strip():
        return 0.0
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
    font.set_size(points * _FINE, _POINTS_AN_INCH)
    font.set_text(text, 0.0)
    return font.get_width_height()[0] / 64 / _FINE / _POINTS_AN_INCH * _ROUNDING


def line_inches(points: float) -> float:
    """How far apart lines of this size stand."""
    return points * _LINE / _POINTS_AN_INCH


def wrapped(text: str, points: float, room: float, *, bold: bool = False) -> tuple[str, ...]:
    """The text in lines that fit into ``room`` inches; a word too long for a line is broken."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        tried = f"{line} {word}" if line else word
        if text_inches(tried, points, bold=bold) <= room:
            line = tried
            continue
        if line:
            lines.append(line)
        line = word
        while len(line) > 1 and text_inches(line, points, bold=bold) > room:
            end = _fitting(line, points, room, bold=bold)
            lines.append(line[:end])
            line = line[end:]
    return (*lines, line) if line else tuple(lines)


def at_most(lines: tuple[str, ...], most: int, points: float, room: float) -> tuple[str, ...]:
    """The first lines; where some are left out the last one says so with an ellipsis."""
    if len(lines) <= most:
        return lines
    return (*lines[: most - 1], fitted(f"{lines[most - 1]} …", points, room)) if most > 0 else ()


def fitted(text: str, points: float, room: float, *, bold: bool = False) -> str:
    """The text on one line, cut with an ellipsis where it is too long."""
    if text_inches(text, points, bold=bold) <= room:
        return text
    end = len(text) - 1
    while end > 1 and text_inches(text[:end].rstrip() + "…", points, bold=bold) > room:
        end -= 1
    return text[:end].rstrip() + "…"


def _fitting(word: str, points: float, room: float, *, bold: bool) -> int:
    end = len(word)
    while end > 1 and text_inches(word[:end], points, bold=bold) > room:
        end -= 1
    return end


class Paper:
    """An A4 page in portrait. Coordinates are inches, y grows downwards."""

    def __init__(self, palette: Palette = LIGHT) -> None:
        self.palette = palette
        self.figure: Figure = new_figure(A4_WIDE, A4_HIGH, palette)
        self._axes: Axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self._axes.set_xlim(0, A4_WIDE)
        self._axes.set_ylim(A4_HIGH, 0)
        self._axes.axis("off")

    def say(
        self,
        x: float,
        y: float,
        text: str,
        points: float,
        *,
        bold: bool = False,
        colour: str = "",
        side: Literal["left", "center", "right"] = "left",
    ) -> None:
        """One line of text; ``y`` is where its upper edge is."""
        how: dict[str, Any] = {
            "fontsize": points,
            "ha": side,
            "va": "top",
            "color": colour or self.palette.text,
        }
        if bold:
            how["fontweight"] = "bold"
        draw_text(self._axes, x, y, text, **how)

    def lines(
        self,
        x: float,
        y: float,
        lines: tuple[str, ...],
        points: float,
        *,
        bold: bool = False,
        colour: str = "",
    ) -> float:
        """Lines one under the other; returns where the next one would begin."""
        for line in lines:
            self.say(x, y, line, points, bold=bold, colour=colour)
            y += line_inches(points)
        return y

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, hatch: str = "") -> None:
        """A filled rectangle."""
        from matplotlib.patches import Rectangle  # slow to import

        how: dict[str, Any] = {"hatch": hatch, "edgecolor": self.palette.surface} if hatch else {}
        self._axes.add_patch(Rectangle((x, y), width, height, facecolor=colour, linewidth=0.0, **how))

    def rule(self, x: float, y: float, width: float, colour: str, points: float = 0.8) -> None:
        """A horizontal line."""
        self._axes.plot([x, x + width], [y, y], color=colour, linewidth=points, solid_capstyle="butt")

    def upright(self, x: float, y: float, height: float, colour: str, points: float = 0.6) -> None:
        """A vertical line."""
        self._axes.plot([x, x], [y, y + height], color=colour, linewidth=points, solid_capstyle="butt")

    def dot(self, x: float, y: float, colour: str, *, is_filled: bool, points: float = 5.5) -> None:
        """A round mark."""
        how: dict[str, Any] = {"marker": "o", "markersize": points, "color": colour, "linestyle": "none"}
        how["markerfacecolor"] = colour if is_filled else self.palette.surface
        self._axes.plot([x], [y], **how)
