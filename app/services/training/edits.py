"""A plan changed by hand: other course, other quarter, other person, a line more or less, locks; the effect at once.

``Edits.preview`` says what a set of changes does and which limits it breaks, and writes nothing; ``Edits.apply`` does
it in one transaction that can be reverted. Nothing is solved again: what changes is what was asked for, and what
follows from it by the rules (shares of group prices, levels built on one another).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.change import Outcome
from app.db.database import Database
from app.errors import AppError
from app.models import Course, Plan
from app.services.gap_base import GapBase
from app.services.gaps import Gaps
from app.services.training.board import Board, Judgement
from app.services.training.edit_writing import Judged, write_sheet
from app.services.training.records import LineWish, PlanSettings
from app.services.training.sheet import (
    FIXED,
    OVER,
    Key,
    LinesRefused,
    PlanFigures,
    PlanSheet,
    Refusal,
    SheetLine,
    line_key,
    read_sheet,
    refuse_closed,
)
from app.services.training.status_rules import StatusEdit, StatusLine, with_statuses
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


@dataclass(frozen=True, slots=True)
class EditedLine:
    """A line before and after: None where there is none. ``is_follow_up``: it only changes because others do."""

    staff_id: str
    name: str
    before: SheetLine | None
    after: SheetLine | None
    is_follow_up: bool = False

    @property
    def what(self) -> str:
        """What happened to it."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class EditPreview:
    """What changes would do.

    ``refusals`` cannot be done at all; ``conflicts`` are limits that would be broken (or broken further), and that
    the user may accept; ``still_broken`` were broken before and stay so; ``notes`` are worth knowing.
    """

    plan_id: int
    version: int
    title: str
    before: PlanFigures
    after: PlanFigures
    lines: tuple[EditedLine, ...]
    statuses: tuple[StatusLine, ...]
    conflicts: tuple[str, ...]
    still_broken: tuple[str, ...]
    notes: tuple[str, ...]
    refusals: tuple[Refusal, ...]

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the plan already is as asked for."""
        return not self.lines and not self.statuses and not self.refusals


class LimitsBroken(AppError):
    """The changes break limits of the plan and were not told to; nothing was changed."""

    def __init__(self, conflicts: Sequence[str]) -> None:
        self.conflicts = tuple(conflicts)
        super().__init__(
            f"Nothing was changed, because a limit would be broken: {'; '.join(conflicts)}.",
            "Change something else, or say that you accept it (--yes).",
        )


@dataclass(slots=True)
class _Work:
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


@dataclass(frozen=True, slots=True)
class Edited:
    """The outcome of taking changes in: the preview, the sheet as it becomes, and how it was judged."""

    preview: EditPreview
    sheet: PlanSheet
    judged: Judged | None


class Edits:
    """Changes to plans by hand."""

    def __init__(self, db: Database, gaps: Gaps, today: Callable[[], date]) -> None:
        self._db, self._gaps, self._today = db, gaps, today

    def preview(
        self, plan_id: int, edits: Sequence[LineEdit], statuses: Sequence[StatusEdit] = ()
    ) -> EditPreview:
        """What these changes would do, line statuses after the changes to lines; nothing is written.

        Raises UsageError where there is no such plan, or where it is superseded or put away.
        """
        with self._db.read() as session:
            sheet = read_sheet(session, plan_id)
        base = self._gaps.base(sheet.settings.scope.as_at)
        with self._db.read() as session:
            return take(session, base, read_sheet(session, plan_id), edits, statuses, self._today()).preview

    def apply(
        self,
        plan_id: int,
        edits: Sequence[LineEdit],
        statuses: Sequence[StatusEdit] = (),
        *,
        seen_version: int | None = None,
        accept_broken: bool = False,
        action: str = "Change training plan by hand",
    ) -> Outcome[EditPreview]:
        """Make the changes in one transaction, all or none.

        Raises LinesRefused where one of them cannot be done, LimitsBroken where a limit would be broken and
        ``accept_broken`` is not set, ConflictError where the plan changed since ``seen_version``.
        """
        with self._db.read() as session:
            base = self._gaps.base(read_sheet(session, plan_id).settings.scope.as_at)
        with self._db.write(action) as w:
            sheet = read_sheet(w.session, plan_id)
            if seen_version is not None:
                w.fetch(Plan, plan_id, seen_version)
            done = take(w.session, base, sheet, edits, statuses, self._today())
            if done.preview.refusals:
                raise LinesRefused(done.preview.refusals)
            if done.preview.conflicts and not accept_broken:
                raise LimitsBroken(done.preview.conflicts)
            write_sheet(w, sheet, done.sheet, done.judged, base)
            w.describe(plan=plan_id, lines=len(done.preview.lines), statuses=len(done.preview.statuses))
        return w.outcome(done.preview)


def take(
    session: Session,
    base: GapBase,
    sheet: PlanSheet,
    edits: Sequence[LineEdit],
    statuses: Sequence[StatusEdit],
    today: date,
) -> Edited:
    """Take changes into a plan's lines, in their order, and judge what comes out."""
    if edits:
        refuse_closed(sheet)
    work = _Work(dict(sheet.lines), list(sheet.settings.wishes), origin={key: key for key in sheet.lines})
    taker = _Taker(session, base, sheet, work)
    for edit in edits:
        taker.take(edit)
    settings = replace(sheet.settings, wishes=tuple(work.wishes))
    judged, conflicts, still = _judged(session, base, sheet, settings, work)
    lines = work.lines
    if judged is not None:
        lines = {line.key: _with_figures(line, judged.judgement, work) for line in lines.values()}
    changed = with_statuses(sheet, lines, statuses, today)
    work.refusals += changed.refusals
    after = sheet.with_lines(changed.lines.values(), settings)
    preview = EditPreview(
        plan_id=sheet.plan_id,
        version=sheet.version,
        title=sheet.title,
        before=sheet.figures(),
        after=after.figures(),
        lines=_differences(sheet, lines, work, {line_key(edit.staff_id, edit.course_code) for edit in edits}),
        statuses=changed.changes,
        conflicts=conflicts,
        still_broken=still,
        notes=_notes(lines, work),
        refusals=tuple(work.refusals),
    )
    return Edited(preview, after, judged)


class _Taker:
    """Takes one change after the other into the lines, or says why it cannot."""

    def __init__(self, session: Session, base: GapBase, sheet: PlanSheet, work: _Work) -> None:
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


def _judged(
    session: Session, base: GapBase, sheet: PlanSheet, settings: PlanSettings, work: _Work
) -> tuple[Judged | None, tuple[str, ...], tuple[str, ...]]:
    """How the lines fare under the limits: newly or further broken ones, and those broken as before."""
    if not work.people:
        return None, (), ()
    everybody = {line.staff_id for line in (*sheet.lines.values(), *work.lines.values())}
    board = Board(session, base, settings, everybody)
    for line in work.lines.values():
        if line.person_id in work.people and line.status not in OVER and board.enrolment(line) is None:
            work.refusals.append(
                Refusal(
                    line.staff_id, line.course_code, "person or course is not part of this plan any more."
                )
            )
    before = board.judge(list(sheet.lines.values()))
    after = board.judge(list(work.lines.values()))
    old = {_without_figure(words): words for words in before.broken}
    fresh = tuple(words for words in after.broken if _is_worse(old.get(_without_figure(words)), words))
    still = tuple(words for words in after.broken if words not in fresh)
    return Judged(board, after, frozenset(work.people)), fresh, still


_EXCESS = re.compile(r" is exceeded by £([\d,]+\.\d\d)$")


def _without_figure(words: str) -> str:
    """A broken limit without by how much it is exceeded."""
    return _EXCESS.sub("", words)


def _is_worse(before: str | None, after: str) -> bool:
    """Whether a limit is broken that was not, or by more money than before."""
    if before is None:
        return True
    old, new = _EXCESS.search(before), _EXCESS.search(after)
    if old is None or new is None:
        return False
    return float(new[1].replace(",", "")) > float(old[1].replace(",", ""))


def _with_figures(line: SheetLine, judged: Judgement, work: _Work) -> SheetLine:
    """A line with new cost where its group changed, and new steps where its person's lines did."""
    if line.key not in judged.costs or line.status is LineStatus.COMPLETED:
        return line
    if (line.course_id, line.quarter) in work.runs:
        line = replace(line, cost=judged.costs[line.key])
    if line.person_id in work.people:
        given = judged.credits[line.key]
        line = replace(
            line,
            credits=given,
            steps=sum(credit.steps_closed for credit in given),
            weighted=sum(credit.steps_closed * credit.weight for credit in given),
        )
    return line


def _differences(
    sheet: PlanSheet, lines: dict[Key, SheetLine], work: _Work, asked: set[Key]
) -> tuple[EditedLine, ...]:
    """Every line that is not what it was: those asked for first, then those that follow."""
    found: list[EditedLine] = []
    left: set[Key] = set(sheet.lines)
    for key, line in lines.items():
        origin = work.origin.get(key)
        old = sheet.lines[origin] if origin is not None else None
        if origin is not None:
            left.discard(origin)
        if old is None or _figures_of(old) != _figures_of(line):
            is_asked = key in asked or (origin is not None and origin in asked)
            found.append(EditedLine(line.staff_id, line.name, old, line, not is_asked))
    for key in left:
        old = sheet.lines[key]
        found.append(EditedLine(old.staff_id, old.name, old, None))
    return tuple(sorted(found, key=lambda one: (one.is_follow_up, one.staff_id, _code(one))))


def _figures_of(line: SheetLine) -> SheetLine:
    return replace(line, credits=None)


def _code(one: EditedLine) -> str:
    line = one.after or one.before
    return line.course_code if line is not None else ""


def _notes(lines: dict[Key, SheetLine], work: _Work) -> tuple[str, ...]:
    """Lines put in by hand that close nothing."""
    return tuple(
        f"{line.staff_id} on {line.course_code} in {line.when} closes no step"
        for line in lines.values()
        if line.person_id in work.people and line.credits == () and line.status not in FIXED
    )
