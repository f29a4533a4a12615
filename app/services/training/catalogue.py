"""The course catalogue: compare a file with what is there, write what is new or changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.db.database import WriteScope
from app.errors import Problem
from app.files.catalogue import CourseInput, CoursesFile
from app.models import Course, CourseOutcome, Skill
from app.services.training.problem import pounds
from app.services.training.records import CourseLine


@dataclass(frozen=True, slots=True)
class CoursesPreview:
    """What loading a catalogue would do; nothing has been written."""

    file_name: str
    file_hash: str
    revision: int
    columns: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...]
    dropped: tuple[str, ...]
    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    problems: tuple[Problem, ...]
    courses: tuple[CourseInput, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep rows out."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def is_nothing_to_change(self) -> bool:
        """Whether the catalogue already holds all the file says."""
        return not self.new and not self.changed


@dataclass(frozen=True, slots=True)
class CoursesSummary:
    """What a load of courses did."""

    new: int
    changed: int
    unchanged: int
    outcomes: int
    skipped_rows: int


def course_values(course: CourseInput) -> dict[str, Any]:
    """A course of the file as the columns of its row."""
    return {
        "title": course.title,
        "provider": course.provider,
        "delivery": course.delivery.value if course.delivery else "",
        "funding": course.funding.value,
        "hours_hundredths": int(course.hours * 100),
        "duration_quarters": course.duration_quarters,
        "cost_per_person_pence": int(course.cost_per_person_gbp * 100),
        "cost_per_cohort_pence": int(course.cost_per_cohort_gbp * 100),
        "min_group": course.min_group,
        "max_group": course.max_group,
        "places_per_quarter": course.places_per_quarter,
        "mentor_hours_hundredths": None if course.mentor_hours is None else int(course.mentor_hours * 100),
        "max_mentees": course.max_mentees,
        "url": course.url,
        "notes": course.notes,
        "is_offered": True,
    }


def compare_courses(session: Session, found: CoursesFile, file_name: str, revision: int) -> CoursesPreview:
    """The difference between a file and the catalogue, by course code."""
    held = {row.code: row for row in session.scalars(select(Course))}
    names = {row.id: row.name for row in session.scalars(select(Skill))}
    outcomes: dict[int, set[tuple[str, int, int]]] = {}
    for row in session.scalars(select(CourseOutcome)):
        outcomes.setdefault(row.course_id, set()).add((names[row.skill_id], row.from_level, row.to_level))
    new: list[str] = []
    changed: list[str] = []
    for course in found.courses:
        row = held.get(course.course_code)
        if row is None:
            new.append(course.course_code)
            continue
        is_same = all(getattr(row, name) == value for name, value in course_values(course).items())
        brought = {(outcome.skill, outcome.from_level, outcome.to_level) for outcome in course.outcomes}
        if not is_same or outcomes.get(row.id or 0, set()) != brought:
            changed.append(course.course_code)
    return CoursesPreview(
        file_name=file_name,
        file_hash=found.file_hash,
        revision=revision,
        columns=tuple(found.columns.items()),
        unclear=tuple(found.unclear),
        dropped=tuple(found.dropped),
        new=tuple(new),
        changed=tuple(changed),
        unchanged=len(found.courses) - len(new) - len(changed),
        problems=tuple(found.problems),
        courses=tuple(found.courses),
    )


def write_courses(w: WriteScope, preview: CoursesPreview) -> int:
    """New and changed courses with their outcomes, row by row; returns how many outcomes were written."""
    held = {row.code: row for row in w.session.scalars(select(Course))}
    skills = {row.name: row.id or 0 for row in w.session.scalars(select(Skill))}
    wanted = {*preview.new, *preview.changed}
    written = 0
    for course in preview.courses:
        if course.course_code not in wanted:
            continue
        row = held.get(course.course_code)
        values = course_values(course)
        if row is None:
            row = Course(code=course.course_code, **values)
            w.session.add(row)
            w.session.flush()
        else:
            for name, value in values.items():
                if getattr(row, name) != value:
                    setattr(row, name, value)
        written += _write_outcomes(w, row.id or 0, course, skills)
    return written


def _write_outcomes(w: WriteScope, course_id: int, course: CourseInput, skills: dict[str, int]) -> int:
    chosen = select(CourseOutcome).where(col(CourseOutcome.course_id) == course_id)
    held = {row.skill_id: row for row in w.session.scalars(chosen)}
    brought = {skills[outcome.skill]: outcome for outcome in course.outcomes}
    for skill_id, row in held.items():
        if skill_id not in brought:
            w.session.delete(row)
    for skill_id, outcome in brought.items():
        row = held.get(skill_id)
        if row is None:
            row = CourseOutcome(
                course_id=course_id,
                skill_id=skill_id,
                from_level=outcome.from_level,
                to_level=outcome.to_level,
            )
            w.session.add(row)
        elif (row.from_level, row.to_level) != (outcome.from_level, outcome.to_level):
            row.from_level, row.to_level = outcome.from_level, outcome.to_level
    return len(brought)


def course_lines(session: Session) -> tuple[CourseLine, ...]:
    """The catalogue as the page shows it, by code."""
    names = {row.id: row.name for row in session.scalars(select(Skill))}
    outcomes: dict[int, list[tuple[str, int, int]]] = {}
    for row in session.scalars(select(CourseOutcome).order_by(col(CourseOutcome.id))):
        outcomes.setdefault(row.course_id, []).append((names[row.skill_id], row.from_level, row.to_level))
    return tuple(
        CourseLine(
            course_id=row.id or 0,
            code=row.code,
            title=row.title,
            provider=row.provider,
            delivery=row.delivery,
            funding=row.funding,
            hours=pounds(row.hours_hundredths),
            duration_quarters=row.duration_quarters,
            cost_per_person=pounds(row.cost_per_person_pence),
            cost_per_cohort=pounds(row.cost_per_cohort_pence),
            group=_group_words(row),
            places=row.places_per_quarter,
            outcomes=tuple(outcomes.get(row.id or 0, [])),
            is_offered=row.is_offered,
        )
        for row in session.scalars(select(Course).order_by(col(Course.code)))
    )


def _group_words(row: Course) -> str:
    if row.min_group is None and row.max_group is None:
        return ""
    if row.max_group is None:
        return f"{row.min_group} or more"
    return f"{row.min_group or 1} to {row.max_group}"
