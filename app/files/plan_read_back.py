"""Reads a plan's workbook after somebody edited it: which lines were changed, added or taken out.

Everything is compared with what the workbook was sent with (:mod:`app.files.plan_sent`), nothing with the
workspace. A cell that cannot be understood is a problem and keeps its whole row from being used; what is
understood but not read back (a name, a price) is noted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.errors import InputProblems, Problem
from app.files.cells import Cell, Table
from app.files.findings import Findings
from app.files.options import ReadOptions
from app.files.plan_cells import CourseNames
from app.files.plan_rows import PlanRow, RowReader
from app.files.plan_sent import BOOKING, Mark, Sent, SentLine, sent_in
from app.files.plan_sheets import (
    EDITABLE,
    MarkedSheet,
    find_sheets,
    is_stray_mark,
    label_of,
    same_person,
)
from app.files.sheets import open_tables
from app.files.values import Fault, is_blank, text_of
from app.progress import Progress
from app.terms import FinancialQuarter, LineStatus, name_key

_DELETE_ADVICE = "Keep one of the rows and delete the others."


@dataclass(frozen=True, slots=True)
class CellEdit:
    """One field of one line that was changed; values in our own form (course code, 2026Q4, status word)."""

    line_id: int
    field: str
    sent: str
    wanted: str
    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class NewLine:
    """A row that was added: who, which course, from which quarter."""

    staff_id: str
    course: str
    quarter: str
    status: str
    comment: str
    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class PlanEdits:
    """Everything a workbook says that it did not say when it was sent.

    ``gone`` are the ids of lines whose rows were deleted or emptied, ``doubtful`` those of lines with a row that
    cannot be understood: they are neither changed nor taken out.
    """

    sent: Sent
    edits: tuple[CellEdit, ...]
    new: tuple[NewLine, ...]
    gone: tuple[int, ...]
    doubtful: frozenset[int]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep a row from being used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


@dataclass(frozen=True, slots=True)
class OpenedWorkbook:
    """A workbook's tables, what it was sent with, and the SHA-256 of the file."""

    file: str
    tables: tuple[Table, ...]
    sent: Sent
    sha256: str


def open_plan_workbook(path: Path, progress: Progress) -> OpenedWorkbook:
    """Open an edited workbook; raises InputProblems where it cannot be read or is not a plan's workbook."""
    read = open_tables(path, ReadOptions(), progress)
    return OpenedWorkbook(path.name, read.tables, sent_in(path.name, read.tables), read.sha256)


def edits_in(
    file: str,
    tables: Sequence[Table],
    courses: Iterable[tuple[str, str]],
    quarters: Sequence[FinancialQuarter],
) -> PlanEdits:
    """The edits in the tables of a workbook; raises InputProblems where it has no booking list."""
    return _Reading(file, tables, courses, quarters).edits()


class _Reading:
    def __init__(
        self,
        file: str,
        tables: Sequence[Table],
        courses: Iterable[tuple[str, str]],
        quarters: Sequence[FinancialQuarter],
    ) -> None:
        self._sent = sent_in(file, tables)
        self._findings = Findings(file)
        self._courses = CourseNames(tuple(courses))
        self._quarters = quarters
        self._sheets = find_sheets(tables, self._sent, self._courses, quarters, self._findings)
        self._rows = RowReader(self._sent, self._courses, quarters, self._findings)
        self._lines = {line.line_id: line for line in self._sent.lines}
        self._by_key = {(name_key(line.staff_id), line.course): line for line in self._sent.lines}
        self._found: dict[int, list[PlanRow]] = defaultdict(list)
        self._unmarked: list[PlanRow] = []
        self._elsewhere: dict[tuple[int, str], dict[str, PlanRow]] = defaultdict(dict)
        self._edits: list[CellEdit] = []
        self._new: list[NewLine] = []
        self._present: dict[int, PlanRow] = {}

    def edits(self) -> PlanEdits:
        """Read every sheet and settle every row."""
        if not any(sheet.kind == BOOKING for sheet in self._sheets):
            self._findings.sheet = ""
            self._findings.error(
                0, "", "", "The booking list is no longer in the workbook",
                "Export the plan anew, or put the sheet back as it was.",
            )  # fmt: skip
            raise InputProblems(self._findings.listed())
        for sheet in self._sheets:
            self._findings.sheet = sheet.name
            for number, cells in sheet.body():
                self._take_row(sheet, number, cells)
        for line_id in list(self._found):
            self._settle_marked(self._lines[line_id], self._found[line_id])
        self._settle_unmarked()
        self._settle_courses()
        self._collect_edits()
        gone = [
            line.line_id
            for line in self._sent.lines
            if line.line_id not in self._present and line.line_id not in self._rows.doubtful
        ]
        self._check_gone(gone)
        gone = [line_id for line_id in gone if line_id not in self._rows.doubtful]
        return PlanEdits(
            self._sent,
            tuple(self._edits),
            tuple(self._new),
            tuple(gone),
            frozenset(self._rows.doubtful),
            tuple(self._findings.listed()),
        )

    # --- rows -------------------------------------------------------------------------------------------------

    def _take_row(self, sheet: MarkedSheet, number: int, cells: Sequence[Cell]) -> None:
        rest = [cell for place, cell in enumerate(cells) if place != sheet.mark]
        if all(is_blank(cell) for cell in rest):
            return  # a blank row; one whose mark is left was emptied, which takes its line out
        mark = sheet.mark_of(cells)
        line = self._line_of(sheet, number, cells, mark)
        if line is None and (mark is not None or is_stray_mark(sheet, cells)):
            return
        if sheet.kind != BOOKING:
            self._take_elsewhere(sheet, number, cells, line)
            return
        if line is None and self._rows.is_remark(sheet, cells):
            what = "This row has neither staff number nor course nor quarter, so it is about no line"
            self._findings.error(number, "", "", what, "Write remarks into the comments, or delete the row.")
            return
        row = self._rows.understood(sheet, number, cells, line)
        if line is None:
            self._unmarked.append(row)
        else:
            self._found[line.line_id].append(row)

    def _line_of(
        self, sheet: MarkedSheet, number: int, cells: Sequence[Cell], mark: Mark | None
    ) -> SentLine | None:
        """The line a row is marked with; a mark of anything else is a problem."""
        if mark is not None and mark.plan_id == self._sent.plan_id and mark.line_id in self._lines:
            return self._lines[mark.line_id]
        if mark is not None or is_stray_mark(sheet, cells):
            what = (
                f"This row belongs to plan {mark.plan_id}, the workbook to plan {self._sent.plan_id}"
                if mark is not None and mark.plan_id != self._sent.plan_id
                else "The hidden mark of this row is not one of this workbook"
            )
            value = text_of(cells[sheet.mark]) if sheet.mark is not None else ""
            self._doubt(sheet, cells)
            self._findings.error(
                number,
                "",
                value,
                what,
                "Empty the hidden column in this row to make it a new line, or delete the row.",
            )
        return None

    def _doubt(self, sheet: MarkedSheet, cells: Sequence[Cell]) -> None:
        """The line that person and course of a wrongly marked row point to is not taken for deleted."""
        if not {"staff_id", "course"} <= sheet.places.keys():
            return
        staff = name_key(text_of(cells[sheet.places["staff_id"]]))
        for line in self._sent.lines:
            if name_key(line.staff_id) == staff:
                with suppress(Fault):
                    named = self._courses.code_in(cells[sheet.places["course"]], (line.course, line.title))
                    if named == line.course:
                        self._rows.doubtful.add(line.line_id)

    def _refuse(self, rows: Iterable[PlanRow], what: str, advice: str) -> None:
        for row in rows:
            self._findings.sheet = row.sheet
            self._rows.bad(row, "", "", what, advice)

    # --- which row is which line ------------------------------------------------------------------------------

    def _settle_marked(self, line: SentLine, rows: list[PlanRow]) -> None:
        """One row for a marked line; copies of it for somebody else or another course are new lines."""
        own = [row for row in rows if same_person(line.staff_id, row.staff_id)]
        others = [row for row in rows if row not in own]
        if not own:
            self._rows.doubtful.add(line.line_id)
            self._refuse(
                [row for row in others if not row.is_bad],
                f"The staff number was {line.staff_id} when the row was sent; a line is not handed to somebody else",
                "Put the number back. To give the course to somebody else, delete this row and add a new one below.",
            )
            return
        kept_course = [
            row for row in own if row.values.get("course", line.course) == line.course and not row.is_bad
        ]
        if kept_course and len(kept_course) < len(own):
            others += [row for row in own if row not in kept_course]
            own = kept_course
        for row in others:
            row.line = None
            self._unmarked.append(row)
        self._take_one(line, own)

    def _take_one(self, line: SentLine, rows: list[PlanRow]) -> None:
        """Rows that are all about one line: one where they agree, a problem where they do not."""
        if any(row.is_bad for row in rows):
            self._rows.doubtful.add(line.line_id)
            return
        if len({row.same_values() for row in rows}) > 1:
            where = " and ".join(f"row {row.number}" for row in rows)
            for row in rows:
                row.line = line
            self._refuse(rows, f"{label_of(line)} stands in {where}, and they do not agree", _DELETE_ADVICE)
            return
        self._present[line.line_id] = rows[0]
        rows[0].line = line
        for row in rows[1:]:
            self._findings.sheet = row.sheet
            if row.sheet == rows[0].sheet:
                self._findings.note(
                    row.number, "", "", f"The row repeats row {rows[0].number}; it is read once"
                )

    def _settle_unmarked(self) -> None:
        """Rows without a mark: a line whose mark was lost, a repeat, or a new line."""
        by_key: dict[tuple[str, str], list[PlanRow]] = defaultdict(list)
        for row in self._unmarked:
            if row.is_bad:
                continue
            missing = [name for name in ("course", "quarter") if name not in row.values]
            if not row.staff_id or missing:
                self._refuse([row], "This row is not about a line of the plan: " + ", ".join(
                    ["staff number"] * (not row.staff_id) + missing) + " missing",
                    "A new line needs staff number, course and quarter; notes belong into the comments.")  # fmt: skip
                continue
            by_key[name_key(row.staff_id), row.values["course"]].append(row)
        taken = {(name_key(row.staff_id), self._course_now(row)): row for row in self._present.values()}
        for key, rows in by_key.items():
            line = self._by_key.get(key)
            if line is not None and line.line_id not in self._found:
                self._take_one(line, rows)
            elif key in taken:
                self._settle_repeat(taken[key], rows)
            elif line is not None and line.line_id in self._rows.doubtful:
                self._refuse(
                    rows, f"{label_of(line)} stands in another row that cannot be understood", _DELETE_ADVICE
                )
            else:
                self._take_new(rows)

    def _course_now(self, row: PlanRow) -> str:
        return row.values.get("course", row.line.course if row.line is not None else "")

    def _settle_repeat(self, first: PlanRow, rows: list[PlanRow]) -> None:
        for row in rows:
            self._findings.sheet = row.sheet
            if row.same_values() == first.same_values():
                self._findings.note(
                    row.number, "", "", f"The row repeats row {first.number}; it is read once"
                )
            else:
                what = f"{row.staff_id} has this course in row {first.number} already, with other values"
                self._refuse([row], what, _DELETE_ADVICE)

    def _take_new(self, rows: list[PlanRow]) -> None:
        if len({row.same_values() for row in rows}) > 1:
            where = " and ".join(f"row {row.number}" for row in rows)
            self._refuse(rows, f"The same new line stands in {where}, and they do not agree", _DELETE_ADVICE)
            return
        for row in rows[1:]:
            self._findings.sheet = row.sheet
            self._findings.note(row.number, "", "", f"The row repeats row {rows[0].number}; it is read once")
        row, values = rows[0], rows[0].values
        self._new.append(
            NewLine(
                row.staff_id,
                values["course"],
                values["quarter"],
                values.get("status", LineStatus.PROPOSED.value),
                values.get("comment", ""),
                row.sheet,
                row.number,
            )
        )

    def _settle_courses(self) -> None:
        """A swapped course that the person has in another row as well: one of the two has to go."""
        others = {
            (name_key(line.staff_id), line.course): line.line_id
            for line in self._sent.lines
            if line.line_id in self._present or line.line_id in self._rows.doubtful
        }
        seen: dict[tuple[str, str], int] = {}
        for line_id, row in list(self._present.items()):
            line, course = self._lines[line_id], self._course_now(row)
            key = (name_key(line.staff_id), course)
            clash = seen.get(key) or (others.get(key) if course != line.course else None)
            seen.setdefault(key, line_id)
            if clash is not None and clash != line_id:
                del self._present[line_id]
                self._refuse(
                    [row], f"{line.staff_id} has this course in another row of the plan", _DELETE_ADVICE
                )

    # --- the other sheets -------------------------------------------------------------------------------------

    def _take_elsewhere(
        self, sheet: MarkedSheet, number: int, cells: Sequence[Cell], line: SentLine | None
    ) -> None:
        """A row of a sheet that only shows the plan: what was changed there counts too, unless sheets disagree."""
        row = PlanRow(sheet.name, number, "", line)
        if line is None:
            what = "A row was added here; new lines are read from the booking list alone"
            self._rows.bad(row, "", "", what, "Add the line to the booking list, or delete the row.")
            return
        for name in ("course", "quarter", "status"):
            if name in sheet.places:
                self._rows.read_cell(sheet, row, name, cells[sheet.places[name]])
        for name in row.differs_in():
            self._elsewhere[line.line_id, name].setdefault(row.values[name], row)

    def _collect_edits(self) -> None:
        for line in self._sent.lines:
            row = self._present.get(line.line_id)
            if row is None:
                continue
            wanted: dict[str, PlanRow] = dict.fromkeys(row.differs_in(), row)
            for name in EDITABLE:
                self._merge_elsewhere(line, name, wanted)
            if line.line_id in self._rows.doubtful:
                continue
            self._edits += [
                CellEdit(
                    line.line_id, name, getattr(line, name), found.values[name], found.sheet, found.number
                )
                for name, found in wanted.items()
            ]

    def _merge_elsewhere(self, line: SentLine, name: str, wanted: dict[str, PlanRow]) -> None:
        elsewhere = dict(self._elsewhere.get((line.line_id, name), {}))
        if name in wanted:
            elsewhere.setdefault(wanted[name].values[name], wanted[name])
        if len(elsewhere) == 1:
            wanted[name] = next(iter(elsewhere.values()))
        elif elsewhere:
            values = " and ".join(f"“{value}” on {row.sheet}" for value, row in elsewhere.items())
            self._refuse(
                elsewhere.values(), f"The sheets disagree about the {name} of {label_of(line)}: {values}",
                "Say the same on all of them, or change it on the booking list alone.",
            )  # fmt: skip

    def _check_gone(self, gone: Iterable[int]) -> None:
        changed = {line_id for line_id, _name in self._elsewhere}
        for line_id in gone:
            if line_id in changed:
                rows = [
                    row
                    for key, found in self._elsewhere.items()
                    if key[0] == line_id
                    for row in found.values()
                ]
                self._refuse(
                    rows, f"{label_of(self._lines[line_id])} was changed here and deleted from the booking list",
                    "Delete it here as well, or put it back on the booking list.",
                )  # fmt: skip
