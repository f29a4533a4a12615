"""Prices on budgets, seats and groups: the bound of the decomposition, and how the prices are found.

With a price on every budget (units of value per penny) and a charge per seat where seats or groups are scarce,
people no longer touch one another: each takes the set of courses worth most after its price. The sum over
people, plus the worth of the budgets and of the best group sizes, is a limit no plan can beat, whatever the
prices. Better prices give a lower limit; they are found by cutting planes inside a box around the best so far.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.analysis.milp import INFINITE, Milp, MilpStatus, RowBuilder, solve_milp
from app.analysis.training_plan.menus import LOWEST, Menus, Sets
from app.analysis.training_plan.problem import NO_LIMIT, POTS, PlanProblem
from app.analysis.training_plan.relaxed import RelaxedMenus

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]

GRID = 2**24
"""Prices are whole multiples of 1 / GRID ten-thousandths, so that the bound is worked out in whole numbers."""

_BLOCKS = 12


@dataclass(frozen=True, slots=True)
class Prices:
    """``budget`` per money limit (units per penny) and ``seat`` per course, on top of the cohort's share."""

    budget: Floats
    seat: Floats

    def on_grid(self, unit: int) -> tuple[Ints, Ints]:
        """The prices in multiples of 1 / GRID ten-thousandths."""
        grid = float(GRID * unit)
        return np.rint(self.budget * grid).astype(np.int64), np.rint(self.seat * grid).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Answer:
    """What people do at given prices: the bound (in units, without what left-out courses hide), its slope in
    (budget prices, seat prices of scarce courses), and each one's set."""

    bound: float
    by_block: Floats
    slope_by_block: Floats
    chosen: Ints


class Market:
    """The problem as prices see it."""

    def __init__(self, problem: PlanProblem, menus: Menus) -> None:
        self.problem, self.menus = problem, menus
        offers, limits = problem.offers, problem.limits
        self.allowance = np.array([limit.pence for limit in limits], dtype=np.int64)
        self.kind, self.counts = self._kinds()
        courses = len(offers.codes)
        takers = np.bincount(menus.course, minlength=courses)
        self.most = np.minimum(takers, np.minimum(offers.places, NO_LIMIT).sum(axis=1))
        unlimited = offers.max_group == NO_LIMIT
        self.group = np.maximum(1, np.where(unlimited, self.most, offers.max_group))
        is_scarce = (self.most < takers) | (unlimited & (offers.cohort_cost > 0))
        self.scarce = (is_scarce & (takers > 0)).nonzero()[0]
        self.block = np.arange(len(problem.learners.staff_ids)) % _BLOCKS
        self.entry_kind = self.kind[menus.person]
        self.wide: RelaxedMenus | None = None

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

    def exact_bound(self, sets: Sets, prices: Prices) -> int:
        """The bound in ten-thousandths, in whole numbers: true for any prices on or above 0."""
        unit = self.menus.unit
        budget, seat = prices.on_grid(unit)
        penny, _ = self.money_price(budget)
        least = penny.min(axis=0)
        offers = self.problem.offers
        group_price = -(-least * offers.cohort_cost // self.group) + seat
        table = penny * offers.person_cost + group_price
        entry_price = table[self.entry_kind, self.menus.course]
        worth = sets.value * (unit * GRID) - set_prices(sets, entry_price)
        best = np.maximum.reduceat(worth, sets.first)
        total = int((best + self._hidden(sets, best, entry_price, unit * GRID)).sum())
        total += int((budget * self.allowance).sum())
        total += int(self._group_worth(group_price, least * offers.cohort_cost)[0].sum())
        return total // (GRID * unit) * unit

    def _hidden(self, sets: Sets, best: Ints, entry_price: Ints, one: int) -> Ints:
        """Per person what left-out courses may add to the best set listed: the charge, or the relaxed menu."""
        charge = self._charges(sets, entry_price, one).astype(np.int64)
        if self.wide is not None:
            worth, _ = self.wide.best(entry_price / one)
            # a ten-thousandth of a unit covers the solver's tolerance many times over
            ceiling = np.ceil((worth + 1e-4) * one).astype(np.int64)
            people = self.wide.people
            charge[people] = np.minimum(charge[people], np.maximum(0, ceiling - best[people]))
        return charge

    def _charges(self, sets: Sets, entry_price: Numbers, one: int) -> Numbers:
        """Per person the sum of what each left-out course may hide."""
        out = sets.left_out
        alone = np.maximum(0, self.menus.potential[out] * one - entry_price[out])
        swap = np.maximum(0, entry_price[np.maximum(sets.stand_in, 0)] - entry_price[out])
        charge = np.where(sets.stand_in >= 0, np.minimum(alone, swap), alone)
        total = np.zeros(len(sets.first), dtype=charge.dtype)
        np.add.at(total, self.menus.person[out], charge)
        return total

    def widen(self, sets: Sets, prices: Prices) -> None:
        """Find the people whose sets hide something at these prices, to be treated with relaxed menus."""
        people = (self._charges(sets, self.entry_prices(prices), 1) > 1e-9).nonzero()[0]
        self.wide = RelaxedMenus(self.menus, people) if len(people) else None

    def entry_prices(self, prices: Prices) -> Floats:
        """What each menu entry costs its person, in units."""
        offers = self.problem.offers
        penny, _ = self.money_price(prices.budget)
        share = penny.min(axis=0) * (offers.cohort_cost / self.group)
        return (penny * offers.person_cost + share + prices.seat)[self.entry_kind, self.menus.course]

    def _group_worth(self, price: Numbers, cost: Numbers) -> tuple[Numbers, Ints]:
        """Per course the most that Σ seat prices can exceed the cost of the groups, and at how many seats."""
        whole = self.most // self.group * self.group
        sizes = np.stack([np.zeros_like(whole), whole, self.most])
        worth = price * sizes - cost * -(-sizes // self.group)
        best = worth.argmax(axis=0)
        pick = np.arange(len(best))
        return worth[best, pick], sizes[best, pick]

    def answer(self, sets: Sets, prices: Prices) -> Answer:
        """What the sets listed give at these prices."""
        offers = self.problem.offers
        penny, quarter = self.money_price(prices.budget)
        least = penny.min(axis=0)
        share = offers.cohort_cost / self.group
        table = penny * offers.person_cost + least * share + prices.seat
        entry_price = table[self.entry_kind, self.menus.course].astype(np.float64)
        worth = sets.value - set_prices(sets, entry_price)
        best = np.maximum.reduceat(worth, sets.first)
        at = (worth == best[sets.person]).nonzero()[0]
        chosen = at[np.unique(sets.person[at], return_index=True)[1]]
        entries, owner = set_entries(sets, chosen)
        amount = np.ones(len(entries))
        if self.wide is not None:
            best[self.wide.people], taken = self.wide.best(entry_price)
            stays = ~np.isin(owner, self.wide.people)
            entries = np.concatenate([entries[stays], self.wide.entries])
            owner = np.concatenate([owner[stays], self.menus.person[self.wide.entries]])
            amount = np.concatenate([amount[stays], taken])
        extra, seats = self._group_worth(least * share + prices.seat, least * offers.cohort_cost)
        by_block = np.bincount(self.block, weights=best, minlength=_BLOCKS)
        fixed = float((prices.budget * self.allowance).sum() + extra.sum())
        slope = self._slopes((entries, amount, self.block[owner]), quarter, penny, seats)
        return Answer(float(by_block.sum()) + fixed, np.append(by_block, fixed), slope, chosen)

    def _slopes(
        self, uses_of: tuple[Ints, Floats, Ints], quarter: Ints, penny: Numbers, seats: Ints
    ) -> Floats:
        """Blocks (and one row for budgets and groups) × (limits, scarce courses)."""
        offers, limits = self.problem.offers, len(self.allowance)
        kinds, courses = len(self.counts), len(offers.codes)
        entries, amount, block = uses_of
        key = (block * kinds + self.entry_kind[entries]) * courses + self.menus.course[entries]
        uses = np.bincount(key, weights=amount, minlength=_BLOCKS * kinds * courses).reshape(
            _BLOCKS, kinds, courses
        )
        in_best = np.take_along_axis(self.counts, quarter[:, None, :, None], axis=3)[:, :, :, 0]
        cheapest = penny.argmin(axis=0)
        in_least = in_best[cheapest, :, np.arange(courses)].T  # limits × courses
        share = offers.cohort_cost / self.group
        slope = np.zeros((_BLOCKS + 1, limits + len(self.scarce)))
        paid = np.einsum("bkc,klc,c->bl", uses, in_best, offers.person_cost)
        slope[:_BLOCKS, :limits] = -paid - (uses.sum(axis=1) * share) @ in_least.T
        slope[:_BLOCKS, limits:] = -uses.sum(axis=1)[:, self.scarce]
        groups = -(-seats // self.group) * offers.cohort_cost
        slope[_BLOCKS, :limits] = self.allowance + in_least @ (seats * share - groups)
        slope[_BLOCKS, limits:] = seats[self.scarce]
        return slope


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
    return Prices(budget, np.zeros(len(offers.codes)))


def better_prices(
    market: Market,
    sets: Sets,
    begin: Prices,
    rounds: int,
    is_over: Callable[[float], bool],
) -> tuple[Prices, Answer]:
    """Cutting planes in a box around the best prices so far; stops early when the box has nothing to offer."""
    limits = len(market.allowance)
    centre = np.concatenate([begin.budget, begin.seat[market.scarce]])
    best = market.answer(sets, begin)
    cuts = [(centre, best)]
    scale = _scale(market, begin)
    width = 0.25
    floor = np.concatenate([(LOWEST + 0.02) * begin.budget, np.zeros(len(market.scarce))])
    for _ in range(rounds):
        trial, promised = _master(cuts, np.maximum(floor, centre - scale * width), centre + scale * width)
        if promised > best.bound - 1e-4 * abs(best.bound) - 1e-9:
            if width > 0.9:
                break
            width = min(1.0, width * 2)
            if promised > best.bound - 1e-9:
                continue
        answer = market.answer(sets, _prices(market, trial, limits))
        cuts.append((trial, answer))
        if answer.bound < best.bound:
            width = (
                min(1.0, width * 1.3) if answer.bound < best.bound - 0.3 * (best.bound - promised) else width
            )
            centre, best = trial, answer
        else:
            width *= 0.6
        if is_over(best.bound):
            break
    return _prices(market, centre, limits), best


def _prices(market: Market, point: Floats, limits: int) -> Prices:
    seat = np.zeros(len(market.problem.offers.codes))
    seat[market.scarce] = point[limits:]
    return Prices(point[:limits], seat)


def _scale(market: Market, begin: Prices) -> Floats:
    """How far each price may reasonably move: itself, or what a unit of value is in it."""
    typical = float(np.median(market.menus.potential)) if len(market.menus.potential) else 1.0
    cost = np.maximum(1.0, np.median(market.problem.offers.person_cost))
    budget = np.maximum(begin.budget, 0.1 * typical / cost)
    return np.concatenate([budget, np.full(len(market.scarce), typical)])


def _master(cuts: list[tuple[Floats, Answer]], least: Floats, most: Floats) -> tuple[Floats, float]:
    """The lowest point of all cuts between ``least`` and ``most``."""
    size, parts = len(least), _BLOCKS + 1
    slopes = np.concatenate([answer.slope_by_block for _, answer in cuts])
    offset = np.concatenate([a.by_block - a.slope_by_block @ point for point, a in cuts])
    count = len(offset)
    rows = RowBuilder()
    grid_row, grid_column = np.indices(slopes.shape)
    part = np.tile(np.arange(parts), len(cuts))
    rows.add(
        offset,
        np.full(count, INFINITE),
        np.concatenate([grid_row.ravel(), np.arange(count)]),
        np.concatenate([grid_column.ravel(), size + part]),
        np.concatenate([-slopes.ravel(), np.ones(count)]),
    )
    lower = np.concatenate([least, np.full(parts, -INFINITE)])
    upper = np.concatenate([most, np.full(parts, INFINITE)])
    cost = np.concatenate([np.zeros(size), np.ones(parts)])
    none = np.zeros(size + parts, dtype=bool)
    found = solve_milp(Milp(cost, lower, upper, none, *rows.arrays(), maximise=False))
    if found.values is None or found.status is not MilpStatus.OPTIMAL:
        return most, INFINITE
    return np.maximum(0.0, found.values[:size]), found.objective
