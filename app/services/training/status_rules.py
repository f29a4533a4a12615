"""Which status a line may take after which, and what a set of changes of status comes to. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.services.training.sheet import Key, PlanSheet, Refusal, SheetLine, line_key
from app.terms import LineStatus, PlanStatus

NEXT: dict[LineStatus, tuple[LineStatus, ...]] = {
    LineStatus.PROPOSED: (LineStatus.APPROVED, LineStatus.WITHDRAWN),
    LineStatus.APPROVED: (LineStatus.BOOKED, LineStatus.PROPOSED, LineStatus.WITHDRAWN),
    LineStatus.BOOKED: (LineStatus.COMPLETED, LineStatus.WITHDRAWN, LineStatus.DID_NOT_ATTEND),
    LineStatus.COMPLETED: (),
    LineStatus.WITHDRAWN: (),
    LineStatus.DID_NOT_ATTEND: (),
}
"""The legal ways on. Approval can be taken back; what has ended stays so, and a slip is put right by reverting."""


@dataclass(frozen=True, slots=True)
class StatusEdit:
    """A line's new status, the day it happened (None: today), and a comment (None leaves it as it is)."""

    staff_id: str
    course_code: str
    status: LineStatus
    on: date | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class StatusLine:
    """A line whose status changes."""

    line_id: int
    staff_id: str
    name: str
    course_code: str
    course: str
    before: LineStatus
    after: LineStatus
    on: date


@dataclass(frozen=True, slots=True)
class StatusesTaken:
    """Lines with their new statuses, what changed, and what cannot be."""

    lines: dict[Key, SheetLine]
    changes: tuple[StatusLine, ...]
    refusals: tuple[Refusal, ...]


def with_statuses(
    sheet: PlanSheet, lines: dict[Key, SheetLine], edits: Sequence[StatusEdit], today: date
) -> StatusesTaken:
    """Take changes of status into lines, in their order; a status a line has already changes nothing."""
    taken = dict(lines)
    changes: list[StatusLine] = []
    refusals: list[Refusal] = []
    for edit in edits:
        key, day = line_key(edit.staff_id, edit.course_code), edit.on or today
        line = taken.get(key)
        why = "is not in the plan." if line is None else refusal(sheet, line, edit.status, day, today)
        if line is None or why:
            refusals.append(Refusal(edit.staff_id, edit.course_code, why))
            continue
        changed = line if line.status is edit.status else _moved(line, edit.status, day)
        if edit.comment is not None:
            changed = replace(changed, comment=edit.comment)
        taken[key] = changed
        if changed != line:
            changes.append(
                StatusLine(
                    line.line_id,
                    line.staff_id,
                    line.name,
                    line.course_code,
                    line.course,
                    line.status,
                    edit.status,
                    day,
                )
            )
    return StatusesTaken(taken, tuple(changes), tuple(refusals))


def refusal(sheet: PlanSheet, line: SheetLine, wanted: LineStatus, day: date, today: date) -> str:
    """Why a line cannot take a status; empty where it can."""
    if line.status is wanted:
        return ""
    if sheet.is_archived:
        return f"the plan “{sheet.title}” was put away."
    if wanted not in NEXT[line.status]:
        ways = " or ".join(status.value for status in NEXT[line.status])
        after = (
            f"after that comes {ways}." if ways else "that is its end; revert the step to put a slip right."
        )
        return f"is {line.status.value} and cannot become {wanted.value}; {after}"
    if sheet.status is PlanStatus.SUPERSEDED and wanted in (LineStatus.APPROVED, LineStatus.BOOKED):
        return f"the plan is superseded; {wanted.value} lines belong into the plan that took its place."
    if day > today:
        return f"{day.isoformat()} is in the future; a status is dated when it has happened."
    return ""


def _moved(line: SheetLine, status: LineStatus, day: date) -> SheetLine:
    match status:
        case LineStatus.PROPOSED:
            return replace(line, status=status, approved_on=None)
        case LineStatus.APPROVED:
            return replace(line, status=status, approved_on=day)
        case LineStatus.BOOKED:
            return replace(line, status=status, booked_on=day)
        case _:
            return replace(line, status=status, ended_on=day)
