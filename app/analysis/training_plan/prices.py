"""Prices on budgets, seats and groups: the bound of the decomposition, and how the prices are found.

With a price on every budget (units of value per penny) and a charge per seat where seats or groups are scarce,
people no longer touch one another: each takes the set of courses worth most after its price. The sum over
people, plus the worth of the budgets and of the best group sizes, is a limit no plan can beat, whatever the
prices. Better prices give a lower limit; they are found by cutting planes inside a box around the best so far.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from app.analysis.training_plan.enrol import Candidates
from app.analysis.training_plan.menus import Menus, Sets
from app.analysis.training_plan.problem import NO_LIMIT, POTS, PlanProblem
from app.analysis.training_plan.wide import WideMenus

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]

GRID = 2**24
"""Prices are whole multiples of 1 / GRID ten-thousandths, so that the bound is worked out in whole numbers."""


_AT_ONCE = min(4, os.cpu_count() or 1)
"""Wide menus solved at once."""


@dataclass(frozen=True, slots=True)
class GroupCut:
    """A crowd wants seats in whole groups: of ``entries`` (one course's menu entries, ``whole`` full groups and
    ``rest`` people more), at most all less ``rest`` for every group short of ``whole + 1`` can be seated.

    Holds for every number of groups k: with more than ``whole`` it asks nothing; with k at most ``whole``,
    k groups seat no more than ``group × k``, which is no more than ``group × whole - rest × (whole - k)``.
    """

    course: int
    entries: Ints
    whole: int
    rest: int


@dataclass(frozen=True, slots=True)
class Prices:
    """``budget`` per money limit (units per penny), ``seat`` per course on top of the share in a full group, and
    ``cut`` per group cut of the market, paid by its crowd and spent on the course's groups."""

    budget: Floats
    seat: Floats
    cut: Floats

    def on_grid(self, unit: int) -> tuple[Ints, Ints, Ints]:
        """The prices in multiples of 1 / GRID ten-thousandths."""
        grid = float(GRID * unit)
        budget, seat, cut = (np.rint(price * grid).astype(np.int64) for price in self.columns)
        return budget, seat, cut

    @property
    def columns(self) -> tuple[Floats, Floats, Floats]:
        """Budget, seat and cut prices."""
        return self.budget, self.seat, self.cut


class Market:
    """The problem as prices see it."""

    def __init__(
        self,
        problem: PlanProblem,
        menus: Menus,
        cands: Candidates,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        """``is_over``: no more wide menus are solved from then on; the bound stays true, only higher."""
        self._is_over = is_over
        self.problem, self.menus = problem, menus
        offers, limits = problem.offers, problem.limits
        self.allowance = np.array([limit.pence for limit in limits], dtype=np.int64)
        self.kind, self.counts = self._kinds()
        courses = len(offers.codes)
        takers = np.bincount(menus.course, minlength=courses)
        self.most = np.minimum(takers, np.minimum(offers.places, NO_LIMIT).sum(axis=1))
        unlimited = offers.max_group == NO_LIMIT
        self.group = np.maximum(1, np.where(unlimited, self.most, offers.max_group))
        self.is_scarce = (self.most < takers) & (takers > 0)
        self.entry_kind = self.kind[menus.person]
        self._wide = WideMenus(menus, cands)
        self._wide_known: dict[int, tuple[Floats, float]] = {}
        self.favoured = np.zeros(len(menus.person), dtype=bool)
        self.cuts: list[GroupCut] = []
        self._cut_entry = np.zeros(0, dtype=np.int64)
        self._cut_size = np.zeros(0, dtype=np.int64)

    def add_cuts(self, cuts: Sequence[GroupCut]) -> None:
        """Let prices count these cuts as well, after those there are."""
        self.cuts += cuts
        self._cut_entry = np.concatenate([self._cut_entry, *(cut.entries for cut in cuts)])
        self._cut_size = np.array([len(cut.entries) for cut in self.cuts], dtype=np.int64)

    def _kinds(self) -> tuple[Ints, Bools]:
        """Kind of each person (by the money limits that count them); kinds × limits × courses × quarters."""
        problem, limits = self.problem, self.problem.limits
        departments = int(problem.learners.department.max(initial=0)) + 1
        counted = np.ones((departments, len(limits)), dtype=bool)
        for number, limit in enumerate(limits):
            if limit.departments is not None:
                counted[:, number] = np.isin(np.arange(departments), np.array(sorted(limit.departments)))
        kinds, kind_of = np.unique(counted, axis=0, return_inverse=True)
        years = np.array([problem.year_of(quarter) for quarter in range(problem.quarters)])
        pots = np.array([POTS.index(limit.pot) for limit in limits], dtype=np.int64)
        in_year = np.array(
            [limit.year in (None, year) for limit in limits for year in years.tolist()], dtype=bool
        ).reshape(len(limits), 1, problem.quarters)
        same_pot = pots[:, None] == problem.offers.pot[None, :]
        counts = kinds[:, :, None, None] & same_pot[None, :, :, None]
        return kind_of.ravel()[problem.learners.department], counts & in_year[None]

    def money_price(self, budget: Numbers) -> tuple[Numbers, Ints]:
        """Kinds × courses: the price of a penny in the cheapest quarter; and which quarter that is."""
        price = np.tensordot(budget, self.counts, axes=([0], [1]))
        quarter = price.argmin(axis=2)
        return np.take_along_axis(price, quarter[:, :, None], axis=2)[:, :, 0], quarter

    def exact_bound(self, sets: Sets, prices: Prices, fits: Callable[[int, Ints], bool] | None = None) -> int:
        """The bound in ten-thousandths, in whole numbers: true for any prices on or above 0.

        With ``fits`` (may somebody's entries be put into quarters?) wide menus are solved one by one.
        """
        unit = self.menus.unit
        columns = self._on_grid(prices)
        entry_price = self._entry_prices(columns)
        worth = sets.value * (unit * GRID) - set_prices(sets, entry_price)
        best = np.maximum.reduceat(worth, sets.first)
        total = int((best + self._hidden(sets, best, entry_price, fits)).sum())
        return (total + int(self._fixed(columns))) // (GRID * unit) * unit

    def bound(self, best: Floats, prices: Prices) -> float:
        """The bound in units from the worth of each one's best set, without what left-out courses hide."""
        return float(best.sum()) + float(self._fixed(prices.columns))

    def entry_prices(self, prices: Prices) -> Floats:
        """What each menu entry costs its person, in units."""
        return self._entry_prices(prices.columns).astype(np.float64)

    def _entry_prices(self, columns: tuple[Numbers, Numbers, Numbers]) -> Numbers:
        budget, seat, cut = columns
        penny, _ = self.money_price(budget)
        price, _ = self._group_price(columns, penny)
        table = penny * self.problem.offers.person_cost + price + seat
        entry = table[self.entry_kind, self.menus.course]
        used = np.repeat(cut, self._cut_size[: len(cut)])
        np.add.at(entry, self._cut_entry[: len(used)], used)
        return entry

    def _group_price(
        self, columns: tuple[Numbers, Numbers, Numbers], penny: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Per course the share in a full group, and what a group costs beyond what its cuts pay for."""
        cost = penny.min(axis=0) * self.problem.offers.cohort_cost
        for cut, price in zip(self.cuts, columns[2], strict=False):
            cost[cut.course] -= price * cut.rest
        share = -(-cost // self.group) if cost.dtype.kind == "i" else cost / self.group
        return share, cost

    def shares(self, budget: Floats, cut: Floats) -> Floats:
        """Per course a seat's share in a full group at these prices."""
        return self._group_price((budget, budget, cut), self.money_price(budget)[0])[0]

    def _fixed(self, columns: tuple[Numbers, Numbers, Numbers]) -> Any:
        """What is not the people's: the worth of the budgets, of the best group sizes and of the cuts."""
        budget, seat, cut = columns
        penny, _ = self.money_price(budget)
        share, cost = self._group_price(columns, penny)
        total = (budget * self.allowance).sum() + self._group_worth(share + seat, cost).sum()
        for one, price in zip(self.cuts, cut, strict=False):
            total += price * (one.whole * (self.group[one.course] - one.rest))
        return total

    def affordable(self, prices: Prices) -> Prices:
        """The prices with those of cuts lowered so far that no group earns more than it costs."""
        penny, _ = self.money_price(prices.budget)
        whole = penny.min(axis=0) * self.problem.offers.cohort_cost
        _, left = self._group_price(prices.columns, penny)
        least = 1e-6 * whole  # rounding to the grid must not take the cost of a group below 0
        keep = np.where(left < least, np.maximum(0.0, whole - least) / np.maximum(whole - left, 1e-300), 1.0)
        course = np.array([cut.course for cut in self.cuts[: len(prices.cut)]], dtype=np.int64)
        return replace(prices, cut=prices.cut * keep[course])

    def _on_grid(self, prices: Prices) -> tuple[Ints, Ints, Ints]:
        """Whole prices, without the cuts of courses whose groups would still earn more than they cost."""
        budget, seat, cut = prices.on_grid(self.menus.unit)
        _, left = self._group_price((budget, seat, cut), self.money_price(budget)[0])
        course = np.array([one.course for one in self.cuts[: len(cut)]], dtype=np.int64)
        return budget, seat, np.where(left[course] < 0, 0, cut)

    def _hidden(
        self, sets: Sets, best: Ints, entry_price: Ints, fits: Callable[[int, Ints], bool] | None
    ) -> Ints:
        """Per person what left-out courses may add to the best set listed: the charge, or the whole menu on its own."""
        one = GRID * self.menus.unit
        charge = self._charges(sets, entry_price, one)
        if fits is None:
            return charge
        in_units = entry_price / one
        heavy = _heaviest(charge, int(best.sum())).tolist()
        for person, worth in self._wide_worths(heavy, in_units, fits):
            if worth < best[person] / one + charge[person] / one:
                # a thousandth of a unit covers the solver's tolerance many times over
                ceiling = int(np.ceil((worth + 1e-3) * one))
                charge[person] = min(int(charge[person]), max(0, ceiling - int(best[person])))
        return charge

    def _wide_worths(
        self, people: Sequence[int], price: Floats, fits: Callable[[int, Ints], bool]
    ) -> Iterator[tuple[int, float]]:
        """Person and a limit on what their whole menu is worth, until time is over.

        Taken from an earlier answer where prices hardly fell since. HiGHS lets go of the interpreter, so several
        menus are solved at once.
        """

        def solved(person: int) -> tuple[float, Ints] | None:
            return None if self._is_over() else self._wide.best(person, price, fits)

        new: list[int] = []
        for person in people:
            if person in self._wide_known:
                before, worth = self._wide_known[person]
                # no set can gain more than all its prices fell
                fallen = float(np.maximum(0.0, before - price[self._own(person)]).sum())
                if fallen < 0.02:
                    yield person, worth + fallen
                    continue
            new.append(person)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for person, found in zip(new, pool.map(solved, new), strict=True):
                if found is None:
                    continue
                own = self._own(person)
                self._wide_known[person] = (price[own].copy(), found[0])
                self.favoured[own] = False
                self.favoured[found[1]] = True
                yield person, found[0]

    def _own(self, person: int) -> slice:
        return slice(self.menus.first[person], self.menus.first[person + 1])

    def _charges(self, sets: Sets, entry_price: Ints, one: int) -> Ints:
        """Per person the sum of what each left-out course may hide."""
        out = sets.left_out
        alone = np.maximum(0, self.menus.potential[out] * one - entry_price[out])
        swap = np.maximum(0, entry_price[np.maximum(sets.stand_in, 0)] - entry_price[out])
        charge = np.where(sets.stand_in >= 0, np.minimum(alone, swap), alone)
        total = np.zeros(len(sets.first), dtype=charge.dtype)
        np.add.at(total, self.menus.person[out], charge)
        return total

    def _group_worth(self, price: Numbers, cost: Numbers) -> Numbers:
        """Per course the most that Σ seat prices can exceed the cost of the groups."""
        whole = self.most // self.group * self.group
        sizes = np.stack([np.zeros_like(whole), whole, self.most])
        worth = price * sizes - cost * -(-sizes // self.group)
        return worth.max(axis=0)


def _heaviest(charge: Ints, worth: int) -> Ints:
    """Those with the largest charges, but for a rest that together is next to nothing of the worth."""
    order = np.argsort(-charge, kind="stable")
    rest = charge.sum() - np.cumsum(charge[order])
    return order[: int(np.searchsorted(-rest, -max(0, worth) * 2e-4)) + 1] if charge.any() else order[:0]


def set_prices(sets: Sets, entry_price: Numbers) -> Numbers:
    """Σ price of the courses in each set, by two look-ups of half the bits."""
    width = sets.kept.shape[1]
    price = np.where(sets.kept >= 0, entry_price[np.maximum(sets.kept, 0)] if len(entry_price) else 0, 0)
    half = width // 2
    total = None
    for bits, shift in ((price[:, :half], 0), (price[:, half:], half)):
        table = np.zeros((len(price), 1 << bits.shape[1]), dtype=price.dtype)
        for bit in range(bits.shape[1]):
            table[:, 1 << bit : 2 << bit] = table[:, : 1 << bit] + bits[:, bit : bit + 1]
        part = table[sets.person, sets.mask >> shift & ((1 << bits.shape[1]) - 1)]
        total = part if total is None else total + part
    assert total is not None
    return total


def set_entries(sets: Sets, numbers: Ints) -> tuple[Ints, Ints]:
    """The menu entries in these sets, and whose they are."""
    width = sets.kept.shape[1]
    row, bit = ((sets.mask[numbers][:, None] >> np.arange(width)) & 1).nonzero()
    owner = sets.person[numbers][row]
    return sets.kept[owner, bit], owner


def first_prices(market: Market) -> Prices:
    """Each budget's price where single courses, best value first, would just use it up."""
    menus, problem = market.menus, market.problem
    offers = problem.offers
    cost = (offers.person_cost + offers.cohort_cost / market.group)[menus.course]
    budget = np.zeros(len(market.allowance))
    for number, pence in enumerate(market.allowance.tolist()):
        counted = market.counts[market.entry_kind, number, menus.course].any(axis=1) & (cost > 0)
        value = menus.potential[counted] / cost[counted]
        order = np.argsort(-value, kind="stable")
        # about half of what single courses promise is promised twice, by another course for the same step
        spent = np.cumsum(cost[counted][order]) * 0.5
        place = int(np.searchsorted(spent, pence))
        budget[number] = value[order[min(place, len(order) - 1)]] if len(order) else 0.0
        if place >= len(order):
            budget[number] *= 0.1
    return Prices(budget, np.zeros(len(offers.codes)), np.zeros(0))
