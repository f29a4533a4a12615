"""The look: every colour, size and space of the window, and how they become a palette and a style sheet.

Colours are written here and nowhere else. Widgets that paint ask :func:`tokens`; all others get theirs from the
palette and the style sheet made here. Contrast is held by a test over the tokens: text 4.5 : 1, shapes 3 : 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from app.resources import resource

SPACE = (4, 8, 12, 16, 24, 32)
"""Distances in device-independent pixels; layouts take theirs from here."""

RADIUS = 4
ROW = 28
COMFORTABLE_ROW = 36
CONTROL = 28
FOCUS_WIDTH = 3
NAV_WIDTH = 208
TITLE_SCALE, HEADING_SCALE, FIGURE_SCALE, SMALL_SCALE = 1.6, 1.25, 1.6, 0.9


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one appearance, as ``#rrggbb``. ``heat`` runs from least to most, even in lightness."""

    name: str
    is_dark: bool
    text: str
    secondary: str
    surface: str
    canvas: str
    border: str
    hairline: str
    handle: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    hover: str
    focus: str
    focus_line: str
    good: str
    warn: str
    bad: str
    tooltip: str
    on_tooltip: str
    heat: tuple[str, ...]


LIGHT = Tokens(
    name="light",
    is_dark=False,
    text="#0b0c0c",
    secondary="#505a5f",
    surface="#ffffff",
    canvas="#f3f2f1",
    border="#505a5f",
    hairline="#b1b4b6",
    handle="#858b8f",
    accent="#1d70b8",
    accent_hover="#144f82",
    on_accent="#ffffff",
    accent_soft="#eef4fa",
    hover="#f6f8fa",
    focus="#ffdd00",
    focus_line="#0b0c0c",
    good="#00703c",
    warn="#ab7f3b",  # the usual #b58840 falls to 2.9 : 1 on the canvas
    bad="#d4351c",
    tooltip="#0b0c0c",
    on_tooltip="#ffffff",
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
)

DARK = Tokens(
    name="dark",
    is_dark=True,
    text="#f3f2f1",
    secondary="#b1b4b6",
    surface="#1b1d1f",
    canvas="#121314",
    border="#b1b4b6",
    hairline="#45494c",
    handle="#8a9094",
    accent="#73b2e8",
    accent_hover="#9ccaf1",
    on_accent="#0b0c0c",
    accent_soft="#22364a",
    hover="#26292c",
    focus="#ffdd00",
    focus_line="#0b0c0c",
    good="#4cb87e",
    warn="#d9a84e",
    bad="#f0806c",
    tooltip="#f3f2f1",
    on_tooltip="#0b0c0c",
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
)

_current = LIGHT


def tokens() -> Tokens:
    """The colours in force."""
    return _current


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def heat_step(share: float) -> int:
    """The step of the heat scale for a share from 0 to 1."""
    count = len(_current.heat)
    return min(count - 1, max(0, int(share * count)))


def text_on(colour: str) -> str:
    """The darkest or the lightest text colour, whichever reads better on ``colour``."""
    return max((LIGHT.text, LIGHT.surface), key=lambda text: contrast(text, colour))


def from_system(palette: QPalette) -> Tokens:
    """The tokens of a high-contrast system: its own colours take the place of ours."""

    def of(role: QPalette.ColorRole) -> str:
        return palette.color(role).name()

    surface, text, accent = (
        of(QPalette.ColorRole.Base),
        of(QPalette.ColorRole.Text),
        of(QPalette.ColorRole.Highlight),
    )
    base = DARK if luminance(surface) < luminance(text) else LIGHT
    return replace(
        base,
        name="high contrast",
        text=text,
        secondary=text,
        surface=surface,
        canvas=of(QPalette.ColorRole.Window),
        border=text,
        hairline=text,
        handle=text,
        accent=accent,
        accent_hover=accent,
        on_accent=of(QPalette.ColorRole.HighlightedText),
        accent_soft=surface,
        hover=surface,
        good=text,
        warn=text,
        bad=text,
        tooltip=text,
        on_tooltip=surface,
    )


def palette_of(look: Tokens) -> QPalette:
    """The palette for Fusion, disabled colours included."""
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, colour in {
        roles.Window: look.canvas,
        roles.WindowText: look.text,
        roles.Base: look.surface,
        roles.AlternateBase: look.hover,
        roles.Text: look.text,
        roles.Button: look.surface,
        roles.ButtonText: look.text,
        roles.BrightText: look.bad,
        roles.Highlight: look.accent,
        roles.HighlightedText: look.on_accent,
        roles.Link: look.accent,
        roles.LinkVisited: look.accent,
        roles.ToolTipBase: look.tooltip,
        roles.ToolTipText: look.on_tooltip,
        roles.PlaceholderText: look.secondary,
        roles.Light: look.surface,
        roles.Midlight: look.hover,
        roles.Mid: look.hairline,
        roles.Dark: look.border,
        roles.Shadow: look.focus_line,
        roles.Accent: look.accent,
    }.items():
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(look.handle))
    return palette


def apply(app: QApplication, look: Tokens) -> None:
    """Put a look on the whole application: Fusion, palette and style sheet."""
    global _current  # noqa: PLW0603  (one application has one look)
    _current = look
    # The order matters: a new palette under a style sheet polishes every widget twice.
    app.setStyleSheet("")
    app.setPalette(palette_of(look))
    app.setStyleSheet(style_sheet(look, app.font()))


def chosen(app: QApplication, appearance: str) -> Tokens:
    """The tokens for "light", "dark" or "system"; a system that asks for high contrast is always followed."""
    hints = app.styleHints()
    accessibility = hints.accessibility()
    wants_contrast = accessibility.contrastPreference() == Qt.ContrastPreference.HighContrast
    if wants_contrast:
        return from_system(app.style().standardPalette() if _is_ours(app.palette()) else app.palette())
    if appearance == "system":
        return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT
    return DARK if appearance == "dark" else LIGHT


def _is_ours(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Window).name() in {LIGHT.canvas, DARK.canvas}


def scaled(font: QFont, scale: float, *, semibold: bool = False) -> QFont:
    """A copy of a font at another size; figures stay the same width where the font offers it."""
    copy = QFont(font)
    copy.setPointSizeF(font.pointSizeF() * scale)
    if semibold:
        copy.setWeight(QFont.Weight.DemiBold)
    return copy


def style_sheet(look: Tokens, font: QFont) -> str:
    """The style sheet for a look and a base font; text sizes follow the font, so that 400 % works."""
    base = font.pointSizeF()
    words = {name: str(getattr(look, name)) for name in Tokens.__slots__ if name != "heat"}
    words |= {
        "title_pt": f"{base * TITLE_SCALE:.1f}pt",
        "heading_pt": f"{base * HEADING_SCALE:.1f}pt",
        "figure_pt": f"{base * FIGURE_SCALE:.1f}pt",
        "small_pt": f"{base * SMALL_SCALE:.1f}pt",
        "themes": resource("themes", "dark" if look.is_dark else "light").as_posix(),
    }
    text = resource("themes", "window.qss").read_text(encoding="utf-8")
    for name in sorted(words, key=len, reverse=True):
        text = text.replace(f"@{name}", words[name])
    return text
