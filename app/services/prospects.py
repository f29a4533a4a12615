"""One person's prospects: required against held, what courses and mentors could do, and which role levels are near.

One read answers the drawer of the window and ``muster person``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from sqlalchemy import bindparam, text
from sqlmodel import col, select

from app.db.database import Database
from app.errors import UsageError
from app.models import Course, CourseOutcome, Skill
from app.services.assessments import Assessments, RatingLine
from app.services.current_levels import levels_as_at
from app.services.gaps import Gaps, PairLine
from app.services.mentors import MentorLine, Mentors
from app.services.people import PersonLine, person_line
from app.services.population import Population, RoleLevelLine
from app.services.scope import Scope

MOST_LEVELS = 3
Held = dict[str, int]
"""Levels 0 to 4 by skill; a skill that is not assessed is not in it."""


@dataclass(frozen=True, slots=True)
class SkillRaise:
    """What a course would do to one skill: from the level held to the one after, of which ``steps`` count."""

    skill: str
    level_now: int
    level_after: int
    required: int
    steps: int


@dataclass(frozen=True, slots=True)
class CourseProspect:
    """A course the person can start now that closes a step; ``leads_on`` names courses that go on from there.

    ``cost_gbp`` is for one person; ``cohort_gbp`` for a whole group, where it is sold so.
    """

    code: str
    title: str
    provider: str
    delivery: str
    funding: str
    hours: Decimal
    duration_quarters: int
    cost_gbp: Decimal
    cohort_gbp: Decimal
    raises: tuple[SkillRaise, ...]
    leads_on: tuple[str, ...]

    @property
    def steps(self) -> int:
        """Steps closed over all skills."""
        return sum(one.steps for one in self.raises)


@dataclass(frozen=True, slots=True)
class SkillNeed:
    """A skill a role level asks for that the person does not show; ``held`` None is not assessed."""

    skill: str
    held: int | None
    required: int


@dataclass(frozen=True, slots=True)
class LevelProspect:
    """A role level against what the person holds; ``missing`` has short skills first, most steps first."""

    role_level_id: int
    role_family: str
    role: str
    role_level: str
    required: int
    assessed: int
    met: int
    steps: int
    missing: tuple[SkillNeed, ...]

    @property
    def is_ready(self) -> bool:
        """Every required skill assessed and met."""
        return self.met == self.required


@dataclass(frozen=True, slots=True)
class Prospects:
    """Everything said about one person's skills. ``next_level`` is None at the top of the role, or without a role."""

    person: PersonLine
    day: date
    pairs: tuple[PairLine, ...]
    ratings: tuple[RatingLine, ...]
    courses: tuple[CourseProspect, ...]
    mentors: tuple[MentorLine, ...]
    next_level: LevelProspect | None
    nearest: tuple[LevelProspect, ...]
    revision: int

    def raises_for(self, skill: str) -> tuple[CourseProspect, ...]:
        """The courses that raise one skill."""
        return tuple(one for one in self.courses if any(raised.skill == skill for raised in one.raises))


class ProspectsOf:
    """What each person could become, and how."""

    def __init__(
        self, db: Database, gaps: Gaps, assessments: Assessments, mentors: Mentors, today: Callable[[], date]
    ) -> None:
        self._db = db
        self._gaps = gaps
        self._assessments = assessments
        self._mentors = mentors
        self._today = today

    def person(self, person_id: int, day: date | None = None) -> Prospects:
        """One person by id; UsageError where nobody has it on that day."""
        base = self._gaps.base(day)
        places = np.flatnonzero(base.population.person_id == person_id)
        if not len(places):
            raise UsageError("This person is not in the workspace on that day.", "Choose another day.")
        place = int(places[0])
        pairs = self._gaps.person(person_id, day)
        held, requirements = self._facts(base.population, place, base.day)
        own = base.population.levels.get(int(base.population.role_level_id[place]))
        return Prospects(
            person=person_line(base.population, place),
            day=base.day,
            pairs=pairs,
            ratings=self._assessments.history(person_id),
            courses=self._courses(pairs),
            mentors=self._mentors.for_person(person_id, Scope(as_at=day)),
            next_level=None if own is None else _next_level(base.population, own, held, requirements),
            nearest=() if own is None else _nearest(base.population, own, held, requirements),
            revision=base.revision,
        )

    def by_staff_id(self, staff_id: str, day: date | None = None) -> Prospects:
        """One person by staff id; UsageError for an unknown one."""
        population = self._gaps.base(day).population
        with self._db.read() as session:
            found = session.scalar(
                text("SELECT id FROM person WHERE staff_id = :staff").bindparams(staff=staff_id.strip())
            )
        if found is None or not (population.person_id == found).any():
            raise UsageError(
                f"There is nobody with staff id “{staff_id}”{'' if day is None else ' on that day'}.",
                "`muster gaps --by person` lists staff ids.",
            )
        return self.person(int(found), day)

    def _facts(self, population: Population, place: int, day: date) -> tuple[Held, dict[int, Held]]:
        """Levels held in any skill, and the requirements of every role level of the person's framework version."""
        own = population.levels.get(int(population.role_level_id[place]))
        with self._db.read() as session:
            person, skill, level = levels_as_at(session, day)
            mine = np.flatnonzero(person == population.person_id[place])
            names = {row[0]: row[1] for row in session.execute(text("SELECT id, name FROM skill"))}
            held = {names[int(skill[at])]: int(level[at]) for at in mine.tolist()}
            wanted = [
                key for key, one in population.levels.items() if own and one.version_id == own.version_id
            ]
            query = text(
                "SELECT role_level_id, skill_id, level FROM requirement "
                "WHERE level IS NOT NULL AND role_level_id IN :levels"
            ).bindparams(bindparam("levels", expanding=True))
            requirements: dict[int, Held] = {}
            for key, skill_id, needed in session.execute(query, {"levels": wanted}):
                requirements.setdefault(key, {})[names[skill_id]] = needed
        return held, requirements

    def _courses(self, pairs: tuple[PairLine, ...]) -> tuple[CourseProspect, ...]:
        needs = {one.skill: (one.held, one.required) for one in pairs if one.held is not None and one.gap}
        if not needs:
            return ()
        with self._db.read() as session:
            names = {row.id: row.name for row in session.scalars(select(Skill))}
            courses = {row.id: row for row in session.scalars(select(Course).where(col(Course.is_offered)))}
            outcomes: dict[int, list[tuple[str, int, int]]] = {}
            for row in session.scalars(select(CourseOutcome).order_by(col(CourseOutcome.id))):
                if row.course_id in courses:
                    entry = (names[row.skill_id], row.from_level, row.to_level)
                    outcomes.setdefault(row.course_id, []).append(entry)
            found = [
                _prospect(course, raises, _leading_on(raises, key, outcomes, courses))
                for key, course in courses.items()
                if key is not None and (raises := _raises(outcomes.get(key, []), needs))
            ]
        return tuple(sorted(found, key=lambda one: (-one.steps, one.cost_gbp, one.hours, one.code)))


def _raises(
    outcomes: list[tuple[str, int, int]], needs: dict[str, tuple[int, int]]
) -> tuple[SkillRaise, ...]:
    """What a course does for open pairs whose entry is met (PRODUCT, "Steps")."""
    made: list[SkillRaise] = []
    for skill, entry, after in outcomes:
        held, required = needs.get(skill, (0, 0))
        steps = min(after, required) - held
        if skill in needs and entry <= held and steps > 0:
            made.append(SkillRaise(skill, held, min(after, required), required, steps))
    return tuple(made)


def _leading_on(
    raises: tuple[SkillRaise, ...],
    own: int,
    outcomes: dict[int, list[tuple[str, int, int]]],
    courses: dict[int | None, Course],
) -> tuple[str, ...]:
    """Courses that can be started after this one, not before, and close a further step of the same skill."""
    codes: set[str] = set()
    for one in raises:
        for key, others in outcomes.items():
            for skill, entry, after in others:
                is_next = one.level_now < entry <= one.level_after < after
                if key != own and skill == one.skill and is_next and one.level_after < one.required:
                    codes.add(courses[key].code)
    return tuple(sorted(codes))


def _prospect(course: Course, raises: tuple[SkillRaise, ...], leads_on: tuple[str, ...]) -> CourseProspect:
    return CourseProspect(
        code=course.code,
        title=course.title,
        provider=course.provider,
        delivery=course.delivery,
        funding=course.funding,
        hours=Decimal(course.hours_hundredths) / 100,
        duration_quarters=course.duration_quarters,
        cost_gbp=Decimal(course.cost_per_person_pence) / 100,
        cohort_gbp=Decimal(course.cost_per_cohort_pence) / 100,
        raises=raises,
        leads_on=leads_on,
    )


def _next_level(
    population: Population, own: RoleLevelLine, held: Held, requirements: dict[int, Held]
) -> LevelProspect | None:
    above = [
        line
        for key, line in population.levels.items()
        if line.role_id == own.role_id and line.seniority > own.seniority and requirements.get(key)
    ]
    if not above:
        return None
    line = min(above, key=lambda one: one.seniority)
    return _level(line, held, requirements[line.role_level_id])


def _nearest(
    population: Population, own: RoleLevelLine, held: Held, requirements: dict[int, Held]
) -> tuple[LevelProspect, ...]:
    """Levels of other roles: most of what they ask met first, then fewest steps, then name."""
    found = [
        _level(population.levels[key], held, needed)
        for key, needed in requirements.items()
        if population.levels[key].role_id != own.role_id
    ]
    near = [one for one in found if one.met]
    near.sort(
        key=lambda one: (-one.met / one.required, one.steps, one.role_level.casefold(), one.role_level_id)
    )
    return tuple(near[:MOST_LEVELS])


def _level(line: RoleLevelLine, held: Held, needed: Held) -> LevelProspect:
    missing = [
        SkillNeed(skill, held.get(skill), required)
        for skill, required in needed.items()
        if held.get(skill, -1) < required
    ]
    missing.sort(key=lambda one: (one.held is None, -(one.required - (one.held or 0)), one.skill.casefold()))
    return LevelProspect(
        role_level_id=line.role_level_id,
        role_family=line.family,
        role=line.role,
        role_level=line.name,
        required=len(needed),
        assessed=sum(skill in held for skill in needed),
        met=sum(held.get(skill, -1) >= required for skill, required in needed.items()),
        steps=sum(one.required - one.held for one in missing if one.held is not None),
        missing=tuple(missing),
    )
