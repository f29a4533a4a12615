"""A plan at given prices: people in order of what they gain get their best set that still fits.

Every set of courses is dealt into quarters by hours, dates, places, order of courses and money; groups that
stay too small or too dear for what they bring are dissolved and their people served again; what money is left
goes where it closes most.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.book import Book, Choice
from app.analysis.training_plan.levels import groups_for
from app.analysis.training_plan.menus import Menus, Sets
from app.analysis.training_plan.prices import set_prices
from app.analysis.training_plan.problem import NO_LIMIT, Enrolment
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
_TRIES = 12
"""Ways of putting one set into quarters that are tried."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """First ``prefix`` quarters of ways that were taken already."""

    ways: set[tuple[int, ...]]
    prefix: int


class Dealer(Book):
    """Puts sets of courses into quarters and books them."""

    def placed(self, person: int, choice: Choice) -> list[Enrolment] | None:
        """The set put into quarters, earliest first, joining groups already open where there are any."""
        return self.way(person, choice, {})

    def way(self, person: int, choice: Choice, fixed: Mapping[int, int]) -> list[Enrolment] | None:
        """The set put into quarters, some of them fixed; only places and hours are looked at."""
        order = sorted(
            choice.courses,
            key=lambda c: (min(self.starts[person, c]), c not in fixed, -sum(self.hours[c])),
        )
        options = [
            [fixed[course]] if course in fixed else self.open_quarters(person, course) for course in order
        ]
        ways = self._ways(person, order, options, _Seen(set(), len(order)))
        first = [self._in_turn(person, order, options)] if choice.builds else []
        first = [taken for taken in first if min(taken) >= 0]
        for taken in itertools.chain(first, itertools.islice(ways, _TRIES)):
            lines = [Enrolment(person, c, q) for c, q in zip(order, taken, strict=True)]
            if not choice.builds or self.levels.value(person, lines) == choice.value * self.menus.unit:
                return lines
        return None

    def in_part(self, person: int, choice: Choice) -> tuple[Choice, list[Enrolment]] | None:
        """As much of a set as finds quarters and seats, with what that closes."""
        order = sorted(choice.courses, key=lambda c: (min(self.starts[person, c]), -sum(self.hours[c])))
        taken = self._in_turn(person, order, [self.open_quarters(person, course) for course in order])
        lines = [Enrolment(person, c, q) for c, q in zip(order, taken, strict=True) if q >= 0]
        while (spare := self.levels.spare(person, lines)) is not None:
            lines.remove(spare)
        value = self.levels.value(person, lines) // self.menus.unit
        if not value:
            return None
        worth = choice.worth - (choice.value - value)
        return Choice(tuple(line.course for line in lines), value, worth, choice.builds), lines

    def placings(self, person: int, choice: Choice, is_tight: Sequence[bool]) -> Iterator[list[Enrolment]]:
        """The set in quarters, one way for each that differs in the ``is_tight`` courses; seats are not looked at."""
        order = sorted(choice.courses, key=lambda c: (not is_tight[c], min(self.starts[person, c])))
        seen = _Seen(set(), sum(is_tight[course] for course in order))
        options = [self.starts[person, course] for course in order]
        for taken in self._ways(person, order, options, seen):
            lines = [Enrolment(person, c, q) for c, q in zip(order, taken, strict=True)]
            if choice.builds and self.levels.value(person, lines) != choice.value * self.menus.unit:
                continue
            seen.ways.add(taken[: seen.prefix])
            yield lines

    def _ways(
        self, person: int, order: Sequence[int], options: Sequence[Sequence[int]], seen: _Seen
    ) -> Iterator[tuple[int, ...]]:
        """Quarters for the courses within the person's hours, first options first.

        A course that builds on another is only put where it closes something that those before it do not.
        """
        limit: list[int] = self.hour_limit[person].tolist()
        late = [min(self.starts[person, course]) > 0 for course in order]
        is_sorted = all(first <= second for first, second in itertools.pairwise(late))
        stack: list[tuple[int, ...]] = [()]
        for _ in range(_PROOF_STEPS):
            if not stack:
                return
            taken = stack.pop()
            depth = len(taken)
            if depth >= seen.prefix and taken[: seen.prefix] in seen.ways:
                continue
            if depth and late[depth - 1] and is_sorted and not self._climbs(person, order, taken):
                continue
            if depth == len(order):
                yield taken
                continue
            free, hours = self._free(limit, order, taken), self.hours[order[depth]]
            stack.extend(
                (*taken, quarter)
                for quarter in reversed(options[depth])
                if all(hour <= free[quarter + later] for later, hour in enumerate(hours))
            )

    def _in_turn(
        self, person: int, order: Sequence[int], options: Sequence[Sequence[int]]
    ) -> tuple[int, ...]:
        """Quarter by quarter the courses whose entry levels are held or not to be had, those first that others
        build on; -1 for those left over."""
        free: list[int] = self.hour_limit[person].tolist()
        need = {one.skill: one.held for one in self.levels.needs[person]}
        asked = [
            [(skill, entry, exit_) for skill, entry, exit_ in self.levels.outcomes[c] if skill in need]
            for c in order
        ]
        left = sorted(range(len(order)), key=lambda k: (-sum(_builds(asked[k], o) for o in asked), k))
        taken = [-1] * len(order)
        for quarter in range(self.problem.quarters):
            level = dict(need)
            done = [k for k in range(len(order)) if 0 <= taken[k] <= quarter - len(self.hours[order[k]])]
            for k in sorted(done, key=lambda k: taken[k]):
                for skill, entry, exit_ in asked[k]:
                    if level[skill] >= entry:
                        level[skill] = max(level[skill], exit_)
            for k in list(left):
                hours = self.hours[order[k]]
                waits = any(
                    level[skill] < entry
                    and any(
                        _builds(asked[other], [(skill, entry, 0)])
                        for other in range(len(order))
                        if other != k
                        and taken[other] + len(self.hours[order[other]]) > quarter * (taken[other] >= 0)
                    )
                    for skill, entry, _ in asked[k]
                )
                if (
                    quarter in options[k]
                    and not waits
                    and all(h <= free[quarter + j] for j, h in enumerate(hours))
                ):
                    taken[k] = quarter
                    left.remove(k)
                    for j, hour in enumerate(hours):
                        free[quarter + j] -= hour
        return tuple(taken)

    def _climbs(self, person: int, order: Sequence[int], taken: Sequence[int]) -> bool:
        lines = [Enrolment(person, c, q) for c, q in zip(order, taken, strict=False)]
        return self.levels.value(person, lines) > self.levels.value(person, lines[:-1])

    def _free(self, limit: list[int], order: Sequence[int], taken: Sequence[int]) -> list[int]:
        free = list(limit)
        for course, quarter in zip(order, taken, strict=False):
            for later, hours in enumerate(self.hours[course]):
                free[quarter + later] -= hours
        return free

    def full_share(self, course: int) -> int:
        """What a seat bears of the cohort price in a group as full as can be expected, rounded up."""
        smallest, largest = self.sizes[course]
        cohort = self.cohort_cost[course]
        return -(-cohort // max(1, smallest if largest == NO_LIMIT else largest))

    def whole_limits(self, course: int, quarter: int) -> list[int]:
        """Limits that count a course's whole groups, because they count everybody."""
        return self.by_whole_limit[course, quarter]

    def open_quarters(self, person: int, course: int) -> list[int]:
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
            if choice.value <= least or not self.may_fit(person, choice.courses):
                continue
            lines = self.placed(person, choice)
            if lines is None or not self.fits_money(self.cost(person, lines)):
                continue
            if self.bookings.fits(person, lines):
                self.take(person, choice, lines)
                return True
        return False

    def deal_or_part(self, person: int, choices: Sequence[Choice]) -> None:
        """Give the person the first choice that fits, or part of the best where that closes more."""
        part = self.in_part(person, choices[0]) if choices[0].builds else None
        if part is not None and not self.has_room(part[1]):
            part = None
        if not self.deal(person, choices, part[0].value if part else 0) and part is not None:
            self.take(person, *part)

    def deal_more(self, person: int, choices: Sequence[Choice]) -> None:
        """Give the person the first choice that closes more than what they have, or leave them that."""
        current = self.plan.get(person)
        if current is not None:
            self.give_back(person)
        is_dealt = self.deal(person, choices, current[0].value if current else 0)
        if is_dealt and current is not None and not self.groups_stand(current[1]):
            self.give_back(person)
            is_dealt = False
        if not is_dealt and current is not None:
            self.take(person, *current)

    def drop(self, person: int, runs: Collection[tuple[int, int]]) -> None:
        """Take a person out of these (course, quarter), and out of what is worth nothing without them.

        Locked lines stay.
        """
        choice, lines = self.plan[person]
        self.give_back(person)
        lines = [line for line in lines if line in self.locked or (line.course, line.quarter) not in runs]
        while (spare := self.levels.spare(person, lines, self.locked)) is not None:
            lines.remove(spare)
        if lines:
            value = self.levels.value(person, lines) // self.menus.unit
            courses = tuple(line.course for line in lines)
            self.take(
                person, Choice(courses, value, choice.worth - choice.value + value, choice.builds), lines
            )

    def has_room(self, lines: Sequence[Enrolment]) -> bool:
        """Whether seats, money and all else that is shared are left for these lines of one person."""
        return (
            all(self.size[k.course][k.quarter] < self.places[k.course][k.quarter] for k in lines)
            and self.fits_money(self.cost(lines[0].person, lines))
            and self.bookings.fits(lines[0].person, lines)
        )

    def groups_stand(self, lines: Iterable[Enrolment]) -> bool:
        """Whether the groups these lines are or were in can still run."""
        return all(
            groups_for(self.size[line.course][line.quarter], *self.sizes[line.course]) is not None
            for line in lines
        )

    def fits_hours(self, person: int, entries: Ints) -> bool:
        """Whether these menu entries fit the person's quarters with nobody else about; ``False`` is a proof."""
        if len(entries) < 2 or self.menus.hours[entries].sum() <= self.least_hours[person]:
            return True
        key = (person, np.sort(entries).tobytes())
        known = self.known_fits.get(key)
        if known is None:
            known = self.can_ever_place(person, self.menus.course[entries].tolist())
            self.known_fits[key] = known
        return known

    def fits_anyhow(self, person: int, choice: Choice) -> bool:
        """Whether hours and order leave every course of the set any quarter: no more hours than any quarter has."""
        hours = sum(sum(self.hours[course]) for course in choice.courses)
        return not choice.builds and hours <= self.least_hours[person]

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


Outcome = tuple[int, int, int]
"""Skill, entry and exit level of a course."""


def _builds(first: Sequence[Outcome], then: Sequence[Outcome]) -> bool:
    """Whether a course with outcomes ``first`` gives an entry level that ``then`` asks for."""
    return any(one[0] == other[0] and one[1] < other[1] <= one[2] for one in first for other in then)


def choices_of(menus: Menus, sets: Sets, worth: Numbers) -> dict[int, list[Choice]]:
    """Per person the sets of most worth after prices, best first; the empty set left out."""
    order = np.lexsort((sets.mask, -worth, sets.person))
    rank = np.arange(len(order)) - sets.first[sets.person[order]]
    chosen = order[(rank < CHOICES) & (sets.mask[order] > 0)]
    builds = builds_on(menus)
    found: dict[int, list[Choice]] = defaultdict(list)
    width = sets.kept.shape[1]
    bits = (sets.mask[chosen][:, None] >> np.arange(width)) & 1 > 0
    row, bit = bits.nonzero()
    entries = sets.kept[sets.person[chosen[row]], bit]
    courses = menus.course[entries].tolist()
    ends = np.cumsum(bits.sum(axis=1)).tolist()
    has_build = np.bincount(row, weights=builds[entries], minlength=len(chosen)) > 0
    begin = 0
    for person, end, value, net, build in zip(
        sets.person[chosen].tolist(),
        ends,
        sets.value[chosen].tolist(),
        worth[chosen].tolist(),
        has_build.tolist(),
        strict=True,
    ):
        found[person].append(Choice(tuple(courses[begin:end]), value, net, build))
        begin = end
    return found


def without_impossible(dealer: Dealer, sets: Sets, entry_price: Floats, progress: Progress) -> Sets:
    """The sets without those that were best for somebody but fit into no quarters, which lowers the bound."""
    net = sets.value - set_prices(sets, entry_price)
    stays = np.ones(len(net), dtype=bool)
    asked = np.arange(len(sets.first))
    for _ in range(_ROUNDS):
        best = np.maximum.reduceat(net, sets.first)
        is_asked = np.zeros(len(sets.first), dtype=bool)
        is_asked[asked] = True
        at = ((net == best[sets.person]) & is_asked[sets.person] & (sets.mask > 0)).nonzero()[0]
        gone: list[int] = []
        for number in _not_surely_fitting(dealer, sets, at).tolist():
            progress.check()
            person = int(sets.person[number])
            bits = (sets.mask[number] >> np.arange(sets.kept.shape[1])) & 1 > 0
            if not dealer.fits_hours(person, np.sort(sets.kept[person][bits])):
                gone.append(number)
        if not gone:
            break
        stays[gone], net[gone] = False, -np.inf
        asked = np.unique(sets.person[gone])
    return sets.without((~stays).nonzero()[0])


def _not_surely_fitting(dealer: Dealer, sets: Sets, numbers: Ints) -> Ints:
    """Those of the sets that need a look at quarters: of several courses, and more hours than any quarter has."""
    person = sets.person[numbers]
    taken = (sets.mask[numbers][:, None] >> np.arange(sets.kept.shape[1])) & 1 > 0
    hours = np.where(taken, dealer.menus.hours[np.maximum(sets.kept[person], 0)], 0).sum(axis=1)
    return numbers[(taken.sum(axis=1) > 1) & (hours > dealer.least_hours[person])]


def builds_on(menus: Menus) -> Bools:
    """Menu entries with an outcome that asks for more than the person holds today."""
    builds = np.zeros(len(menus.person), dtype=bool)
    builds[menus.route_entry[menus.route_from > menus.held[menus.route_need]]] = True
    return builds


def dealt_plan(
    dealer: Dealer,
    choices: dict[int, list[Choice]],
    group_price: Floats,
    settled: Mapping[int, tuple[Choice, Mapping[int, int]]],
    progress: Progress,
) -> list[Enrolment]:
    """A plan that keeps every limit but a department's odd pennies, from choices at final prices.

    People with a ``settled`` choice (and quarters of its groups) are served first.

    ``group_price`` is the price (in units) of a whole cohort's fixed cost per course.
    """
    order = sorted(choices, key=lambda person: (-choices[person][0].worth, person))
    for person in (person for person in order if person in settled):
        progress.check()
        choice, quarters = settled[person]
        lines = dealer.way(person, choice, quarters)
        if lines is not None and dealer.has_room(lines):
            dealer.take(person, choice, lines)
    for person in order:
        progress.check()
        if person not in dealer.plan:
            dealer.deal_or_part(person, choices[person])
    for _ in range(3):
        freed = _dissolved(dealer, choices, group_price)
        if not freed:
            break
        _serve_again(dealer, choices, freed)
    dealer.opens_groups = False
    free = np.zeros(len(group_price))
    _serve_again(dealer, choices, _dissolved(dealer, choices, free))
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
    freed: dict[int, set[tuple[int, int]]] = defaultdict(set)
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
            if Enrolment(person, course, quarter) not in dealer.locked
        )[:over]
        if len(losses) < over:
            continue  # locked lines are among them, so the group would not end
        unfilled = 1.0 if largest == NO_LIMIT else 1.0 - over / largest
        if not runs or sum(loss for loss, _ in losses) < float(group_price[course]) * unfilled:
            dealer.closed.add((course, quarter))
            for _, person in losses:
                freed[person].add((course, quarter))
    for person, runs in freed.items():
        dealer.drop(person, runs)
    return sorted(freed)


def _serve_again(dealer: Dealer, choices: dict[int, list[Choice]], freed: list[int]) -> None:
    """Deal those freed anew who may be, in order of what they gain."""
    served = (person for person in freed if person not in dealer.fixed)
    for person in sorted(served, key=lambda person: (-choices[person][0].worth, person)):
        dealer.deal_more(person, choices[person])


def _loss(dealer: Dealer, choices: dict[int, list[Choice]], person: int, course: int) -> float:
    """What the person is worth less without the course."""
    now = dealer.plan[person][0].worth
    others = [choice.worth for choice in choices.get(person, ()) if course not in choice.courses]
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
        dealer.deal_more(person, sorted(choices[person], key=lambda choice: -choice.value))
