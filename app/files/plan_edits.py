"""Reads a list of changes to the lines of a plan: add, remove, change, lock, unlock, forbid, comment, or a status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.errors import InputProblems
from app.files.column_reading import ColumnReading
from app.files.columns import Field, match_table
from app.files.findings import Findings
from app.files.options import ReadOptions
from app.files.sheets import open_tables
from app.progress import Progress
from app.terms import FinancialQuarter, LineStatus

FIELDS = (
    Field("action", ("what", "change", "do"), is_required=True),
    Field("staff_id", ("employee no", "payroll number", "staff number", "pers no"), is_required=True),
    Field("course_code", ("course", "code"), is_required=True),
    Field("quarter", ("start quarter", "starts", "when", "to quarter", "new quarter")),
    Field("to_course", ("new course", "other course", "swap to")),
    Field("to_staff", ("new person", "other person", "new staff id")),
    Field("on", ("date", "day", "done on")),
    Field("comment", ("note", "remark", "remarks")),
)
ACTIONS = ("add", "remove", "change", "lock", "unlock", "forbid", "comment")
STATUSES = tuple(status.value for status in LineStatus)


@dataclass(frozen=True, slots=True)
class EditRow:
    """One change. ``action`` is one of :data:`ACTIONS` or, to set a status, of :data:`STATUSES`."""

    row: int
    action: str
    staff_id: str
    course_code: str
    quarter: FinancialQuarter | None
    to_course: str
    to_staff: str
    on: date | None
    comment: str | None


def read_plan_edits(path: Path, options: ReadOptions, progress: Progress) -> tuple[EditRow, ...]:
    """Read changes in file order; raises InputProblems where any line is unclear, because none may be lost."""
    read = open_tables(path, options, progress)
    findings = Findings(path.name)
    reading = ColumnReading(match_table(path.name, read.tables, FIELDS, options, findings), findings)
    texts = {field.name: reading.text(field.name) for field in FIELDS if field.name != "on"}
    days = reading.dates("on", None)
    for name, what in (
        ("staff_id", "a staff number"),
        ("course_code", "a course code"),
        ("action", "an action"),
    ):
        reading.need(name, texts[name], f"Every line needs {what}.")
    rows: list[EditRow] = []
    for place, number in enumerate(reading.row_numbers()):
        given = {name: column[place].strip() for name, column in texts.items()}
        action = " ".join(given["action"].casefold().split())
        if action and action not in ACTIONS and action not in STATUSES:
            findings.error(
                number, "action", given["action"], "This is no change of a line",
                f"Write one of {', '.join((*ACTIONS, *STATUSES))}.",
            )  # fmt: skip
        rows.append(
            EditRow(
                row=number,
                action=action,
                staff_id=given["staff_id"],
                course_code=given["course_code"],
                quarter=_quarter(findings, number, given["quarter"]),
                to_course=given["to_course"],
                to_staff=given["to_staff"],
                on=days[place],
                comment=given["comment"] or None,
            )
        )
    if findings.bad_rows:
        raise InputProblems(findings.listed())
    return tuple(rows)


def _quarter(findings: Findings, row: int, text: str) -> FinancialQuarter | None:
    try:
        return FinancialQuarter.parse(text) if text else None
    except ValueError:
        findings.error(row, "quarter", text, "This is not a quarter", "Write one such as 2026Q3.")
        return None
