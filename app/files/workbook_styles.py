"""The looks of cells, each made once and shared by number, and the colours a workbook uses.

Colours are the light column of LOOK's tokens and the Analysis Function palette (SAFETY 4); a workbook has no
dark side. The typeface is Arial, which the official guidance asks for and every office machine has or
replaces alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from app.files.report import Kind, Look

TEXT, SECONDARY, SURFACE, HAIRLINE, ACCENT = "0B0C0C", "505A5F", "FFFFFF", "B1B4B6", "1D70B8"
HEADER_FILL = "1D70B8"
TOTAL_FILL = "F3F2F1"
SERIES_COLOURS = ("12436D", "F46A25", "28A197", "801650", "3D3D3D", "A285D1")
"""Dark blue and orange first: the official advice for two series; then turquoise and dark pink."""

HEAT_LOW, HEAT_MIDDLE, HEAT_HIGH = "E9F5FF", "4294D3", "003665"
HEAT_DARK_TEXT = "000000"
HEAT_TURNS_WHITE = 0.63
"""Share of the scale above which text is white; with black below it all of it keeps 4.5 : 1 (tested)."""

FONT_NAME = "Arial"
FONT_POINTS = 10

_RIGHT: frozenset[Kind] = frozenset({"int", "decimal", "money", "share", "fte"})


@dataclass(frozen=True, slots=True)
class CellStyle:
    """What makes two cells look the same."""

    kind: Kind = "text"
    places: int | None = None
    wrap: bool = False
    look: Look = "plain"
    quoted: bool = False
    centred: bool = False
    general: bool = False
    left: bool = False
    middle: bool = False
    part: str = "body"
    """body, header, upright, total, title, marking, note or link."""


class StyleBook:
    """Hands out the number of a style in the workbook, making it at first use."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._numbers: dict[CellStyle, int] = {}

    def number(self, style: CellStyle) -> int:
        """The style's number, as it stands in a cell's ``s`` attribute."""
        number = self._numbers.get(style)
        if number is None:
            number = self._numbers[style] = self._make(style)
        return number

    def _make(self, style: CellStyle) -> int:
        cell: Any = WriteOnlyCell(
            self._sheet
        )  # openpyxl knows styles only on cells; this one is never written
        cell.font = _font(style)
        cell.alignment = _alignment(style)
        format_ = number_format(style.kind, style.places, style.look)
        # A little room after figures (the width of a minus), so that they do not touch the next column.
        room = "_-" if style.kind in _RIGHT and not style.left and not style.centred else ""
        cell.number_format = (
            "General" if style.general else ";".join(part + room for part in format_.split(";"))
        )
        fill = {"header": HEADER_FILL, "upright": HEADER_FILL, "total": TOTAL_FILL}.get(style.part)
        if fill is not None:
            cell.fill = PatternFill("solid", fgColor=fill)
        if style.part in ("body", "total"):
            line = Side(style="thin", color=HAIRLINE)
            cell.border = Border(bottom=line)
        cell.quotePrefix = style.quoted
        return int(cell.style_id)


def number_format(kind: Kind, places: int | None = None, look: Look = "plain") -> str:
    """Excel's format for a kind: £1,234.50, 71 %, 23 Nov 2026, 3.60; text stays text when typed over."""
    if kind in ("text", "quarter", "level"):
        return "@"
    if kind == "date":
        return "d mmm yyyy"
    default = {"int": 0, "decimal": 1, "money": 2, "share": 0, "fte": 2}[kind]
    decimals = default if places is None else places
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    mark = '"*"' if look == "low coverage" else ""
    if kind == "money":
        return f"[$£-809]{digits}{mark};\\-[$£-809]{digits}{mark}"
    if kind == "share":
        return f"{digits[4:]}\\ %{mark}"
    return digits + mark


def _font(style: CellStyle) -> Font:
    if style.part in ("header", "upright"):
        return Font(name=FONT_NAME, size=FONT_POINTS, bold=True, color=SURFACE)
    if style.part == "title":
        return Font(name=FONT_NAME, size=16, bold=True, color=TEXT)
    if style.part == "marking":
        return Font(name=FONT_NAME, size=FONT_POINTS, bold=True, color=TEXT)
    if style.part == "link":
        return Font(name=FONT_NAME, size=FONT_POINTS, underline="single", color=ACCENT)
    quiet = style.look == "quiet"
    colour = SECONDARY if quiet or style.part == "note" else TEXT
    bold = style.look == "strong" or style.part == "total"
    return Font(name=FONT_NAME, size=FONT_POINTS, bold=bold, italic=quiet, color=colour)


def _alignment(style: CellStyle) -> Alignment:
    if style.part == "upright":
        return Alignment(textRotation=90, horizontal="center", vertical="bottom", wrap_text=True)
    on_right = style.kind in _RIGHT and not style.left
    if style.part == "header":
        return Alignment(horizontal="right" if on_right else "left", vertical="top", wrap_text=True)
    if style.part in ("title", "marking", "note"):
        return Alignment(horizontal="left", vertical="center")
    if style.centred:
        return Alignment(horizontal="center", vertical="center", wrap_text=True)
    side = "right" if on_right else "left"
    upright = "center" if style.middle else "top"
    return Alignment(horizontal=side, vertical=upright, wrap_text=style.wrap)
