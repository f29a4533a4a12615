"""The data as a plan problem: people, needs, offers and limits as columns; and what their codes stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from sqlalchemy.orm import Session
from sqlmodel import col, select

from app.analysis.gaps import GapPairs, gap_pairs
from app.analysis.training_plan import (
    NO_LIMIT,
    Enrolment,
    Forbidden,
    Learners,
    Needs,
    Offers,
    Outcomes,
    PlanProblem,
    with_separate_groups,
)
from app.analysis.training_plan.problem import POTS
from app.errors import UsageError
from app.models import Course, CourseOutcome
from app.services.gap_base import WEIGHT_ONE, GapBase
from app.services.population import Flags, Ints
from app.services.training.demands import (
    Asking,
    last_quarters,
    mentor_hours,
    mentor_names,
    mentors_of,
    needs_mentor,
    release_of,
    targets_of,
    with_fair_shares,
)
from app.services.training.limit_settings import EVERY_COURSE
from app.services.training.money import BudgetDepartments, budget_departments, money_limits
from app.services.training.records import LineWish, PlanSettings
from app.terms import NOT_ASSESSED, Delivery, FinancialQuarter, Funding, name_key


@dataclass(frozen=True, slots=True)
class ProblemKey:
    """What the codes of a plan problem stand for: persons by id, courses by id, needs by skill id.

    Where groups of a course stay within a department it stands once per department; ``course_homes`` says for
    which (-1: everybody), ``person_homes`` the department of each person. ``notes`` are worth knowing about what
    was asked; ``departments`` are those that budgets speak of.
    """

    person_ids: Ints
    places: Ints
    course_ids: tuple[int, ...]
    course_codes: tuple[str, ...]
    skill_ids: Ints
    skill_names: tuple[str, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    departments: BudgetDepartments
    course_homes: tuple[int, ...] = ()
    mentor_names: tuple[str, ...] = ()

    def course_place(self, course_id: int, person: int) -> int | None:
        """Where a course stands for this person; None where it is not on offer."""
        home = int(self.departments.home[person])
        for place, found in enumerate(self.course_ids):
            if found == course_id and self.course_homes[place] in (-1, home):
                return place
        return None


@dataclass(frozen=True, slots=True)
class _Catalogue:
    courses: list[Course]
    outcomes: list[CourseOutcome]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


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
    offered = _catalogue(session, settings)
    skill_ids, code_of_skill = _skill_codes(base, skills, offered.outcomes)
    needs = _needs(base, pairs, open_pairs, taking, skills)
    departments = budget_departments(population, taking, settings.budgets)
    limits, reserves = money_limits(settings, start, departments)
    targets, notes = targets_of(Asking(base, settings, start, taking, needs, skills))
    course_ids = tuple(course.id or 0 for course in offered.courses)
    mentors = mentors_of(session, base, settings, start, taking, (offered.courses, offered.outcomes))
    codes = tuple(course.code for course in offered.courses)
    names = tuple(base.skill_names[code] for code in skills)
    key = ProblemKey(
        population.person_id[taking], taking, course_ids, codes, skill_ids, names, offered.left_out,
        (*offered.notes, *notes), departments,
        course_homes=(-1,) * len(course_ids),
        mentor_names=mentor_names(base, mentors),
    )  # fmt: skip
    locked, forbidden = _wishes(base, settings, start, key)
    problem = PlanProblem(
        start=start,
        quarters=settings.quarters,
        learners=_learners(base, settings, start, taking, departments),
        needs=needs,
        offers=_offers(offered.courses, settings, departments),
        outcomes=_outcomes(offered.outcomes, course_ids, code_of_skill),
        limits=limits,
        locked=locked,
        forbidden=forbidden,
        overrun_allowed=settings.is_overrun_allowed,
        skill_names=key.skill_names,
        reserves=reserves,
        release=release_of(base, settings, taking),
        mentors=mentors,
        targets=targets,
    )
    return _separated(problem, key, settings)


def _separated(
    problem: PlanProblem, key: ProblemKey, settings: PlanSettings
) -> tuple[PlanProblem, ProblemKey]:
    """Courses whose groups stay within a department, one offer for each of them; fair shares come last."""
    wanted = {name_key(code) for code in settings.limits.separate_groups}
    known = {name_key(code): place for place, code in enumerate(key.course_codes)}
    every = EVERY_COURSE in wanted
    unknown = [
        code for code in settings.limits.separate_groups if name_key(code) not in {*known, EVERY_COURSE}
    ]
    if unknown:
        raise UsageError(
            f"There is no course “{unknown[0]}” on offer whose groups could stay within a department.",
            f"Name course codes, or “{EVERY_COURSE}” for every course.",
        )
    offers = problem.offers
    is_grouped = (offers.cohort_cost > 0) | (offers.min_group > 1)
    chosen = {place for code, place in known.items() if (every or code in wanted) and bool(is_grouped[place])}
    found = with_separate_groups(problem, chosen, key.departments.home_names)
    key = replace(
        key,
        course_ids=tuple(key.course_ids[place] for place in found.origin.tolist()),
        course_codes=tuple(key.course_codes[place] for place in found.origin.tolist()),
        course_homes=tuple(found.home.tolist()),
    )
    return with_fair_shares(found.problem, settings, key.departments), key


def _needs(base: GapBase, pairs: GapPairs, open_pairs: Flags, taking: Ints, skills: Ints) -> Needs:
    place_of = np.full(len(base.population), -1, dtype=np.int64)
    place_of[taking] = np.arange(len(taking))
    weights = np.rint(base.weights * WEIGHT_ONE).astype(np.int64)
    return Needs(
        person=place_of[pairs.person[open_pairs]],
        skill=np.searchsorted(skills, pairs.skill[open_pairs]).astype(np.int64),
        held=pairs.held[open_pairs].astype(np.int64),
        required=pairs.required[open_pairs].astype(np.int64),
        weight=weights[pairs.slot[open_pairs]],
        in_scope=np.ones(int(open_pairs.sum()), dtype=np.bool_),
    )


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


def _learners(
    base: GapBase,
    settings: PlanSettings,
    start: FinancialQuarter,
    taking: Ints,
    departments: BudgetDepartments,
) -> Learners:
    population = base.population
    hundredths = int(settings.hours_per_quarter * 100)
    hours = np.full((len(taking), settings.quarters), hundredths, dtype=np.int64)
    if settings.is_scaled_by_fte:
        hours = hours * population.fte_hundredths[taking][:, None] // 100
    return Learners(
        staff_ids=tuple(population.staff_id[int(row)] for row in taking.tolist()),
        department=departments.code,
        hours=hours,
        last_quarter=last_quarters(population.last_day[taking].tolist(), start),
        in_scope=np.ones(len(taking), dtype=np.bool_),
        home=departments.home,
    )


def _catalogue(session: Session, settings: PlanSettings) -> _Catalogue:
    """Courses on offer by code with their outcomes; those that cannot be in this plan are named."""
    rows = session.scalars(select(Course).where(col(Course.is_offered)).order_by(col(Course.code))).all()
    odd = [
        row
        for row in rows
        if row.funding == Funding.LEVY.value and row.delivery not in ("", Delivery.APPRENTICESHIP.value)
    ]
    not_levy = odd if settings.limits.is_levy_strict else []
    mentoring = [row for row in rows if needs_mentor(row) and not settings.limits.has_mentoring]
    courses = [row for row in rows if row not in not_levy and row not in mentoring]
    offered = {row.id for row in courses}
    outcomes = [row for row in session.scalars(select(CourseOutcome)) if row.course_id in offered]
    notes: list[str] = []
    if odd:
        codes = ", ".join(f"{row.code} ({row.delivery})" for row in odd)
        notes.append(
            f"Left out, because the levy pays for apprenticeships only: {codes}."
            if not_levy
            else f"Paid from the apprenticeship levy, but not delivered as apprenticeships: {codes}."
        )
    if mentoring:
        notes.append(
            f"Left out, because mentoring was not wanted: {', '.join(row.code for row in mentoring)}."
        )
    left_out = tuple(row.code for row in rows if row in not_levy or row in mentoring)
    return _Catalogue(courses, outcomes, left_out, tuple(notes))


def _skill_codes(
    base: GapBase, skills: Ints, outcomes: Sequence[CourseOutcome]
) -> tuple[Ints, dict[int, int]]:
    """Skill ids of the needs by code, and codes for the skills of outcomes nobody here needs behind them."""
    ids = base.skill_ids[skills] if len(skills) else np.zeros(0, dtype=np.int64)
    codes = {int(skill): code for code, skill in enumerate(ids)}
    for outcome in sorted(outcomes, key=lambda row: row.skill_id):
        codes.setdefault(outcome.skill_id, len(codes))
    return ids, codes


def _offers(courses: Sequence[Course], settings: PlanSettings, departments: BudgetDepartments) -> Offers:
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
        places=np.repeat(column(places)[:, None], settings.quarters, axis=1),
        open_to=_open_to(courses, settings, departments),
        mentor_hours=mentor_hours(courses),
        max_mentees=column([course.max_mentees or NO_LIMIT for course in courses]),
    )


def _open_to(
    courses: Sequence[Course], settings: PlanSettings, departments: BudgetDepartments
) -> Flags | None:
    """Programme money of named departments is for their people alone; None where it is for everybody."""
    programme = [budget for budget in settings.budgets if budget.pot is Funding.PROGRAMME]
    if not programme or not all(budget.departments for budget in programme):
        return None
    own = frozenset[int]().union(*(departments.of_group[budget.departments] for budget in programme))
    codes = int(departments.code.max(initial=0)) + 1
    is_own = np.isin(np.arange(codes), np.array(sorted(own), dtype=np.int64))
    is_programme = np.array([course.funding == Funding.PROGRAMME.value for course in courses], dtype=np.bool_)
    return ~is_programme[:, None] | is_own[None, :]


def _outcomes(
    outcomes: Sequence[CourseOutcome], course_ids: tuple[int, ...], codes: dict[int, int]
) -> Outcomes:
    place_of = {course_id: place for place, course_id in enumerate(course_ids)}
    rows = sorted(
        (place_of[row.course_id], codes[row.skill_id], row.from_level, row.to_level) for row in outcomes
    )
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 4)
    return Outcomes(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


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
