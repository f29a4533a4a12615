"""What a document is before it is a file: a Report of sheets of typed columns.

Services build Reports from their results; :mod:`app.files.workbook` writes them. Records only: nothing here
knows Excel's file format, and importing this costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Kind = Literal["text", "int", "decimal", "money", "share", "date", "quarter", "level", "fte"]
"""What a column holds. ``money`` is Decimal pounds, ``share`` a fraction from 0 to 1, ``fte`` has two places,
``level`` is 0 to 4 and shown in words, ``quarter`` a FinancialQuarter and shown as "2026-27 Q3"."""

Look = Literal["plain", "strong", "quiet", "low coverage"]
"""``strong`` is bold; ``quiet`` grey and slanted (no figure); ``low coverage`` puts * after a number."""

Plain = str | int | float | Decimal | date | bool | None


@dataclass(frozen=True, slots=True)
class Formula:
    """A live formula, made by our own code alone (:mod:`app.files.formulas`), never from anybody's data.

    ``text`` has no equals sign. ``value`` is what the program worked out itself: it is stored beside the
    formula, so that viewers that do not calculate show it too, and so that tests can compare the two.
    """

    text: str
    value: str | int | float | Decimal | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value that departs from its column: another kind or look, or a link to another sheet."""

    value: Plain | Formula
    kind: Kind | None = None
    places: int | None = None
    look: Look = "plain"
    link: str = ""


CellValue = Plain | Formula | Cell
Rows = Collection[Sequence[CellValue]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet. ``width`` is in characters; without it the content decides.

    ``places`` are the decimal places shown (money 2 and decimal 1 unless told). ``choices`` become a
    drop-down list; text outside it is refused when typed. ``total`` is a live figure of the rows shown, above
    the header. ``heat`` colours the column by value, live, on a scale from 0 to ``heat_top`` (the largest
    value where that is None).
    """

    key: str
    header: str
    kind: Kind = "text"
    width: float | None = None
    wrap: bool = False
    align: Literal["", "left"] = ""
    places: int | None = None
    choices: tuple[str, ...] = ()
    total: Literal["", "sum", "count", "average"] = ""
    heat: bool = False
    heat_top: float | None = 1.0
    is_hidden: bool = False
    """Kept for the program, out of sight and off the printed page; it moves with the rows when they are sorted."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A native Excel chart over columns of a table sheet. The title says the finding, ``alt_text`` what is
    seen.

    ``sheet`` names the sheet that holds the figures (this one where blank); ``categories`` and ``series`` are
    column keys there; ``first_rows`` takes the top rows only. With ``by_rows`` each row is a series, named by
    its category, and the headers of the ``series`` columns are what it runs over. ``beside`` is right of the
    chart before. Sizes are in centimetres.
    """

    kind: Literal["bar", "column", "stacked column", "stacked bar", "line"]
    title: str
    alt_text: str
    categories: str
    series: tuple[str, ...]
    x_title: str
    y_title: str
    sheet: str = ""
    first_rows: int | None = None
    by_rows: bool = False
    place: Literal["below", "beside", "right"] = "below"
    width_cm: float = 18.0
    height_cm: float = 9.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: one table, and what is said above it.

    ``name`` may be anything; the writer makes it legal and unique. ``title`` is the line above the table (the
    name where blank), ``notes`` are lines below it, ``empty_text`` is said in their place when there are no
    rows. ``table_name`` is how formulas speak of the table: letters, digits and underscores, unique in the
    report. ``freeze_columns`` stay in sight when scrolling sideways, ``upright_headers`` turns the headers of
    columns after those on end. ``rows`` may be any sized collection that can be gone through more than once.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Rows = ()
    title: str = ""
    notes: tuple[str, ...] = ()
    empty_text: str = "There is nothing to list."
    table_name: str = ""
    freeze_columns: int = 1
    upright_headers: bool = False
    charts: tuple[Chart, ...] = ()
    filters: bool = True
    first_line_is_total: bool = False
    """The first row sums up the others and takes no part in the colours."""
    is_hidden: bool = False
    """For the program alone: Excel shows it to nobody, not even among the hidden sheets, and About leaves it out."""

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError(f"sheet {self.name!r} has no columns")
        if len({column.key for column in self.columns}) < len(self.columns):
            raise ValueError(f"sheet {self.name!r} has two columns with the same key")

    def position(self, key: str) -> int:
        """Where the column with this key stands, from 0; raises KeyError."""
        for position, column in enumerate(self.columns):
            if column.key == key:
                return position
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class AboutLine:
    """One line of the About sheet: "Framework", "Government Digital and Data, September 2025"."""

    label: str
    value: Plain | Formula
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Report:
    """A whole document. ``made_at`` is UTC and the only clock it carries: same report, same bytes.

    ``about`` is written first, with a list of the sheets and what they hold. ``marking`` stands in the first
    cell of every sheet, in the header and footer of every printed page and in the file's properties.
    """

    title: str
    sheets: tuple[Sheet, ...]
    made_at: datetime
    about: tuple[AboutLine, ...] = ()
    marking: str = "OFFICIAL-SENSITIVE"
    language: str = "en-GB"
    reading: tuple[str, ...] = field(default=())
    """How to read it: sentences at the end of the About sheet."""

    def __post_init__(self) -> None:
        if self.made_at.tzinfo is None:
            raise ValueError("made_at needs its time zone (UTC)")


class ColumnRows(Collection[Sequence[CellValue]]):
    """Rows over parallel columns, without a row object before it is written (for hundreds of thousands)."""

    def __init__(self, columns: Sequence[Sequence[CellValue]]) -> None:
        lengths = {len(column) for column in columns}
        if len(lengths) > 1:
            raise ValueError("columns differ in length")
        self._columns = columns
        self._length = lengths.pop() if lengths else 0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Sequence[CellValue]]:
        return zip(*self._columns, strict=True)

    def __contains__(self, row: object) -> bool:
        return any(row == own for own in self)
