"""What a training plan is asked for: columns of people, needs, offers and limits, validated once.

Whole numbers everywhere: money in pence, hours in hundredths of an hour, weights in ten-thousandths.
Quarters are counted from 0, the first of the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.demands import FairShare, Mentors, Release, Reserve, Target
from app.errors import UsageError
from app.terms import NOT_ASSESSED, FinancialQuarter, Funding

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NO_LIMIT = 2**31 - 1
"""Stands for "unlimited" in columns of hours, places and group sizes."""

NOT_BEFORE_LEAVING = 2**31 - 1
"""The last quarter of somebody without an end date."""

POTS: tuple[Funding, ...] = tuple(Funding)
WEIGHT_UNIT = 10_000
WEIGHT_RANGE = (1_000, 100_000)


@dataclass(frozen=True, slots=True)
class Learners:
    """The people, one entry each. ``department`` numbers the departments that budgets speak of.

    ``home`` numbers the departments that groups and fair shares speak of (``None``: as ``department``);
    budgets may cut finer, by units below a department. ``hours`` is people × quarters in hundredths
    (:data:`NO_LIMIT`: unlimited); ``last_quarter`` the last quarter that ends on or before the person's end
    date, see :func:`last_whole_quarter`. People out of scope get nothing but their locked lines.
    """

    staff_ids: tuple[str, ...]
    department: Ints
    hours: Ints
    last_quarter: Ints
    in_scope: Bools
    home: Ints | None = None

    @property
    def homes(self) -> Ints:
        """The department of each person."""
        return self.department if self.home is None else self.home


@dataclass(frozen=True, slots=True)
class Needs:
    """Pairs of person and skill, one entry each: level held (255 not assessed) and required, and the weight.

    Pairs not assessed, or held at the level required, may be left out: they close nothing.
    """

    person: Ints
    skill: Ints
    held: Ints
    required: Ints
    weight: Ints
    in_scope: Bools


@dataclass(frozen=True, slots=True)
class Offers:
    """The courses. ``pot`` counts through :data:`POTS`; costs are pence, ``hours`` hundredths in all.

    ``places`` is courses × quarters; ``max_group`` :data:`NO_LIMIT` means one group of any size. ``open_to``
    (courses × departments) says whose people may be enrolled; ``None``: everybody. ``mentor_hours``
    (``NO_MENTOR``: none needed) are a mentor's, for each mentee in each quarter; a mentor has at most
    ``max_mentees`` in a quarter, counted over all their offers. Courses of one ``pool`` share the places that
    each of them shows (see ``separate.py``).
    """

    codes: tuple[str, ...]
    pot: Ints
    person_cost: Ints
    cohort_cost: Ints
    hours: Ints
    duration: Ints
    min_group: Ints
    max_group: Ints
    places: Ints
    open_to: Bools | None = None
    mentor_hours: Ints | None = None
    max_mentees: Ints | None = None
    pool: Ints | None = None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What the courses give: levels ``entry + 1`` to ``exit`` of a skill to whoever holds ``entry``."""

    course: Ints
    skill: Ints
    entry: Ints
    exit: Ints


@dataclass(frozen=True, slots=True)
class MoneyLimit:
    """At most ``pence`` of a pot, what is already booked taken off.

    ``year`` is the calendar year a financial year starts in (``None``: the whole plan); ``departments`` whose
    lines count (``None``: everybody's). A pot without a limit is unlimited.
    """

    pot: Funding
    pence: int
    year: int | None = None
    departments: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, order=True)
class Enrolment:
    """One person on one course from one quarter on."""

    person: int
    course: int
    quarter: int


@dataclass(frozen=True, slots=True)
class Forbidden:
    """An enrolment that must not be; ``quarter`` ``None`` means in no quarter."""

    person: int
    course: int
    quarter: int | None = None


@dataclass(frozen=True, slots=True)
class SolveSettings:
    """How long to look and when to be content (``gap_pct`` 0: only with the best there is).

    ``keep_on_cancel``: a cancelled search returns the best plan so far instead of raising ``Cancelled``.
    ``is_value_only``: settle the first wish alone, which is all that a curve of many plans shows.
    """

    seconds: float = 30.0
    gap_pct: float = 0.0
    seed: int = 0
    keep_on_cancel: bool = False
    is_value_only: bool = False


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """Everything the plan depends on. Raises :class:`app.errors.UsageError` where it does not make sense."""

    start: FinancialQuarter
    quarters: int
    learners: Learners
    needs: Needs
    offers: Offers
    outcomes: Outcomes
    limits: tuple[MoneyLimit, ...] = ()
    locked: tuple[Enrolment, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    overrun_allowed: bool = False
    skill_names: tuple[str, ...] = field(default=())
    reserves: tuple[Reserve, ...] = ()
    release: Release | None = None
    mentors: Mentors | None = None
    targets: tuple[Target, ...] = ()
    fair_shares: tuple[FairShare, ...] = ()

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise UsageError(f"The plan cannot be made: {faults[0]}", "Correct it and make the plan again.")

    def year_of(self, quarter: int) -> int:
        """The financial year (its first calendar year) in which a quarter of the plan lies."""
        return (self.start + quarter).year


def last_whole_quarter(end_date: date | None, start: FinancialQuarter) -> int:
    """The last quarter, counted from ``start``, over when somebody leaves on ``end_date``; may be < 0."""
    if end_date is None:
        return NOT_BEFORE_LEAVING
    last = FinancialQuarter.of(end_date)
    return int(last) - int(start) - (end_date < last.last_day)


def _faults(problem: PlanProblem) -> list[str]:
    shapes = _shape_faults(problem)
    return shapes or _learner_faults(problem) + _offer_faults(problem) + _wish_faults(problem)


def _shape_faults(problem: PlanProblem) -> list[str]:
    people, courses = len(problem.learners.staff_ids), len(problem.offers.codes)
    quarters = problem.quarters
    if not 1 <= quarters <= 40:
        return [f"a plan runs over 1 to 40 quarters, not {quarters}."]
    learners, needs, offers, outcomes = problem.learners, problem.needs, problem.offers, problem.outcomes
    expected: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = [
        ("hours of people", learners.hours.shape, (people, quarters)),
        ("places of courses", offers.places.shape, (courses, quarters)),
    ]
    own = (learners.department, learners.last_quarter, learners.in_scope)
    expected += [("a column of people", column.shape, (people,)) for column in own]
    pairs = (needs.skill, needs.held, needs.required, needs.weight, needs.in_scope)
    expected += [("a column of needs", column.shape, needs.person.shape) for column in pairs]
    names = ("pot", "person_cost", "cohort_cost", "hours", "duration", "min_group", "max_group")
    expected += [(f"{name} of courses", getattr(offers, name).shape, (courses,)) for name in names]
    given = (outcomes.skill, outcomes.entry, outcomes.exit)
    expected += [("a column of outcomes", column.shape, outcomes.course.shape) for column in given]
    more = (("mentor_hours", offers.mentor_hours), ("max_mentees", offers.max_mentees), ("pool", offers.pool))
    expected += [(name, column.shape, (courses,)) for name, column in more if column is not None]
    if problem.release is not None:
        expected.append(("people away", problem.release.away.shape, (people, quarters)))
        expected.append(("teams", problem.release.most.shape, (len(problem.release.names), quarters)))
    if problem.mentors is not None:
        expected.append(
            ("mentors' hours", problem.mentors.hours.shape, (len(problem.mentors.staff_ids), quarters))
        )
        expected.append(
            ("able mentors", problem.mentors.able.shape, (len(problem.mentors.staff_ids), courses))
        )
    return [f"{name} has shape {shape}, not {wanted}." for name, shape, wanted in expected if shape != wanted]


def _learner_faults(problem: PlanProblem) -> list[str]:
    learners, needs = problem.learners, problem.needs
    people = len(learners.staff_ids)
    faults: list[str] = []
    if len(set(learners.staff_ids)) != people:
        faults.append("a staff id occurs twice.")
    if (learners.hours < 0).any():
        faults.append("hours per quarter are below 0.")
    if _outside(needs.person, 0, people - 1):
        faults.append("a need names a person that is not there.")
    elif len(np.unique(needs.person * (needs.skill.max(initial=0) + 1) + needs.skill)) != len(needs.person):
        faults.append("a pair of person and skill occurs twice.")
    if _outside(needs.required, 0, 4) or _outside(needs.held[needs.held != NOT_ASSESSED], 0, 4):
        faults.append("a level is not between 0 and 4.")
    if _outside(needs.weight, *WEIGHT_RANGE):
        faults.append("a weight is not between 0.1 and 10.")
    return faults


def _offer_faults(problem: PlanProblem) -> list[str]:
    offers, outcomes = problem.offers, problem.outcomes
    free = offers.pot == POTS.index(Funding.FREE)
    checks = [
        (len(set(offers.codes)) != len(offers.codes), "a course code occurs twice."),
        (_outside(offers.pot, 0, len(POTS) - 1), "a course is paid from a pot that is not there."),
        (
            bool((offers.person_cost < 0).any() or (offers.cohort_cost < 0).any()),
            "a course costs less than 0.",
        ),
        (bool(((offers.person_cost + offers.cohort_cost)[free] > 0).any()), "a free course has a price."),
        (bool((offers.hours < 0).any()), "a course takes less than 0 hours."),
        (bool((offers.duration < 1).any()), "a course lasts less than one quarter."),
        (bool((offers.min_group < 1).any()), "a course has a smallest group below 1."),
        (
            bool((offers.max_group < offers.min_group).any()),
            "a course has a largest group below its smallest.",
        ),
        (bool((offers.places < 0).any()), "a course has fewer than 0 places."),
        (_outside(outcomes.course, 0, len(offers.codes) - 1), "an outcome names a course that is not there."),
        (
            _outside(outcomes.entry, 0, 3) or _outside(outcomes.exit, 1, 4),
            "an outcome's level is outside 0 to 4.",
        ),
        (bool((outcomes.exit <= outcomes.entry).any()), "an outcome ends no higher than it begins."),
    ]
    return [sentence for is_wrong, sentence in checks if is_wrong]


def _wish_faults(problem: PlanProblem) -> list[str]:
    people, courses = len(problem.learners.staff_ids), len(problem.offers.codes)
    faults: list[str] = []
    if any(limit.pence < 0 for limit in problem.limits):
        faults.append("a budget is below 0.")
    for kind, lines in (("locked", problem.locked), ("forbidden", problem.forbidden)):
        for line in lines:
            inside = line.quarter is None or 0 <= line.quarter < problem.quarters
            if not (0 <= line.person < people and 0 <= line.course < courses and inside):
                faults.append(f"a {kind} line names a person, course or quarter outside the plan.")
    if len({(line.person, line.course) for line in problem.locked}) != len(problem.locked):
        faults.append("a person is locked into one course twice.")
    return faults + _demand_faults(problem)


def _demand_faults(problem: PlanProblem) -> list[str]:
    needs = problem.needs
    faults: list[str] = []
    for target in problem.targets:
        if _outside(target.needs, 0, len(needs.person) - 1) or len(target.needs) != len(target.levels):
            faults.append("a target names a need that is not there.")
        elif (target.levels > needs.required[target.needs]).any() or (
            target.levels <= needs.held[target.needs]
        ).any():
            faults.append("a target asks for a level that is held already, or above what is required.")
        if not 0 <= target.by < problem.quarters or (target.price is not None and target.price < 0):
            faults.append("a target lies outside the plan, or has a price below 0.")
    for reserve in problem.reserves:
        if reserve.pence < 0 or any(own < 0 for _, own in reserve.accounts):
            faults.append("a reserve, or money of a department's own, is below 0.")
        if any(problem.limits[place].pence != own + reserve.pence for place, own in reserve.accounts):
            faults.append(
                "the limit of a department that draws on a reserve is not its own money and the reserve."
            )
    return faults


def _outside(values: Ints, lowest: int, highest: int) -> bool:
    return bool(((values < lowest) | (values > highest)).any())
