"""What room a finished plan leaves: places shared by courses, teams, mentors. The reasons of unmet needs ask it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.enrol import has_mentor
from app.analysis.training_plan.levels import groups_for
from app.analysis.training_plan.mentoring import Load, Reach
from app.analysis.training_plan.problem import Enrolment, PlanProblem
from app.analysis.training_plan.result import PlanLine

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Room:
    """One person more on a course in a quarter: is there a place, a mentor, and may the team spare them?

    Every question takes columns of people, courses and quarters and answers with one flag each.
    """

    def __init__(self, problem: PlanProblem, lines: Sequence[PlanLine], size: Ints) -> None:
        self._problem, self._size = problem, size
        self._reach = Reach(problem)
        self._load = Load(problem, self._reach)
        quarters = problem.quarters + int(problem.offers.duration.max(initial=1))
        self._busy = np.zeros((len(problem.learners.staff_ids), quarters), dtype=np.bool_)
        if problem.release is not None:
            self._busy[:, : problem.quarters] = problem.release.away
        for line in lines:
            self._load.learns(line.enrolment)
            if line.mentor is not None:
                self._load.mentors(line.mentor, line.enrolment)
        self._away = self._counted(lines, quarters)

    def _counted(self, lines: Sequence[PlanLine], quarters: int) -> Ints:
        """Teams × quarters: people the plan sends away."""
        release = self._problem.release
        away = np.zeros((0 if release is None else len(release.names), quarters), dtype=np.int64)
        for line in lines:
            for quarter in range(
                line.quarter, line.quarter + int(self._problem.offers.duration[line.course])
            ):
                if release is not None and not self._busy[line.person, quarter]:
                    away[release.team[line.person], quarter] += 1
                self._busy[line.person, quarter] = True
        return away

    def has_places(self, course: Ints, quarter: Ints) -> Bools:
        """Whether one more finds a place, and a group that runs then."""
        offers = self._problem.offers
        possible = np.zeros(self._size.shape, dtype=bool)
        together = self._size
        if offers.pool is not None:
            together = np.zeros_like(self._size)
            for pool in np.unique(offers.pool).tolist():
                own = offers.pool == pool
                together[own] = self._size[own].sum(axis=0)
        for row, column in np.ndindex(*self._size.shape):
            size = int(self._size[row, column]) + 1
            fits = groups_for(size, int(offers.min_group[row]), int(offers.max_group[row])) is not None
            possible[row, column] = fits and together[row, column] + 1 <= offers.places[row, column]
        return possible[course, quarter]

    def has_mentor(self, person: Ints, course: Ints, quarter: Ints) -> Bools:
        """Whether a mentor in reach has hours and room left, where the offer needs one."""
        found = has_mentor(self._problem, person, course, quarter)
        hours = self._problem.offers.mentor_hours
        if hours is None:
            return found
        for row in (found & (hours[course] >= 0)).nonzero()[0].tolist():
            found[row] = self._mentor_left(int(person[row]), int(course[row]), int(quarter[row]))
        return found

    def _mentor_left(self, person: int, course: int, quarter: int) -> bool:
        line = Enrolment(person, course, quarter)
        return any(self._load.has_room(mentor, line) for mentor in self._reach.of(person, course, quarter))

    def can_be_spared(self, person: Ints, course: Ints, quarter: Ints) -> Bools:
        """Whether the person's team may send one more, or the person is away in that quarter already."""
        release = self._problem.release
        spared = np.ones(len(person), dtype=bool)
        if release is None:
            return spared
        duration = self._problem.offers.duration[course]
        for later in range(int(duration.max(initial=0))):
            at = quarter + later
            most = release.most[release.team[person], np.minimum(at, self._problem.quarters - 1)]
            at = np.minimum(at, self._busy.shape[1] - 1)
            free = self._away[release.team[person], at] < most
            spared &= free | self._busy[person, at] | (later >= duration)
        return spared
