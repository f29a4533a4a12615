"""What a workbook wants of the lines of a plan, as the changes by hand that the plan knows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.services.training.edit_taking import EditKind, LineEdit
from app.services.training.sheet import PlanSheet, SheetLine, line_key
from app.services.training.status_rules import NEXT, StatusEdit
from app.terms import FinancialQuarter, LineStatus


class Aim(StrEnum):
    """What a row of the workbook is about."""

    CHANGE = "change"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of one line: ``course`` is the one it has in the plan now, ``values`` what it is to become.

    ``whole`` is the row as the workbook shows it, for a line that is no longer there.
    """

    aim: Aim
    line: int
    staff_id: str
    course: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    whole: Mapping[str, str] = field(default_factory=dict[str, str])


Actions = tuple[tuple[LineEdit, ...], tuple[StatusEdit, ...]]


def merged(wanted: Iterable[Wanted]) -> list[Wanted]:
    """One wish for each line: the fields of several rows of the preview put together."""
    found: dict[tuple[int, str, str], Wanted] = {}
    for one in wanted:
        key = (one.line, one.staff_id, one.course)
        values = {**found[key].values, **one.values} if key in found else one.values
        found[key] = replace(one, values=values)
    return list(found.values())


def actions_for(wanted: Iterable[Wanted], sheet: PlanSheet) -> Actions:
    """The changes to lines and the changes of status, each in the order in which they can be made."""
    lines: list[LineEdit] = []
    statuses: list[StatusEdit] = []
    order = {Aim.REMOVE: 0, Aim.CHANGE: 1, Aim.ADD: 2}
    for one in sorted(merged(wanted), key=lambda one: order[one.aim]):
        known = sheet.lines.get(line_key(one.staff_id, one.course))
        if one.aim is Aim.REMOVE:
            _remove(one, known, lines, statuses)
        elif known is None:
            _add(one, lines, statuses)
        else:
            _change(one, known, lines, statuses)
    return tuple(lines), tuple(statuses)


def way_to(now: LineStatus, wanted: LineStatus) -> tuple[LineStatus, ...]:
    """The statuses to go through, the last one wanted; straight there where no way leads, to be refused by name."""
    if now is wanted:
        return ()
    waiting: deque[tuple[LineStatus, ...]] = deque([(now,)])
    while waiting:
        way = waiting.popleft()
        if way[-1] is wanted:
            return way[1:]
        waiting.extend((*way, status) for status in NEXT[way[-1]] if status not in way)
    return (wanted,)


def _remove(one: Wanted, known: SheetLine | None, lines: list[LineEdit], statuses: list[StatusEdit]) -> None:
    if known is None:
        return
    if known.status is LineStatus.BOOKED:
        # A place is booked: it is given back, and the plan keeps the trace of it.
        statuses.append(StatusEdit(one.staff_id, one.course, LineStatus.WITHDRAWN))
    else:
        lines.append(LineEdit(EditKind.REMOVE, one.staff_id, one.course))


def _add(one: Wanted, lines: list[LineEdit], statuses: list[StatusEdit]) -> None:
    row = {**one.whole, **one.values}
    course, comment = row.get("course", one.course), row.get("comment", "")
    lines.append(
        LineEdit(
            EditKind.ADD,
            one.staff_id,
            course,
            FinancialQuarter.parse(row["quarter"]),
            comment=comment or None,
        )
    )
    status = LineStatus(row.get("status", LineStatus.PROPOSED.value))
    statuses += [StatusEdit(one.staff_id, course, step) for step in way_to(LineStatus.PROPOSED, status)]


def _change(one: Wanted, known: SheetLine, lines: list[LineEdit], statuses: list[StatusEdit]) -> None:
    values = one.values
    course, comment = values.get("course", known.course_code), values.get("comment")
    quarter = FinancialQuarter.parse(values["quarter"]) if "quarter" in values else None
    is_moved = course != known.course_code or (quarter is not None and int(quarter) != known.quarter)
    if is_moved:
        to_course = course if course != known.course_code else ""
        lines.append(
            LineEdit(EditKind.CHANGE, one.staff_id, known.course_code, quarter, to_course, comment=comment)
        )
    elif comment is not None:
        lines.append(LineEdit(EditKind.COMMENT, one.staff_id, known.course_code, comment=comment))
    # A line that is moved is proposed again; a row that still says "approved" means that.
    now = LineStatus.PROPOSED if is_moved else known.status
    wanted = LineStatus(values["status"]) if "status" in values else known.status
    statuses += [StatusEdit(one.staff_id, course, step) for step in way_to(now, wanted)]
