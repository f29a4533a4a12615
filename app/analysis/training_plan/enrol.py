"""Every enrolment that could close a step, as columns: the ground all solvers stand on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.demands import NO_MENTOR
from app.analysis.training_plan.levels import hours_by_quarter
from app.analysis.training_plan.problem import Enrolment, PlanProblem
from app.terms import NOT_ASSESSED

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NEVER = 1_000
"""A quarter beyond every horizon."""


@dataclass(frozen=True, slots=True)
class Routes:
    """Open needs (one entry each) and the outcomes that can serve them (one entry per need and outcome).

    ``earliest`` is needs × 5 levels: the first quarter at whose start the level can be held. ``exit`` is
    held to the level required.
    """

    need: Ints
    earliest: Ints
    need_place: Ints
    course: Ints
    entry: Ints
    exit: Ints


@dataclass(frozen=True, slots=True)
class Candidates:
    """Enrolments that may be, sorted by person, course, quarter, and what each can give.

    A credit row (``credit_…``) says: this candidate raises need ``credit_need`` (its place in
    ``routes.need``) to ``credit_exit`` for whoever holds ``credit_entry`` at its start. ``hours`` is
    courses × longest duration, ``hour_limit`` people × quarters, those a course may run over into included.
    """

    person: Ints
    course: Ints
    quarter: Ints
    is_locked: Bools
    credit_of: Ints
    credit_need: Ints
    credit_entry: Ints
    credit_exit: Ints
    routes: Routes
    hours: Ints
    hour_limit: Ints

    def __len__(self) -> int:
        return len(self.person)

    def only(self, kept: Bools) -> Candidates:
        """Some of the candidates, with their credits."""
        number = np.cumsum(kept) - 1
        credit = kept[self.credit_of]
        return replace(
            self,
            person=self.person[kept],
            course=self.course[kept],
            quarter=self.quarter[kept],
            is_locked=self.is_locked[kept],
            credit_of=number[self.credit_of[credit]],
            credit_need=self.credit_need[credit],
            credit_entry=self.credit_entry[credit],
            credit_exit=self.credit_exit[credit],
        )

    def lines(self, chosen: Bools) -> list[Enrolment]:
        """The chosen candidates as enrolments."""
        numbers = chosen.nonzero()[0]
        columns = (self.person[numbers], self.course[numbers], self.quarter[numbers])
        return [Enrolment(*line) for line in zip(*(column.tolist() for column in columns), strict=True)]


def join(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """All pairs of places with equal keys; ``right`` must be sorted. Ordered by the place on the left."""
    first = np.searchsorted(right, left, side="left")
    count = np.searchsorted(right, left, side="right") - first
    left_place = np.repeat(np.arange(len(left)), count)
    offset = np.arange(len(left_place)) - np.repeat(np.cumsum(count) - count, count)
    return left_place, np.repeat(first, count) + offset


def hour_table(problem: PlanProblem) -> Ints:
    """Courses × longest duration: hundredths of hours in each quarter of a course."""
    offers = problem.offers
    longest = int(offers.duration.max(initial=1))
    table = np.zeros((len(offers.codes), longest), dtype=np.int64)
    for course, (hours, duration) in enumerate(
        zip(offers.hours.tolist(), offers.duration.tolist(), strict=True)
    ):
        table[course, :duration] = hours_by_quarter(hours, duration)
    return table


def open_routes(problem: PlanProblem) -> Routes:
    """Open needs in scope and the outcomes that can serve them, with the earliest quarter for each level."""
    needs, offers, learners = problem.needs, problem.offers, problem.learners
    is_open = (needs.held != NOT_ASSESSED) & (needs.held < needs.required)
    is_open &= needs.in_scope & learners.in_scope[needs.person]
    need = is_open.nonzero()[0]
    order = np.argsort(problem.outcomes.skill, kind="stable")
    place, outcome = join(needs.skill[need], problem.outcomes.skill[order])
    outcome = order[outcome]
    person = needs.person[need[place]]
    course, entry = problem.outcomes.course[outcome], problem.outcomes.entry[outcome]
    exit_level = problem.outcomes.exit[outcome]
    usable = (exit_level > needs.held[need[place]]) & (entry < needs.required[need[place]])
    usable &= ~_is_closed_to(problem, person, course)
    place, course, entry = place[usable], course[usable], entry[usable]
    exit_level = np.minimum(exit_level[usable], needs.required[need[place]])
    earliest = np.where(np.arange(5) <= needs.held[need][:, None], 0, NEVER)
    for _ in range(4):  # at most four levels to climb
        ready = earliest[place, entry] + offers.duration[course]
        for level in range(1, 5):
            gives = (entry < level) & (exit_level >= level)
            np.minimum.at(earliest[:, level], place[gives], ready[gives])
    reached = earliest[place, entry] < NEVER
    return Routes(need, earliest, place[reached], course[reached], entry[reached], exit_level[reached])


def candidates(problem: PlanProblem) -> Candidates:
    """All enrolments that may be: open to the person, in time, each alone within the person's hours, with a mentor
    in reach where one is needed."""
    routes = open_routes(problem)
    hours = hour_table(problem)
    limit = _hour_limit(problem, hours.shape[1])
    row, quarter = _starts(problem, routes)
    person = problem.needs.person[routes.need[routes.need_place[row]]]
    course = routes.course[row]
    allowed = _allowed(problem, person, course, quarter, (hours, limit))
    row, quarter, person, course = row[allowed], quarter[allowed], person[allowed], course[allowed]
    locked = np.array([(k.person, k.course, k.quarter) for k in problem.locked], dtype=np.int64).reshape(
        -1, 3
    )
    keys = _keys(problem, person, course, quarter)
    lock_keys = _keys(problem, *locked.T)
    distinct, place = np.unique(np.concatenate([keys, lock_keys]), return_inverse=True)
    place = place[: len(keys)]
    ones, twos = np.divmod(distinct, problem.quarters)
    order = np.lexsort((routes.need_place[row], place))
    return Candidates(
        person=ones // len(problem.offers.codes) if len(ones) else ones,
        course=ones % len(problem.offers.codes) if len(ones) else ones,
        quarter=twos,
        is_locked=np.isin(distinct, lock_keys),
        credit_of=place[order],
        credit_need=routes.need_place[row[order]],
        credit_entry=routes.entry[row[order]],
        credit_exit=routes.exit[row[order]],
        routes=routes,
        hours=hours,
        hour_limit=limit,
    )


def _is_closed_to(problem: PlanProblem, person: Ints, course: Ints) -> Bools:
    """Courses not open to the person's department (a locked line stands all the same), or forbidden to them."""
    closed = np.zeros(len(person), dtype=bool)
    courses = len(problem.offers.codes)
    if problem.offers.open_to is not None:
        locked = np.array([k.person * courses + k.course for k in problem.locked], dtype=np.int64)
        closed |= ~problem.offers.open_to[course, problem.learners.department[person]]
        closed &= ~np.isin(person * courses + course, locked)
    never = [f.person * courses + f.course for f in problem.forbidden if f.quarter is None]
    return closed | np.isin(person * courses + course, np.array(never, dtype=np.int64))


def _hour_limit(problem: PlanProblem, longest: int) -> Ints:
    """Hours per quarter, carried on at the last quarter's figure for courses that run over the horizon."""
    limit = problem.learners.hours
    return np.concatenate([limit, np.repeat(limit[:, -1:], longest - 1, axis=1)], axis=1)


def _starts(problem: PlanProblem, routes: Routes) -> tuple[Ints, Ints]:
    """Route and quarter for every start that is in time."""
    duration = problem.offers.duration[routes.course]
    leaves = problem.learners.last_quarter[problem.needs.person[routes.need[routes.need_place]]]
    first = routes.earliest[routes.need_place, routes.entry]
    last = np.minimum(problem.quarters - 1, leaves + 1 - duration)
    if not problem.overrun_allowed:
        last = np.minimum(last, problem.quarters - duration)
    is_locked_line = _locked_starts(problem, routes)
    count = np.maximum(last - first + 1, 0)
    row = np.repeat(np.arange(len(first)), count)
    quarter = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + first[row]
    extra_row, extra_quarter = is_locked_line
    late = extra_quarter > last[extra_row]
    late &= extra_quarter >= first[extra_row]
    return np.concatenate([row, extra_row[late]]), np.concatenate([quarter, extra_quarter[late]])


def _locked_starts(problem: PlanProblem, routes: Routes) -> tuple[Ints, Ints]:
    """Locked lines stand even where they run over the horizon, and close what they close."""
    courses = len(problem.offers.codes)
    lines = sorted(problem.locked)
    keys = np.array([k.person * courses + k.course for k in lines], dtype=np.int64)
    quarters = np.array([k.quarter for k in lines], dtype=np.int64)
    own = problem.needs.person[routes.need[routes.need_place]] * courses + routes.course
    row, line = join(own, keys)
    return row, quarters[line]


def _allowed(
    problem: PlanProblem, person: Ints, course: Ints, quarter: Ints, hours_and_limit: tuple[Ints, Ints]
) -> Bools:
    hours, limit = hours_and_limit
    allowed = problem.offers.places[course, quarter] > 0
    allowed &= has_mentor(problem, person, course, quarter)
    for later in range(hours.shape[1]):
        allowed &= hours[course, later] <= limit[person, quarter + later]
    keys = _keys(problem, person, course, quarter)
    once = [f for f in problem.forbidden if f.quarter is not None]
    forbidden = np.array([(f.person, f.course, f.quarter) for f in once], dtype=np.int64).reshape(-1, 3)
    allowed &= ~np.isin(keys, _keys(problem, *forbidden.T))
    lines = np.array([(k.person, k.course, k.quarter) for k in problem.locked], dtype=np.int64).reshape(-1, 3)
    courses = len(problem.offers.codes)
    is_booked = np.isin(person * courses + course, lines[:, 0] * courses + lines[:, 1])
    return (allowed & ~is_booked) | np.isin(keys, _keys(problem, *lines.T))


def has_mentor(problem: PlanProblem, person: Ints, course: Ints, quarter: Ints) -> Bools:
    """Whether an able mentor in the same unit or its parent is there to the end, where the offer needs one."""
    offers, mentors = problem.offers, problem.mentors
    if offers.mentor_hours is None:
        return np.ones(len(person), dtype=bool)
    needs_one = offers.mentor_hours[course] != NO_MENTOR
    if mentors is None:
        return ~needs_one
    units = len(mentors.parent)
    last = np.full((units, len(offers.codes)), -1, dtype=np.int64)
    able_mentor, able_course = mentors.able.nonzero()
    np.maximum.at(last, (mentors.unit[able_mentor], able_course), mentors.last_quarter[able_mentor])
    has_parent = mentors.parent >= 0
    near = last.copy()
    near[has_parent] = np.maximum(near[has_parent], last[mentors.parent[has_parent]])
    ends = quarter + offers.duration[course] - 1
    found = ~needs_one | (ends <= near[mentors.unit_of[person], course])
    # nobody mentors themselves: whoever is a mentor as well is looked at one by one
    for row in (needs_one & found & np.isin(person, mentors.learner)).nonzero()[0].tolist():
        unit = int(mentors.unit_of[person[row]])
        others = np.isin(mentors.unit, [unit, int(mentors.parent[unit])]) & mentors.able[:, course[row]]
        others &= (mentors.learner != person[row]) & (mentors.last_quarter >= ends[row])
        found[row] = bool(others.any())
    return found


def _keys(problem: PlanProblem, person: Ints, course: Ints, quarter: Ints) -> Ints:
    return (person * len(problem.offers.codes) + course) * problem.quarters + quarter
