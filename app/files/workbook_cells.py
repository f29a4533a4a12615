"""Values as the XML of cells: the part of writing a workbook that half a million rows go through.

openpyxl builds an element per cell; here each column has one function that turns a value into text, which is
several times faster, and a cell can only be a formula where the value is our own :class:`Formula` (SAFETY
0.6).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from numbers import Integral, Real
from typing import Any
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter

from app.files.report import Cell, CellValue, Column, Formula, Kind, Rows
from app.files.safe_text import cell_text, may_start_formula
from app.files.workbook_styles import CellStyle, StyleBook
from app.terms import FinancialQuarter, level_word

Encode = Callable[[CellValue], str]
"""A value as everything of its ``<c>`` element that follows the cell's address."""

# Excel's own way to write characters: _x000A_ in a text would be read as a line feed unless its first _ is
# escaped.
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_REMEMBERED_TEXTS = 50_000
_EPOCH = date(1899, 12, 30).toordinal()
_FIRST_SAFE_DAY = date(1900, 3, 1)  # before it Excel counts a 29 February 1900 that never was
_TEXT_KINDS: frozenset[Kind] = frozenset({"text", "quarter", "level"})


class ColumnEncoder:
    """Turns the values of one column into XML; calls itself with any value, remembers texts seen before."""

    def __init__(self, styles: StyleBook, style: CellStyle) -> None:
        self._styles = styles
        self._style = style
        self._number = styles.number(style)
        self._quoted = styles.number(replace(style, quoted=True, kind="text"))
        self._is_text = style.kind in _TEXT_KINDS
        self._textual = self._number if self._is_text else self._as_text()
        self.blank = f' s="{self._number}"/>'
        self._texts: dict[str, str] = {}
        self._others: dict[CellStyle, ColumnEncoder] = {}

    def _as_text(self) -> int:
        # A word among numbers ("not assessed", "[c]") keeps the column's side but is text for good.
        return self._styles.number(
            replace(self._style, kind="text", look="quiet", centred=self._style.centred)
        )

    def __call__(self, value: CellValue) -> str:
        """The value as everything of its ``<c>`` element that follows the address."""
        kind = type(value)
        if kind is str:
            return self._texts.get(value) or self._remember(value)  # type: ignore[arg-type]  # it is a str
        if value is None:
            return self.blank
        if kind is int or kind is float or kind is Decimal:
            return self._of_number(value)  # type: ignore[arg-type]  # it is a number
        return self._of_other(value)

    def _remember(self, text: str) -> str:
        xml = self._of_text(text)
        if len(self._texts) < _REMEMBERED_TEXTS:
            self._texts[text] = xml
        return xml

    def _of_text(self, text: str) -> str:
        shown = cell_text(text)
        if not shown:
            return self.blank
        number = self._quoted if may_start_formula(text) or may_start_formula(shown) else self._textual
        return f' s="{number}" t="inlineStr">{inline_text(shown)}</c>'

    def _of_number(self, value: int | float | Decimal) -> str:
        if self._style.kind == "level":
            return self(level_word(int(value)))
        if self._style.kind in _TEXT_KINDS:
            return self._for(Cell(value, "int" if isinstance(value, int) else "decimal"))(value)
        if isinstance(value, int):
            return f' s="{self._number}"><v>{value}</v></c>'
        if not math.isfinite(value):
            if math.isnan(value):
                return self.blank  # NumPy's blank
            raise ValueError("a workbook cannot hold an infinite number")
        shown = format(value, "f") if isinstance(value, Decimal) else repr(value)
        return f' s="{self._number}"><v>{shown}</v></c>'

    def _of_other(self, value: CellValue | Any) -> str:
        if isinstance(value, Cell):
            return self._for(value)(value.value)
        if isinstance(value, Formula):
            return self._of_formula(value)
        if isinstance(value, FinancialQuarter):
            return self(value.label)
        if isinstance(value, bool):
            return self("yes" if value else "no")
        if isinstance(value, date):
            return self._of_date(value)
        if isinstance(value, str):
            return self(str.__str__(value))
        if isinstance(value, Integral):
            return self._of_number(int(value))
        if isinstance(value, Real):
            return self._of_number(float(value))
        raise TypeError(f"a cell cannot hold a {type(value).__name__}")

    def _of_date(self, value: date) -> str:
        if isinstance(value, datetime) or value < _FIRST_SAFE_DAY:
            return self(
                f"{value:%d %b %Y %H:%M}".lstrip("0") if isinstance(value, datetime) else value.isoformat()
            )
        if self._style.kind != "date":
            return self._for(Cell(value, "date"))(value)
        return f' s="{self._number}"><v>{value.toordinal() - _EPOCH}</v></c>'

    def _of_formula(self, formula: Formula) -> str:
        # A formula under the format "text" would turn into its own words as soon as somebody edits it.
        number = self._styles.number(replace(self._style, general=True)) if self._is_text else self._number
        text, known = xml_text(formula.text), formula.value
        if known is None or (isinstance(known, float) and not math.isfinite(known)):
            return f' s="{number}"><f>{text}</f></c>'
        if isinstance(known, str):
            return f' s="{number}" t="str"><f>{text}</f><v>{xml_text(cell_text(known))}</v></c>'
        shown = format(known, "f") if isinstance(known, Decimal) else repr(known)
        return f' s="{number}"><f>{text}</f><v>{shown}</v></c>'

    def _for(self, cell: Cell) -> ColumnEncoder:
        """The encoder for a cell that departs from its column."""
        kind = cell.kind or self._style.kind
        places = cell.places if cell.places is not None or cell.kind is not None else self._style.places
        part = "link" if cell.link else self._style.part
        wanted = replace(self._style, kind=kind, places=places, look=cell.look, part=part)
        other = self._others.get(wanted)
        if other is None:
            other = self._others[wanted] = ColumnEncoder(self._styles, wanted)
        return other


def style_of(column: Column, *, wrap: bool = False, centred: bool = False, middle: bool = False) -> CellStyle:
    """The style of a column's body cells."""
    wraps = wrap or column.wrap
    left = column.align == "left"
    return CellStyle(column.kind, column.places, wraps, centred=centred, left=left, middle=middle)


def xml_text(text: str) -> str:
    """Text with ``& < >`` escaped and Excel's own escapes made harmless."""
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return escape(text)


def inline_text(text: str) -> str:
    """The ``<is>`` element of a text that :func:`cell_text` has been through."""
    edge = text != text.strip() or "\n" in text
    return f"<is><t{' xml:space=' + chr(34) + 'preserve' + chr(34) if edge else ''}>{xml_text(text)}</t></is>"


def row_xml(number: int, cells: Sequence[str], letters: Sequence[str], height: float | None = None) -> str:
    """A whole row; ``cells`` are what encoders return, one a letter, "" where there is no cell."""
    attributes = f' ht="{height:g}" customHeight="1"' if height is not None else ""
    body = "".join(
        f'<c r="{letter}{number}"{cell}' for letter, cell in zip(letters, cells, strict=False) if cell
    )
    return f'<row r="{number}"{attributes}>{body}</row>'


def body_rows(
    rows: Rows, encoders: Sequence[Encode], first_row: int, height_of: Callable[[Sequence[CellValue]], str]
) -> Iterator[tuple[int, str]]:
    """(row number, XML) of each row of a table, in order; raises ValueError for a row of another length.

    ``height_of`` gives the attribute by which a row is higher than others, "" for most.
    """
    letters = [f'<c r="{get_column_letter(position)}' for position in range(1, len(encoders) + 1)]
    for number, row in enumerate(rows, first_row):
        cells = [
            f'{at}{number}"{encode(value)}' for at, encode, value in zip(letters, encoders, row, strict=True)
        ]
        yield number, f'<row r="{number}"{height_of(row)}>{"".join(cells)}</row>'
