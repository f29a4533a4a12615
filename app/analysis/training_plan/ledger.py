"""What a set of enrolments costs and uses, and which limits it breaks (the solvers' own book-keeping)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from app.analysis.training_plan.bookings import broken_bookings
from app.analysis.training_plan.enrol import hour_table
from app.analysis.training_plan.levels import cohort_shares, groups_for
from app.analysis.training_plan.problem import NO_LIMIT, POTS, Enrolment, MoneyLimit, PlanProblem
from app.terms import financial_year_label


class Ledger:
    """Costs, hours, places and groups of enrolments under one problem's limits."""

    def __init__(self, problem: PlanProblem) -> None:
        offers = problem.offers
        self._problem = problem
        self._person_cost = offers.person_cost.tolist()
        self._cohort_cost = offers.cohort_cost.tolist()
        self._sizes = list(zip(offers.min_group.tolist(), offers.max_group.tolist(), strict=True))
        self._pot = [POTS[pot] for pot in offers.pot.tolist()]
        self._hours: list[list[tuple[int, int]]] = [
            [(later, hours) for later, hours in enumerate(row) if hours]
            for row in hour_table(problem).tolist()
        ]
        self._department: list[int] = problem.learners.department.tolist()
        self._year = [problem.year_of(quarter) for quarter in range(problem.quarters)]

    def costs(self, lines: Sequence[Enrolment]) -> list[int]:
        """Pence per line, each with its share of the cohort price. Groups that cannot form count as one."""
        staff_ids = self._problem.learners.staff_ids
        runs: dict[tuple[int, int], list[int]] = defaultdict(list)
        for place, line in enumerate(lines):
            runs[line.course, line.quarter].append(place)
        costs = [self._person_cost[line.course] for line in lines]
        for (course, _), places in runs.items():
            price = self._cohort_cost[course]
            if price:
                groups = groups_for(len(places), *self._sizes[course]) or 1
                ordered = sorted(places, key=lambda place: staff_ids[lines[place].person])
                for place, share in zip(ordered, cohort_shares(groups * price, len(places)), strict=True):
                    costs[place] += share
        return costs

    def counts(self, limit: MoneyLimit, line: Enrolment) -> bool:
        """Whether the money limit counts this line."""
        return (
            self._pot[line.course] is limit.pot
            and limit.year in (None, self._year[line.quarter])
            and (limit.departments is None or self._department[line.person] in limit.departments)
        )

    def unspent(self, lines: Sequence[Enrolment]) -> list[int]:
        """Pence left of every money limit; below 0 where it is broken."""
        costs = self.costs(lines)
        return [
            limit.pence
            - sum(cost for line, cost in zip(lines, costs, strict=True) if self.counts(limit, line))
            for limit in self._problem.limits
        ]

    def broken(self, lines: Sequence[Enrolment], *, groups_may_grow: bool = False) -> list[str]:
        """Every limit the lines break, in words; ``groups_may_grow``: too small a group is no fault yet."""
        return [
            *self._broken_money(lines, groups_may_grow),
            *self._broken_reserves(lines, groups_may_grow),
            *self._broken_hours(lines),
            *self._broken_runs(lines, groups_may_grow),
            *broken_bookings(self._problem, lines),
        ]

    def overdrawn(self, lines: Sequence[Enrolment]) -> list[int]:
        """Pence by which each reserve is exceeded; 0 or below where it is kept."""
        if not self._problem.reserves:
            return []
        limits, unspent = self._problem.limits, self.unspent(lines)
        return [
            sum(max(0, limits[place].pence - unspent[place] - own) for place, own in reserve.accounts)
            - reserve.pence
            for reserve in self._problem.reserves
        ]

    def small_run(self, lines: Sequence[Enrolment]) -> tuple[int, int] | None:
        """A (course, quarter) whose people form no group, if there is one."""
        size: dict[tuple[int, int], int] = defaultdict(int)
        for line in lines:
            size[line.course, line.quarter] += 1
        return next((run for run, n in size.items() if groups_for(n, *self._sizes[run[0]]) is None), None)

    def _broken_money(self, lines: Sequence[Enrolment], groups_may_grow: bool) -> list[str]:
        found: list[str] = []
        for limit, left in zip(self._problem.limits, self.unspent(lines), strict=True):
            # more people on a shared group lower each one's share, so a department's share is no proof yet
            if left < 0 and not (groups_may_grow and limit.departments is not None):
                found.append(f"{limit_words(limit)} is exceeded by £{-left / 100:,.2f}")
        return found

    def _broken_reserves(self, lines: Sequence[Enrolment], groups_may_grow: bool) -> list[str]:
        if groups_may_grow:  # shares of groups may still fall
            return []
        return [
            f"{reserve.words} is exceeded by £{over / 100:,.2f}"
            for reserve, over in zip(self._problem.reserves, self.overdrawn(lines), strict=True)
            if over > 0
        ]

    def _broken_hours(self, lines: Sequence[Enrolment]) -> list[str]:
        used: dict[tuple[int, int], int] = defaultdict(int)
        for line in lines:
            for later, hours in self._hours[line.course]:
                used[line.person, line.quarter + later] += hours
        last, limits = self._problem.quarters - 1, self._hour_limits
        over = sorted(
            (person, quarter)
            for (person, quarter), hours in used.items()
            if hours > limits[person][min(last, quarter)]
        )
        staff_ids = self._problem.learners.staff_ids
        return [
            f"{staff_ids[person]} has more than the {limits[person][min(quarter, last)] / 100:g} hours of"
            f" {(self._problem.start + quarter).label}"
            for person, quarter in over
        ]

    @cached_property
    def _hour_limits(self) -> list[list[int]]:
        """[people × quarters] as plain numbers: looked up one by one, they are a tenth of the cost of an array's."""
        return self._problem.learners.hours.tolist()

    def _broken_runs(self, lines: Sequence[Enrolment], groups_may_grow: bool) -> list[str]:
        size: dict[tuple[int, int], int] = defaultdict(int)
        for line in lines:
            size[line.course, line.quarter] += 1
        found: list[str] = []
        for (course, quarter), people in sorted(size.items()):
            places = int(self._problem.offers.places[course, quarter])
            smallest, largest = self._sizes[course]
            if smallest <= 1 and people <= places and largest == NO_LIMIT:
                continue
            where = f"{self._problem.offers.codes[course]} in {(self._problem.start + quarter).label}"
            if people > places:
                found.append(f"{where} has {people} people for {places} places")
            if groups_for(people, smallest, largest) is None and not groups_may_grow:
                found.append(f"{where} has {people} people, who form no group of {smallest} or more")
            elif groups_may_grow and not _can_grow(people, places, smallest, largest):
                found.append(f"{where} has too few places for a group of {smallest}")
        return found


def limit_words(limit: MoneyLimit) -> str:
    """A money limit as people name it."""
    words = str(limit.pot)
    if limit.departments is not None:
        words += " of the department"
    if limit.year is not None:
        words += f" for {financial_year_label(limit.year)}"
    return words


def _can_grow(people: int, places: int, smallest: int, largest: int) -> bool:
    if largest == NO_LIMIT:
        return max(people, smallest) <= places
    return any(
        groups_for(size, smallest, largest) is not None
        for size in range(people, min(places, people + largest) + 1)
    )
