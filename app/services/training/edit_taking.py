"""Changes to the lines of a plan by hand, taken in one after the other; what cannot be done is said, not done."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.models import Course
from app.services.gap_base import GapBase
from app.services.training.records import LineWish
from app.services.training.sheet import FIXED, OVER, Key, PlanSheet, Refusal, SheetLine, line_key
from app.terms import FinancialQuarter, LineStatus, name_key


class EditKind(StrEnum):
    """What can be done to a line by hand."""

    ADD = "add"
    REMOVE = "remove"
    CHANGE = "change"
    LOCK = "lock"
    UNLOCK = "unlock"
    FORBID = "forbid"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class LineEdit:
    """One change to the line of a person on a course.

    ``quarter`` is that of a line to add, and the new one of a line to change; ``to_course`` and ``to_staff`` are for
    changes alone (empty: as it is). ``forbid`` takes the line out, where there is one, and keeps the course from the
    person in the next plan made from this one's settings. ``comment`` goes with any of them; None leaves it as it is.
    """

    kind: EditKind
    staff_id: str
    course_code: str
    quarter: FinancialQuarter | None = None
    to_course: str = ""
    to_staff: str = ""
    comment: str | None = None


@dataclass(slots=True)
class EditWork:
    """Changes being taken in: lines as they become, what was touched, what cannot be done."""

    lines: dict[Key, SheetLine]
    wishes: list[LineWish]
    people: set[int] = field(default_factory=set[int])
    staff_ids: set[str] = field(default_factory=set[str])
    runs: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    refusals: list[Refusal] = field(default_factory=list[Refusal])
    origin: dict[Key, Key | None] = field(default_factory=dict["Key", "Key | None"])

    def touch(self, line: SheetLine) -> None:
        """Note whose levels and which group are to be worked out again."""
        self.people.add(line.person_id)
        self.staff_ids.add(line.staff_id)
        self.runs.add((line.course_id, line.quarter))


class EditTaker:
    """Takes one change after the other into the lines, or says why it cannot."""

    def __init__(self, session: Session, base: GapBase, sheet: PlanSheet, work: EditWork) -> None:
        self._base, self._sheet, self._work = base, sheet, work
        self._courses = {
            name_key(row.code): row for row in session.scalars(select(Course).order_by(col(Course.id)))
        }
        self._rows: dict[str, int] | None = None
        self._mask = base.population.mask(sheet.settings.scope)

    def take(self, edit: LineEdit) -> None:
        """Take one change in."""
        does = {
            EditKind.ADD: self._add,
            EditKind.REMOVE: self._remove,
            EditKind.CHANGE: self._change,
            EditKind.LOCK: self._lock,
            EditKind.UNLOCK: self._unlock,
            EditKind.FORBID: self._forbid,
            EditKind.COMMENT: self._comment,
        }[edit.kind]
        why = does(edit)
        if why:
            self._work.refusals.append(Refusal(edit.staff_id, edit.course_code, why))

    def _line(self, edit: LineEdit) -> SheetLine | None:
        return self._work.lines.get(line_key(edit.staff_id, edit.course_code))

    def _person(self, staff_id: str) -> int | str:
        """The row of somebody in the population, or why there is none."""
        if self._rows is None:
            self._rows = {name_key(staff): row for row, staff in enumerate(self._base.population.staff_id)}
        row = self._rows.get(name_key(staff_id))
        if row is None:
            return f"there is nobody with staff id “{staff_id}”."
        if not self._mask[row]:
            return (
                f"{staff_id} is not among the people of this plan ({self._sheet.settings.scope.in_words()})."
            )
        return row

    def _course(self, code: str) -> Course | str:
        course = self._courses.get(name_key(code))
        if course is None or not course.is_offered:
            return f"there is no course “{code}” on offer."
        return course

    def _outside(self, quarter: FinancialQuarter) -> str:
        first, count = self._sheet.start, self._sheet.settings.quarters
        if 0 <= int(quarter) - int(first) < count:
            return ""
        return f"{quarter.label} is outside the plan ({first.label} to {(first + (count - 1)).label})."

    def _add(self, edit: LineEdit) -> str:
        person, course = self._person(edit.staff_id), self._course(edit.course_code)
        known = self._line(edit)
        if known is not None and known.status not in OVER:
            return f"is in the plan already, in {known.when}."
        if known is not None:
            return f"is in the plan as “{known.status.value}”; revert that, or choose another course."
        if isinstance(person, str):
            return person
        if isinstance(course, str):
            return course
        if edit.quarter is None:
            return "a line to add needs a quarter such as 2026Q3."
        why = self._outside(edit.quarter)
        if not why:
            self._put(self._new_line(person, course, int(edit.quarter), edit.comment or ""), None)
        return why

    def _new_line(self, row: int, course: Course, quarter: int, comment: str) -> SheetLine:
        population = self._base.population
        return SheetLine(
            line_id=0,
            person_id=int(population.person_id[row]),
            staff_id=population.staff_id[row],
            name=population.name[row],
            course_id=course.id or 0,
            course_code=course.code,
            course=course.title,
            quarter=quarter,
            hours=course.hours_hundredths,
            cost=0,
            funding=course.funding,
            status=LineStatus.PROPOSED,
            is_locked=False,
            comment=comment,
            steps=0,
            weighted=0,
        )

    def _put(self, line: SheetLine, origin: Key | None) -> None:
        self._work.lines[line.key] = line
        self._work.origin[line.key] = origin
        self._work.touch(line)

    def _take_out(self, line: SheetLine) -> None:
        self._work.touch(line)
        self._work.lines.pop(line.key)
        self._work.origin.pop(line.key, None)
        self._drop_wish(line)

    def _free(self, line: SheetLine | None) -> str:
        """Why a line cannot be changed or taken out; empty where it can."""
        if line is None:
            return "is not in the plan."
        if line.status in FIXED:
            advice = "withdraw it first" if line.status is LineStatus.BOOKED else "it has happened"
            return f"is {line.status.value}; {advice}."
        return f"is over ({line.status.value})." if line.status in OVER else ""

    def _remove(self, edit: LineEdit) -> str:
        line = self._line(edit)
        why = self._free(line)
        if line is not None and not why:
            self._take_out(line)
        return why

    def _change(self, edit: LineEdit) -> str:
        line = self._line(edit)
        why = self._free(line)
        if line is None or why:
            return why
        person = self._person(edit.to_staff) if edit.to_staff else None
        course = self._course(edit.to_course) if edit.to_course else None
        quarter = edit.quarter if edit.quarter is not None else FinancialQuarter(line.quarter)
        why = next(
            (one for one in (person, course, self._outside(quarter)) if isinstance(one, str) and one), ""
        )
        if why:
            return why
        changed = self._moved(line, person, course, int(quarter))
        if edit.comment is not None:
            changed = replace(changed, comment=edit.comment)
        if changed.key != line.key and changed.key in self._work.lines:
            return f"{changed.staff_id} already has {changed.course_code} in the plan."
        if changed == line:
            return ""
        origin = self._work.origin.get(line.key)
        self._take_out(line)
        self._put(changed, origin)
        if changed.is_locked:
            self._wish(changed)
        return ""

    def _moved(
        self, line: SheetLine, person: int | str | None, course: Course | str | None, quarter: int
    ) -> SheetLine:
        """The line with another person, course or quarter. What was approved was something else: proposed again."""
        found = line
        if isinstance(person, int):
            population = self._base.population
            found = replace(
                found,
                person_id=int(population.person_id[person]),
                staff_id=population.staff_id[person],
                name=population.name[person],
            )
        if isinstance(course, Course):
            found = replace(
                found,
                course_id=course.id or 0,
                course_code=course.code,
                course=course.title,
                hours=course.hours_hundredths,
                funding=course.funding,
            )
        found = replace(found, quarter=quarter)
        return found if found == line else replace(found, status=LineStatus.PROPOSED, approved_on=None)

    def _lock(self, edit: LineEdit) -> str:
        line = self._line(edit)
        if line is None:
            return "is not in the plan."
        if line.status in OVER:
            return f"is over ({line.status.value})."
        self._work.lines[line.key] = replace(line, is_locked=True)
        self._wish(line)
        return ""

    def _unlock(self, edit: LineEdit) -> str:
        line = self._line(edit)
        if line is None:
            key = line_key(edit.staff_id, edit.course_code)
            if not any(line_key(wish.staff_id, wish.course_code) == key for wish in self._work.wishes):
                return "is not in the plan, nor forbidden."
            self._drop_wishes(key)
            return ""
        self._work.lines[line.key] = replace(line, is_locked=False)
        self._drop_wish(line)
        return ""

    def _forbid(self, edit: LineEdit) -> str:
        line = self._line(edit)
        if line is not None:
            why = self._free(line)
            if why:
                return why
            self._take_out(line)
        course, person = self._course(edit.course_code), self._person(edit.staff_id)
        if isinstance(course, str) or isinstance(person, str):
            return course if isinstance(course, str) else str(person)
        staff = self._base.population.staff_id[person]
        self._drop_wishes(line_key(staff, course.code))
        self._work.wishes.append(LineWish(staff, course.code, None, is_forbidden=True))
        return ""

    def _comment(self, edit: LineEdit) -> str:
        line = self._line(edit)
        if line is None:
            return "is not in the plan."
        self._work.lines[line.key] = replace(line, comment=edit.comment or "")
        return ""

    def _wish(self, line: SheetLine) -> None:
        self._drop_wish(line)
        self._work.wishes.append(LineWish(line.staff_id, line.course_code, FinancialQuarter(line.quarter)))

    def _drop_wish(self, line: SheetLine) -> None:
        self._drop_wishes(line.key)

    def _drop_wishes(self, key: Key) -> None:
        kept = [wish for wish in self._work.wishes if line_key(wish.staff_id, wish.course_code) != key]
        self._work.wishes[:] = kept
