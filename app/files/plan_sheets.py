"""Finds the sheets of a plan in a workbook somebody has edited, and which column of each is which.

A sheet is known by the marks in its rows, whatever it is called now; a column by its heading, else by what
stands in it, else by being the only one left over. What had to be guessed is said as a note.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.files.cells import Cell, Table, column_letters
from app.files.columns import heading_key, shown
from app.files.findings import Findings
from app.files.plan_cells import CourseNames, course_label, fixed_text, quarter_in, status_in
from app.files.plan_sent import (
    BOOKING,
    DETAIL,
    LEARNER,
    MARK_HEADER,
    Mark,
    Sent,
    SentLine,
    kept,
    looks_like_mark,
    mark_in,
)
from app.files.values import Fault, is_blank, text_of
from app.terms import FinancialQuarter, name_key

SEARCHED_ROWS = 60
EDITABLE = ("course", "quarter", "status", "comment")
FIELDS_OF = {
    BOOKING: ("staff_id", *EDITABLE),
    DETAIL: ("staff_id", "course", "quarter", "status"),
    LEARNER: ("staff_id", "course", "quarter"),
}
HEADERS: Mapping[str, tuple[str, ...]] = {
    "staff_id": ("Staff id", "Staff number", "Staff no", "Employee no", "Employee number", "Payroll number"),
    "course": ("Course code", "Course", "Training", "Course and code", "Course title"),
    "quarter": ("Quarter", "When", "Start quarter", "Starts", "Start", "Quarter it starts"),
    "status": ("Status", "State", "Booking status", "Line status"),
    "comment": ("Comment", "Comments", "Your comment", "Note", "Notes", "Remarks", "Remark"),
}  # fmt: skip
_ENOUGH = 0.6
_SAMPLE = 400


@dataclass(slots=True)
class MarkedSheet:
    """One sheet of the plan: its kind, where its columns stand (by our name), and its body."""

    table: Table
    kind: str
    mark: int | None
    header: int
    """Place of the header row in the table; -1 where there is none any more."""
    places: dict[str, int] = field(default_factory=dict[str, int])
    headings: dict[str, str] = field(default_factory=dict[str, str])
    fixed: dict[int, int] = field(default_factory=dict[int, int])
    """Place among the sent headers of cells that are not read back -> place in this sheet."""
    others: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """What the sheet is called now."""
        return self.table.sheet

    def body(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """(row as Excel numbers it, cells) of every row that may be about a line."""
        for place in range(len(self.table)):
            cells = self.table.row(place)
            if place != self.header and (place > self.header or self.mark_of(cells) is not None):
                yield self.table.row_numbers[place], cells

    def mark_of(self, cells: Sequence[Cell]) -> Mark | None:
        """The mark of a row; None where it has none."""
        return None if self.mark is None else mark_in(cells[self.mark])


def find_sheets(
    tables: Sequence[Table],
    sent: Sent,
    courses: CourseNames,
    quarters: Sequence[FinancialQuarter],
    findings: Findings,
) -> list[MarkedSheet]:
    """The sheets of the plan, each with its columns understood; notes and heading problems go to ``findings``."""
    columns = _Columns(sent, courses, quarters, findings)
    found = [sheet for table in tables if (sheet := _marked(table)) is not None]
    if not any(sheet.kind == BOOKING for sheet in found):
        taken = {id(sheet.table) for sheet in found}
        found += [
            sheet for table in tables if id(table) not in taken and (sheet := _by_headers(table)) is not None
        ]
    for sheet in found:
        findings.sheet = sheet.name
        columns.understand(sheet)
    return found


def _marked(table: Table) -> MarkedSheet | None:
    """The sheet a table is, by its marks."""
    counts: Counter[tuple[str, int]] = Counter()
    first = len(table)
    for place, column in enumerate(table.columns):
        marks = [mark_in(cell) for cell in column.values]
        if not any(marks):
            continue
        for row, code in enumerate(column.codes):
            mark = marks[code]
            if mark is not None:
                counts[mark.kind, place] += 1
                first = min(first, row)
    if not counts:
        return None
    kind, place = min(counts, key=lambda key: (-counts[key], key))
    return MarkedSheet(table, kind, place, _header_row(table, min(first, SEARCHED_ROWS)))


def _by_headers(table: Table) -> MarkedSheet | None:
    """A booking list whose column of marks is gone, by its headings."""
    header = _header_row(table, min(len(table), SEARCHED_ROWS))
    if header < 0 or table.is_hidden:
        return None
    keys = {heading_key(shown(cell)) for cell in table.row(header)}
    known = [name for name in FIELDS_OF[BOOKING] if keys & {heading_key(text) for text in HEADERS[name]}]
    has_all = {"staff_id", "course", "status", "comment"} <= set(known)
    return MarkedSheet(table, BOOKING, None, header) if has_all else None


def _header_row(table: Table, before: int) -> int:
    """The likeliest heading row above the first mark; -1 where no row has two known headings."""
    known = {heading_key(text): name for name, texts in HEADERS.items() for text in texts}
    known[heading_key(MARK_HEADER)] = "mark"
    best, at = 1, -1
    for place in range(min(before + 1, len(table))):
        score = len({known.get(heading_key(shown(cell)), "") for cell in table.row(place)} - {""})
        if score > best:
            best, at = score, place
    return at


class _Columns:
    """Says which column is which."""

    def __init__(
        self, sent: Sent, courses: CourseNames, quarters: Sequence[FinancialQuarter], findings: Findings
    ) -> None:
        self._sent = sent
        self._lines = {line.line_id: line for line in sent.lines}
        self._courses = courses
        self._quarters = quarters
        self._findings = findings

    def understand(self, sheet: MarkedSheet) -> None:
        """Fill in the places of a sheet's columns."""
        headings = [shown(cell) for cell in sheet.table.row(sheet.header)] if sheet.header >= 0 else []
        headings += [""] * (len(sheet.table.columns) - len(headings))
        self._by_heading(sheet, headings)
        if sheet.kind == BOOKING:
            self._fixed(sheet, headings)
        self._by_contents(sheet, headings)
        self._left_over(sheet, headings)
        sheet.headings = {
            name: headings[place] or _letters(sheet, place) for name, place in sheet.places.items()
        }
        if sheet.kind == BOOKING:
            self._say_what_is_missing(sheet, headings)

    def _by_heading(self, sheet: MarkedSheet, headings: Sequence[str]) -> None:
        for name in FIELDS_OF[sheet.kind]:
            for text in HEADERS[name]:
                places = [
                    place
                    for place, heading in enumerate(headings)
                    if heading
                    and heading_key(heading) == heading_key(text)
                    and place not in sheet.places.values()
                ]
                if places:
                    sheet.places[name] = places[0]
                    self._check_repeats(sheet, headings, places)
                    break

    def _check_repeats(self, sheet: MarkedSheet, headings: Sequence[str], places: Sequence[int]) -> None:
        """Two columns under one heading are one where all cells agree; else it cannot be told which counts."""
        first, *more = places
        rows = range(sheet.header + 1, len(sheet.table))
        for other in more:
            if any(sheet.table.columns[first][row] != sheet.table.columns[other][row] for row in rows):
                self._findings.heading_error(
                    sheet.table.row_numbers[sheet.header],
                    headings[first],
                    f"Two columns are called “{headings[first]}” and do not agree",
                    "Delete one of them, or give it another heading.",
                )

    def _fixed(self, sheet: MarkedSheet, headings: Sequence[str]) -> None:
        keys = {heading_key(text): place for place, text in enumerate(self._sent.fixed)}
        for place, heading in enumerate(headings):
            known = keys.get(heading_key(heading)) if heading else None
            if known is not None and known not in sheet.fixed and place not in sheet.places.values():
                sheet.fixed[known] = place

    def _free(self, sheet: MarkedSheet) -> list[int]:
        taken = {*sheet.places.values(), *sheet.fixed.values(), sheet.mark}
        return [place for place in range(len(sheet.table.columns)) if place not in taken]

    def _by_contents(self, sheet: MarkedSheet, headings: Sequence[str]) -> None:
        """Columns whose heading is not known, by the values they were sent with."""
        wanted: list[str | int] = [name for name in FIELDS_OF[sheet.kind] if name not in sheet.places]
        if sheet.kind == BOOKING:
            wanted += [place for place in range(len(self._sent.fixed)) if place not in sheet.fixed]
        for name in wanted:
            scores = {place: self._likeness(sheet, place, name) for place in self._free(sheet)}
            best = max(scores, key=lambda place: scores[place], default=None)
            if best is None or scores[best] < _ENOUGH:
                continue
            if isinstance(name, int):
                sheet.fixed[name] = best
            else:
                sheet.places[name] = best
                self._say_guess(sheet, headings, name, best, "by what stands in it")

    def _say_guess(
        self, sheet: MarkedSheet, headings: Sequence[str], name: str, place: int, how: str
    ) -> None:
        if sheet.header < 0:
            return
        self._findings.note(
            sheet.table.row_numbers[sheet.header],
            headings[place] or _letters(sheet, place),
            "",
            f"The column is taken for {HEADERS[name][0]}, {how}",
            "Give it its old heading if it is another.",
        )

    def _likeness(self, sheet: MarkedSheet, place: int, name: str | int) -> float:
        """The share of marked rows whose cell says what was sent; blank cells prove nothing."""
        same = count = 0
        for _number, cells in sheet.body():
            mark = sheet.mark_of(cells)
            line = self._lines.get(mark.line_id) if mark is not None else None
            cell = cells[place]
            if line is None or is_blank(cell):
                continue
            count += 1
            same += self._says_what_was_sent(line, cell, name)
            if count >= _SAMPLE:
                break
        return same / count if count else 0.0

    def _says_what_was_sent(self, line: SentLine, cell: Cell, name: str | int) -> bool:
        try:
            match name:
                case int():
                    return fixed_text(cell) == line.fixed[name]
                case "staff_id":
                    return text_of(cell) == line.staff_id
                case "course":
                    return self._courses.code_in(cell, (line.course, line.title)) == line.course
                case "quarter":
                    return quarter_in(cell, self._quarters) == line.quarter
                case "status":
                    return status_in(cell) == line.status
                case _:
                    return kept(text_of(cell)) == line.comment
        except Fault:
            return False

    def _left_over(self, sheet: MarkedSheet, headings: Sequence[str]) -> None:
        """One of ours missing and one heading left over: that is it."""
        missing = [name for name in FIELDS_OF[sheet.kind] if name not in sheet.places]
        free = [place for place in self._free(sheet) if headings[place]]
        if sheet.kind == BOOKING and len(missing) == 1 and len(free) == 1 and sheet.header >= 0:
            sheet.places[missing[0]] = free[0]
            self._say_guess(sheet, headings, missing[0], free[0], "as no other is left")

    def _say_what_is_missing(self, sheet: MarkedSheet, headings: Sequence[str]) -> None:
        others = [place for place in self._free(sheet) if _has_content(sheet, place)]
        sheet.others = tuple(others)
        row = sheet.table.row_numbers[sheet.header] if sheet.header >= 0 else 0
        missing = [name for name in FIELDS_OF[BOOKING] if name not in sheet.places]
        names = ", ".join(HEADERS[name][1 if name == "course" else 0] for name in missing)
        if missing and others:
            heads = ", ".join(f"“{headings[place] or _letters(sheet, place)}”" for place in others)
            self._findings.heading_error(
                row, "", f"There is no column {names}, and any of {heads} could be it",
                "Give the columns their old headings.",
            )  # fmt: skip
        elif missing:
            self._findings.note(row, "", "", f"There is no column {names} any more; nothing is read for it")
        elif others:
            for place in others:
                self._findings.note(
                    row, headings[place] or _letters(sheet, place), "",
                    "This column is not one of the workbook's; nothing is read from it",
                )  # fmt: skip


def _letters(sheet: MarkedSheet, place: int) -> str:
    return column_letters(place + sheet.table.first_column)


def _has_content(sheet: MarkedSheet, place: int) -> bool:
    column = sheet.table.columns[place]
    return any(not is_blank(column[row]) for row in range(sheet.header + 1, len(sheet.table)))


def is_stray_mark(sheet: MarkedSheet, cells: Sequence[Cell]) -> bool:
    """Whether a row has something in the column of marks that is none."""
    if sheet.mark is None:
        return False
    cell = cells[sheet.mark]
    return mark_in(cell) is None and (looks_like_mark(cell) or not is_blank(cell))


def label_of(line: SentLine) -> str:
    """A line in words: who and which course."""
    return f"{line.name or line.staff_id} ({line.staff_id}), {course_label(line.course, line.title)}"


def same_person(sent: str, cell: Cell) -> bool:
    """Whether a cell names the person the line was sent for."""
    return name_key(text_of(cell)) == name_key(sent)
