"""What the editable cells of a plan's workbook mean: status, quarter, course, and cells that are not read back."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from app.files.cells import Cell
from app.files.columns import heading_key, nearest
from app.files.values import Fault, number_of, parse_dates, text_of
from app.terms import FinancialQuarter, LineStatus, clean_name, name_key

_STATUS_WORDS: dict[LineStatus, tuple[str, ...]] = {
    LineStatus.PROPOSED: ("propose", "suggested", "draft"),
    LineStatus.APPROVED: ("approve", "agreed", "ok", "yes"),
    LineStatus.BOOKED: ("book", "enrolled"),
    LineStatus.COMPLETED: ("complete", "done", "attended", "finished"),
    LineStatus.WITHDRAWN: ("withdraw", "withdrew", "cancelled", "canceled", "no"),
    LineStatus.DID_NOT_ATTEND: ("dna", "no show", "not attended", "absent"),
}
_STATUS_BY_KEY = {
    heading_key(word): status for status, words in _STATUS_WORDS.items() for word in (status.value, *words)
}
_STATUS_ADVICE = f"Choose one of: {', '.join(status.value for status in LineStatus)}."
_QUARTER_ADVICE = "Choose a quarter from the list, or write one such as 2026Q4 (January to March 2027)."
_QUARTER_LAST = re.compile(r"(q[1-4])[\s,]*(?:of\s+)?(?:fy\s*)?(\d{4}(?:[-/]\d{2})?)", re.IGNORECASE)
_QUARTER_FIRST = re.compile(r"(?:fy\s*)?(\d{4}(?:[-/]\d{2})?)[\s,]*(q[1-4])", re.IGNORECASE)
_BARE = re.compile(r"q([1-4])", re.IGNORECASE)
_MONTH = re.compile(r"([a-z]{3,9})\.?[\s-]+(\d{4})", re.IGNORECASE)
_SERIALS = range(36_526, 73_051)  # 2000 to 2099 as Excel counts days
_DAY_ZERO = date(1899, 12, 30).toordinal()


def status_in(cell: Cell) -> str:
    """The status a cell names; raises Fault."""
    found = _STATUS_BY_KEY.get(heading_key(text_of(cell)))
    if found is None:
        raise Fault("This status is not known", _STATUS_ADVICE)
    return found.value


def quarter_in(cell: Cell, quarters: Sequence[FinancialQuarter]) -> str:
    """The code of the quarter a cell names, by itself, by a month or by a day in it; raises Fault.

    "Q4" alone is understood where the plan has one such quarter. Days are day first.
    """
    if isinstance(cell, datetime | date):
        return FinancialQuarter.of(cell.date() if isinstance(cell, datetime) else cell).code
    if isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in _SERIALS:
        return FinancialQuarter.of(date.fromordinal(_DAY_ZERO + int(cell))).code
    text = clean_name(text_of(cell))
    if named := _quarter_in_words(text, quarters):
        return named.code
    parsed = parse_dates([text], day_first=True)
    if parsed.values and parsed.values[0] is not None:
        return FinancialQuarter.of(parsed.values[0]).code
    raise Fault("This is not a quarter", _QUARTER_ADVICE)


def _quarter_in_words(text: str, quarters: Sequence[FinancialQuarter]) -> FinancialQuarter | None:
    for pattern, swap in ((_QUARTER_FIRST, False), (_QUARTER_LAST, True)):
        if match := pattern.fullmatch(text):
            year, quarter = match.groups()[::-1] if swap else match.groups()
            try:
                return FinancialQuarter.parse(f"{year}{quarter}")
            except ValueError:
                return None
    if match := _BARE.fullmatch(text):
        fitting = [quarter for quarter in quarters if quarter.number == int(match[1])]
        return fitting[0] if len(fitting) == 1 else None
    if match := _MONTH.fullmatch(text):
        word = match[1].casefold()
        for names in (calendar.month_name, calendar.month_abbr):
            found = [place for place, name in enumerate(names) if place and name.casefold() == word]
            if found:
                return FinancialQuarter.of(date(int(match[2]), found[0], 1))
    return None


def course_label(code: str, title: str) -> str:
    """A course as the drop-down lists name it: code and title."""
    return f"{code}: {title}" if title and title != code else code


@dataclass(slots=True)
class CourseNames:
    """Finds a course by what a cell says: its line of the drop-down list, its code, or a title that only it has."""

    courses: Iterable[tuple[str, str]]
    _by_key: dict[str, str] = field(default_factory=dict[str, str])
    _titles: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    _title_of: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self._title_of = dict(self.courses)
        for code, title in self._title_of.items():
            self._titles.setdefault(name_key(title), set()).add(code)
            self._by_key.setdefault(name_key(course_label(code, title)), code)
        for code in self._title_of:
            self._by_key[name_key(code)] = code

    def title(self, code: str) -> str:
        """The title of a course; "" for one that is not known."""
        return self._title_of.get(code, "")

    def code_in(self, cell: Cell, sent: tuple[str, str] = ("", "")) -> str:
        """The code of the course a cell names; raises Fault.

        ``sent`` is the (code, title) that stood there: its own words mean it, whatever else is called so.
        """
        key = name_key(text_of(cell))
        code, title = sent
        if code and key in {name_key(word) for word in (code, title, course_label(code, title)) if word}:
            return code
        if key in self._by_key:
            return self._by_key[key]
        several = self._titles.get(key, set())
        if len(several) == 1:
            return next(iter(several))
        if several:
            raise Fault(
                f"{len(several)} courses have this title", f"Write the code: {', '.join(sorted(several))}."
            )
        near = nearest(text_of(cell), [*self._title_of, *self._title_of.values()])
        raise Fault(
            "This course is not in the catalogue",
            "Choose one from the list, or write its code." + (f" Did you mean “{near}”?" if near else ""),
        )


def fixed_text(value: object) -> str:
    """A value that is not read back, in a form that survives any program: 12, 12.0 and 12.00 are one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float | Decimal):
        return f"{Decimal(str(value)).quantize(Decimal('0.0001')).normalize():f}"
    return clean_name(str(value))


def is_same_fixed(sent: str, cell: Cell) -> bool:
    """Whether a cell that is not read back still says what was sent."""
    if fixed_text(cell) == sent:
        return True
    try:
        return bool(sent) and fixed_text(number_of(cell, is_money=True)) == sent
    except Fault:
        return False
