"""The data as a plan problem: people, needs, offers and limits as columns; and what their codes stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.analysis.gaps import gap_pairs
from app.analysis.training_plan import (
    NO_LIMIT,
    Enrolment,
    Forbidden,
    Learners,
    MoneyLimit,
    Needs,
    Offers,
    Outcomes,
    PlanProblem,
    last_whole_quarter,
)
from app.analysis.training_plan.problem import POTS
from app.errors import UsageError
from app.models import Course, CourseOutcome
from app.services.gap_base import WEIGHT_ONE, GapBase
from app.services.population import Flags, Ints
from app.services.training.records import LineWish, PlanSettings
from app.terms import NOT_ASSESSED, Delivery, FinancialQuarter, Funding, name_key


@dataclass(frozen=True, slots=True)
class ProblemKey:
    """What the codes of a plan problem stand for: persons by id, courses by id, needs by skill id."""

    person_ids: Ints
    places: Ints
    course_ids: tuple[int, ...]
    course_codes: tuple[str, ...]
    skill_ids: Ints
    skill_names: tuple[str, ...]
    left_out: tuple[str, ...]


def build_problem(
    session: Session, base: GapBase, settings: PlanSettings, start: FinancialQuarter
) -> tuple[PlanProblem, ProblemKey]:
    """The problem of one plan. Only people with an open step (or a locked line) take part."""
    population = base.population
    mask = population.mask(settings.scope)
    pairs = gap_pairs(base.blocks, mask)
    open_pairs = (pairs.held != NOT_ASSESSED) & (pairs.held < pairs.required)
    wished = _wished_places(base, settings.wishes, mask)
    taking = np.unique(np.concatenate([pairs.person[open_pairs].astype(np.int64), wished]))
    skills = np.unique(pairs.skill[open_pairs]).astype(np.int64)
    courses, outcomes, left_out = _catalogue(session)
    skill_ids, code_of_skill = _skill_codes(base, skills, outcomes)
    place_of = np.full(len(population), -1, dtype=np.int64)
    place_of[taking] = np.arange(len(taking))
    weights = np.rint(base.weights * WEIGHT_ONE).astype(np.int64)
    needs = Needs(
        person=place_of[pairs.person[open_pairs]],
        skill=np.searchsorted(skills, pairs.skill[open_pairs]).astype(np.int64),
        held=pairs.held[open_pairs].astype(np.int64),
        required=pairs.required[open_pairs].astype(np.int64),
        weight=weights[pairs.slot[open_pairs]],
        in_scope=np.ones(int(open_pairs.sum()), dtype=np.bool_),
    )
    course_ids = tuple(course.id or 0 for course in courses)
    key = ProblemKey(
        population.person_id[taking],
        taking,
        course_ids,
        tuple(course.code for course in courses),
        skill_ids,
        tuple(base.skill_names[code] for code in skills),
        left_out,
    )
    locked, forbidden = _wishes(base, settings, start, key)
    problem = PlanProblem(
        start=start,
        quarters=settings.quarters,
        learners=_learners(base, settings, start, taking),
        needs=needs,
        offers=_offers(courses, settings.quarters),
        outcomes=_outcomes(outcomes, course_ids, code_of_skill),
        limits=_limits(settings),
        locked=locked,
        forbidden=forbidden,
        overrun_allowed=settings.is_overrun_allowed,
        skill_names=key.skill_names,
    )
    return problem, key


def _wished_places(base: GapBase, wishes: Sequence[LineWish], mask: Flags) -> Ints:
    """Rows of the people named in locked lines; they take part even where nothing of theirs is open."""
    row_of = {staff: row for row, staff in enumerate(base.population.staff_id)}
    rows: list[int] = []
    for wish in wishes:
        row = row_of.get(wish.staff_id)
        if row is None:
            raise UsageError(
                f"There is nobody with staff id “{wish.staff_id}”.", "Correct the list of locks."
            )
        if not wish.is_forbidden and not mask[row]:
            raise UsageError(
                f"{wish.staff_id} has a locked line but is not among the people of this plan.",
                "Take the line out, or widen the scope of the plan.",
            )
        if mask[row]:
            rows.append(row)
    return np.array(rows, dtype=np.int64)


def _learners(base: GapBase, settings: PlanSettings, start: FinancialQuarter, taking: Ints) -> Learners:
    population = base.population
    hundredths = int(settings.hours_per_quarter * 100)
    hours = np.full((len(taking), settings.quarters), hundredths, dtype=np.int64)
    if settings.is_scaled_by_fte:
        hours = hours * population.fte_hundredths[taking][:, None] // 100
    ends = population.last_day[taking].tolist()
    memo: dict[int, int] = {}
    for end in set(ends):
        day = None if end == date.max.toordinal() else date.fromordinal(end)
        memo[end] = last_whole_quarter(day, start)
    departments = np.unique(population.department_ids())
    return Learners(
        staff_ids=tuple(population.staff_id[int(row)] for row in taking.tolist()),
        department=np.searchsorted(departments, population.department_ids()[taking]).astype(np.int64),
        hours=hours,
        last_quarter=np.array([memo[end] for end in ends], dtype=np.int64),
        in_scope=np.ones(len(taking), dtype=np.bool_),
    )


def _catalogue(session: Session) -> tuple[list[Course], list[CourseOutcome], tuple[str, ...]]:
    """Courses on offer by code with their outcomes; mentoring waits for mentors in reach and is named."""
    rows = session.scalars(select(Course).where(col(Course.is_offered)).order_by(col(Course.code))).all()
    needs_mentor = [
        row for row in rows if row.delivery == Delivery.MENTORING.value or row.mentor_hours_hundredths
    ]
    courses = [row for row in rows if row not in needs_mentor]
    offered = {row.id for row in courses}
    outcomes = [row for row in session.scalars(select(CourseOutcome)) if row.course_id in offered]
    return courses, outcomes, tuple(row.code for row in needs_mentor)


def _skill_codes(
    base: GapBase, skills: Ints, outcomes: Sequence[CourseOutcome]
) -> tuple[Ints, dict[int, int]]:
    """Skill ids of the needs by code, and codes for the skills of outcomes nobody here needs behind them."""
    ids = base.skill_ids[skills] if len(skills) else np.zeros(0, dtype=np.int64)
    codes = {int(skill): code for code, skill in enumerate(ids)}
    for outcome in sorted(outcomes, key=lambda row: row.skill_id):
        codes.setdefault(outcome.skill_id, len(codes))
    return ids, codes


def _offers(courses: Sequence[Course], quarters: int) -> Offers:
    def column(values: list[int]) -> Ints:
        return np.array(values, dtype=np.int64)

    pots = {pot.value: place for place, pot in enumerate(POTS)}
    places = [
        NO_LIMIT if course.places_per_quarter is None else course.places_per_quarter for course in courses
    ]
    return Offers(
        codes=tuple(course.code for course in courses),
        pot=column([pots[course.funding] for course in courses]),
        person_cost=column([course.cost_per_person_pence for course in courses]),
        cohort_cost=column([course.cost_per_cohort_pence for course in courses]),
        hours=column([course.hours_hundredths for course in courses]),
        duration=column([course.duration_quarters for course in courses]),
        min_group=column([course.min_group or 1 for course in courses]),
        max_group=column([course.max_group or NO_LIMIT for course in courses]),
        places=np.repeat(column(places)[:, None], quarters, axis=1),
    )


def _outcomes(
    outcomes: Sequence[CourseOutcome], course_ids: tuple[int, ...], codes: dict[int, int]
) -> Outcomes:
    place_of = {course_id: place for place, course_id in enumerate(course_ids)}
    rows = sorted(
        (place_of[row.course_id], codes[row.skill_id], row.from_level, row.to_level) for row in outcomes
    )
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 4)
    return Outcomes(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def _limits(settings: PlanSettings) -> tuple[MoneyLimit, ...]:
    """A limit for every pot: what was given, and nothing for a pot of which nothing was said."""
    given = [
        MoneyLimit(budget.pot, int((budget.pounds * 100).to_integral_value()), budget.year)
        for budget in settings.budgets
    ]
    silent = [
        MoneyLimit(pot, 0)
        for pot in (Funding.LEARNING_BUDGET, Funding.LEVY, Funding.PROGRAMME)
        if not any(limit.pot is pot for limit in given)
    ]
    return (*given, *silent)


def _wishes(
    base: GapBase, settings: PlanSettings, start: FinancialQuarter, key: ProblemKey
) -> tuple[tuple[Enrolment, ...], tuple[Forbidden, ...]]:
    staff = {base.population.staff_id[row]: place for place, row in enumerate(key.places.tolist())}
    codes = {name_key(code): place for place, code in enumerate(key.course_codes)}
    locked: list[Enrolment] = []
    forbidden: list[Forbidden] = []
    for wish in settings.wishes:
        course = codes.get(name_key(wish.course_code))
        if course is None:
            raise UsageError(
                f"There is no course “{wish.course_code}” on offer.", "Correct the list of locks."
            )
        quarter = None if wish.quarter is None else int(wish.quarter) - int(start)
        if quarter is not None and not 0 <= quarter < settings.quarters:
            if wish.is_forbidden:
                continue
            raise UsageError(
                f"The locked line of {wish.staff_id} starts in {wish.quarter}, outside the plan.",
                "Correct the quarter, or plan over more quarters.",
            )
        person = staff.get(wish.staff_id)
        if wish.is_forbidden:
            if person is not None:
                forbidden.append(Forbidden(person, course, quarter))
        elif quarter is None or person is None:
            raise UsageError(
                f"The locked line of {wish.staff_id} has no quarter.", "Give one such as 2026Q3."
            )
        else:
            locked.append(Enrolment(person, course, quarter))
    return tuple(locked), tuple(forbidden)


def pounds(pence: int) -> Decimal:
    """Whole pence as pounds."""
    return Decimal(pence) / 100
