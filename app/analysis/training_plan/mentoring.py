"""Who mentors whom: every mentor offer of a plan gets a mentor in reach with hours and room left, if that is possible.

Mentors do not count in any wish, so they are found once the enrolments stand: one after the other where that
works, otherwise as a small integer programme, whose answer is final.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from app.analysis.milp import INFINITE, Milp, RowBuilder, solve_milp
from app.analysis.training_plan.demands import NO_MENTOR, NOT_A_LEARNER
from app.analysis.training_plan.enrol import hour_table
from app.analysis.training_plan.problem import NO_LIMIT, Enrolment, PlanProblem


class Reach:
    """Which mentors may take which person on which course, and what that costs them."""

    def __init__(self, problem: PlanProblem) -> None:
        offers, mentors = problem.offers, problem.mentors
        count = len(offers.codes)
        hours = offers.mentor_hours
        self.hours: list[int] = hours.tolist() if hours is not None else [NO_MENTOR] * count
        room = offers.max_mentees
        self.room: list[int] = room.tolist() if room is not None else [NO_LIMIT] * count
        self._duration: list[int] = offers.duration.tolist()
        self._mentors = mentors
        self._in_unit: dict[int, list[int]] = defaultdict(list)
        self.learner: list[int] = []
        if mentors is not None:
            self.learner = mentors.learner.tolist()
            order = sorted(range(len(mentors.staff_ids)), key=lambda k: mentors.staff_ids[k])
            units = mentors.unit.tolist()
            for place in order:
                self._in_unit[units[place]].append(place)

    @property
    def is_used(self) -> bool:
        """Whether any offer needs a mentor."""
        return any(hours != NO_MENTOR for hours in self.hours)

    def needs_mentor(self, course: int) -> bool:
        """Whether this offer needs one."""
        return self.hours[course] != NO_MENTOR

    def of(self, person: int, course: int, quarter: int) -> list[int]:
        """Mentors in reach, able and there to the end, in order of staff id."""
        mentors = self._mentors
        if mentors is None:
            return []
        unit = int(mentors.unit_of[person])
        parent = int(mentors.parent[unit])
        near = [*self._in_unit[unit], *(self._in_unit[parent] if parent >= 0 else [])]
        last = quarter + self._duration[course] - 1
        return sorted(
            (
                mentor
                for mentor in near
                if mentors.able[mentor, course]
                and self.learner[mentor] != person
                and last <= mentors.last_quarter[mentor]
            ),
            key=lambda mentor: mentors.staff_ids[mentor],
        )

    def quarters(self, course: int, quarter: int) -> range:
        """The quarters an offer runs in."""
        return range(quarter, quarter + self._duration[course])

    def capacity(self, problem: PlanProblem, mentor: int, quarter: int) -> int:
        """Hundredths of hours of a mentor in a quarter; past the plan the last quarter's figure holds."""
        mentors = self._mentors
        assert mentors is not None
        place = min(quarter, problem.quarters - 1)
        learner = self.learner[mentor]
        if learner != NOT_A_LEARNER:
            return int(problem.learners.hours[learner, place])
        return int(mentors.hours[mentor, place])


class Load:
    """Hours and mentees of mentors, and hours of learners who are mentors, as a plan grows and shrinks."""

    def __init__(self, problem: PlanProblem, reach: Reach) -> None:
        self._problem, self.reach = problem, reach
        self._mentor_of_learner = {
            learner: mentor for mentor, learner in enumerate(reach.learner) if learner != NOT_A_LEARNER
        }
        self._course_hours: list[list[int]] = hour_table(problem).tolist()
        self._horizon = problem.quarters + int(problem.offers.duration.max(initial=1))
        self.given: dict[tuple[int, int], int] = defaultdict(int)
        self.taken: dict[tuple[int, int], int] = defaultdict(int)
        self.mentees: dict[tuple[int, int], list[int]] = defaultdict(list)

    def learns(self, line: Enrolment, sign: int = 1) -> None:
        """A learner who is a mentor takes (or with ``sign`` -1 gives up) a course."""
        mentor = self._mentor_of_learner.get(line.person)
        if mentor is not None:
            for later, hours in enumerate(self._course_hours[line.course]):
                if hours:
                    self.taken[mentor, line.quarter + later] += sign * hours

    def mentors(self, mentor: int, line: Enrolment, sign: int = 1) -> None:
        """A mentor takes a mentee, or gives one up."""
        for quarter in self.reach.quarters(line.course, line.quarter):
            self.given[mentor, quarter] += sign * self.reach.hours[line.course]
            if sign > 0:
                self.mentees[mentor, quarter].append(line.course)
            else:
                self.mentees[mentor, quarter].remove(line.course)

    def is_over(self, learner: int) -> bool:
        """Whether a learner who mentors has more hours of both than a quarter allows."""
        mentor = self._mentor_of_learner.get(learner)
        return mentor is not None and any(
            hours + self.taken[mentor, quarter] > self.reach.capacity(self._problem, mentor, quarter)
            for quarter in range(self._horizon)
            if (hours := self.given[mentor, quarter])
        )

    def has_room(self, mentor: int, line: Enrolment) -> bool:
        """Whether a mentor has hours and room for one mentee more."""
        reach = self.reach
        for quarter in reach.quarters(line.course, line.quarter):
            used = self.given[mentor, quarter] + self.taken[mentor, quarter] + reach.hours[line.course]
            if used > reach.capacity(self._problem, mentor, quarter):
                return False
            others = self.mentees[mentor, quarter]
            if len(others) + 1 > min(reach.room[course] for course in [*others, line.course]):
                return False
        return True


def mentor_of(problem: PlanProblem, lines: Sequence[Enrolment]) -> dict[Enrolment, int] | None:
    """The mentor of every line that needs one; ``None`` where they cannot all have one."""
    reach = Reach(problem)
    wanting = [line for line in lines if reach.needs_mentor(line.course)]
    if not wanting:
        return {}
    staff_ids, codes = problem.learners.staff_ids, problem.offers.codes
    wanting.sort(key=lambda k: (k.quarter, staff_ids[k.person], codes[k.course]))
    load = Load(problem, reach)
    for line in lines:
        load.learns(line)
    found: dict[Enrolment, int] = {}
    for line in wanting:
        free = [
            mentor
            for mentor in reach.of(line.person, line.course, line.quarter)
            if load.has_room(mentor, line)
        ]
        if not free:
            return _by_programme(problem, reach, load, wanting)
        best = min(free, key=lambda mentor: load.given[mentor, line.quarter])
        load.mentors(best, line)
        found[line] = best
    return found


def _by_programme(
    problem: PlanProblem, reach: Reach, load: Load, wanting: Sequence[Enrolment]
) -> dict[Enrolment, int] | None:
    pairs = [(line, m) for line in wanting for m in reach.of(line.person, line.course, line.quarter)]
    rows = RowBuilder()
    of_line: dict[Enrolment, list[int]] = defaultdict(list)
    of_quarter: dict[tuple[int, int], list[int]] = defaultdict(list)
    for column, (line, mentor) in enumerate(pairs):
        of_line[line].append(column)
        for quarter in reach.quarters(line.course, line.quarter):
            of_quarter[mentor, quarter].append(column)
    if len(of_line) < len(wanting):
        return None
    for columns in of_line.values():
        rows.add_one(1.0, 1.0, np.array(columns), np.ones(len(columns)))
    for (mentor, quarter), columns in of_quarter.items():
        left = reach.capacity(problem, mentor, quarter) - load.taken[mentor, quarter]
        hours = np.array([float(reach.hours[pairs[k][0].course]) for k in columns])
        rows.add_one(-INFINITE, left / 100, np.array(columns), hours / 100)
        add_room_rows(rows, columns, [reach.room[pairs[k][0].course] for k in columns])
    row_lower, row_upper, start, column, value = rows.arrays()
    count = len(pairs)
    model = Milp(
        np.arange(count, 0, -1, dtype=np.float64) / count,
        np.zeros(count),
        np.ones(count),
        np.ones(count, dtype=bool),
        row_lower,
        row_upper,
        start,
        column,
        value,
    )
    answer = solve_milp(model)
    if answer.values is None:
        return None
    return {pairs[k][0]: pairs[k][1] for k in (answer.values > 0.5).nonzero()[0].tolist()}


def add_room_rows(rows: RowBuilder, columns: Sequence[int], room: Sequence[int]) -> None:
    """No mentee of an offer is one of more than the offer allows, all offers of the mentor counted together.

    Σ z ≤ room_k + (n − room_k)(1 − z_k) for every k; where all offers allow as many, one row says it.
    """
    count = len(columns)
    ones = np.ones(count)
    if len(set(room)) == 1:
        if room[0] < count:
            rows.add_one(-INFINITE, float(room[0]), np.array(columns), ones)
        return
    for place in range(count):
        if room[place] < count:
            extra = ones.copy()
            extra[place] += count - room[place]
            rows.add_one(-INFINITE, float(count), np.array(columns), extra)
