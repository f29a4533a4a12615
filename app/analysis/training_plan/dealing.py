"""A plan at given prices: people in order of what they gain get their best set that still fits.

Every set of courses is dealt into quarters by hours, dates, places, order of courses and money; groups that
stay too small or too dear for what they bring are dissolved and their people served again; what money is left
goes where it closes most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.bookings import Bookings
from app.analysis.training_plan.enrol import Candidates
from app.analysis.training_plan.levels import Levels, groups_for
from app.analysis.training_plan.menus import Menus, Sets
from app.analysis.training_plan.problem import NO_LIMIT, POTS, Enrolment, PlanProblem
from app.progress import Progress

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]

CHOICES = 24
"""Sets of one person tried in the dealing."""

_PROOF_STEPS = 2_000
"""Steps spent on a proof that a set fits no quarters."""

_ROUNDS = 12
_TRIES = 60
"""Ways of putting one set into quarters that are tried."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One set a person may get: its courses, value (units) and worth after prices."""

    courses: tuple[int, ...]
    value: int
    worth: float
    builds: bool


class Dealer:
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
        self.starts: dict[tuple[int, int], list[int]] = defaultdict(list)
        for person, course, quarter in zip(
            cands.person.tolist(), cands.course.tolist(), cands.quarter.tolist(), strict=True
        ):
            self.starts[person, course].append(quarter)
        self.limits_of = self._limits_of()
        self.department: list[int] = problem.learners.department.tolist()
        self.left = [limit.pence for limit in problem.limits]
        self.bookings = Bookings(problem)
        self.size = [[0] * problem.quarters for _ in offers.codes]
        self.closed: set[tuple[int, int]] = set()
        self.opens_groups = True
        self.fixed: set[int] = set()
        self.plan: dict[int, tuple[Choice, list[Enrolment]]] = {}

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
        return not self.problem.reserves or self._fits_reserves(total)

    def _fits_reserves(self, more: dict[int, int]) -> bool:
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

    def placed(self, person: int, choice: Choice) -> list[Enrolment] | None:
        """The set put into quarters, earliest first, joining groups already open where there are any."""
        order = sorted(choice.courses, key=lambda c: (min(self.starts[person, c]), -sum(self.hours[c])))
        options = [self._quarters(person, course) for course in order]
        if not all(options):
            return None
        limit: list[int] = self.hour_limit[person].tolist()
        tries = 0
        stack: list[tuple[int, list[int]]] = [(0, [])]
        while stack and tries < _TRIES:
            depth, taken = stack.pop()
            if depth == len(order):
                tries += 1
                lines = [Enrolment(person, c, q) for c, q in zip(order, taken, strict=True)]
                if not choice.builds or self.levels.value(person, lines) == choice.value * self.menus.unit:
                    return lines
                continue
            free = self._free(limit, order, taken)
            for quarter in reversed(options[depth]):
                hours = self.hours[order[depth]]
                if all(hour <= free[quarter + later] for later, hour in enumerate(hours)):
                    stack.append((depth + 1, [*taken, quarter]))
        return None

    def _free(self, limit: list[int], order: Sequence[int], taken: Sequence[int]) -> list[int]:
        free = list(limit)
        for course, quarter in zip(order, taken, strict=False):
            for later, hours in enumerate(self.hours[course]):
                free[quarter + later] -= hours
        return free

    def _quarters(self, person: int, course: int) -> list[int]:
        """Quarters with a seat, in order of preference."""
        size, places = self.size[course], self.places[course]
        open_now = [q for q in self.starts[person, course] if size[q] < places[q]]
        if not self.cohort_cost[course] and self.sizes[course][0] == 1:
            return open_now
        largest = self.sizes[course][1]
        if not self.opens_groups:
            open_now = [q for q in open_now if size[q] and size[q] % largest]
        open_now = [q for q in open_now if (course, q) not in self.closed or (size[q] and size[q] % largest)]
        return sorted(open_now, key=lambda q: (not (size[q] and size[q] % largest), q))

    def deal(self, person: int, choices: Sequence[Choice], least: int = 0) -> bool:
        """Give the person the first choice worth more than ``least`` that fits; whether there was one."""
        for choice in choices:
            if choice.value <= least:
                continue
            lines = self.placed(person, choice)
            if lines is None or not self.fits_money(self.cost(person, lines)):
                continue
            if self.bookings.fits(person, lines):
                self.take(person, choice, lines)
                return True
        return False

    def groups_stand(self, lines: Iterable[Enrolment]) -> bool:
        """Whether the groups these lines are or were in can still run."""
        return all(
            groups_for(self.size[line.course][line.quarter], *self.sizes[line.course]) is not None
            for line in lines
        )

    def can_ever_place(self, person: int, courses: Iterable[int]) -> bool:
        """Whether the set fits the person's hours with nobody else about; ``False`` is a proof.

        Only hours count: what a pathway closes may depend on other courses, so a set whose courses come too
        late for one another is not ruled out.
        """
        order = sorted(courses, key=lambda c: -max(self.hours[c]))
        limit: list[int] = self.hour_limit[person].tolist()
        stack: list[list[int]] = [[]]
        for _ in range(_PROOF_STEPS):
            if not stack:
                return False
            taken = stack.pop()
            if len(taken) == len(order):
                return True
            free = self._free(limit, order, taken)
            hours = self.hours[order[len(taken)]]
            stack.extend(
                [*taken, quarter]
                for quarter in reversed(self.starts[person, order[len(taken)]])
                if all(hour <= free[quarter + later] for later, hour in enumerate(hours))
            )
        return True

    def lines(self) -> list[Enrolment]:
        """Everybody's lines."""
        return sorted(line for _, own in self.plan.values() for line in own)


def choices_of(menus: Menus, sets: Sets, worth: Numbers) -> dict[int, list[Choice]]:
    """Per person the sets of most worth after prices, best first; the empty set left out."""
    order = np.lexsort((sets.mask, -worth, sets.person))
    rank = np.arange(len(order)) - sets.first[sets.person[order]]
    chosen = order[(rank < CHOICES) & (sets.mask[order] > 0)]
    builds = builds_on(menus)
    found: dict[int, list[Choice]] = defaultdict(list)
    width = sets.kept.shape[1]
    bits = (sets.mask[chosen][:, None] >> np.arange(width)) & 1 > 0
    entries = sets.kept[sets.person[chosen]]
    courses = menus.course[np.maximum(entries, 0)]
    has_build = (bits & builds[np.maximum(entries, 0)]).any(axis=1)
    for person, own_bits, own, value, net, build in zip(
        sets.person[chosen].tolist(),
        bits.tolist(),
        courses.tolist(),
        sets.value[chosen].tolist(),
        worth[chosen].tolist(),
        has_build.tolist(),
        strict=True,
    ):
        taken = tuple(course for course, bit in zip(own, own_bits, strict=True) if bit)
        found[person].append(Choice(taken, value, net, build))
    return found


def without_impossible(
    dealer: Dealer, sets: Sets, worth: Callable[[Sets], Numbers], progress: Progress
) -> Sets:
    """The sets without those that were best for somebody but fit into no quarters, which lowers the bound."""
    known: set[tuple[int, int]] = set()
    for _ in range(_ROUNDS):
        net = worth(sets)
        best = np.maximum.reduceat(net, sets.first)
        at = ((net == best[sets.person]) & (sets.mask > 0)).nonzero()[0]
        gone: list[int] = []
        columns = (at, sets.person[at], sets.mask[at])
        for number, person, mask in zip(*(column.tolist() for column in columns), strict=True):
            if (person, mask) in known:
                continue
            progress.check()
            entries = [int(entry) for bit, entry in enumerate(sets.kept[person]) if mask >> bit & 1]
            courses = dealer.menus.course[entries].tolist()
            if dealer.can_ever_place(person, courses):
                known.add((person, mask))
            else:
                gone.append(number)
        if not gone:
            break
        sets = sets.without(np.array(gone))
    return sets


def builds_on(menus: Menus) -> Bools:
    """Menu entries with an outcome that asks for more than the person holds today."""
    builds = np.zeros(len(menus.person), dtype=bool)
    builds[menus.route_entry[menus.route_from > menus.held[menus.route_need]]] = True
    return builds


def dealt_plan(
    dealer: Dealer, choices: dict[int, list[Choice]], group_price: Floats, progress: Progress
) -> list[Enrolment]:
    """A plan that keeps every limit but a department's odd pennies, from choices at final prices.

    ``group_price`` is the price (in units) of a whole cohort's fixed cost per course.
    """
    order = sorted(choices, key=lambda person: (-choices[person][0].worth, person))
    for person in order:
        progress.check()
        dealer.deal(person, choices[person])
    for _ in range(3):
        freed = _dissolved(dealer, choices, group_price)
        if not freed:
            break
        for person in freed:
            dealer.deal(person, choices[person])
    dealer.opens_groups = False
    free = np.zeros(len(group_price))
    for person in _dissolved(dealer, choices, free):
        dealer.deal(person, choices[person])
    while _dissolved(dealer, choices, free):
        pass  # everybody freed leaves a smaller plan, so this ends
    fill(dealer, choices)
    return dealer.lines()


def _dissolved(dealer: Dealer, choices: dict[int, list[Choice]], group_price: Floats) -> list[int]:
    """Give back groups too small to run, or whose last members bring less than the group costs."""
    members: dict[tuple[int, int], list[int]] = defaultdict(list)
    for person, (_, lines) in dealer.plan.items():
        for line in lines:
            if dealer.cohort_cost[line.course] or dealer.sizes[line.course][0] > 1:
                members[line.course, line.quarter].append(person)
    freed: set[int] = set()
    for (course, quarter), people in sorted(members.items()):
        smallest, largest = dealer.sizes[course]
        count = len(people)
        runs = groups_for(count, smallest, largest) is not None
        over = count if largest == NO_LIMIT else count % largest
        if runs and not over:
            continue
        over = over or count
        losses = sorted(
            (_loss(dealer, choices, person, course), person)
            for person in people
            if person not in dealer.fixed
        )[:over]
        unfilled = 1.0 if largest == NO_LIMIT else 1.0 - over / largest
        if not runs or sum(loss for loss, _ in losses) < float(group_price[course]) * unfilled:
            dealer.closed.add((course, quarter))
            freed.update(person for _, person in losses)
    for person in freed:
        dealer.give_back(person)
    return sorted(freed, key=lambda person: (-choices[person][0].worth, person))


def _loss(dealer: Dealer, choices: dict[int, list[Choice]], person: int, course: int) -> float:
    """What the person is worth less without the course."""
    now = dealer.plan[person][0].worth
    others = [choice.worth for choice in choices[person] if course not in choice.courses]
    return now - max([0.0, *others])


def full_courses(dealer: Dealer) -> list[int]:
    """Courses without a seat left in any quarter, or without a group still open."""
    found: list[int] = []
    for course, (row, places) in enumerate(zip(dealer.size, dealer.places, strict=True)):
        is_grouped = bool(dealer.cohort_cost[course]) or dealer.sizes[course][0] > 1
        largest = dealer.sizes[course][1]
        if not any(
            size < place and (not is_grouped or size % largest)
            for size, place in zip(row, places, strict=True)
        ):
            found.append(course)
    return found


def fill(dealer: Dealer, choices: dict[int, list[Choice]]) -> None:
    """Spend what is left: steps up that cost least per unit of value first."""
    wanted: list[tuple[float, int]] = []
    for person, own in choices.items():
        current = dealer.plan.get(person)
        value, worth = (current[0].value, current[0].worth) if current else (0, 0.0)
        more = [((worth - choice.worth) / (choice.value - value)) for choice in own if choice.value > value]
        if more:
            wanted.append((min(more), person))
    for _, person in sorted(wanted):
        current = dealer.plan.get(person)
        least = current[0].value if current else 0
        if current is not None:
            dealer.give_back(person)
        ordered = sorted(choices[person], key=lambda choice: -choice.value)
        is_dealt = dealer.deal(person, ordered, least)
        if is_dealt and current is not None and not dealer.groups_stand(current[1]):
            dealer.give_back(person)
            is_dealt = False
        if not is_dealt and current is not None:
            dealer.take(person, *current)
