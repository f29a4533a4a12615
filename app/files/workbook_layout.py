"""Where everything of a sheet stands: worked out once, before a cell is written.

Every sheet is alike: marking in A1, title in A2, notes, the live totals if any, then the header and the
table. So the marking is the first thing anybody reads, on screen, aloud or on paper, and the table starts at
the left edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice

from openpyxl.utils import get_column_letter, quote_sheetname

from app.errors import AppError
from app.files.report import Cell, CellValue, Column, Formula, Report, Sheet
from app.files.safe_text import one_line
from app.files.workbook_names import legal_sheet_names, table_names, unique_headers
from app.terms import FinancialQuarter, level_word

MOST_ROWS = 1_048_576
_SAMPLE_ROWS = 400
_MOST_KNOWN = 50_000
_NARROWEST, _WIDEST, _WIDEST_WRAPPED = 9.0, 44.0, 60.0
_UPRIGHT_WIDTH = 8.5
_UNSET_WIDTH = 8.43
_POINTS_A_LINE = 13.0
_LETTERS_A_DIGIT = 1.12
"""Widths are counted in digits; ordinary text is a little narrower."""
ROW_POINTS = 16.0
"""Height of a row of one line."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One sheet with its final names and places; rows and columns are numbered as in Excel, from 1."""

    sheet: Sheet
    name: str
    table_name: str
    headers: tuple[str, ...]
    widths: tuple[float, ...]
    wraps: tuple[bool, ...]
    """Columns whose text is longer than they are wide, so that it goes on in a further line."""
    totals_row: int
    """0 where the sheet has no totals."""
    header_row: int

    @property
    def first_row(self) -> int:
        """The first row of figures."""
        return self.header_row + 1

    @property
    def last_row(self) -> int:
        """The last row of the table, which has one blank row where there is nothing to list."""
        return self.header_row + max(1, len(self.sheet.rows))

    @property
    def last_letter(self) -> str:
        """The letter of the last column."""
        return get_column_letter(len(self.headers))

    @property
    def table_ref(self) -> str:
        """Header and body, as in ``A4:F30``."""
        return f"A{self.header_row}:{self.last_letter}{self.last_row}"

    @property
    def notes(self) -> tuple[str, ...]:
        """The lines between title and table."""
        return self.sheet.notes if len(self.sheet.rows) else (*self.sheet.notes, self.sheet.empty_text)

    def place_at(self, distance_cm: float) -> tuple[int, float]:
        """The column (from 0) so far from the sheet's left edge, and how far into it, in centimetres."""
        for position, width in enumerate(self.widths):
            here = _column_cm(width)
            if distance_cm < here:
                return position, distance_cm
            distance_cm -= here
        beyond = int(distance_cm / _column_cm(_UNSET_WIDTH))
        return len(self.widths) + beyond, distance_cm - beyond * _column_cm(_UNSET_WIDTH)

    def body_ref(self, position: int) -> str:
        """The body of one column, by its place from 0, as in ``C5:C30``."""
        letter = get_column_letter(position + 1)
        return f"{letter}{self.first_row}:{letter}{self.last_row}"

    def address(self) -> str:
        """The address of the sheet's first cell, for a link."""
        return f"{quote_sheetname(self.name)}!A1"


def lay_out(report: Report, extra: Sequence[Sheet] = ()) -> list[Layout]:
    """Layouts of all sheets of a report, in order, ``extra`` ones after them.

    :raises AppError: a sheet has more rows than Excel takes.
    :raises ValueError: two sheets ask for one table name.
    """
    sheets = (*report.sheets, *extra)
    names = legal_sheet_names(sheet.name for sheet in sheets)
    tables = table_names([(sheet.table_name, name) for sheet, name in zip(sheets, names, strict=True)])
    return [_one(sheet, name, table) for sheet, name, table in zip(sheets, names, tables, strict=True)]


class RowHeights:
    """How high each row must be for its wrapped texts, as an attribute of its ``<row>``.

    Excel would find out by itself, LibreOffice does not; and neither is told that the height was set by hand,
    so that a row still grows when somebody types more into it.
    """

    def __init__(self, layout: Layout) -> None:
        upright = layout.sheet.freeze_columns if layout.sheet.upright_headers else len(layout.headers)
        wraps = (
            place
            for place, wrap in enumerate(layout.wraps)
            if wrap or layout.sheet.columns[place].wrap or place >= upright
        )
        self._wrapped = [(place, layout.widths[place]) for place in wraps]
        # All rows of a heat map are alike, whether or not one of them says "not assessed".
        self._fewest = 2 if layout.sheet.upright_headers else 1
        self._known: dict[tuple[int, str], int] = {}

    def __call__(self, row: Sequence[CellValue]) -> str:
        """The attribute for one row, with a blank in front; "" where one line is enough."""
        lines = self._fewest
        for position, width in self._wrapped:
            value = row[position]
            text = value.value if isinstance(value, Cell) else value
            if isinstance(text, str) and (len(text) > width * _LETTERS_A_DIGIT or "\n" in text):
                lines = max(lines, self._lines_of(position, text, width))
        return f' ht="{min(409.0, lines * _POINTS_A_LINE + 3):g}"' if lines > 1 else ""

    def _lines_of(self, position: int, text: str, width: float) -> int:
        known = self._known.get((position, text))
        if known is None:
            known = sum(_lines(line, width * _LETTERS_A_DIGIT) for line in text.split("\n"))
            if len(self._known) < _MOST_KNOWN:
                self._known[(position, text)] = known
        return known


def _column_cm(width: float) -> float:
    # Excel's rule: seven pixels a character and five of edge, at 96 pixels an inch.
    return (width * 7 + 5) / 96 * 2.54


def header_height(layout: Layout) -> float:
    """How high the header row must be for its longest header, in points."""
    upright = layout.sheet.freeze_columns if layout.sheet.upright_headers else len(layout.headers)
    lines = [_lines(text, width - 3) for text, width in zip(layout.headers, layout.widths, strict=True)]
    flat = max(lines[:upright], default=1) * _POINTS_A_LINE + 4
    if upright == len(layout.headers):
        return flat
    longest = max(len(text) for text in layout.headers[upright:])
    # An upright header may break into two lines within its column's width.
    return max(flat, min(200.0, 12 + 5.6 * (longest if longest < 24 else longest / 2 + 6)))


def shown_length(value: CellValue, column: Column) -> int:
    """About how many characters a value takes on screen."""
    if isinstance(value, Cell):
        return shown_length(value.value, column)
    if isinstance(value, Formula):
        return shown_length(value.value, column)
    if value is None:
        return 0
    if isinstance(value, FinancialQuarter):
        return len(value.label)
    if isinstance(value, date):
        return 11
    if column.kind == "level" and isinstance(value, int):
        return len(level_word(value))
    if isinstance(value, str):
        return max(map(len, value.split("\n")), default=0)
    return len(f"{value:,.2f}") + (1 if column.kind == "money" else 0)


def _one(sheet: Sheet, name: str, table: str) -> Layout:
    if len(sheet.rows) > MOST_ROWS - 20:
        raise AppError(
            f"{sheet.name} has {len(sheet.rows):,} lines; an Excel sheet holds {MOST_ROWS:,}.",
            "Choose one department or one role family, or export as CSV.",
        )
    headers = tuple(unique_headers(column.header for column in sheet.columns))
    said = len(sheet.notes) + (not len(sheet.rows))
    totals_row = 3 + said if any(column.total for column in sheet.columns) else 0
    header_row = 3 + said + (1 if totals_row else 0)
    lengths = _longest(sheet)
    widths = _widths(sheet, headers, lengths)
    wraps = tuple(length + 2 > width * 1.1 for length, width in zip(lengths, widths, strict=True))
    return Layout(sheet, name, table, headers, widths, wraps, totals_row, header_row)


def _longest(sheet: Sheet) -> list[int]:
    """How long the longest value of each column is, in characters, among the first rows."""
    sample = list(islice(iter(sheet.rows), _SAMPLE_ROWS))
    return [
        max((shown_length(row[position], column) for row in sample), default=0)
        for position, column in enumerate(sheet.columns)
    ]


def _widths(sheet: Sheet, headers: Sequence[str], lengths: Sequence[int]) -> tuple[float, ...]:
    widths: list[float] = []
    for position, (column, header) in enumerate(zip(sheet.columns, headers, strict=True)):
        # A header may break between words, so only its longest word has to fit, beside the filter's button.
        longest_word = max(map(len, header.split())) * 1.1
        if column.width is not None:
            widths.append(max(column.width, longest_word + 3))
        elif sheet.upright_headers and position >= sheet.freeze_columns:
            widths.append(_UPRIGHT_WIDTH)
        else:
            word = max(min(len(header), 12), longest_word) + 4
            limit = _WIDEST_WRAPPED if column.wrap else _WIDEST
            widths.append(max(_NARROWEST, word, min(lengths[position] * 1.05 + 2, limit)))
    return tuple(widths)


def _lines(text: str, width: float) -> int:
    """How many lines a text takes when it breaks between words at so many characters."""
    lines, room = 1, width
    for word in one_line(text).split():
        if len(word) > room and room < width:
            lines, room = lines + 1, width
        room -= len(word) + 1
    return lines


def totals(layout: Layout) -> dict[int, int | Decimal | float | None]:
    """The figure of each column with a total, worked out here: what the live formula shows at first."""
    wanted = {position: column.total for position, column in enumerate(layout.sheet.columns) if column.total}
    if not wanted:
        return {}
    sums: dict[int, Decimal | int | float] = dict.fromkeys(wanted, 0)
    counts = dict.fromkeys(wanted, 0)
    for row in layout.sheet.rows:
        for position, what in wanted.items():
            value = _plain(row[position])
            if what == "count":
                counts[position] += value not in (None, "")
            elif isinstance(value, int | float | Decimal):
                counts[position] += 1
                sums[position] = _plus(sums[position], value)
    found: dict[int, int | Decimal | float | None] = {}
    for position, what in wanted.items():
        count = counts[position]
        average = sums[position] / count if count else None
        found[position] = {"sum": sums[position], "count": count, "average": average}[what]
    return found


def _plain(value: CellValue) -> object:
    if isinstance(value, Cell):
        value = value.value
    return value.value if isinstance(value, Formula) else value


def _plus(total: Decimal | int | float, value: Decimal | int | float) -> Decimal | int | float:
    if isinstance(total, float) or isinstance(value, float):
        return float(total) + float(value)
    return total + value
