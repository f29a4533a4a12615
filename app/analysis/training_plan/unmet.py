"""Why pairs stay below what is required after a plan: the first reason of PRODUCT that holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.enrol import Candidates, join
from app.analysis.training_plan.ledger import Ledger, limit_words
from app.analysis.training_plan.levels import groups_for
from app.analysis.training_plan.problem import POTS, PlanProblem
from app.analysis.training_plan.result import PlanLine, UnmetNeed, UnmetReason
from app.analysis.training_plan.room import Room
from app.terms import NOT_ASSESSED

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Starts:
    """Every start of a course that would raise an unmet need (``row``: the need's place in the list)."""

    row: Ints
    course: Ints
    quarter: Ints
    entry: Ints

    def kept(self, keep: Bools) -> _Starts:
        return _Starts(self.row[keep], self.course[keep], self.quarter[keep], self.entry[keep])


def unmet_needs(
    problem: PlanProblem, candidates: Candidates, lines: Sequence[PlanLine], *, is_proven: bool
) -> tuple[UnmetNeed, ...]:
    """Every assessed pair still below what is required after ``lines``, with the first reason that holds."""
    return _Reasons(problem, candidates, lines).all(is_proven=is_proven)


class _Reasons:
    def __init__(self, problem: PlanProblem, candidates: Candidates, lines: Sequence[PlanLine]) -> None:
        self.problem, self.candidates = problem, candidates
        self.lines_of: dict[int, list[PlanLine]] = defaultdict(list)
        needs = problem.needs
        self.after = needs.held.copy()
        for line in lines:
            self.lines_of[line.person].append(line)
            for credit in line.credits:
                self.after[credit.need] = max(int(self.after[credit.need]), credit.level_after)
        self.need = ((needs.held != NOT_ASSESSED) & (self.after < needs.required)).nonzero()[0]
        self.person = needs.person[self.need]
        enrolments = [line.enrolment for line in lines]
        ledger = Ledger(problem)
        self.unspent = ledger.unspent(enrolments)
        self.overdrawn = ledger.overdrawn(enrolments)
        self.size = np.zeros(problem.offers.places.shape, dtype=np.int64)
        self.used: dict[tuple[int, int], int] = defaultdict(int)
        for line in lines:
            self.size[line.course, line.quarter] += 1
            for later, hours in enumerate(candidates.hours[line.course].tolist()):
                self.used[line.person, line.quarter + later] += hours
        self.room = Room(problem, lines, self.size)
        self.price = _marginal_prices(lines)
        self.extra = self._extra_costs()

    def all(self, *, is_proven: bool) -> tuple[UnmetNeed, ...]:
        starts = self._starts()
        kind: list[UnmetReason | None] = [None] * len(self.need)
        blocked: dict[UnmetReason, _Starts] = {}
        tests: tuple[tuple[UnmetReason, Callable[[_Starts], Bools]], ...] = (
            (UnmetReason.OUT_OF_SCOPE, self._in_scope),
            (UnmetReason.QUARTERS, self._in_time),
            (UnmetReason.HOURS, self._within_hours),
            (UnmetReason.MENTOR, lambda starts: self.room.has_mentor(*self._who(starts))),
            (UnmetReason.PLACES, lambda starts: self.room.has_places(starts.course, starts.quarter)),
            (UnmetReason.RELEASE, lambda starts: self.room.can_be_spared(*self._who(starts))),
            (UnmetReason.MONEY, self._has_money),
        )
        self._settle(kind, starts, UnmetReason.NO_COURSE)
        for reason, test in tests:
            blocked[reason] = starts
            starts = starts.kept(test(starts))
            self._settle(kind, starts, reason)
        self._settle(kind, starts.kept(np.zeros(len(starts.row), dtype=bool)), UnmetReason.DISPLACED)
        cheapest = self._cheapest(blocked[UnmetReason.MONEY])
        roomy = self._cheapest(starts)
        return tuple(
            self._record(place, reason or UnmetReason.DISPLACED, cheapest, roomy, is_proven)
            for place, reason in enumerate(kind)
        )

    def _record(
        self,
        place: int,
        kind: UnmetReason,
        cheapest: dict[int, tuple[int, int]],
        roomy: dict[int, tuple[int, int]],
        is_proven: bool,
    ) -> UnmetNeed:
        words = str(kind)
        if kind is UnmetReason.MONEY:
            words += self._money_words(place, *cheapest[place])
        elif kind is UnmetReason.DISPLACED:
            words += self._displaced_words(place, *roomy[place])
        if not is_proven:
            words += "; not proven"
        needs, need = self.problem.needs, int(self.need[place])
        return UnmetNeed(
            need,
            int(self.person[place]),
            int(needs.skill[need]),
            int(needs.held[need]),
            int(self.after[need]),
            int(needs.required[need]),
            kind,
            words,
        )

    def _starts(self) -> _Starts:
        """Courses whose outcome begins at or below the level reached and ends above it, in every quarter."""
        outcomes, quarters = self.problem.outcomes, self.problem.quarters
        order = np.argsort(outcomes.skill, kind="stable")
        row, outcome = join(self.problem.needs.skill[self.need], outcomes.skill[order])
        outcome = order[outcome]
        level = self.after[self.need[row]]
        leads = (outcomes.entry[outcome] <= level) & (outcomes.exit[outcome] > level)
        row, outcome = row[leads], outcome[leads]
        quarter = np.tile(np.arange(quarters), len(row))
        row, outcome = np.repeat(row, quarters), np.repeat(outcome, quarters)
        return _Starts(row, outcomes.course[outcome], quarter, outcomes.entry[outcome])

    def _settle(self, kind: list[UnmetReason | None], left: _Starts, reason: UnmetReason) -> None:
        has_some = np.zeros(len(self.need), dtype=bool)
        has_some[left.row] = True
        for place in (~has_some).nonzero()[0].tolist():
            if kind[place] is None:
                kind[place] = reason

    def _in_scope(self, starts: _Starts) -> Bools:
        problem, person = self.problem, self.person[starts.row]
        allowed = problem.learners.in_scope[person] & problem.needs.in_scope[self.need[starts.row]]
        if problem.offers.open_to is not None:
            allowed &= problem.offers.open_to[starts.course, problem.learners.department[person]]
        forbidden = {(f.person, f.course, f.quarter) for f in problem.forbidden}
        if forbidden:
            whole = np.array(
                [
                    (p, c) in {(x, y) for x, y, q in forbidden if q is None}
                    for p, c in zip(person.tolist(), starts.course.tolist(), strict=True)
                ],
                dtype=bool,
            )
            once = np.array(
                [
                    key in forbidden
                    for key in zip(
                        person.tolist(), starts.course.tolist(), starts.quarter.tolist(), strict=True
                    )
                ],
                dtype=bool,
            )
            allowed &= ~(whole | once)
        return allowed

    def _in_time(self, starts: _Starts) -> Bools:
        problem, routes = self.problem, self.candidates.routes
        end = starts.quarter + problem.offers.duration[starts.course]
        in_time = end - 1 <= problem.learners.last_quarter[self.person[starts.row]]
        if not problem.overrun_allowed:
            in_time &= end <= problem.quarters
        place = np.full(len(problem.needs.person), 0)
        place[routes.need] = np.arange(len(routes.need))
        return in_time & (starts.quarter >= routes.earliest[place[self.need[starts.row]], starts.entry])

    def _within_hours(self, starts: _Starts) -> Bools:
        hours, limit = self.candidates.hours, self.candidates.hour_limit
        person = self.person[starts.row]
        within = np.ones(len(person), dtype=bool)
        for later in range(hours.shape[1]):
            within &= hours[starts.course, later] <= limit[person, starts.quarter + later]
        return within

    def _who(self, starts: _Starts) -> tuple[Ints, Ints, Ints]:
        return self.person[starts.row], starts.course, starts.quarter

    def _extra_costs(self) -> Ints:
        """Courses × quarters: what one person more would cost over all lines."""
        offers = self.problem.offers
        extra = np.zeros(self.size.shape, dtype=np.int64)
        for course, quarter in np.ndindex(*self.size.shape):
            size, sizes = (
                int(self.size[course, quarter]),
                (int(offers.min_group[course]), int(offers.max_group[course])),
            )
            more = (groups_for(size + 1, *sizes) or 0) - (groups_for(size, *sizes) or 0)
            extra[course, quarter] = int(offers.person_cost[course]) + more * int(offers.cohort_cost[course])
        return extra

    def _has_money(self, starts: _Starts) -> Bools:
        allowed = np.ones(len(starts.row), dtype=bool)
        extra = self.extra[starts.course, starts.quarter]
        for number, left in enumerate(self.unspent):
            allowed &= ~self._counted(number, starts) | (extra <= left)
        for reserve, over in zip(self.problem.reserves, self.overdrawn, strict=True):
            for number, own in reserve.accounts:
                # what is left of a department's own money comes first, then what is left of the reserve
                spent = self.problem.limits[number].pence - self.unspent[number]
                left = max(0, own - spent) - over
                allowed &= ~self._counted(number, starts) | (extra <= left)
        return allowed

    def _counted(self, number: int, starts: _Starts) -> Bools:
        limit, problem = self.problem.limits[number], self.problem
        counted = problem.offers.pot[starts.course] == POTS.index(limit.pot)
        if limit.year is not None:
            years = np.array([problem.year_of(quarter) for quarter in range(problem.quarters)])
            counted &= years[starts.quarter] == limit.year
        if limit.departments is not None:
            own = problem.learners.department[self.person[starts.row]]
            counted &= np.isin(own, np.array(sorted(limit.departments)))
        return counted

    def _cheapest(self, starts: _Starts) -> dict[int, tuple[int, int]]:
        """Per need the (course, quarter) that would cost least."""
        extra = self.extra[starts.course, starts.quarter]
        order = np.lexsort((starts.quarter, starts.course, extra, starts.row))
        row, first = np.unique(starts.row[order], return_index=True)
        chosen = order[first]
        pairs = zip(starts.course[chosen].tolist(), starts.quarter[chosen].tolist(), strict=True)
        return dict(zip(row.tolist(), pairs, strict=True))

    def _money_words(self, place: int, course: int, quarter: int) -> str:
        start = _Starts(np.array([place]), np.array([course]), np.array([quarter]), np.array([0]))
        extra = int(self.extra[course, quarter])
        for number, left in enumerate(self.unspent):
            if extra > left and self._counted(number, start)[0]:
                limit = self.problem.limits[number]
                words = f" (£{extra / 100:,.2f} needed, £{left / 100:,.2f} of {limit_words(limit)} left"
                price = self.price.get(POTS.index(limit.pot))
                return words + (f", where £{price / 100:,.0f} closes a step)" if price else ")")
        return " of the department and the reserve it draws on" if self.problem.reserves else ""

    def _displaced_words(self, place: int, course: int, quarter: int) -> str:
        person, problem = int(self.person[place]), self.problem
        full = [
            quarter + later
            for later, hours in enumerate(self.candidates.hours[course].tolist())
            if self.used[person, quarter + later] + hours
            > self.candidates.hour_limit[person, quarter + later]
        ]
        if full:
            own = self.lines_of[person]
            per_step = _per_step(sum(line.hours for line in own), own)
            words = f" of the hours in {(problem.start + full[0]).label}"
            return words + (f", where {per_step / 100:.1f} hours close a step" if per_step else "")
        pot = int(problem.offers.pot[course])
        price = self.price.get(pot)
        return f" of {POTS[pot]}" + (f", where £{price / 100:,.0f} closes a step" if price else "")


def _per_step(amount: int, lines: Sequence[PlanLine]) -> float:
    steps = sum(credit.steps_closed * credit.weight for line in lines for credit in line.credits) / 10_000
    return amount / steps if steps else 0.0


def _marginal_prices(lines: Sequence[PlanLine]) -> dict[int, float]:
    """Pence per weighted step of the dearest line of each pot: what the pot's last pounds bought."""
    dearest: Counter[int] = Counter()
    for line in lines:
        pot = POTS.index(line.funding)
        dearest[pot] = max(dearest[pot], _per_step(line.cost_pence, [line]))  # type: ignore[assignment]
    return {pot: price for pot, price in dearest.items() if price}
