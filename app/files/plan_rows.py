"""One row of a plan's workbook: what its cells mean, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.files.cells import Cell
from app.files.findings import Findings
from app.files.plan_cells import CourseNames, is_same_fixed, quarter_in, status_in
from app.files.plan_sent import Sent, SentLine, as_sent, kept
from app.files.plan_sheets import EDITABLE, MarkedSheet, same_person
from app.files.values import Fault, is_blank, staff_id_of, text_of
from app.terms import FinancialQuarter, LineStatus


@dataclass(slots=True)
class PlanRow:
    """One row as understood: values by field; ``is_bad`` where a cell of it cannot be."""

    sheet: str
    number: int
    staff_id: str
    line: SentLine | None
    values: dict[str, str] = field(default_factory=dict[str, str])
    is_bad: bool = False

    def differs_in(self) -> list[str]:
        """The fields in which it says something else than was sent."""
        line = self.line
        return (
            [] if line is None else [name for name in self.values if self.values[name] != getattr(line, name)]
        )

    def same_values(self) -> tuple[tuple[str, str], ...]:
        """What two rows must share to be one."""
        return tuple(sorted(self.values.items()))


class RowReader:
    """Understands rows. What is wrong goes to ``findings``, lines it is wrong about to ``doubtful``."""

    def __init__(
        self, sent: Sent, courses: CourseNames, quarters: Sequence[FinancialQuarter], findings: Findings
    ) -> None:
        self._sent = sent
        self._courses = courses
        self._quarters = quarters
        self._findings = findings
        self.doubtful: set[int] = set()

    def is_remark(self, sheet: MarkedSheet, cells: Sequence[Cell]) -> bool:
        """Whether a row says neither who nor what nor when."""
        places = [sheet.places[name] for name in ("staff_id", "course", "quarter") if name in sheet.places]
        return all(is_blank(cells[place]) for place in places)

    def understood(
        self, sheet: MarkedSheet, number: int, cells: Sequence[Cell], line: SentLine | None
    ) -> PlanRow:
        """A row of the booking list; ``line`` is the one it is marked with."""
        row = PlanRow(sheet.name, number, "", line)
        place = sheet.places.get("staff_id")
        if place is not None:
            row.staff_id = self._staff_id(sheet, number, cells[place], line, row)
        elif line is not None:
            row.staff_id = line.staff_id
        for name in EDITABLE:
            if name in sheet.places:
                self.read_cell(sheet, row, name, cells[sheet.places[name]])
        if line is not None and same_person(line.staff_id, row.staff_id):
            self._note_fixed(sheet, row, cells, line)
        return row

    def _staff_id(
        self, sheet: MarkedSheet, number: int, cell: Cell, line: SentLine | None, row: PlanRow
    ) -> str:
        heading = sheet.headings["staff_id"]
        if is_blank(cell):
            if line is not None:
                self._findings.note(
                    number, heading, "", "The staff number is gone; the row is still read as sent"
                )
                return line.staff_id
            self.bad(row, heading, "", "A new line needs a staff number", "Write the person's staff number.")
            return ""
        try:
            found = staff_id_of(cell)
        except Fault as fault:
            self.bad(row, heading, text_of(cell), fault.what, fault.advice)
            return ""
        return line.staff_id if line is not None and same_person(line.staff_id, found) else found

    def read_cell(self, sheet: MarkedSheet, row: PlanRow, name: str, cell: Cell) -> None:
        """Read one cell into a row; one that cannot be understood makes the row bad."""
        heading = sheet.headings[name]
        column = sheet.places[name] + sheet.table.first_column
        why = sheet.table.unreadable.get((row.number, column))
        if why is not None:
            self.bad(row, heading, text_of(cell), why, "Type the value.")
            return
        try:
            row.values[name] = self._meaning(name, cell, row.line)
        except Fault as fault:
            self.bad(row, heading, text_of(cell), fault.what, fault.advice)

    def _meaning(self, name: str, cell: Cell, line: SentLine | None) -> str:
        """What a cell says, in our form; raises Fault."""
        if name == "comment":
            text = as_sent(text_of(cell))
            # A comment too long for the hidden sheet is kept there by its fingerprint.
            return line.comment if line is not None and kept(text) == line.comment else text
        if is_blank(cell):
            if name == "status" and line is None:
                return LineStatus.PROPOSED.value
            raise Fault(
                f"The {name} is blank",
                f"Fill in the {name}"
                + (", or delete the whole row to take the line out." if line is not None else "."),
            )
        if name == "status":
            return status_in(cell)
        if name == "quarter":
            return quarter_in(cell, self._quarters)
        return self._courses.code_in(cell, (line.course, line.title) if line is not None else ("", ""))

    def _note_fixed(self, sheet: MarkedSheet, row: PlanRow, cells: Sequence[Cell], line: SentLine) -> None:
        for known, place in sheet.fixed.items():
            sent = line.fixed[known] if known < len(line.fixed) else ""
            if not is_same_fixed(sent, cells[place]):
                header = self._sent.fixed[known]
                self._findings.note(
                    row.number, header, text_of(cells[place]),
                    f"{header} was sent as “{sent}” and is not read back; the workspace keeps its own",
                    "Correct it where it comes from (the HR extract or the catalogue).",
                )  # fmt: skip

    def bad(self, row: PlanRow, column: str, value: str, what: str, advice: str) -> None:
        """A row that cannot be used, and why."""
        row.is_bad = True
        if row.line is not None:
            self.doubtful.add(row.line.line_id)
        self._findings.error(row.number, column, value, what, advice)
