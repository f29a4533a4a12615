"""One look for all charts: colours for light and dark, type, margins that never clip a label.

The values are those of LOOK's tokens and of the window's heat scale (a test compares the two), and for series
the Analysis Function palette with a lighter second set for dark ground.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE_POINTS, TEXT_POINTS, SMALL_POINTS = 13.0, 9.5, 8.5
EDGE_INCHES = 0.25
_POINTS_AN_INCH = 72.0
_LINE = 1.35
_ROUNDING = 1.08


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one ground, as ``#rrggbb``; ``heat`` runs from least to most, even in lightness."""

    name: str
    text: str
    secondary: str
    surface: str
    hairline: str
    accent: str
    heat: tuple[str, ...]
    series: tuple[str, ...]


LIGHT = Palette(
    name="light",
    text="#0b0c0c",
    secondary="#505a5f",
    surface="#ffffff",
    hairline="#b1b4b6",
    accent="#1d70b8",
    heat=(
        "#e9f5ff",
        "#bdddf8",
        "#94c5ee",
        "#6cace2",
        "#4294d3",
        "#087abd",
        "#0263a2",
        "#004c83",
        "#003665",
    ),
    series=("#12436d", "#f46a25", "#28a197", "#801650"),
)

DARK = Palette(
    name="dark",
    text="#f3f2f1",
    secondary="#b1b4b6",
    surface="#1b1d1f",
    hairline="#45494c",
    accent="#73b2e8",
    heat=(
        "#293956",
        "#2f4e76",
        "#356495",
        "#3c79b0",
        "#4f92cb",
        "#67a9df",
        "#86c1f0",
        "#a9d8fd",
        "#d8eeff",
    ),
    series=("#7fb2e5", "#f79a68", "#5ccfc4", "#e08bb8"),
)

HATCHES = ("", "///", "...", "xx")
"""One for each series, so that they can be told apart in grey."""


def heat_colour(palette: Palette, share: float) -> str:
    """The step of the heat scale for a share from 0 to 1; beyond that the last step."""
    count = len(palette.heat)
    return palette.heat[min(count - 1, max(0, int(share * count)))]


def text_on(colour: str) -> str:
    """Black or white, whichever reads better on the colour."""
    return max(("#0b0c0c", "#ffffff"), key=lambda text: contrast(text, colour))


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=4096)
@lru_cache(maxsize=20_000)
def text_inches(text: str, points: float, *, bold: bool = False) -> float:
    """How wide a line of text is drawn, in inches; a little more than less, as renderers round letters differently."""
    from matplotlib.font_manager import FontProperties, findfont, get_font  # slow to import

    if not text.strip():
        return 0.0
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
    font.set_size(points, _POINTS_AN_INCH)
    font.set_text(text, 0.0)
    return font.get_width_height()[0] / 64 / _POINTS_AN_INCH * _ROUNDING


def widest_inches(texts: tuple[str, ...], points: float) -> float:
    """How wide the widest of some lines is, in inches."""
    return max((text_inches(text, points) for text in texts), default=0.0)


def new_figure(width_inches: float, height_inches: float, palette: Palette) -> Figure:
    """An empty figure on the palette's ground, without pyplot (which keeps every figure for ever)."""
    from matplotlib.figure import Figure  # slow to import

    return Figure(figsize=(width_inches, height_inches), facecolor=palette.surface)


@dataclass(frozen=True, slots=True)
class Heading:
    """Title and subtitle broken into lines for a width, and the height they take."""

    title: tuple[str, ...]
    subtitle: tuple[str, ...]

    @property
    def inches(self) -> float:
        """Height of both, with the room below them."""
        lines = len(self.title) * TITLE_POINTS + len(self.subtitle) * TEXT_POINTS
        return lines * _LINE / _POINTS_AN_INCH + EDGE_INCHES + 0.12


def heading(title: str, subtitle: str, width_inches: float) -> Heading:
    """The title (the finding) and what is said below it, fitted to a figure's width."""
    room = width_inches - 2 * EDGE_INCHES
    return Heading(
        _broken(title, TITLE_POINTS, room, bold=True), _broken(subtitle, TEXT_POINTS, room, bold=False)
    )


def draw_heading(figure: Figure, text: Heading, palette: Palette) -> None:
    """Put title and subtitle at the figure's top left."""
    width, height = (float(side) for side in figure.get_size_inches())
    down = EDGE_INCHES
    for lines, points, weight, colour in (
        (text.title, TITLE_POINTS, "bold", palette.text),
        (text.subtitle, TEXT_POINTS, "normal", palette.secondary),
    ):
        for line in lines:
            figure.text(
                EDGE_INCHES / width,
                1 - down / height,
                _plain(line),
                fontsize=points,
                fontweight=weight,
                color=colour,
                va="top",
                ha="left",
            )
            down += points * _LINE / _POINTS_AN_INCH


def draw_text(axes: Axes, x: float, y: float, text: str, **how: object) -> None:
    """Text at a point of the axes' data, with ``$`` as itself (matplotlib would read formulas)."""
    axes.text(x, y, _plain(text), **how)  # pyright: ignore[reportArgumentType]  (matplotlib's own keywords)


def plain_labels(labels: tuple[str, ...]) -> list[str]:
    """Labels for ticks, with ``$`` as itself."""
    return [_plain(label) for label in labels]


def quiet_axes(axes: Axes, palette: Palette) -> None:
    """Axes without a box: hairlines for reading along, text in the palette's colours."""
    axes.set_facecolor(palette.surface)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=palette.text, labelsize=TEXT_POINTS, length=0)
    axes.set_axisbelow(True)


def _plain(text: str) -> str:
    return text.replace("$", r"\$")


def _broken(text: str, points: float, room: float, *, bold: bool) -> tuple[str, ...]:
    if not text.strip():
        return ()
    wide = text_inches(text, points, bold=bold)
    characters = len(text) if wide <= room else max(12, int(len(text) * room / wide * 0.97))
    return tuple(textwrap.wrap(text, characters))
