"""Checks on the data: what is missing, what contradicts itself, who is there twice; each with a way to fix it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.analysis.grade_spread import in_grade_order
from app.analysis.person_likeness import LikePair, like_pairs
from app.change import Outcome
from app.db.database import Database
from app.errors import UsageError
from app.models import Person, RoleAssignment, WorkspaceSetting
from app.progress import Progress, silent
from app.services import quality_checks
from app.services.people_import import as_date, close_dated
from app.services.population import Flags, Population, PopulationCache
from app.services.quality_checks import BookedLine, CheckedData, Finding
from app.services.quality_records import (
    CheckKey,
    GradesLine,
    QualityBoard,
    QualityCheck,
    QualityLine,
    Severity,
)
from app.services.scope import Scope
from app.terms import LineStatus, PlanStatus

__all__ = ["CheckKey", "GradesLine", "Quality", "QualityBoard", "QualityCheck", "QualityLine", "Severity"]

DIFFERENT_SETTING = "different_people"


@dataclass(frozen=True, slots=True)
class _Spec:
    """How a check is called and told. ``one`` and ``many`` say what was found, ``none`` that nothing was."""

    key: CheckKey
    name: str
    severity: Severity
    one: str
    many: str
    none: str
    how_to_fix: str
    find: Callable[[CheckedData], Iterator[Finding]] | None
    columns: tuple[str, ...] = ("found", "job_title", "grade", "role_level")


_SPECS = (
    _Spec(
        CheckKey.NO_ROLE, "People without a role", Severity.WRONG,
        "1 person has no role yet and takes part in no figure about skills.",
        "{count} people have no role yet and take part in no figure about skills.",
        "Everybody has a role, or a decision that theirs is not digital.",
        "Review the suggested roles on the Role mapping page, title by title.",
        quality_checks.without_role, ("job_title", "grade"),
    ),
    _Spec(
        CheckKey.ROLE_GRADE, "Role without grade overlap", Severity.DOUBTFUL,
        "1 person holds a role in which their grade is usual at no level.",
        "{count} people hold a role in which their grade is usual at no level.",
        "Everybody’s grade is usual at some level of their role.",
        "The role is likely wrong: choose another for the person. If the grade is wrong, put it right in the HR "
        "system and load the extract again.",
        quality_checks.grade_outside_role,
    ),
    _Spec(
        CheckKey.LEVEL_GRADE, "Level and grade disagree", Severity.DOUBTFUL,
        "1 person’s grade is usual for another level of their role.",
        "{count} people’s grades are usual for another level of their role.",
        "Nobody’s grade points to another level of their role.",
        "Choose the level that fits the work; a grade is evidence, not proof. If it does fit, leave it as it is.",
        quality_checks.level_against_grade,
    ),
    _Spec(
        CheckKey.MANAGER, "Managers missing", Severity.WRONG,
        "1 person has a manager who is not here, has left, or reports to them.",
        "{count} people have a manager who is not here, has left, or reports to them.",
        "Every manager that is named is here.",
        "Name the manager here to go on; put the manager’s staff number right in the HR system as well, because "
        "the next extract counts.",
        quality_checks.managers_missing, ("found", "job_title", "grade"),
    ),
    _Spec(
        CheckKey.LEAVER, "Leavers still assigned", Severity.WRONG,
        "1 person has left and still holds a role or a place on a course.",
        "{count} people have left and still hold a role or a place on a course.",
        "Nobody who has left holds a role or a place on a course.",
        "End the open roles here; the history keeps them. Withdraw the places on the Training plans page.",
        quality_checks.leavers_assigned,
    ),
    _Spec(
        CheckKey.DUPLICATE, "Likely the same person", Severity.DOUBTFUL,
        "1 pair of records is likely to be the same person.",
        "{count} pairs of records are likely to be the same person.",
        "No two records look like the same person.",
        "If it is one person, keep one record in the HR system, give the other an end date, and load the extract "
        "again: Muster does not merge records, because two people’s ratings cannot be told apart afterwards. "
        "If it is two, mark them as different people and they are not listed again.",
        None, ("other_staff_id", "other_name", "score", "found"),
    ),
    _Spec(
        CheckKey.NO_GRADE, "People without a grade", Severity.WRONG,
        "1 civil servant has no grade.", "{count} civil servants have no grade.",
        "Every civil servant has a grade.",
        "Fill in the grade in the HR system and load the extract again. Contractors need none.",
        quality_checks.without_grade, ("job_title", "role_level"),
    ),
    _Spec(
        CheckKey.FTE, "Odd FTE", Severity.DOUBTFUL,
        "1 person’s FTE is 0, under 0.10 or above 1.",
        "{count} people’s FTE is 0, under 0.10 or above 1.",
        "Every FTE lies between 0.10 and 1.",
        "FTE is the share of full time, such as 0.60; hours are not FTE. Put it right in the HR system and load "
        "the extract again.",
        quality_checks.odd_fte, ("found", "job_title", "grade"),
    ),
    _Spec(
        CheckKey.TITLE, "Blank job titles", Severity.WRONG,
        "1 person has no job title, so no role can be suggested.",
        "{count} people have no job title, so no role can be suggested.",
        "Everybody has a job title.",
        "Fill in the title in the HR system and load the extract again, or choose the role by hand.",
        quality_checks.blank_titles, ("job_title", "grade", "role_level"),
    ),
)  # fmt: skip


class Quality:
    """The state of the data, and what can safely be put right from here."""

    def __init__(self, db: Database, population: PopulationCache, today: Callable[[], date]) -> None:
        self._db = db
        self._population = population
        self._today = today
        self._board: tuple[tuple[int, date, Scope], QualityBoard] | None = None
        self._pairs: tuple[tuple[int, date], tuple[LikePair, ...], list[int]] | None = None

    def checks(self, scope: Scope, progress: Progress | None = None) -> QualityBoard:
        """Every check for the people of a scope, as at its day. Kept until the data or the scope changes."""
        day = scope.as_at or self._today()
        revision, population = self._population.get(day)
        if self._board is not None and self._board[0] == (revision, day, scope):
            return self._board[1]
        progress = progress or silent()
        progress.step(0.05, "Reading people")
        with self._db.read() as session:
            data = _load(session, population, scope)
            different = _different(session)
        progress.step(0.3, "Looking for records of the same person")
        self._find_pairs(data, revision, progress.part(0.3, 0.8))
        checks: list[QualityCheck] = []
        for number, spec in enumerate(_SPECS):
            progress.step(0.8 + 0.2 * number / len(_SPECS), f"Checking: {spec.name.lower()}")
            checks.append(self._check(spec, data, different))
        board = QualityBoard(
            checks=tuple(checks),
            grades=_grades(data),
            marked_different=len(different),
            people=len(data.looked_at),
            day=day,
            revision=revision,
        )
        self._board = ((revision, day, scope), board)
        progress.step(1.0, "Checked")
        return board

    def end_roles_of_leavers(self, person_ids: Sequence[int]) -> Outcome[int]:
        """End the open roles of people who have left, on the day after their last; returns how many roles.

        UsageError where one of them has not left: roles of people who are here are changed on their own page.
        """
        last = _first_days_gone(self._population.get(self._today())[1])
        here = [person for person in person_ids if person not in last]
        if here:
            raise UsageError("Somebody chosen here has not left.", "Refresh the page and choose again.")
        with self._db.write("End roles of leavers") as w:
            ended = 0
            for person in person_ids:
                chosen = select(RoleAssignment).where(
                    col(RoleAssignment.person_id) == person, col(RoleAssignment.valid_to).is_(None)
                )
                for row in w.session.scalars(chosen).all():
                    close_dated(w, row, last[person])
                    ended += 1
            w.describe(people=len(person_ids), roles=ended)
        return w.outcome(ended)

    def mark_different(self, pairs: Iterable[tuple[str, str]]) -> Outcome[int]:
        """Remember that pairs of staff numbers are different people; returns how many were not known before."""
        with self._db.write("Mark as different people") as w:
            known = _different(w.session)
            fresh = {frozenset(pair) for pair in pairs if pair[0] != pair[1]} - known
            row = w.session.get(WorkspaceSetting, DIFFERENT_SETTING) or WorkspaceSetting(
                name=DIFFERENT_SETTING
            )
            row.value = {"pairs": sorted(sorted(pair) for pair in known | fresh)}
            w.session.add(row)
            w.describe(pairs=len(fresh))
        return w.outcome(len(fresh))

    def forget_different(self) -> Outcome[int]:
        """Forget every mark of different people, so that such pairs are listed again; returns how many."""
        with self._db.write("Forget marks of different people") as w:
            count = len(_different(w.session))
            row = w.session.get(WorkspaceSetting, DIFFERENT_SETTING)
            if row is not None:
                row.value = {"pairs": []}
                w.session.add(row)
            w.describe(pairs=count)
        return w.outcome(count)

    def set_manager(self, person_id: int, manager_staff_id: str) -> Outcome[str]:
        """Name somebody's manager by staff number ("" for nobody); it holds until an extract says otherwise."""
        _, population = self._population.get(self._today())
        manager = manager_staff_id.strip()
        here = zip(population.staff_id, quality_checks.has_left(population).tolist(), strict=True)
        if manager and (manager, False) not in here:
            raise UsageError(f"Nobody here has the staff number {manager}.", "Choose somebody from the list.")
        with self._db.write("Name manager") as w:
            person = w.fetch(Person, person_id)
            if manager:
                _refuse_ring(w.session, person.staff_id, manager)
            person.manager_staff_id = manager
        return w.outcome(manager)

    # --- inside -----------------------------------------------------------------------------------------------

    def _find_pairs(self, data: CheckedData, revision: int, progress: Progress) -> None:
        """Compare everybody once per revision; a change of scope only narrows the list."""
        key = (revision, data.population.day)
        if self._pairs is None or self._pairs[0] != key:
            marks, places = quality_checks.person_marks(data)
            self._pairs = (key, like_pairs(marks, progress), places)

    def _check(self, spec: _Spec, data: CheckedData, different: set[frozenset[str]]) -> QualityCheck:
        if spec.find is None:
            lines = self._duplicates(data, different)
        else:
            lines = tuple(_line(data, place, what) for place, what in spec.find(data))
        count = len(lines)
        sentence = (
            spec.none if not count else spec.one if count == 1 else spec.many.format(count=f"{count:,}")
        )
        columns = ("staff_id", "name", *spec.columns, "department", "unit_below")
        return QualityCheck(
            spec.key, spec.name, sentence, count, spec.severity, spec.how_to_fix, columns, lines
        )

    def _duplicates(self, data: CheckedData, different: set[frozenset[str]]) -> tuple[QualityLine, ...]:
        if self._pairs is None:
            return ()
        population = data.population
        _, pairs, places = self._pairs
        lines: list[QualityLine] = []
        for pair in pairs:
            one, other = places[pair.first], places[pair.second]
            if not (data.chosen[one] or data.chosen[other]):
                continue
            if frozenset((population.staff_id[one], population.staff_id[other])) not in different:
                lines.append(_line(data, one, quality_checks.likeness_words(pair), other, pair.score))
        return tuple(lines)


_PEOPLE = "SELECT id, email, manager_staff_id, start_date FROM person"
_OPEN_ROLES = """
SELECT person_id, count(*) FROM role_assignment
WHERE valid_from <= :day AND valid_to IS NULL GROUP BY person_id
"""
_BOOKED = """
SELECT l.person_id, l.quarter, c.title
FROM plan_line AS l JOIN plan AS p ON p.id = l.plan_id JOIN course AS c ON c.id = l.course_id
WHERE (l.status IN (:approved, :booked) AND p.status <> :superseded) OR (l.status = :proposed AND p.status = :agreed)
ORDER BY l.person_id, l.quarter, c.title
"""


def _load(session: Session, population: Population, scope: Scope) -> CheckedData:
    """What the checks need beside the population."""
    known = {row[0]: row[1:] for row in session.execute(text(_PEOPLE))}
    found = [known.get(person, ("", "", None)) for person in population.person_id.tolist()]
    states = {
        "approved": LineStatus.APPROVED.value, "booked": LineStatus.BOOKED.value,
        "proposed": LineStatus.PROPOSED.value, "agreed": PlanStatus.AGREED.value,
        "superseded": PlanStatus.SUPERSEDED.value,
    }  # fmt: skip
    booked: dict[int, list[BookedLine]] = {}
    for person, quarter, course in session.execute(text(_BOOKED), states):
        booked.setdefault(person, []).append(BookedLine(quarter, course))
    days: dict[object, int] = {None: 0}
    for row in found:
        if row[2] not in days:
            days[row[2]] = (as_date(row[2]) or date.min).toordinal()
    open_roles = session.execute(text(_OPEN_ROLES), {"day": population.day.isoformat()})
    return CheckedData(
        population=population,
        chosen=_chosen(population, scope),
        email=tuple(row[0] for row in found),
        manager_id=tuple(row[1] for row in found),
        start=tuple(days[row[2]] for row in found),
        open_roles={row[0]: row[1] for row in open_roles},
        booked=booked,
    )


def _chosen(population: Population, scope: Scope) -> Flags:
    """The people of a scope whether present or not; of a role family, those without a role are kept as well."""
    everybody = replace(population, is_present=np.ones(len(population), dtype=np.bool_))
    wide = everybody.mask(replace(scope, role_family="", framework=""))
    if not scope.role_family and not scope.framework:
        return wide
    return everybody.mask(scope) | (wide & (population.role_level_id == 0))


def _grades(data: CheckedData) -> tuple[GradesLine, ...]:
    return tuple(
        GradesLine(
            role_level_id=level.role_level_id,
            role_family=level.family,
            role=level.role,
            role_level=level.name,
            people=sum(counts.values()),
            shown=shown,
            usual=usual,
            counts=tuple((grade, counts[grade]) for grade in in_grade_order(counts)),
            has_overlap=not quality_checks.have_no_overlap(shown, usual),
        )
        for level, counts, shown, usual in quality_checks.level_grades(data)
    )


def _line(
    data: CheckedData, place: int, what: str, other: int | None = None, score: int | None = None
) -> QualityLine:
    population = data.population
    unit = population.units[int(population.unit_id[place])]
    level = population.levels.get(int(population.role_level_id[place]))
    person = int(population.person_id[place])
    return QualityLine(
        person_id=person,
        staff_id=population.staff_id[place],
        name=population.name[place],
        department=population.units[unit.department_id].name,
        unit=unit.path,
        job_title=population.job_title[place],
        grade=population.grade[place],
        role_level=level.name if level else "",
        found=what,
        score=score,
        other_person_id=0 if other is None else int(population.person_id[other]),
        other_staff_id="" if other is None else population.staff_id[other],
        other_name="" if other is None else population.name[other],
        other_unit="" if other is None else population.units[int(population.unit_id[other])].path,
        can_end_roles=bool(data.gone[place] and data.open_roles.get(person)),
    )


def _different(session: Session) -> set[frozenset[str]]:
    """The pairs of staff numbers that were marked as different people."""
    row = session.get(WorkspaceSetting, DIFFERENT_SETTING)
    return {frozenset(pair) for pair in row.value.get("pairs", ())} if row is not None else set()


def _first_days_gone(population: Population) -> dict[int, date]:
    """For everybody who has left, the first day on which they were no longer here (today where it is not known)."""
    today = population.day
    gone = quality_checks.has_left(population).tolist()
    people = zip(population.person_id.tolist(), population.last_day.tolist(), gone, strict=True)
    return {
        person: date.fromordinal(last + 1) if last < today.toordinal() else today
        for person, last, is_gone in people
        if is_gone
    }


def _refuse_ring(session: Session, staff_id: str, manager: str) -> None:
    """UsageError where the manager stands below the person already."""
    above = {row[0]: row[1] for row in session.execute(text("SELECT staff_id, manager_staff_id FROM person"))}
    seen: set[str] = set()
    node = manager
    while node and node not in seen:
        if node == staff_id:
            raise UsageError(
                f"{manager} is {staff_id}’s own report, or the same person.",
                "Choose somebody else as manager.",
            )
        seen.add(node)
        node = above.get(node, "")
