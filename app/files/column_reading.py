"""Reads one column after another of a matched table and collects what is wrong, row by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import TypeVar

from app.files.cells import Cell, RawColumn
from app.files.columns import MatchedTable, heading_key
from app.files.findings import Findings
from app.files.values import Parsed, parse_dates, parse_each, text_of
from app.terms import clean_name

T = TypeVar("T")


class ColumnReading:
    """The data rows of a table, without blank ones; every list it returns has one entry per such row."""

    def __init__(self, matched: MatchedTable, findings: Findings) -> None:
        self._matched = matched
        self.findings = findings
        self._indexes = _filled_rows(matched)
        self._is_whole = len(self._indexes) == len(matched.table) - matched.start
        self._dropped: set[int] = set()
        self._report_surplus_cells()

    def __len__(self) -> int:
        return len(self._indexes)

    def _report_surplus_cells(self) -> None:
        """A CSV row with more cells than there are headings has a separator too many; its cells are shifted."""
        table = self._matched.table
        if table.sheet:
            return
        # an unnamed column between or before named ones, such as the index some programs write, is not surplus
        last_named = max(self._matched.places.values(), default=0)
        last_named = max([last_named, *(index for index, heading in self._matched.others if heading)])
        for index, heading in self._matched.others:
            if heading or index < last_named:
                continue
            blanks = {code for code, value in enumerate(table.columns[index].values) if value == ""}
            for place, at in enumerate(self._indexes):
                if (
                    table.columns[index].codes[at] not in blanks
                    and table.row_numbers[at] not in self.findings.bad_rows
                ):
                    what = "The row has more cells than there are headings"
                    self.error(
                        place, "", table.columns[index][at], what, "Put text with a comma in quotation marks."
                    )

    @property
    def sheet(self) -> str:
        """The sheet the table is on; blank for CSV."""
        return self._matched.table.sheet

    def has(self, name: str) -> bool:
        """Whether the file has this column of ours."""
        return name in self._matched.places

    def heading(self, name: str) -> str:
        """Their heading for a column of ours; our own name where they have none."""
        return self._matched.headings.get(name, name)

    def row_numbers(self) -> list[int]:
        """The rows as Excel numbers them."""
        numbers = self._matched.table.row_numbers
        return [numbers[index] for index in self._indexes]

    def is_left_out(self, place: int) -> bool:
        """Whether a row repeats another one, or the headings, and says nothing of its own."""
        return place in self._dropped

    def kept(self) -> list[int]:
        """Places of the rows that can be used."""
        bad = self.findings.bad_rows
        if not bad and not self._dropped:
            return list(range(len(self)))
        return [
            place
            for place, row in enumerate(self.row_numbers())
            if row not in bad and place not in self._dropped
        ]

    def values(self, name: str) -> Sequence[Cell]:
        """The different values of a column (with those of the heading rows); nothing where there is none."""
        column = self._matched.column(name)
        return column.values if column else ()

    def codes(self, name: str) -> Sequence[int]:
        """The code of each row's value."""
        return self._codes_of(self._matched.column(name))

    def _codes_of(self, column: RawColumn | None) -> Sequence[int]:
        if column is None:
            return ()
        if self._is_whole:
            return column.codes[self._matched.start :]
        return [column.codes[index] for index in self._indexes]

    def text(self, name: str) -> list[str]:
        """A column of text, unchanged but for outer blanks; blank where the file has no such column."""
        return self.parsed(name, parse_each(self.values(name), text_of, ""), "")

    def clean_text(self, name: str) -> list[str]:
        """A column of names, cleaned as names are stored."""
        return self.parsed(
            name, parse_each(self.values(name), lambda cell: clean_name(text_of(cell)), ""), ""
        )

    def parsed(self, name: str, parsed: Parsed[T], blank: T) -> list[T]:
        """The meaning of each row of a column; faults and unreadable cells become errors of their rows."""
        index = self._matched.places.get(name)
        return [blank] * len(self) if index is None else self._parsed(index, self.heading(name), parsed)

    def parsed_at(self, index: int, heading: str, meaning: Callable[[Sequence[Cell]], Parsed[T]]) -> list[T]:
        """The meaning of each row of a column named by its place, such as a skill's."""
        column = self._matched.table.columns[index]
        return self._parsed(index, heading, meaning(column.values))

    def _parsed(self, index: int, heading: str, parsed: Parsed[T]) -> list[T]:
        column = self._matched.table.columns[index]
        codes = self._codes_of(column)
        self._report_unreadable(index, heading)
        if parsed.faults:
            rows = self.row_numbers()
            for place, code in enumerate(codes):
                fault = parsed.faults.get(code)
                if fault is not None and place not in self._dropped:
                    self.findings.error(rows[place], heading, column.values[code], fault.what, fault.advice)
        return list(map(parsed.values.__getitem__, codes))

    def _report_unreadable(self, index: int, heading: str) -> None:
        unreadable = self._matched.unreadable_at(index)
        if not unreadable:
            return
        for row in self.row_numbers():
            if row in unreadable:
                what = f"The cell {unreadable[row]}"
                self.findings.error(row, heading, "", what, "Type the value into the cell.")

    def dates(self, name: str, day_first: bool | None) -> list[date | None]:
        """A column of dates; a column that mixes day-first and month-first is a problem of its own."""
        parsed = parse_dates(self._own_values(name), day_first)
        found = self.parsed(name, parsed, None)
        if parsed.conflict:
            codes = list(self.codes(name))
            rows = self.row_numbers()
            values = self.values(name)
            said = [f"“{values[code]}” in row {rows[codes.index(code)]}" for code in parsed.conflict]
            self.findings.heading_error(
                self._matched.match.header_row,
                self.heading(name),
                f"The column has dates with the day first ({said[0]}) and with the month first ({said[1]})",
                "Write all dates the same way, or as real dates of Excel.",
            )
        if parsed.open_ended:
            count = sum(code in parsed.open_ended for code in self.codes(name))
            what = f"{count:,} dates lie in the year 4000 or later and are read as “no date”"
            self.findings.note(self._matched.match.header_row, self.heading(name), "", what)
        return found

    def _own_values(self, name: str) -> list[Cell]:
        """The values of a column with those of the heading rows blanked: a heading is no date."""
        column = self._matched.column(name)
        if column is None:
            return []
        used = set(self.codes(name))
        return [value if code in used else "" for code, value in enumerate(column.values)]

    def need(self, name: str, found: Sequence[object], advice: str) -> None:
        """Every row must have something in this column."""
        bad = self.findings.bad_rows
        rows = None
        for place, value in enumerate(found):
            if not value and place not in self._dropped:
                rows = rows or self.row_numbers()
                if rows[place] not in bad:
                    self.error(place, name, "", f"There is no {name}", advice)

    def error(self, place: int, name: str, value: object, what: str, advice: str) -> None:
        """Something wrong in one row; the row is left out."""
        row = self._matched.table.row_numbers[self._indexes[place]]
        self.findings.error(row, self.heading(name), value, what, advice)

    def has_error(self, place: int, name: str) -> bool:
        """Whether something wrong with this cell is listed already."""
        row = self._matched.table.row_numbers[self._indexes[place]]
        return self.findings.has_error(row, self.heading(name))

    def note(self, place: int, name: str, value: object, what: str, advice: str = "") -> None:
        """Something worth knowing about one row that is used."""
        row = self._matched.table.row_numbers[self._indexes[place]]
        self.findings.note(row, self.heading(name), value, what, advice)

    def note_first_of_each(
        self, name: str, found: Sequence[str], odd: Collection[str], what: str, advice: str
    ) -> None:
        """One note for each odd value, at the first row that has it, with how many rows have it."""
        places: dict[str, list[int]] = {}
        for place, value in enumerate(found):
            if value in odd:
                places.setdefault(value, []).append(place)
        for value, at in places.items():
            times = f" ({len(at):,} rows)" if len(at) > 1 else ""
            self.note(at[0], name, value, f"{what}{times}", advice)

    def note_blanks(self, name: str, taken: str) -> None:
        """One note where a column that is there is blank in some rows."""
        column = self._matched.column(name)
        if column is None:
            return
        blanks = {
            code for code, value in enumerate(column.values) if isinstance(value, str) and not value.strip()
        }
        count = sum(code in blanks for code in self._codes_of(column))
        if count:
            what = f"{count:,} rows leave this blank; it is {taken}"
            self.findings.note(self._matched.match.header_row, self.heading(name), "", what)

    def leave_out_repeated_headings(self, name: str) -> None:
        """Drop rows that say the headings again, as extracts pasted together do."""
        heading = self.heading(name).casefold()
        column = self._matched.column(name)
        if column is None:
            return
        length = len(heading) + 4
        same = {
            code
            for code, value in enumerate(column.values)
            if isinstance(value, str) and len(value) <= length and clean_name(value).casefold() == heading
        }
        if not same:
            return
        for place, code in enumerate(self._codes_of(column)):
            if code in same and self._is_heading_row(place):
                self._dropped.add(place)
                self.note(place, name, column.values[code], "The row repeats the headings and is left out")

    def _is_heading_row(self, place: int) -> bool:
        cells = self._matched.table.row(self._indexes[place])
        own = [heading_key(text_of(cells[at])) for at in self._matched.places.values()]
        heads = [heading_key(self.heading(name)) for name in self._matched.places]
        return own == heads

    def report_duplicates(self, name: str, found: Sequence[str]) -> None:
        """Keys that occur twice, also when only case, blanks or leading zeros differ; the first one stands."""
        if len(set(map(loose_key, found))) == len(found):
            return
        first: dict[str, int] = {}
        rows = self.row_numbers()
        for place, value in enumerate(found):
            if not value or place in self._dropped or rows[place] in self.findings.bad_rows:
                continue
            earlier = first.setdefault(loose_key(value), place)
            if earlier == place:
                continue
            if self._matched.table.row(self._indexes[place]) == self._matched.table.row(
                self._indexes[earlier]
            ):
                self._dropped.add(place)
                self.note(place, name, value, f"The row repeats row {rows[earlier]} word for word")
            elif found[earlier] == value:
                what = f"Row {rows[earlier]} has the same {name}"
                self.error(place, name, value, what, "Keep one of the two rows; the first one stands.")
            else:
                what = f"Row {rows[earlier]} has nearly the same {name}, “{found[earlier]}”"
                self.error(place, name, value, what, "Write both alike if they are one, or tell them apart.")

    def check_order(
        self, first: str, starts: Sequence[date | None], second: str, ends: Sequence[date | None]
    ) -> None:
        """The second date of a row must not lie before the first."""
        if not (self.has(first) and self.has(second)):
            return
        for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
            if start is not None and end is not None and end < start:
                what = f"The {second} lies before the {first} ({start.isoformat()})"
                self.error(place, second, end.isoformat(), what, "Put one of the two dates right.")


def loose_key(value: str) -> str:
    """A key without case, blanks and leading zeros."""
    return "".join(value.split()).casefold().lstrip("0")


def _filled_rows(matched: MatchedTable) -> Sequence[int]:
    """Places of the rows below the headings that hold anything at all."""
    table = matched.table
    rows: Sequence[int] = range(matched.start, len(table))
    # A row is blank where every column is; the first full column usually settles it at once.
    candidates: set[int] | None = None
    for column in table.columns:
        blanks = {
            code for code, value in enumerate(column.values) if isinstance(value, str) and not value.strip()
        }
        if candidates is None:
            candidates = {index for index in rows if column.codes[index] in blanks}
        else:
            candidates = {index for index in candidates if column.codes[index] in blanks}
        if not candidates:
            return rows
    left_out = candidates or set()
    return [index for index in rows if index not in left_out]
