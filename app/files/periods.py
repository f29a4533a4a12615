"""Which day an organogram speaks of: its period column, or what its file name says.

Organograms show a body as at 31 March or 30 September; compiled files say ``Mar-14`` for the first.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime

from app.files.cells import Cell
from app.files.values import Fault, parse_dates
from app.terms import clean_name

FIRST_YEAR = 2010
"""The first organograms were published in 2010; a file name that gives an earlier day is read otherwise."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_MONTH_YEAR = re.compile(rf"{_MONTH}[\s\-_/'’]*(\d{{4}}|\d{{2}})", re.IGNORECASE)
_YEAR_MONTH = re.compile(rf"(\d{{4}})[\s\-_/]+{_MONTH}|(\d{{4}})[-/](\d{{1,2}})", re.IGNORECASE)
_USUAL = {(3, 31), (9, 30)}

_IN_NAME_WORDED = re.compile(
    rf"(?<!\d)(\d{{1,2}})[\s\-_]*{_MONTH}[\s\-_]*(\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE
)
_IN_NAME_MONTH = re.compile(rf"(?<![a-z]){_MONTH}[\s\-_]*(\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE)
_IN_NAME_DIGITS = re.compile(
    r"(?<!\d)(\d{8}|\d{6}|\d{4}[-_.]\d{2}[-_.]\d{2}|\d{2}[-_.]\d{2}[-_.]\d{4})(?!\d)"
)


def period_of(cell: Cell) -> date:
    """The last day of the period a cell names: ``Mar-14``, ``September 2013`` or a date; raises Fault.

    A date on the first of a month stands for that month: Excel makes it out of ``Mar-14``.
    """
    if isinstance(cell, str):
        text = clean_name(cell)
        if match := _MONTH_YEAR.fullmatch(text):
            return month_end(_year(match[2]), _month(match[1]))
        if match := _YEAR_MONTH.fullmatch(text):
            month = _month(match[2]) if match[2] else int(match[4])
            if 1 <= month <= 12:
                return month_end(int(match[1] or match[3]), month)
        found = parse_dates([text], day_first=True)
        if found.faults or found.values[0] is None:
            raise Fault("This is not a period", "Write it as Mar-14, or as a date such as 31/03/2014.")
        return found.values[0]
    if isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
        return month_end(day.year, day.month) if day.day == 1 else day
    raise Fault("This is not a period", "Write it as Mar-14, or as a date such as 31/03/2014.")


def day_in_name(name: str, latest: date) -> date | None:
    """The day a file name gives, not after ``latest``; None where it gives none.

    Of several days the usual 31 March and 30 September go first, then days in words, then the earliest in the
    name: ``20131114-HOCS-Consolidated-September-2013`` is 30 September 2013.
    """
    found = [day for day in _days_in(name) if day.year >= FIRST_YEAR and day <= latest]
    usual = [day for day in found if (day.month, day.day) in _USUAL]
    return next(iter(usual or found), None)


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def _days_in(name: str) -> Iterator[date]:
    for match in _IN_NAME_WORDED.finditer(name):
        yield from _day(_year(match[3]), _month(match[2]), int(match[1]))
    for match in _IN_NAME_MONTH.finditer(name):
        yield month_end(_year(match[2]), _month(match[1]))
    for match in _IN_NAME_DIGITS.finditer(name):
        parts = re.split(r"[-_.]", match[1])
        digits = "".join(parts)
        if len(digits) == 6:
            yield from _day(_year(digits[4:]), int(digits[2:4]), int(digits[:2]))
            yield from _day(_year(digits[:2]), int(digits[2:4]), int(digits[4:]))
        else:
            if len(parts[0]) != 2:
                yield from _day(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            yield from _day(int(digits[4:]), int(digits[2:4]), int(digits[:2]))


def _day(year: int, month: int, day: int) -> Iterator[date]:
    if 1 <= month <= 12 and 1 <= day <= monthrange(max(1, min(year, 9999)), month)[1] and 1 <= year <= 9999:
        yield date(year, month, day)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _month(word: str) -> int:
    return _MONTHS.index(word.casefold()[:3]) + 1
