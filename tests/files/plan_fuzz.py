"""A booking list as a grid, somebody who edits it at random, and a model of what was meant.

The model is kept by the fuzzer as it goes, one small rule for each thing a person does; it knows nothing of how
the reader finds things out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from app.files.cells import ColumnCoder, Table
from app.files.plan_cells import course_label
from app.files.plan_sent import BOOKING, MARK_HEADER, Mark, Sent, SentLine, sent_sheet
from app.terms import FinancialQuarter, LineStatus

COURSES = (
    ("C1", "Data modelling"), ("C2", "Programming: first steps"), ("C3", "Testing"), ("C4", "Testing"),
    ("105", "Steps"), ("LEV-1", "Apprenticeship (level 4)"),
)  # fmt: skip
QUARTERS = tuple(FinancialQuarter.parse("2026Q4") + place for place in range(4))
HEADERS = (
    "Staff id", "Name", "Quarter", "Course", "Status", "Comment", "What it raises", "Steps closed", "Hours", "Cost",
    "Paid from", "Unit",
)  # fmt: skip
FIXED = ("Name", "What it raises", "Steps closed", "Hours", "Cost", "Paid from", "Unit")
STATUSES = tuple(status.value for status in LineStatus)
PLAN = 7

Row = dict[str, Any]
"""A row of the list by the header as it was sent; MARK_HEADER holds the mark."""


@dataclass(slots=True)
class Meant:
    """What the edits come to: changed fields by (line, field), new lines by (person, course), lines taken out."""

    edits: dict[tuple[int, str], str] = field(default_factory=dict[tuple[int, str], str])
    new: dict[tuple[str, str], tuple[str, str, str]] = field(
        default_factory=dict[tuple[str, str], tuple[str, str, str]]
    )
    gone: set[int] = field(default_factory=set[int])
    doubtful: set[int] = field(default_factory=set[int])
    errors: int = 0


def sent_lines(chooser: random.Random, count: int) -> list[SentLine]:
    """A plan of so many lines: people with one to three courses each."""
    lines: list[SentLine] = []
    person = 0
    while len(lines) < count:
        person += 1
        for code, title in chooser.sample(COURSES, chooser.randint(1, 3)):
            if len(lines) < count:
                hours, cost = chooser.choice(["7.5", "12", "40"]), chooser.choice(["0", "100.1", "433.43"])
                lines.append(
                    SentLine(
                        100 + len(lines), f"{1000 + person}", f"Person {person}", code, title,
                        chooser.choice(QUARTERS).code, chooser.choice(STATUSES),
                        chooser.choice(["", "", "ask her first"]),
                        (f"Person {person}", f"{title}: to expert", "2", hours, cost, "L&D budget", "Home / Data"),
                    )
                )  # fmt: skip
    return lines


class Editor:
    """Edits a booking list and keeps the model. ``table()`` gives what a reader would find in the file."""

    def __init__(self, chooser: random.Random, count: int = 12) -> None:
        self.chooser = chooser
        self.lines = sent_lines(chooser, count)
        self.sent = Sent(PLAN, "Plan 7", "", 3, 3, "abc", FIXED, tuple(self.lines))
        self.meant = Meant()
        self.headers: list[str] = [*HEADERS, MARK_HEADER]
        self.shown = {header: header for header in self.headers}
        self.rows: list[Row] = [self._row(line) for line in self.lines]
        self.touched: set[int] = set()
        self.above = 0
        self.done: list[str] = []

    def _row(self, line: SentLine) -> Row:
        cells = dict(zip(FIXED, line.fixed, strict=True))
        numbers = {name: float(cells[name]) for name in ("Steps closed", "Hours", "Cost")}
        return {
            **cells, **numbers, "Staff id": line.staff_id, "Quarter": FinancialQuarter.parse(line.quarter).label,
            "Course": course_label(line.course, line.title), "Status": line.status, "Comment": line.comment,
            MARK_HEADER: str(Mark(BOOKING, PLAN, line.line_id)),
        }  # fmt: skip

    def _free_line(self) -> tuple[SentLine, Row] | None:
        """A line nobody touched yet, with its row: each thing is done to a line of its own; the model is sure."""
        free = [line for line in self.lines if line.line_id not in self.touched]
        if not free:
            return None
        line = self.chooser.choice(free)
        self.touched.add(line.line_id)
        mark = str(Mark(BOOKING, PLAN, line.line_id))
        return line, next(row for row in self.rows if row.get(MARK_HEADER) == mark)

    def _other_course(self, staff_id: str) -> tuple[str, str] | None:
        taken = {line.course for line in self.lines if line.staff_id == staff_id}
        taken |= {course for person, course in self.meant.new if person == staff_id}
        taken |= {value for (line_id, what), value in self.meant.edits.items() if what == "course"
                  and any(line.line_id == line_id and line.staff_id == staff_id for line in self.lines)}  # fmt: skip
        free = [course for course in COURSES if course[0] not in taken]
        return self.chooser.choice(free) if free else None

    def edit(self, times: int) -> None:
        """Do so many things, each chosen at random."""
        for _ in range(times):
            what = self.chooser.choice(ACTIONS)
            if what(self):
                self.done.append(what.__name__)
        self.chooser.choice(LAYOUTS)(self)
        self.chooser.choice(LAYOUTS)(self)

    # --- the file ---------------------------------------------------------------------------------------------

    def grid(self) -> list[list[Any]]:
        """The sheet as rows of cells."""
        top: list[list[Any]] = [["OFFICIAL-SENSITIVE"], ["What to book"], *([[]] * self.above)]
        total = ["" if header != "Cost" else 12.5 for header in self.headers]
        names = [self.shown[header] for header in self.headers]
        body = [[row.get(header, "") for header in self.headers] for row in self.rows]
        return [*top, total, names, *body]

    def tables(self) -> list[Table]:
        """The sheets as a reader finds them: the list, and the hidden sheet."""
        hidden = sent_sheet(self.sent)
        return [
            as_table("About", [["OFFICIAL-SENSITIVE"], ["Training plan"], ["Staff id", "explained"]]),
            as_table(self.chooser.choice(["Booking list", "Sheet1", "Bookings (2)"]), self.grid()),
            as_table(
                "Muster sent",
                [["x"], ["What", "As sent"], *(list(row) for row in hidden.rows)],
                is_hidden=True,
            ),
        ]


def as_table(name: str, grid: Sequence[Sequence[Any]], *, is_hidden: bool = False) -> Table:
    """A grid as the reading process hands it over."""
    coder = ColumnCoder()
    coder.add([tuple(row) for row in grid])
    return Table(name, tuple(coder.columns()), range(1, len(grid) + 1), is_hidden=is_hidden)


# --- what people do -------------------------------------------------------------------------------------------------


def change_status(it: Editor) -> bool:
    if (found := it._free_line()) is None:
        return False
    line, row = found
    wanted = it.chooser.choice([status for status in STATUSES if status != line.status])
    row["Status"] = it.chooser.choice([wanted, wanted.upper(), f"  {wanted} ", wanted.replace(" ", "\u00a0")])
    it.meant.edits[line.line_id, "status"] = wanted
    return True


def change_quarter(it: Editor) -> bool:
    if (found := it._free_line()) is None:
        return False
    line, row = found
    wanted = it.chooser.choice([quarter for quarter in QUARTERS if quarter.code != line.quarter])
    row["Quarter"] = it.chooser.choice(ways_to_write(wanted))
    it.meant.edits[line.line_id, "quarter"] = wanted.code
    return True


def ways_to_write(quarter: FinancialQuarter) -> list[Any]:
    """A quarter as people retype it: in words, as a code, as a day in it, as Excel's own number of a day."""
    day = quarter.first_day
    return [
        quarter.label, quarter.code, f"Q{quarter.number} {quarter.label[:7]}", f"q{quarter.number}", f"{day:%B %Y}",
        f"{day:%b %Y}", day, datetime.combine(day, time(9, 30)), f"{quarter.last_day:%d/%m/%Y}", day.isoformat(),
        float(day.toordinal() - date(1899, 12, 30).toordinal()), quarter.label.replace("-", "/"), f" {quarter.label}\n",
    ]  # fmt: skip


def retype_quarter(it: Editor) -> bool:
    """The same quarter in other words: nothing is meant."""
    if (found := it._free_line()) is None:
        return False
    line, row = found
    row["Quarter"] = it.chooser.choice(ways_to_write(FinancialQuarter.parse(line.quarter)))
    return True


def swap_course(it: Editor) -> bool:
    if (found := it._free_line()) is None:
        return False
    line, row = found
    course = it._other_course(line.staff_id)
    if course is None:
        return True
    code, title = course
    words: list[Any] = [code, course_label(code, title), course_label(code, title).upper(), f"{code} "]
    if [other for _, other in COURSES].count(title) == 1:
        words.append(title)
    row["Course"] = float(code) if code.isdigit() and it.chooser.random() < 0.3 else it.chooser.choice(words)
    it.meant.edits[line.line_id, "course"] = code
    return True


def write_comment(it: Editor) -> bool:
    if (found := it._free_line()) is None:
        return False
    line, row = found
    text = it.chooser.choice(
        ["wants online", "=cmd|' /C calc'!A0", "mit Umlaut ü\nzwei Zeilen", "", "-5", "  padded "]
    )
    row["Comment"] = text
    if text.strip() != line.comment:
        it.meant.edits[line.line_id, "comment"] = text.strip()
    return True


def delete_row(it: Editor) -> bool:
    if (found := it._free_line()) is None:
        return False
    line, row = found
    it.rows.remove(row)
    it.meant.gone.add(line.line_id)
    return True


def empty_row(it: Editor) -> bool:
    """Somebody selects what is seen of a row and presses Delete; the hidden mark stays."""
    if (found := it._free_line()) is None:
        return False
    line, row = found
    for header in HEADERS:
        row[header] = ""
    it.meant.gone.add(line.line_id)
    return True


def add_line(it: Editor) -> bool:
    person = it.chooser.choice([*(line.staff_id for line in it.lines), "9001", "9002"])
    course = it._other_course(person)
    if course is None:
        return False
    quarter = it.chooser.choice(QUARTERS)
    status = it.chooser.choice(["", "approved", "proposed"])
    comment = it.chooser.choice(["", "new starter"])
    new: Row = {
        "Staff id": person if it.chooser.random() < 0.6 else float(person),
        "Course": it.chooser.choice([course[0], course_label(*course)]),
        "Quarter": it.chooser.choice(ways_to_write(quarter)),
        "Status": status,
        "Comment": comment,
    }
    it.rows.insert(it.chooser.randint(0, len(it.rows)), new)
    it.meant.new[person, course[0]] = (quarter.code, status or "proposed", comment)
    return True


def copy_row_for_another(it: Editor) -> bool:
    """A row is copied, hidden mark and all, and given to somebody else."""
    if (found := it._free_line()) is None:
        return False
    line, row = found
    if ("9003", line.course) in it.meant.new:
        return True
    copied = dict(row)
    copied["Staff id"] = "9003"
    it.rows.append(copied)
    it.meant.new["9003", line.course] = (line.quarter, line.status, line.comment)
    return True


def copy_row_for_another_course(it: Editor) -> bool:
    if (found := it._free_line()) is None:
        return False
    line, row = found
    course = it._other_course(line.staff_id)
    if course is None:
        return True
    copied = dict(row)
    copied["Course"] = course[0]
    it.rows.insert(0, copied)
    it.meant.new[line.staff_id, course[0]] = (line.quarter, line.status, line.comment)
    return True


def repeat_row(it: Editor) -> bool:
    """A row is copied as it is: it is read once, and nothing is meant."""
    if (found := it._free_line()) is None:
        return False
    _line, row = found
    it.rows.append(dict(row))
    return True


def repeat_and_change(it: Editor) -> bool:
    """A row is copied and the copy changed: which of the two counts nobody can tell."""
    if (found := it._free_line()) is None:
        return False
    line, row = found
    copied = dict(row)
    copied["Status"] = it.chooser.choice([status for status in STATUSES if status != line.status])
    it.rows.append(copied)
    it.meant.doubtful.add(line.line_id)
    it.meant.errors += 2
    return True


def lose_mark(it: Editor) -> bool:
    """The mark of a row is gone; person and course still say which line it is."""
    if (found := it._free_line()) is None:
        return False
    line, row = found
    row[MARK_HEADER] = ""
    if it.chooser.random() < 0.5:
        wanted = it.chooser.choice([status for status in STATUSES if status != line.status])
        row["Status"] = wanted
        it.meant.edits[line.line_id, "status"] = wanted
    return True


def fill_mark_down(it: Editor) -> bool:
    """Excel counts the mark up when somebody drags it down: it is said, and the line is left alone."""
    if (found := it._free_line()) is None:
        return False
    line, row = found
    mark = str(Mark(BOOKING, PLAN, line.line_id))
    row[MARK_HEADER] = mark.replace(f"-{line.line_id}-", f"-{line.line_id + 5000}-")
    it.meant.errors += 1
    it.meant.doubtful.add(line.line_id)
    return True


def nonsense(it: Editor) -> bool:
    """Something that nobody can understand, in a cell that is read."""
    if (found := it._free_line()) is None:
        return False
    line, row = found
    header, text = it.chooser.choice(
        [("Status", "perhaps"), ("Status", ""), ("Quarter", "soon"), ("Quarter", ""), ("Quarter", "Q9 2026"),
         ("Course", "Underwater basket weaving"), ("Course", ""), ("Course", "Testing and more"), ("Status", 7.0)]
    )  # fmt: skip
    row[header] = text
    it.meant.doubtful.add(line.line_id)
    it.meant.errors += 1
    return True


def other_person(it: Editor) -> bool:
    """The staff number is overtyped: a line is not handed to somebody else."""
    if (found := it._free_line()) is None:
        return False
    line, row = found
    row["Staff id"] = "9099"
    it.meant.doubtful.add(line.line_id)
    it.meant.errors += 1
    return True


def note_below(it: Editor) -> bool:
    """A remark typed into a row of its own is about no line, and is said to be not understood."""
    it.rows.append({"Comment": "Remember the room"})
    it.meant.errors += 1
    return True


def blank_rows(it: Editor) -> bool:
    for _ in range(it.chooser.randint(1, 3)):
        it.rows.insert(it.chooser.randint(0, len(it.rows)), {})
    return True


def overtype_fixed(it: Editor) -> bool:
    """A price or a name is overtyped: noted, and nothing of the plan changes."""
    if (found := it._free_line()) is None:
        return False
    _line, row = found
    row[it.chooser.choice(FIXED)] = "something else"
    return True


def sort_rows(it: Editor) -> bool:
    key = it.chooser.choice(("Name", "Course", "Status", "Quarter", "Cost"))
    it.rows.sort(key=lambda row: str(row.get(key, "")), reverse=it.chooser.random() < 0.5)
    return True


ACTIONS: tuple[Callable[[Editor], bool], ...] = (
    change_status, change_quarter, retype_quarter, swap_course, write_comment, delete_row, empty_row, add_line,
    copy_row_for_another, copy_row_for_another_course, repeat_row, repeat_and_change, lose_mark, fill_mark_down,
    nonsense, other_person, note_below, blank_rows, overtype_fixed, sort_rows,
)  # fmt: skip


def leave_layout(_it: Editor) -> None:
    """Nothing of the layout is changed."""


def move_columns(it: Editor) -> None:
    it.chooser.shuffle(it.headers)


def rename_column(it: Editor) -> None:
    """A heading is reworded as people do, or so that only what stands in the column tells what it is."""
    header, names = it.chooser.choice(
        [("Staff id", ("Payroll number", "STAFF NO.")), ("Status", ("booking status", "Where it stands")),
         ("Quarter", ("When", "Term")), ("Course", ("Training", "Which one")), ("Comment", ("Remarks", "notes"))]
    )  # fmt: skip
    if all(shown == own for own, shown in it.shown.items()):
        it.shown[header] = it.chooser.choice(names)


def insert_rows_above(it: Editor) -> None:
    it.above = it.chooser.randint(1, 6)


def insert_column(it: Editor) -> None:
    """A column of somebody's own between ours."""
    if "Room" not in it.headers:
        it.headers.insert(it.chooser.randint(0, len(it.headers)), "Room")
        it.shown["Room"] = it.chooser.choice(["Room", "To do", ""])
        if it.shown["Room"]:
            full = [row for row in it.rows if row.get("Staff id")]
            for row in full[:1]:
                row["Room"] = "4.12"


def delete_fixed_column(it: Editor) -> None:
    header = it.chooser.choice(FIXED)
    if header in it.headers:
        it.headers.remove(header)


LAYOUTS: tuple[Callable[[Editor], None], ...] = (
    leave_layout, move_columns, rename_column, insert_rows_above, insert_column, delete_fixed_column, move_columns,
)  # fmt: skip
