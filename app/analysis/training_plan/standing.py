"""A plan as it stands: seats taken, hours used, money left, and what one change to it would cost and bring.

Explanations ask "what if this line were not there" and "what would it take to add that one" many times over;
this keeps the books that answer it without counting the whole plan again.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.bookings import Bookings
from app.analysis.training_plan.enrol import Candidates, candidates
from app.analysis.training_plan.keeping import unkept_demands
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.levels import Levels, groups_for
from app.analysis.training_plan.problem import NO_LIMIT, POTS, Enrolment, PlanProblem
from app.analysis.training_plan.result import PlanLine
from app.analysis.training_plan.wishes import by_person

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_MOST_PAIRED = 60
"""Enrolments of one person put together two by two in the search for another way."""

_VERIFIED = 6
"""Additions held against every limit, best by promise first."""


@dataclass(frozen=True, slots=True)
class Way:
    """Some enrolments of one person: what they bring beside the lines kept (``value``, ten-thousandths of a
    weighted step) and what they add to the plan's cost over all lines (``pence``)."""

    lines: tuple[Enrolment, ...]
    value: int
    pence: int


class Standing:
    """One plan under one problem."""

    def __init__(self, problem: PlanProblem, lines: Sequence[PlanLine]) -> None:
        self.problem, self.lines = problem, tuple(lines)
        self.levels, self.ledger = Levels(problem), Ledger(problem)
        self.enrolments = [line.enrolment for line in lines]
        self.own = by_person(self.enrolments)
        offers = problem.offers
        self.size = np.zeros(offers.places.shape, dtype=np.int64)
        for line in self.enrolments:
            self.size[line.course, line.quarter] += 1
        self.unspent = self.ledger.unspent(self.enrolments)
        self._sizes = list(zip(offers.min_group.tolist(), offers.max_group.tolist(), strict=True))

    @cached_property
    def candidates(self) -> Candidates:
        """Every enrolment that the problem allows."""
        return candidates(self.problem)

    @cached_property
    def wide(self) -> Candidates:
        """Every enrolment there could be were no hours, places or bans in its way: what wishes for more look at."""
        problem = self.problem
        learners = replace(
            problem.learners,
            hours=np.full_like(problem.learners.hours, NO_LIMIT),
            in_scope=np.ones_like(problem.learners.in_scope),
        )
        offers = replace(problem.offers, places=np.full_like(problem.offers.places, NO_LIMIT), open_to=None)
        needs = replace(problem.needs, in_scope=np.ones_like(problem.needs.in_scope))
        return candidates(replace(problem, learners=learners, offers=offers, needs=needs, forbidden=()))

    @cached_property
    def used(self) -> Ints:
        """People × quarters (those a course may run over into included): hundredths of hours in the plan."""
        used = np.zeros_like(self.candidates.hour_limit)
        for line in self.enrolments:
            for later, hours in enumerate(self.candidates.hours[line.course].tolist()):
                used[line.person, line.quarter + later] += hours
        return used

    def of_person(self, person: int, *, wide: bool = False) -> list[Enrolment]:
        """The enrolments one person may have; ``wide``: leaving hours, places and bans aside."""
        found = self.wide if wide else self.candidates
        first, last = np.searchsorted(found.person, [person, person + 1])
        columns = (found.person, found.course, found.quarter)
        return [
            Enrolment(*row) for row in zip(*(column[first:last].tolist() for column in columns), strict=True)
        ]

    def groups(self, course: int, size: int) -> int | None:
        """The groups that so many people form; ``None`` where they form none."""
        return groups_for(size, *self._sizes[course])

    def pence_for(self, added: Iterable[Enrolment], removed: Iterable[Enrolment] = ()) -> int | None:
        """What the plan would cost more (or less) with these lines in and those out; ``None``: a group fails."""
        changed: dict[tuple[int, int], int] = {}
        pence = 0
        for line, sign in [*((line, 1) for line in added), *((line, -1) for line in removed)]:
            pence += sign * int(self.problem.offers.person_cost[line.course])
            run = line.course, line.quarter
            changed[run] = changed.get(run, 0) + sign
        for (course, quarter), change in changed.items():
            before = self.groups(course, int(self.size[course, quarter]))
            after = self.groups(course, int(self.size[course, quarter]) + change)
            if after is None:
                return None
            pence += (after - (before or 0)) * int(self.problem.offers.cohort_cost[course])
        return pence

    def with_change(self, added: Iterable[Enrolment], removed: Iterable[Enrolment]) -> list[Enrolment]:
        """The plan's lines with some in and some out."""
        lines = self._in_order.copy()
        for line in removed:
            place = bisect_left(lines, line)
            if place < len(lines) and lines[place] == line:
                del lines[place]
        for line in added:
            insort(lines, line)
        return lines

    @cached_property
    def _in_order(self) -> list[Enrolment]:
        return sorted(self.enrolments)

    def keeps_limits(self, lines: Sequence[Enrolment]) -> bool:
        """Whether these lines break no limit, target or fair share."""
        return not self.ledger.broken(lines) and not unkept_demands(self.problem, lines, self.levels)

    @cached_property
    def _books(self) -> Bookings:
        books = Bookings(self.problem)
        books.add(self.enrolments)
        return books

    def books_fit(self, lines: Sequence[Enrolment], out: Enrolment | None = None) -> bool:
        """Whether one person's lines fit the teams, mentors and shared places, with ``out`` taken out."""
        books = self._books
        if not books.has_rules:
            return True
        removed = [out] if out is not None else []
        books.remove(removed)
        fits = books.fits(lines[0].person, lines)
        books.add(removed)
        return fits

    def fits_hours(self, person: int, lines: Sequence[Enrolment]) -> bool:
        """Whether one person's lines, all together, fit their hours."""
        left = self.candidates.hour_limit[person].copy()
        for line in lines:
            for later, hours in enumerate(self.candidates.hours[line.course].tolist()):
                left[line.quarter + later] -= hours
        return bool((left >= 0).all())

    def value_of_person(self, person: int, without: Enrolment | None = None) -> int:
        """What the person's lines bring, in ten-thousandths."""
        return self.levels.value(person, [line for line in self.own.get(person, []) if line != without])

    @cached_property
    def value(self) -> int:
        """What all lines bring, in ten-thousandths of a weighted step."""
        return sum(self.value_of_person(person) for person in self.own)

    @cached_property
    def _prices(self) -> dict[int, float]:
        dearest: dict[int, float] = {}
        for line in self.lines:
            worth = sum(credit.steps_closed * credit.weight for credit in line.credits)
            if line.cost_pence and worth:
                pot = POTS.index(line.funding)
                dearest[pot] = max(dearest.get(pot, 0.0), line.cost_pence * 10_000 / worth)
        return dearest

    def price_now(self, pot: int) -> float | None:
        """Pence for a weighted step of the pot's dearest line: what its last pounds bought."""
        return self._prices.get(pot)

    def other_ways(self, line: Enrolment, needs: frozenset[int]) -> list[Way]:
        """Other courses of the same person that raise the same needs, alone or two together, hours allowing.

        Best first: most of the same steps, then least money, then earliest.
        """
        kept = [one for one in self.own[line.person] if one != line]
        taken = {one.course for one in kept} | {line.course}
        skills = {int(self.problem.needs.skill[need]) for need in needs}
        options = [
            one
            for one in self.of_person(line.person)
            if one.course not in taken and any(s in skills for s, _, _ in self.levels.outcomes[one.course])
        ]
        base = self._closed(line.person, kept, needs)
        sets: list[tuple[Enrolment, ...]] = [(one,) for one in options]
        if len(options) <= _MOST_PAIRED:
            sets += [pair for pair in combinations(options, 2) if pair[0].course != pair[1].course]
        ways: list[Way] = []
        for chosen in sets:
            value = self._closed(line.person, [*kept, *chosen], needs) - base
            if value <= 0 or not self.fits_hours(line.person, [*kept, *chosen]):
                continue
            if len(chosen) > 1 and self.levels.spare(line.person, [*kept, *chosen], kept) is not None:
                continue
            pence = self.pence_for(chosen)
            if pence is not None:
                ways.append(Way(chosen, value, pence))
        return sorted(
            ways, key=lambda way: (-way.value, way.pence, sum(one.quarter for one in way.lines), way.lines)
        )

    def _closed(self, person: int, lines: Sequence[Enrolment], needs: frozenset[int]) -> int:
        return sum(
            credit.steps_closed * credit.weight
            for own in self.levels.credits(person, lines)
            for credit in own
            if credit.need in needs
        )

    @cached_property
    def _promise(self) -> tuple[Ints, Ints, Bools, Bools]:
        """Per candidate: the most it can add as the plan stands, its pence, whether a seat is free, and whether its
        person has the hours and is not on the course already."""
        cands, problem = self.candidates, self.problem
        after = problem.needs.held.copy()
        for line in self.lines:
            for credit in line.credits:
                after[credit.need] = max(int(after[credit.need]), credit.level_after)
        level = after[cands.routes.need][cands.credit_need]
        weight = problem.needs.weight[cands.routes.need][cands.credit_need]
        gain = np.where(cands.credit_entry <= level, np.maximum(0, cands.credit_exit - level), 0) * weight
        promise = np.bincount(cands.credit_of, weights=gain, minlength=len(cands)).astype(np.int64)
        extra = np.zeros(self.size.shape, dtype=np.int64)
        is_open = np.zeros(self.size.shape, dtype=bool)
        for course, quarter in np.ndindex(*self.size.shape):
            size = int(self.size[course, quarter])
            after_groups = self.groups(course, size + 1)
            if after_groups is not None and size < problem.offers.places[course, quarter]:
                is_open[course, quarter] = True
                more = after_groups - (self.groups(course, size) or 0)
                extra[course, quarter] = int(problem.offers.person_cost[course]) + more * int(
                    problem.offers.cohort_cost[course]
                )
        able = np.ones(len(cands), dtype=bool)
        for later in range(cands.hours.shape[1]):
            quarter = cands.quarter + later
            need = self.used[cands.person, quarter] + cands.hours[cands.course, later]
            able &= need <= cands.hour_limit[cands.person, quarter]
        courses = len(problem.offers.codes)
        taken = np.array([k.person * courses + k.course for k in self.enrolments], dtype=np.int64)
        able &= ~np.isin(cands.person * courses + cands.course, taken)
        seat = is_open[cands.course, cands.quarter]
        return promise, extra[cands.course, cands.quarter], seat, able

    def best_addition(self, freed: Enrolment) -> Way | None:
        """What the plan would do best with the money of ``freed``, for somebody else; ``None``: nothing.

        One enrolment that breaks no limit once ``freed`` is out: most value, then least money, then earliest.
        """
        promise, extra, seat, able = self._promise
        cands = self.candidates
        same_run = (cands.course == freed.course) & (cands.quarter == freed.quarter)
        chosen = able & (seat | same_run) & (promise > 0) & (cands.person != freed.person)
        places = chosen.nonzero()[0]
        order = places[np.lexsort((places, cands.quarter[places], extra[places], -promise[places]))]
        best: Way | None = None
        looked = 0
        for place in order.tolist():
            if (best is not None and promise[place] <= best.value) or looked >= _VERIFIED:
                break
            line = Enrolment(int(cands.person[place]), int(cands.course[place]), int(cands.quarter[place]))
            pence = self._affordable(line, freed)
            if pence is None:
                continue
            own = self.own.get(line.person, [])
            value = self.levels.value(line.person, [*own, line]) - self.levels.value(line.person, own)
            if value > (best.value if best else 0):
                looked += 1
                if self.keeps_limits(self.with_change([line], [freed])):
                    best = Way((line,), value, pence)
        return best

    def _affordable(self, line: Enrolment, freed: Enrolment) -> int | None:
        """The pence of a line where the money left and what ``freed`` gives back cover it."""
        both, back = self.pence_for([line], [freed]), self.pence_for([], [freed])
        if both is None or back is None:
            return None
        for limit, left in zip(self.problem.limits, self.unspent, strict=True):
            if self.ledger.counts(limit, line):
                change = both if self.ledger.counts(limit, freed) else both - back
                if limit.departments is None and change > left:
                    return None
        return both - back

    def queue_before(self, need: int, price: float) -> tuple[int, int]:
        """How many open needs close a step for less than ``price`` (pence a weighted step), and what they cost.

        Each counted with its cheapest single enrolment for which hours and a seat are free.
        """
        cheapest, pence = self._cheapest
        number = self.candidates.routes.need
        sooner = (cheapest < price - 1e-9) & (number != need)
        return int(sooner.sum()), int(pence[sooner].sum())

    @cached_property
    def _cheapest(self) -> tuple[npt.NDArray[np.float64], Ints]:
        """Per open need the price of a weighted step of its cheapest addition (infinite: none), and its pence."""
        promise, extra, seat, able = self._promise
        free = seat & able
        cands = self.candidates
        price = np.where(free & (promise > 0), extra * 10_000 / np.maximum(promise, 1), np.inf)
        row_price = price[cands.credit_of]
        order = np.lexsort((cands.credit_of, row_price, cands.credit_need))
        need, first = np.unique(cands.credit_need[order], return_index=True)
        chosen = order[first]
        cheapest = np.full(len(cands.routes.need), np.inf)
        pence = np.zeros(len(cands.routes.need), dtype=np.int64)
        cheapest[need] = row_price[chosen]
        pence[need] = extra[cands.credit_of[chosen]]
        # a course that serves several needs of one person is paid once
        _, once = np.unique(cands.credit_of[chosen], return_index=True)
        paid = np.zeros(len(chosen), dtype=bool)
        paid[once] = True
        pence[need[~paid]] = 0
        return cheapest, np.where(np.isfinite(cheapest), pence, 0)
