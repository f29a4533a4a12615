"""Reads a list of plan lines that must be in a plan, or must not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.errors import InputProblems, Problem
from app.files.column_reading import ColumnReading
from app.files.columns import Field, match_table
from app.files.findings import Findings
from app.files.options import ReadOptions
from app.files.sheets import open_tables
from app.progress import Progress
from app.terms import FinancialQuarter

FIELDS = (
    Field("staff_id", ("employee no", "payroll number", "staff number", "pers no"), is_required=True),
    Field("course_code", ("course", "code"), is_required=True),
    Field("quarter", ("start quarter", "starts", "when")),
    Field("action", ("lock or forbid", "wish", "status")),
)
_FORBIDDING = frozenset({"forbid", "forbidden", "ban", "no", "not", "out", "withdrawn"})
# Blank, a word for keeping, or the status of a line in a plan that was printed and is now given back.
_LOCKING = frozenset(
    {"", "lock", "locked", "keep", "must", "yes", "in", "proposed", "approved", "booked", "completed"}
)


@dataclass(frozen=True, slots=True)
class WishRow:
    """One line: who, which course, from which quarter; ``is_forbidden`` where it must not be."""

    row: int
    staff_id: str
    course_code: str
    quarter: FinancialQuarter | None
    is_forbidden: bool


@dataclass(frozen=True, slots=True)
class WishesFile:
    """The lines in file order, and what is worth knowing about them."""

    rows: tuple[WishRow, ...]
    problems: tuple[Problem, ...]


def read_wishes(path: Path, options: ReadOptions, progress: Progress) -> WishesFile:
    """Read locks; raises InputProblems where any line is unclear, because a plan must not lose a wish."""
    read = open_tables(path, options, progress)
    findings = Findings(path.name)
    reading = ColumnReading(match_table(path.name, read.tables, FIELDS, options, findings), findings)
    staff_ids, codes = reading.text("staff_id"), reading.text("course_code")
    reading.need("staff_id", staff_ids, "Every line needs a staff number.")
    reading.need("course_code", codes, "Every line needs a course code.")
    quarters, actions = reading.text("quarter"), reading.text("action")
    rows: list[WishRow] = []
    seen: dict[tuple[str, str], int] = {}
    for place, number in enumerate(reading.row_numbers()):
        action = actions[place].strip().casefold()
        is_forbidden = action in _FORBIDDING
        if not is_forbidden and action not in _LOCKING:
            findings.error(
                number, "action", actions[place], "This is neither a lock nor a ban", "Write lock or forbid."
            )
        quarter = _quarter(findings, number, quarters[place])
        if quarter is None and not is_forbidden and number not in findings.bad_rows:
            findings.error(
                number, "quarter", "", "A locked line needs its quarter", "Give one such as 2026Q3."
            )
        key = (staff_ids[place], codes[place])
        if key in seen:
            what = f"This person and course stand in row {seen[key]} as well"
            findings.error(number, "course_code", codes[place], what, "Keep one of the two rows.")
        seen.setdefault(key, number)
        rows.append(WishRow(number, *key, quarter, is_forbidden))
    problems = findings.listed()
    if findings.bad_rows:
        raise InputProblems(problems)
    return WishesFile(tuple(rows), tuple(problems))


def _quarter(findings: Findings, row: int, text: str) -> FinancialQuarter | None:
    if not text.strip():
        return None
    try:
        return FinancialQuarter.parse(text)
    except ValueError:
        findings.error(row, "quarter", text, "This is not a quarter", "Write one such as 2026Q3.")
        return None
