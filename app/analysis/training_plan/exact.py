"""The plan as one integer programme, built from arrays: the flat formulation.

Columns: one per candidate enrolment (0 or 1); one per credit that builds on an earlier course; one per level
of a need at a time it matters (at the end, or where a course asks for it); groups per course and quarter. The
credits and levels are whole by themselves once the enrolments are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.analysis.milp import INFINITE, Milp, RowBuilder
from app.analysis.training_plan import exact_demands
from app.analysis.training_plan.enrol import NEVER, Candidates, join
from app.analysis.training_plan.exact_demands import Columns
from app.analysis.training_plan.levels import groups_for
from app.analysis.training_plan.problem import NO_LIMIT, POTS, MoneyLimit, PlanProblem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cut:
    """An extra row: Σ value × column ≤ upper."""

    column: Ints
    value: Floats
    upper: float


class FlatModel:
    """The flat formulation of one problem; objectives and extra rows are given per run.

    ``steps`` (in units of ``unit`` ten-thousandths), ``money`` (pence) and ``quarters`` are objectives. The
    first ``len(candidates)`` columns are the enrolments. Where a cohort price is split between departments,
    the pennies left over are not charged; the caller cuts off plans that these pennies break.
    """

    def __init__(self, problem: PlanProblem, candidates: Candidates) -> None:
        self.problem = problem
        self.candidates = candidates
        self.columns = Columns()
        self.rows = RowBuilder()
        locked = candidates.is_locked.astype(np.float64)
        self.columns.add(np.ones(len(candidates)), integer=True, lower=locked)
        self._group_of: dict[tuple[int, int], Ints] = {}
        self._group_price: dict[tuple[int, int], Floats] = {}
        self._share: dict[tuple[int, int, int], int] = {}
        self.unit = 1
        self.final_need, self.final_weight = np.zeros(0, dtype=np.int64), np.zeros(0)
        self._final = self._add_levels()
        self._add_once_and_hours()
        self._add_runs()
        self._add_money()
        exact_demands.add_bookings(self)
        exact_demands.add_fair_shares(self, self._final)
        self.steps = self._vector(self._final, self.final_weight)
        column, price = self._bonus
        np.add.at(self.steps, column, price / self.unit)
        self.quarters = self._vector(np.arange(len(candidates)), candidates.quarter.astype(np.float64))
        self.money = self._money_vector()
        self._built = self.rows.arrays()

    def programme(
        self,
        objective: Floats,
        cuts: Sequence[Cut] = (),
        fixed: dict[int, int] | None = None,
        *,
        maximise: bool,
    ) -> Milp:
        """The programme with this objective, extra rows, and enrolments fixed to 0 or 1."""
        lower, upper = np.concatenate(self.columns.lower), np.concatenate(self.columns.upper)
        for column, value in (fixed or {}).items():
            lower[column] = upper[column] = value
        row_lower, row_upper, start, column, value = self._built
        if cuts:
            sizes = np.array([len(cut.column) for cut in cuts])
            start = np.concatenate([start, start[-1] + np.cumsum(sizes)])
            column = np.concatenate([column, *(cut.column for cut in cuts)])
            value = np.concatenate([value, *(cut.value for cut in cuts)])
            row_lower = np.concatenate([row_lower, np.full(len(cuts), -INFINITE)])
            row_upper = np.concatenate([row_upper, np.array([cut.upper for cut in cuts])])
        integer = np.concatenate(self.columns.integer)
        return Milp(objective, lower, upper, integer, row_lower, row_upper, start, column, value, maximise)

    def _vector(self, column: Ints, value: Floats) -> Floats:
        vector = np.zeros(self.columns.count)
        vector[column] = value
        return vector

    def _add_levels(self) -> Ints:
        """Level columns and the credits they rest on; returns the columns at the end."""
        cands, routes = self.candidates, self.candidates.routes
        held = self.problem.needs.held[routes.need]
        builds = cands.credit_entry > held[cands.credit_need]
        credit_column = cands.credit_of.copy()
        credit_column[builds] = self.columns.add(np.ones(int(builds.sum())), integer=False)
        required = self.problem.needs.required[routes.need]
        need, level = ((routes.earliest < NEVER) & (np.arange(5) > held[:, None])).nonzero()
        need, level = need[level <= required[need]], level[level <= required[need]]
        final = (need * 5 + level) * (NEVER + 1) + NEVER
        asked = cands.credit_need[builds] * 5 + cands.credit_entry[builds]
        asked = asked * (NEVER + 1) + cands.quarter[cands.credit_of[builds]]
        steps = exact_demands.target_keys(self.problem, routes.need)
        keys, place = np.unique(np.concatenate([final, asked, steps.key]), return_inverse=True)
        must = np.zeros(len(keys))
        must[place[len(final) + len(asked) :][steps.is_hard]] = 1.0
        column = self.columns.add(np.ones(len(keys)), integer=False, lower=must)
        key_level, key_need = keys // (NEVER + 1) % 5, keys // (5 * (NEVER + 1))
        left, right = join(cands.credit_need, key_need)
        ends = cands.quarter[cands.credit_of] + self.problem.offers.duration[cands.course[cands.credit_of]]
        gives = (cands.credit_exit[left] >= key_level[right]) & (ends[left] <= (keys % (NEVER + 1))[right])
        left, right = left[gives], right[gives]
        self._at_most(
            len(keys),
            [(np.arange(len(keys)), column, 1.0), (right, credit_column[left], -1.0)],
            np.zeros(len(keys)),
        )
        own, number = credit_column[builds], np.arange(int(builds.sum()))
        for other in (cands.credit_of[builds], column[place[len(final) : len(final) + len(asked)]]):
            self._at_most(len(own), [(number, own, 1.0), (number, other, -1.0)], np.zeros(len(own)))
        weight = self.problem.needs.weight[routes.need[need]]
        prices = steps.price[~steps.is_hard]
        self.unit = (
            int(np.gcd.reduce(np.concatenate([weight, prices]))) or 1 if len(weight) + len(prices) else 1
        )
        self._bonus = (column[place[len(final) + len(asked) :][~steps.is_hard]], prices.astype(np.float64))
        self.final_need, self.final_weight = routes.need[need], (weight // self.unit).astype(np.float64)
        return column[place[: len(final)]]

    def _at_most(self, count: int, parts: list[tuple[Ints, Ints, float]], upper: Floats) -> None:
        row = np.concatenate([part[0] for part in parts])
        column = np.concatenate([part[1] for part in parts])
        value = np.concatenate([np.full(len(part[0]), part[2]) for part in parts])
        self.rows.add(np.full(count, -INFINITE), upper, row, column, value)

    def _add_once_and_hours(self) -> None:
        cands, problem = self.candidates, self.problem
        number = np.arange(len(cands))
        keys, row, count = np.unique(
            cands.person * len(problem.offers.codes) + cands.course, return_inverse=True, return_counts=True
        )
        several = count > 1
        kept = several[row]
        renumbered = np.cumsum(several) - 1
        ones = np.ones(int(several.sum()))
        if len(keys):
            self._at_most(len(ones), [(renumbered[row[kept]], number[kept], 1.0)], ones)
        parts = [
            (number, cands.quarter + later, cands.hours[cands.course, later].astype(np.float64))
            for later in range(cands.hours.shape[1])
        ]
        column = np.concatenate([part[0] for part in parts])
        quarter = np.concatenate([part[1] for part in parts])
        hours = np.concatenate([part[2] for part in parts])
        width = cands.hour_limit.shape[1]
        keys, row = np.unique(cands.person[column] * width + quarter, return_inverse=True)
        limit = cands.hour_limit[keys // width, keys % width].astype(np.float64)
        binding = np.bincount(row, weights=hours, minlength=len(keys)) > limit
        kept = binding[row] & (hours > 0)
        renumbered = np.cumsum(binding) - 1
        self.rows.add(
            np.full(int(binding.sum()), -INFINITE),
            limit[binding] / 100,
            renumbered[row[kept]],
            column[kept],
            hours[kept] / 100,
        )

    def _add_runs(self) -> None:
        """Places and groups per course and quarter."""
        cands, offers = self.candidates, self.problem.offers
        keys = cands.course * self.problem.quarters + cands.quarter
        order = np.argsort(keys, kind="stable")
        distinct, first = np.unique(keys[order], return_index=True)
        runs = np.split(order, first[1:]) if len(order) else []
        for key, members in zip(distinct.tolist(), runs, strict=True):
            course, quarter = divmod(key, self.problem.quarters)
            places = int(offers.places[course, quarter])
            if len(members) > places:
                self.rows.add_one(-INFINITE, places, members, np.ones(len(members)))
            if offers.cohort_cost[course] and self._is_split(course):
                self._add_counted_groups(course, quarter, members)
            elif offers.min_group[course] > 1 or offers.cohort_cost[course]:
                self._add_groups(course, quarter, members)

    def _is_split(self, course: int) -> bool:
        pot = POTS[int(self.problem.offers.pot[course])]
        return any(k.pot is pot and k.departments is not None for k in self.problem.limits)

    def _add_groups(self, course: int, quarter: int, members: Ints) -> None:
        offers = self.problem.offers
        smallest, largest = int(offers.min_group[course]), int(offers.max_group[course])
        most = 1 if largest == NO_LIMIT else len(members) // smallest
        groups = self.columns.add(np.array([float(most)]), integer=True)
        column = np.concatenate([members, groups])
        ones = np.ones(len(members))
        self.rows.add_one(-INFINITE, 0.0, column, np.append(ones, -float(min(largest, len(members)))))
        self.rows.add_one(0.0, INFINITE, column, np.append(ones, -float(smallest)))
        self._group_of[course, quarter] = groups
        self._group_price[course, quarter] = np.array([float(offers.cohort_cost[course])])

    def _add_counted_groups(self, course: int, quarter: int, members: Ints) -> None:
        """One column per possible number of people, so that each department's share has a price."""
        offers = self.problem.offers
        smallest, largest = int(offers.min_group[course]), int(offers.max_group[course])
        most = min(len(members), int(offers.places[course, quarter]))
        sized = [(size, groups_for(size, smallest, largest)) for size in range(1, most + 1)]
        possible = [(size, groups) for size, groups in sized if groups is not None]
        sizes = np.array([size for size, _ in possible], dtype=np.float64)
        price = np.array([groups for _, groups in possible], dtype=np.float64) * int(
            offers.cohort_cost[course]
        )
        column = self.columns.add(np.ones(len(possible)), integer=True)
        self.rows.add_one(-INFINITE, 1.0, column, np.ones(len(column)))
        both = np.concatenate([members, column])
        self.rows.add_one(0.0, 0.0, both, np.concatenate([np.ones(len(members)), -sizes]))
        self._group_of[course, quarter], self._group_price[course, quarter] = column, price
        for number, limit in enumerate(self.problem.limits):
            if limit.departments is not None and self._in_period(limit, course, quarter):
                own = members[self._is_of(limit)[members]]
                if len(own):
                    self._share[number, course, quarter] = self._add_share(own, column, price // sizes)

    def _add_share(self, own: Ints, column: Ints, share: Floats) -> int:
        total = self.columns.add(np.array([INFINITE]), integer=False)
        for size_column, each in zip(column.tolist(), share.tolist(), strict=True):
            full = each * len(own)
            where = np.concatenate([own, total, np.array([size_column])])
            self.rows.add_one(
                -INFINITE, full, where, np.concatenate([np.full(len(own), each), [-1.0], [full]])
            )
        return int(total[0])

    def _in_period(self, limit: MoneyLimit, course: int, quarter: int) -> bool:
        return POTS[int(self.problem.offers.pot[course])] is limit.pot and (
            limit.year is None or limit.year == self.problem.year_of(quarter)
        )

    def _is_of(self, limit: MoneyLimit) -> Bools:
        """Candidates whose person is in the limit's departments."""
        if limit.departments is None:
            return np.ones(len(self.candidates), dtype=bool)
        return np.isin(
            self.problem.learners.department[self.candidates.person], np.array(sorted(limit.departments))
        )

    def counted(self, limit: MoneyLimit) -> Bools:
        """Candidates that the money limit counts."""
        cands, offers = self.candidates, self.problem.offers
        counted = self._is_of(limit) & (offers.pot[cands.course] == POTS.index(limit.pot))
        if limit.year is not None:
            years = np.array([self.problem.year_of(q) for q in range(self.problem.quarters)])
            counted &= years[cands.quarter] == limit.year
        return counted

    def _add_money(self) -> None:
        for number, limit in enumerate(self.problem.limits):
            column, value = self._spending(number)
            if len(column):  # in pounds: nearer to 1, which the solver's tolerances like
                self.rows.add_one(-INFINITE, limit.pence / 100, column, value / 100)
        for reserve in self.problem.reserves:
            over = self.columns.add(np.full(len(reserve.accounts), INFINITE), integer=False)
            for drawn, (number, own) in zip(over.tolist(), reserve.accounts, strict=True):
                column, value = self._spending(number)
                self.rows.add_one(
                    -INFINITE, own / 100, np.append(column, drawn), np.append(value / 100, -1.0)
                )
            if len(over):
                self.rows.add_one(-INFINITE, reserve.pence / 100, over, np.ones(len(over)))

    def _spending(self, number: int) -> tuple[Ints, Floats]:
        """Columns and pence of everything a money limit counts."""
        limit = self.problem.limits[number]
        price = self.problem.offers.person_cost[self.candidates.course].astype(np.float64)
        own = (self.counted(limit) & (price > 0)).nonzero()[0]
        columns, values = [own], [price[own]]
        for (course, quarter), groups in self._group_of.items():
            if not self._in_period(limit, course, quarter):
                continue
            if limit.departments is None:
                columns.append(groups)
                values.append(self._group_price[course, quarter])
            elif (number, course, quarter) in self._share:
                columns.append(np.array([self._share[number, course, quarter]]))
                values.append(np.ones(1))
        return np.concatenate(columns), np.concatenate(values)

    def _money_vector(self) -> Floats:
        number = np.arange(len(self.candidates))
        price = self.problem.offers.person_cost[self.candidates.course].astype(np.float64)
        vector = self._vector(number, price)
        for key, groups in self._group_of.items():
            vector[groups] = self._group_price[key]
        return vector
