"""Groups that stay within a department: such a course becomes one offer per department, its places shared."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.problem import Enrolment, Forbidden, Offers, Outcomes, PlanProblem

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Separated:
    """A problem with one offer per department for some courses; ``origin`` is each offer's old number and
    ``home`` the department it is for, -1 where it is for everybody."""

    problem: PlanProblem
    origin: Ints
    home: Ints


def with_separate_groups(
    problem: PlanProblem, courses: Collection[int], home_names: Sequence[str] = ()
) -> Separated:
    """The problem with one offer per department in place of each of ``courses``.

    The offers of one course share its places; everything else (groups, cohort prices) is each one's own. Locked
    and forbidden lines follow their person's department. Codes get the department behind them, which leaves
    their order as it was.
    """
    homes = problem.learners.homes
    present = sorted({int(home) for home in homes})
    if not courses or len(present) < 2:
        count = len(problem.offers.codes)
        return Separated(problem, np.arange(count), np.full(count, -1, dtype=np.int64))
    names = dict(enumerate(home_names))
    old: list[int] = []
    codes: list[str] = []
    home_of: list[int] = []
    for course, code in enumerate(problem.offers.codes):
        for home in present if course in courses else [-1]:
            old.append(course)
            home_of.append(home)
            codes.append(code if home < 0 else f"{code} ({names.get(home, str(home))})")
    origin, home_column = np.array(old, dtype=np.int64), np.array(home_of, dtype=np.int64)
    new_of = {(course, home): place for place, (course, home) in enumerate(zip(old, home_of, strict=True))}

    def moved(person: int, course: int) -> int:
        return new_of.get((course, -1), new_of.get((course, int(homes[person])), -1))

    changed = replace(
        problem,
        offers=_offers(problem, tuple(codes), origin, home_column),
        outcomes=_outcomes(problem, origin),
        locked=tuple(Enrolment(k.person, moved(k.person, k.course), k.quarter) for k in problem.locked),
        forbidden=tuple(Forbidden(k.person, moved(k.person, k.course), k.quarter) for k in problem.forbidden),
        mentors=None
        if problem.mentors is None
        else replace(problem.mentors, able=problem.mentors.able[:, origin]),
    )
    return Separated(changed, origin, home_column)


def _offers(problem: PlanProblem, codes: tuple[str, ...], origin: Ints, home_of: Ints) -> Offers:
    offers, learners = problem.offers, problem.learners
    departments = int(learners.department.max(initial=0)) + 1
    open_to = np.ones((len(origin), departments), dtype=np.bool_)
    if offers.open_to is not None:
        open_to = offers.open_to[origin][:, :departments].copy()
    home_of_department = np.full(departments, -1, dtype=np.int64)
    home_of_department[learners.department] = learners.homes
    split = home_of >= 0
    open_to[split] &= home_of[split, None] == home_of_department[None, :]
    return Offers(
        codes=codes,
        pot=offers.pot[origin],
        person_cost=offers.person_cost[origin],
        cohort_cost=offers.cohort_cost[origin],
        hours=offers.hours[origin],
        duration=offers.duration[origin],
        min_group=offers.min_group[origin],
        max_group=offers.max_group[origin],
        places=offers.places[origin],
        open_to=open_to,
        mentor_hours=None if offers.mentor_hours is None else offers.mentor_hours[origin],
        max_mentees=None if offers.max_mentees is None else offers.max_mentees[origin],
        pool=origin if offers.pool is None else offers.pool[origin],
    )


def _outcomes(problem: PlanProblem, origin: Ints) -> Outcomes:
    given = problem.outcomes
    rows = [
        (place, k)
        for place, course in enumerate(origin.tolist())
        for k in (given.course == course).nonzero()[0]
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return Outcomes(table[:, 0], given.skill[table[:, 1]], given.entry[table[:, 1]], given.exit[table[:, 1]])
