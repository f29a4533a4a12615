"""What a cell means: texts, staff numbers, numbers and dates.

Every rule is applied to the different values of a column, once each (see :mod:`app.files.cells`); a value that
cannot be understood becomes a :class:`Fault` with words for the user, never None by silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

from app.files.cells import Cell
from app.terms import clean_name

T = TypeVar("T")

ERROR_VALUES = frozenset(
    {"#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#null!", "#num!", "#getting_data", "#spill!", "#calc!"}
)
_OPEN_ENDED = 4_000
"""HR systems write "no end" as 31/12/4712 or 31/12/9999."""

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?")
_NUMERIC = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[T ]\d{1,2}:\d{2}(?::\d{2})?)?")
_WORDED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]+([a-z]{3,9})[-/., ]+(\d{4}|\d{2})", re.IGNORECASE)
_MONTH_LED = re.compile(r"([a-z]{3,9})\.?[- ]+(\d{1,2})(?:st|nd|rd|th)?,?[- ]+(\d{4})", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DATE_ADVICE = "Write it as 31/01/2026 or 2026-01-31, or format the cell as a date in Excel."
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)")


class Fault(ValueError):
    """A value that cannot be used: what is wrong, and how to put it right."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


@dataclass(slots=True)
class Parsed(Generic[T]):
    """The meaning of each different value of a column, by its code, and the faults among them."""

    values: list[T]
    faults: dict[int, Fault] = field(default_factory=dict[int, Fault])


def parse_each(values: Sequence[Cell], meaning: Callable[[Cell], T], blank: T) -> Parsed[T]:
    """Apply a rule to every different value; an empty cell means ``blank``."""
    parsed: Parsed[T] = Parsed([])
    for code, cell in enumerate(values):
        try:
            if isinstance(cell, str) and (not cell or cell[0] <= "#" or not cell.isascii()):
                # Only such texts can be blank or an error of Excel; the others go straight on.
                parsed.values.append(blank if is_blank(cell) else meaning(_no_error_value(cell)))
            else:
                parsed.values.append(meaning(cell))
        except Fault as fault:
            parsed.values.append(blank)
            parsed.faults[code] = fault
    return parsed


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing but blanks."""
    return isinstance(cell, str) and (not cell or not clean_name(cell))


def _no_error_value(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith("#") and cell.strip().casefold() in ERROR_VALUES:
        raise Fault("The cell holds an error of Excel", "Put the formula right, or type the value.")
    return cell


def text_of(cell: Cell) -> str:
    """A cell as text, unchanged but for outer blanks; whole numbers without ".0"."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def staff_id_of(cell: Cell) -> str:
    """A staff number as text: 1001.0 is "1001", "00123" stays; raises Fault."""
    if isinstance(cell, bool | date | time | timedelta):
        raise Fault("This is not a staff number", "Format the column as text and type the number again.")
    if isinstance(cell, int | float):
        if cell != cell or not float(cell).is_integer() or cell < 0:  # noqa: PLR0124  (NaN)
            raise Fault("A staff number must be a whole number or text", "Type the number again.")
        if cell > 999_999_999_999_999:
            raise Fault(
                "Excel keeps only 15 digits of a number, so this staff number has lost some",
                "Format the column as text and load the numbers again.",
            )
        return str(int(cell))
    text = clean_name(cell)
    if "." not in text:
        return text
    if re.fullmatch(r"\d+\.0+", text):
        return text.split(".")[0]
    if re.fullmatch(r"\d\.\d+E\+\d+", text, re.IGNORECASE):
        raise Fault(
            "Excel has shortened this number", "Format the column as text and load the numbers again."
        )
    return text


def number_of(cell: Cell, *, is_money: bool = False) -> Decimal:
    """A number; raises Fault.

    A comma before exactly three digits is a thousands mark in money and a decimal mark elsewhere (FORMATS);
    currency signs, no-break spaces and the real minus sign are understood, 50% is 0.5.
    """
    advice = "Write a plain number such as 1250 or 0.5."
    if isinstance(cell, bool | date | time | timedelta):
        raise Fault("This is not a number", advice)
    if isinstance(cell, int | float):
        number = Decimal(repr(cell))
    else:
        text = re.sub(r"[£$€\s\u00a0\u202f']|GBP", "", cell, flags=re.IGNORECASE).replace("\u2212", "-")
        percent = text.endswith("%")
        text = _with_point(text.rstrip("%"), is_money=is_money)
        if not _NUMBER.fullmatch(text) or len(text) > 40:
            raise Fault("This is not a number", advice)
        number = Decimal(text) / (100 if percent else 1)
    if not number.is_finite() or abs(number) >= Decimal(10) ** 12:
        raise Fault("This number is too large to be meant", advice)
    return number


def _with_point(text: str, *, is_money: bool) -> str:
    """The number with a point as its decimal mark and no thousands marks."""
    if "," not in text:
        return text
    if "." in text:
        if text.rfind(",") > text.rfind("."):
            return text.replace(".", "").replace(",", ".")
        return text.replace(",", "")
    head, _, tail = text.rpartition(",")
    is_thousands = "," in head or (len(tail) == 3 and is_money)
    return text.replace(",", "") if is_thousands else f"{head}.{tail}"


def whole_number_of(cell: Cell) -> int:
    """A whole number from 0; raises Fault."""
    number = number_of(cell)
    if number != number.to_integral_value() or number < 0:
        raise Fault("This must be a whole number", "Write 0, 1, 2 and so on.")
    return int(number)


def pence_of(cell: Cell) -> Decimal:
    """Money in pounds with at most two places, not negative; raises Fault."""
    amount = number_of(cell, is_money=True)
    if amount < 0:
        raise Fault("A cost cannot be negative", "Write the price as it is.")
    try:
        # Excel keeps 12.1 as 12.0999…96; a real third place is a mistake.
        rounded = amount.quantize(Decimal("0.01"))
    except InvalidOperation as fault:
        raise Fault("This is not an amount of money", "Write pounds and pence, such as 1250.00.") from fault
    if abs(rounded - amount) > Decimal("0.0001"):
        raise Fault("Money has at most two places", "Write pounds and pence, such as 1250.00.")
    return rounded


@dataclass(slots=True)
class ParsedDates(Parsed[date | None]):
    """Dates of a column; ``conflict`` holds the codes of a day-first and a month-first value, if both occur."""

    conflict: tuple[int, int] | None = None
    open_ended: set[int] = field(default_factory=set[int])


def parse_dates(values: Sequence[Cell], day_first: bool | None = None) -> ParsedDates:
    """Dates of a column, decided for the whole of it (FORMATS): day first unless a value forbids that.

    Where some values can only be day-first and others only month-first, the doubtful ones are faults unless
    ``day_first`` settles it.
    """
    parsed = ParsedDates([])
    months_first = [code for code, cell in enumerate(values) if _only(cell, is_day_first=False)]
    days_first = [code for code, cell in enumerate(values) if _only(cell, is_day_first=True)]
    is_mixed = bool(months_first and days_first) and day_first is None
    if is_mixed:
        parsed.conflict = (days_first[0], months_first[0])
    order = day_first if day_first is not None else not (months_first and not days_first)
    for code, cell in enumerate(values):
        try:
            found = None if is_blank(cell) else _date_of(_no_error_value(cell), order, is_mixed=is_mixed)
            if found is not None and found.year >= _OPEN_ENDED:
                parsed.open_ended.add(code)
                found = None
            parsed.values.append(found)
        except Fault as fault:
            parsed.values.append(None)
            parsed.faults[code] = fault
    return parsed


def _only(cell: Cell, *, is_day_first: bool) -> bool:
    """Whether a value is a date in one order of day and month and not in the other."""
    match = _NUMERIC.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if match is None:
        return False
    first, second, year = int(match[1]), int(match[2]), _full_year(match[3])
    as_day, as_month = _try(year, second, first), _try(year, first, second)
    return (
        (as_day is not None and as_month is None)
        if is_day_first
        else (as_month is not None and as_day is None)
    )


def _date_of(cell: Cell, day_first: bool, *, is_mixed: bool) -> date:
    if isinstance(cell, datetime):
        return _likely(cell.date())
    if isinstance(cell, date):
        return _likely(cell)
    if not isinstance(cell, str):
        kind = "time" if isinstance(cell, time | timedelta) else "number"
        raise Fault(f"The cell holds a {kind}, not a date", _DATE_ADVICE)
    text = clean_name(cell)
    if match := _ISO.fullmatch(text):
        return _real(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMERIC.fullmatch(text):
        return _numeric_date(match, day_first, is_mixed=is_mixed)
    if match := _WORDED.fullmatch(text):
        return _real(_full_year(match[3]), _month(match[2]), int(match[1]))
    if match := _MONTH_LED.fullmatch(text):
        return _real(int(match[3]), _month(match[1]), int(match[2]))
    if re.fullmatch(r"(?:19|20)\d{6}", text):
        return _real(int(text[:4]), int(text[4:6]), int(text[6:]))
    raise Fault("This is not a date", _DATE_ADVICE)


def _numeric_date(match: re.Match[str], day_first: bool, *, is_mixed: bool) -> date:
    first, second, year = int(match[1]), int(match[2]), _full_year(match[3])
    as_day, as_month = _try(year, second, first), _try(year, first, second)
    if is_mixed and as_day and as_month and as_day != as_month:
        raise Fault(
            "It cannot be told which is the day and which the month, as the column has both kinds",
            _DATE_ADVICE,
        )
    found = (as_day or as_month) if is_mixed else (as_day if day_first else as_month)
    if found is None:
        raise Fault("There is no such day", _DATE_ADVICE)
    return _likely(found)


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 69 else 1900)


def _month(word: str) -> int:
    lower = word.casefold()
    if lower in _FULL_MONTHS or lower in _MONTHS or lower == "sept":
        return _MONTHS.index(lower[:3]) + 1
    raise Fault("This is not a date", _DATE_ADVICE)


def _try(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _real(year: int, month: int, day: int) -> date:
    found = _try(year, month, day)
    if found is None:
        raise Fault("There is no such day", _DATE_ADVICE)
    return _likely(found)


def _likely(day: date) -> date:
    """A day somebody can have meant: Excel's first months are wrong by a day, and nobody started before."""
    if day < date(1900, 3, 1) or 2200 <= day.year < _OPEN_ENDED:
        raise Fault("This day cannot be meant", _DATE_ADVICE)
    return day
