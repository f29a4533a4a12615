"""Text that leaves the program: nothing in it can run, break a file, or read other than it is written.

One rule for workbooks and one for CSV (SAFETY 0.6 and 1.3 rows 32 and 34). Values keep their characters; only
what a file cannot hold is taken out, and direction overrides, which make text read other than it is, are
spelt out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TextIO

from app.terms import FinancialQuarter

LONGEST_CELL = 32_767
"""The most an Excel cell holds, counted as Excel counts it: in UTF-16 units, so that an emoji is two."""

CUT_MARK = " … [cut: longer than a cell can hold]"

CsvValue = str | int | float | Decimal | date | bool | None

# Control characters but tab and line feed; lone surrogates; the two code points no XML file may hold.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?")
_DIRECTION_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Everything that may need work, in one search: most cells pass this and nothing else.
_UNUSUAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
# What a spreadsheet may read as the start of a formula, full-width forms included, after any blanks it would
# skip.
_FORMULA_START = re.compile("[\t\r\n\x00]|[\\s\u200b\u2060\ufeff]*(?:[=+\\-@＝＋－＠﹦﹢﹣﹫]|\\{\\s*=)")


def cell_text(text: str) -> str:
    """The text as a cell may hold it.

    Line ends become line feeds, control characters, lone surrogates and U+FFFE and U+FFFF go, direction
    overrides read ``[U+202E]``, and text longer than :data:`LONGEST_CELL` is cut with a mark that says so.
    """
    if _UNUSUAL.search(text) is not None:
        text = _LINE_ENDS.sub("\n", text)
        text = _ILLEGAL.sub("", text)
        text = _DIRECTION_OVERRIDES.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
    if len(text) > LONGEST_CELL // 2 and _utf16_length(text) > LONGEST_CELL:
        text = _cut(text, LONGEST_CELL - len(CUT_MARK)) + CUT_MARK
    return text


def one_line(text: str) -> str:
    """:func:`cell_text` on a single line, blanks collapsed: for headers, titles and names of things."""
    return " ".join(cell_text(text).split())


def may_start_formula(text: str) -> bool:
    """Whether a spreadsheet that is handed this text as something typed in might take it for a formula."""
    return _FORMULA_START.match(text) is not None


def csv_text(text: str) -> str:
    """The text as a CSV field may hold it: as in a cell, with ``'`` before what might run as a formula."""
    shown = cell_text(text)
    return f"'{shown}" if may_start_formula(text) or may_start_formula(shown) else shown


def write_csv(stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[CsvValue]]) -> int:
    """Write rows as CSV with LF line ends and return how many; blank is an empty field.

    Text is made safe by :func:`csv_text`; numbers, dates (ISO) and quarters (``2026Q3``) are written as they
    are, so a negative number keeps its sign and stays a number. The caller opens the stream (UTF-8,
    ``newline=""``).
    """
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([csv_text(name) for name in header])
    count = 0
    for row in rows:
        writer.writerow([_csv_field(value) for value in row])
        count += 1
    return count


def _csv_field(value: CsvValue) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return csv_text(str(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, FinancialQuarter):
        return value.code
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _utf16_length(text: str) -> int:
    return len(text) + sum(1 for character in text if character > "\uffff")


def _cut(text: str, units: int) -> str:
    """The longest start of the text that takes no more than so many UTF-16 units."""
    taken = 0
    for position, character in enumerate(text):
        taken += 2 if character > "\uffff" else 1
        if taken > units:
            return text[:position]
    return text
