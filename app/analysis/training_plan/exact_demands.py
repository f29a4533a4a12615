"""The rows of the flat formulation for shared places, released teams, mentors, targets and fair shares."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.analysis.milp import INFINITE, RowBuilder
from app.analysis.training_plan.bookings import is_away
from app.analysis.training_plan.demands import NOT_A_LEARNER
from app.analysis.training_plan.enrol import NEVER, Candidates
from app.analysis.training_plan.mentoring import Reach, add_room_rows
from app.analysis.training_plan.problem import PlanProblem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Columns:
    """Columns handed out so far."""

    lower: list[Floats] = field(default_factory=list[Floats])
    upper: list[Floats] = field(default_factory=list[Floats])
    integer: list[Bools] = field(default_factory=list[Bools])
    count: int = 0

    def add(self, upper: Floats, *, integer: bool, lower: Floats | None = None) -> Ints:
        """Hand out columns from ``lower`` (0) to ``upper``; returns their numbers."""
        first, self.count = self.count, self.count + len(upper)
        self.lower.append(np.zeros(len(upper)) if lower is None else lower)
        self.upper.append(upper)
        self.integer.append(np.full(len(upper), integer))
        return np.arange(first, self.count, dtype=np.int64)


class Formulation(Protocol):
    """What of the flat formulation is built on here."""

    problem: PlanProblem
    candidates: Candidates
    columns: Columns
    rows: RowBuilder
    final_need: Ints
    final_weight: Floats
    unit: int


@dataclass(frozen=True, slots=True)
class TargetKeys:
    """One entry per target, need and level on the way: the level's key in the formulation, and what it is worth."""

    key: Ints
    is_hard: Bools
    price: Ints


def target_keys(problem: PlanProblem, open_need: Ints) -> TargetKeys:
    """Keys (need, level, time) as the flat formulation numbers them; ``open_need`` are the needs of its routes."""
    place = np.full(len(problem.needs.person), -1, dtype=np.int64)
    place[open_need] = np.arange(len(open_need))
    found: list[tuple[int, bool, int]] = []
    for target in problem.targets:
        for need, level in zip(target.needs.tolist(), target.levels.tolist(), strict=True):
            for step in range(int(problem.needs.held[need]) + 1, level + 1):
                key = (int(place[need]) * 5 + step) * (NEVER + 1) + target.by + 1
                found.append((key, target.price is None, target.price or 0))
    table = np.array(found, dtype=np.int64).reshape(-1, 3)
    return TargetKeys(table[:, 0], table[:, 1] > 0, table[:, 2])


def add_fair_shares(model: Formulation, final: Ints) -> None:
    """Every department's weighted steps, from the level columns at the end."""
    problem = model.problem
    home = problem.learners.homes[problem.needs.person[model.final_need]]
    for share in problem.fair_shares:
        own = np.isin(home, np.array(sorted(share.homes), dtype=np.int64))
        # sums of weights are multiples of the unit, so the share can be rounded up to one
        needed = -(-share.needed // model.unit)
        if needed > 0:
            model.rows.add_one(float(needed), INFINITE, final[own], model.final_weight[own])


def add_bookings(model: Formulation) -> None:
    """Shared places, released teams, mentors."""
    _add_pools(model)
    _add_release(model)
    _add_mentors(model)


def _add_pools(model: Formulation) -> None:
    offers, cands = model.problem.offers, model.candidates
    if offers.pool is None:
        return
    keys = offers.pool[cands.course] * model.problem.quarters + cands.quarter
    for key in np.unique(keys).tolist():
        members = (keys == key).nonzero()[0]
        places = int(offers.places[cands.course[members[0]], cands.quarter[members[0]]])
        if len(members) > places and len(np.unique(cands.course[members])) > 1:
            model.rows.add_one(-INFINITE, places, members, np.ones(len(members)))


def _add_release(model: Formulation) -> None:
    release, cands, problem = model.problem.release, model.candidates, model.problem
    if release is None:
        return
    running: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, (person, course, quarter) in enumerate(
        zip(cands.person.tolist(), cands.course.tolist(), cands.quarter.tolist(), strict=True)
    ):
        for later in range(quarter, quarter + int(problem.offers.duration[course])):
            if not is_away(release, person, later):
                running[person, later].append(place)
    people: dict[tuple[int, int], list[list[int]]] = defaultdict(list)
    for (person, quarter), places in running.items():
        people[int(release.team[person]), quarter].append(places)
    for (team, quarter), own in sorted(people.items()):
        most = int(release.most[team, min(quarter, problem.quarters - 1)])
        if len(own) > most:
            columns = [_away_column(model, places) for places in own]
            model.rows.add_one(-INFINITE, most, np.array(columns), np.ones(len(columns)))


def _away_column(model: Formulation, places: list[int]) -> int:
    """A column that is 1 where any of these enrolments is booked."""
    if len(places) == 1:
        return places[0]
    away = int(model.columns.add(np.ones(1), integer=False)[0])
    for place in places:
        model.rows.add_one(-INFINITE, 0.0, np.array([place, away]), np.array([1.0, -1.0]))
    return away


def _add_mentors(model: Formulation) -> None:
    problem, cands, reach = model.problem, model.candidates, Reach(model.problem)
    if not reach.is_used:
        return
    of_quarter: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for place, (person, course, quarter) in enumerate(
        zip(cands.person.tolist(), cands.course.tolist(), cands.quarter.tolist(), strict=True)
    ):
        if not reach.needs_mentor(course):
            continue
        near = reach.of(person, course, quarter)
        columns = model.columns.add(np.ones(len(near)), integer=True)
        model.rows.add_one(0.0, 0.0, np.append(columns, place), np.append(np.ones(len(near)), -1.0))
        for column, mentor in zip(columns.tolist(), near, strict=True):
            for later in reach.quarters(course, quarter):
                of_quarter[mentor, later].append((column, course))
    taken = _learning_of_mentors(model, reach)
    for (mentor, quarter), pairs in sorted(of_quarter.items()):
        columns = [column for column, _ in pairs]
        hours = [float(reach.hours[course]) for _, course in pairs]
        own = taken[mentor, quarter]
        limit = reach.capacity(problem, mentor, quarter)
        column = np.array([*columns, *(place for place, _ in own)])
        value = np.array([*hours, *(float(h) for _, h in own)])
        model.rows.add_one(-INFINITE, limit / 100, column, value / 100)
        add_room_rows(model.rows, columns, [reach.room[course] for _, course in pairs])


def _learning_of_mentors(model: Formulation, reach: Reach) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Enrolments of each mentor who learns too, with their hours, by quarter."""
    cands = model.candidates
    found: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    mentor_of = {learner: mentor for mentor, learner in enumerate(reach.learner) if learner != NOT_A_LEARNER}
    for place, (person, course, quarter) in enumerate(
        zip(cands.person.tolist(), cands.course.tolist(), cands.quarter.tolist(), strict=True)
    ):
        mentor = mentor_of.get(person)
        if mentor is None:
            continue
        for later, hours in enumerate(cands.hours[course].tolist()):
            if hours:
                found[mentor, quarter + later].append((place, hours))
    return found
