"""The book of a plan under construction: who has what, seats taken, money left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.analysis.training_plan.bookings import Bookings
from app.analysis.training_plan.enrol import Candidates
from app.analysis.training_plan.levels import Levels
from app.analysis.training_plan.menus import Menus
from app.analysis.training_plan.problem import NO_LIMIT, POTS, Enrolment, PlanProblem


@dataclass(frozen=True, slots=True)
class Choice:
    """One set a person may get: its courses, value (units) and worth after prices."""

    courses: tuple[int, ...]
    value: int
    worth: float
    builds: bool


class Book:
    """The plan under construction: who has what, seats taken, money left."""

    def __init__(self, problem: PlanProblem, cands: Candidates, menus: Menus) -> None:
        self.problem, self.menus = problem, menus
        self.levels = Levels(problem)
        offers = problem.offers
        self.person_cost: list[int] = offers.person_cost.tolist()
        self.cohort_cost: list[int] = offers.cohort_cost.tolist()
        self.sizes = list(zip(offers.min_group.tolist(), offers.max_group.tolist(), strict=True))
        self.places: list[list[int]] = offers.places.tolist()
        self.hours: list[list[int]] = [
            row[:duration]
            for row, duration in zip(cands.hours.tolist(), offers.duration.tolist(), strict=True)
        ]
        self.hour_limit = cands.hour_limit
        # every entry has a start of its own, so a set within the least quarter's hours always fits
        self.least_hours = cands.hour_limit.min(axis=1)
        self.known_fits: dict[tuple[int, bytes], bool] = {}
        self._always_known: dict[tuple[int, int], list[int]] = {}
        self.starts: dict[tuple[int, int], list[int]] = defaultdict(list)
        for person, course, quarter in zip(
            cands.person.tolist(), cands.course.tolist(), cands.quarter.tolist(), strict=True
        ):
            self.starts[person, course].append(quarter)
        self.limits_of = self._limits_of()
        self.by_whole_limit: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, limit in enumerate(problem.limits):
            for course in (offers.pot == POTS.index(limit.pot)).nonzero()[0].tolist():
                for quarter in range(problem.quarters):
                    if limit.departments is None and limit.year in (None, problem.year_of(quarter)):
                        self.by_whole_limit[course, quarter].append(number)
        self.department: list[int] = problem.learners.department.tolist()
        self.fixed: set[int] = set()
        self.locked = frozenset(problem.locked)
        self.plan: dict[int, tuple[Choice, list[Enrolment]]] = {}
        self.clear()

    def clear(self) -> None:
        """Begin again with nobody booked."""
        self.left = [limit.pence for limit in self.problem.limits]
        self.bookings = Bookings(self.problem)
        self.size = [[0] * self.problem.quarters for _ in self.problem.offers.codes]
        self.closed: set[tuple[int, int]] = set()
        self.opens_groups = True
        self.fixed.clear()
        self.plan.clear()

    def _limits_of(self) -> dict[tuple[int, int, int], list[tuple[int, bool]]]:
        """Limits that count a line, by (department, course, quarter); with whether they are a department's."""
        problem = self.problem
        found: dict[tuple[int, int, int], list[tuple[int, bool]]] = defaultdict(list)
        pots = problem.offers.pot.tolist()
        for number, limit in enumerate(problem.limits):
            own = (
                set(problem.learners.department.tolist()) if limit.departments is None else limit.departments
            )
            for course, pot in enumerate(pots):
                for quarter in range(problem.quarters):
                    if POTS[pot] is limit.pot and limit.year in (None, problem.year_of(quarter)):
                        for department in own:
                            found[department, course, quarter].append((number, limit.departments is not None))
        return found

    def cost(self, person: int, lines: Iterable[Enrolment]) -> list[tuple[int, int]]:
        """(limit, pence) that taking these lines would use."""
        uses: list[tuple[int, int]] = []
        for line in lines:
            course, quarter = line.course, line.quarter
            price = self.person_cost[course]
            cohort = self.cohort_cost[course]
            size, largest = self.size[course][quarter], self.sizes[course][1]
            opens = cohort if cohort and (size == 0 or (largest != NO_LIMIT and size % largest == 0)) else 0
            shared = -(-cohort // min(largest, max(size + 1, self.sizes[course][0]))) if cohort else 0
            for number, is_departments in self.limits_of[self.department[person], course, quarter]:
                uses.append((number, price + (shared if is_departments else opens)))
        return uses

    def fits_money(self, uses: Sequence[tuple[int, int]]) -> bool:
        """Whether the money left covers these uses."""
        if not uses:
            return True
        total: dict[int, int] = defaultdict(int)
        for number, pence in uses:
            total[number] += pence
        if any(pence > self.left[number] for number, pence in total.items()):
            return False
        return not self.problem.reserves or self.fits_reserves(total)

    def fits_reserves(self, more: dict[int, int]) -> bool:
        """Whether what departments draw beyond their own money is still there once ``more`` is spent."""
        limits = self.problem.limits
        return all(
            sum(
                max(0, limits[place].pence - self.left[place] + more.get(place, 0) - own)
                for place, own in reserve.accounts
            )
            <= reserve.pence
            for reserve in self.problem.reserves
        )

    def take(self, person: int, choice: Choice, lines: list[Enrolment]) -> None:
        """Give a person these lines."""
        for line in lines:
            for number, pence in self.cost(person, [line]):
                self.left[number] -= pence
            self.size[line.course][line.quarter] += 1
        self.bookings.add(lines)
        self.plan[person] = (choice, lines)

    def give_back(self, person: int) -> None:
        """Take a person's lines away again."""
        _, lines = self.plan.pop(person)
        self.bookings.remove(lines)
        for line in reversed(lines):
            self.size[line.course][line.quarter] -= 1
            for number, pence in self.cost(person, [line]):
                self.left[number] += pence

    def may_fit(self, person: int, courses: Sequence[int]) -> bool:
        """Whether each course has a seat somewhere and all together are paid for; a quick no before quarters."""
        department, total = self.department[person], dict[int, int]()
        for course in courses:
            size, places = self.size[course], self.places[course]
            starts = self.starts[person, course]
            if not any(size[quarter] < places[quarter] for quarter in starts):
                return False
            for number in self._always(department, course):
                total[number] = total.get(number, 0) + self.person_cost[course]
        return all(pence <= self.left[number] for number, pence in total.items())

    def _always(self, department: int, course: int) -> list[int]:
        """Limits that count the course for this department whatever its quarter."""
        known = self._always_known.get((department, course))
        if known is None:
            quarters = [
                {number for number, _ in self.limits_of[department, course, quarter]}
                for quarter in range(self.problem.quarters)
            ]
            known = sorted(set[int].intersection(*quarters))
            self._always_known[department, course] = known
        return known
