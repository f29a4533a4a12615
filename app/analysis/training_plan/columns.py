"""The best prices by columns: a linear programme over the sets worth most, its duals as prices, and so on.

The programme holds few sets per person. Its duals price all the others; those worth as much as the best join,
until none is worth more: then its objective and the bound of the prices meet. Where it seats a crowd in part of
a group, a cut of whole groups is added (:class:`app.analysis.training_plan.prices.GroupCut`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.analysis.milp import BASIC, INFINITE, NONBASIC, Basis, Milp, MilpLimits, RowBuilder, solve_milp
from app.analysis.training_plan.menus import WIDEST, Sets
from app.analysis.training_plan.prices import GroupCut, Market, Prices, set_prices

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NEAR = 0.03
"""Sets that lose no more than this share of the mean worth against the best join the programme."""

_MOST = 4
"""Sets of one person that join in one round."""

_CLOSED = 1e-4
"""The prices are found when bound and objective differ by no more than this share."""

_NEARLY = 4e-3
"""Cuts are looked for from this difference on."""

_DEEP = 0.02
"""A cut is worth a row where it is broken by this many people."""

_PLAIN = MilpLimits(presolve=False)


@dataclass(frozen=True, slots=True)
class How:
    """How long to look for prices, and which sets (person, entries) are known to fit somebody's quarters."""

    rounds: int
    is_over: Callable[[], bool]
    fits: Callable[[int, Ints], bool]


class Pool:
    """The sets in the programme, by the menu entries they hold, so that they outlive the lists they came from."""

    def __init__(self) -> None:
        self.person = np.zeros(0, dtype=np.int64)
        self.entries = np.zeros((0, WIDEST), dtype=np.int64)
        self.value = np.zeros(0, dtype=np.int64)

    def join(self, sets: Sets, numbers: Ints, fits: Callable[[int, Ints], bool]) -> None:
        """Add listed sets that are not in yet and that ``fits`` (person, entries) lets in."""
        person = sets.person[numbers]
        bits = (sets.mask[numbers][:, None] >> np.arange(sets.kept.shape[1])) & 1 > 0
        entries = np.where(bits, sets.kept[person], -1)
        entries = -np.sort(-entries, axis=1)
        entries = np.pad(entries, ((0, 0), (0, WIDEST - entries.shape[1])), constant_values=-1)
        rows = np.concatenate([self.entries, entries])
        _, first = np.unique(rows, axis=0, return_index=True)
        new = np.sort(first[first >= len(self.person)]) - len(self.person)
        new = new[[fits(int(person[row]), entries[row][entries[row] >= 0]) for row in new.tolist()]]
        self.person = np.concatenate([self.person, person[new]])
        self.entries = np.concatenate([self.entries, entries[new]])
        self.value = np.concatenate([self.value, sets.value[numbers[new]]])

    def only(self, stays: Bools) -> Pool:
        """Some of the sets."""
        found = Pool()
        found.person, found.entries, found.value = self.person[stays], self.entries[stays], self.value[stays]
        return found

    def worth(self, entry_price: Floats) -> Floats:
        """Value less price of each set."""
        prices = np.append(entry_price, 0.0)[self.entries]
        return self.value - prices.sum(axis=1)


@dataclass(frozen=True, slots=True)
class Ended:
    """Where a run ended, by names of its columns and rows (sorted) that the next run knows again."""

    columns: Ints
    column_status: Ints
    rows: Ints
    row_status: Ints


@dataclass(frozen=True, slots=True)
class Solved:
    """One run of the programme: how much of each set is taken, groups per course, objective in units; the duals
    as prices unless it was solved in whole numbers. ``taken`` is empty where it found nothing."""

    taken: Floats
    groups: Floats
    objective: float
    prices: Prices | None
    ended: Ended | None = None


class Columns:
    """The programme over the sets of a pool."""

    def __init__(self, market: Market, pool: Pool) -> None:
        self.market, self.pool = market, pool
        self.rows = RowBuilder()
        self.count = self.size = len(pool.person)
        self._column_names: list[Ints] = [np.arange(self.size)]
        self._row_names: list[Ints] = []
        self.column, place = (pool.entries >= 0).nonzero()
        self.entry = pool.entries[self.column, place]
        self.course, self.kind = market.menus.course[self.entry], market.entry_kind[self.entry]
        counts = market.counts
        flat = counts.reshape(-1, counts.shape[3])
        self._quarters = np.unique(flat, axis=1, return_index=True)[1] if flat.size else np.zeros(1, int)
        people, owner = np.unique(pool.person, return_inverse=True)
        self._row(np.ones(len(people)), owner, np.arange(self.count), np.ones(self.count), people)
        money = [self._groups(), self._payers()]
        row, column, pence = (np.concatenate(part) for part in zip(*money, strict=True))
        allowed = market.allowance / 100
        self.money_rows = self._row(allowed, row, column, pence / 100, _named(3, np.arange(len(allowed))))
        self.seat_rows = self._seats()
        self.cut_rows = self._cuts()

    def solve(
        self, limits: MilpLimits | None = None, *, whole: bool = False, begin: Ended | None = None
    ) -> Solved:
        """The best choice among these sets, in whole sets and groups or with fractions.

        ``begin``: where the last run ended, over some of the same sets.
        """
        integer = np.zeros(self.count, dtype=bool)
        if whole:
            integer[: self.size] = True
            integer[self.group_column] = True
        gain = np.zeros(self.count)
        gain[: self.size] = self.pool.value
        upper = np.full(self.count, INFINITE)
        upper[: self.size] = 1.0
        model = Milp(gain, np.zeros(self.count), upper, integer, *self.rows.arrays())
        basis = None if begin is None else self._basis(begin)
        found = solve_milp(model, limits or _PLAIN, basis=basis)
        if found.values is None:
            return Solved(np.zeros(0), np.zeros(0), 0.0, None)
        groups = np.bincount(
            self.group_course, weights=found.values[self.group_column], minlength=len(self.market.most)
        )
        prices = None if found.row_prices is None else self._prices(found.row_prices)
        ended = None if found.basis is None else self._ended(found.basis)
        return Solved(found.values[: self.size], groups.astype(np.float64), found.objective, prices, ended)

    def _ended(self, basis: Basis) -> Ended:
        columns, rows = np.concatenate(self._column_names), np.concatenate(self._row_names)
        by_column, by_row = np.argsort(columns, kind="stable"), np.argsort(rows, kind="stable")
        return Ended(columns[by_column], basis.columns[by_column], rows[by_row], basis.rows[by_row])

    def _basis(self, begin: Ended) -> Basis:
        """The statuses as they were; what is new is left at nothing, and new rows are loose."""
        columns, rows = np.concatenate(self._column_names), np.concatenate(self._row_names)
        return Basis(
            _known(columns, begin.columns, begin.column_status, NONBASIC),
            _known(rows, begin.rows, begin.row_status, BASIC),
        )

    def _row(self, upper: Floats, row: Ints, column: Ints, value: Floats, names: Ints) -> Ints:
        self._row_names.append(names)
        return self.rows.add(np.full(len(upper), -INFINITE), upper, row, column, value)

    def _new(self, names: Ints) -> Ints:
        self._column_names.append(names)
        self.count += len(names)
        return np.arange(self.count - len(names), self.count)

    def _payers(self) -> tuple[Ints, Ints, Floats]:
        """Limit, column and pence of what seats cost each; by way of the cheapest year where years differ."""
        market = self.market
        cost = market.problem.offers.person_cost
        if len(self._quarters) == 1:
            counted = market.counts[self.kind, :, self.course, self._quarters[0]]
            place, limit = counted.nonzero()
            return limit, self.column[place], cost[self.course[place]].astype(np.float64)
        courses = len(cost)
        keys, place = np.unique(self.kind * courses + self.course, return_inverse=True)
        kind, course = np.divmod(np.repeat(keys, len(self._quarters)), courses)
        quarter = np.tile(self._quarters, len(keys))
        paid = self._new(_named(2, np.repeat(keys, len(self._quarters)) * market.counts.shape[3] + quarter))
        self._row(
            np.zeros(len(keys)),
            np.concatenate([place, np.repeat(np.arange(len(keys)), len(self._quarters))]),
            np.concatenate([self.column, paid]),
            np.concatenate([np.ones(len(place)), np.full(len(paid), -1.0)]),
            _named(2, keys),
        )
        place, limit = market.counts[kind, :, course, quarter].nonzero()
        return limit, paid[place], cost[course[place]].astype(np.float64)

    def _groups(self) -> tuple[Ints, Ints, Floats]:
        """Columns of groups; limit, column and pence of what they cost."""
        market = self.market
        cost = market.problem.offers.cohort_cost
        self.grouped = (cost > 0).nonzero()[0]
        courses: list[Ints] = []
        uses: list[Bools] = []
        for course in self.grouped.tolist():
            by_way = market.counts[:, :, course, :][:, :, self._quarters].transpose(0, 2, 1)
            rows = by_way.shape[0] * by_way.shape[1]
            ways = np.unique(by_way.reshape(rows, by_way.shape[2]), axis=0)
            courses.append(np.full(len(ways), course))
            uses.append(ways)
        self.group_course = np.concatenate([np.zeros(0, dtype=np.int64), *courses])
        self.group_column = self._new(_named(1, np.arange(len(self.group_course))))
        row_of = np.full(len(cost), -1)
        row_of[self.grouped] = np.arange(len(self.grouped))
        seated = row_of[self.course] >= 0
        self.group_rows = self._row(
            np.zeros(len(self.grouped)),
            np.concatenate([row_of[self.course[seated]], row_of[self.group_course]]),
            np.concatenate([self.column[seated], self.group_column]),
            np.concatenate([np.ones(int(seated.sum())), -market.group[self.group_course].astype(float)]),
            _named(1, np.arange(len(self.grouped))),
        )
        way, limit = np.concatenate([np.zeros((0, len(market.allowance)), dtype=bool), *uses]).nonzero()
        return limit, self.group_column[way], cost[self.group_course[way]].astype(np.float64)

    def _seats(self) -> Ints:
        scarce = self.market.is_scarce.nonzero()[0]
        row_of = np.full(len(self.market.most), -1)
        row_of[scarce] = np.arange(len(scarce))
        seated = row_of[self.course] >= 0
        ones = np.ones(int(seated.sum()))
        most = self.market.most[scarce].astype(np.float64)
        return self._row(most, row_of[self.course[seated]], self.column[seated], ones, _named(4, scarce))

    def _cuts(self) -> Ints:
        cuts = self.market.cuts
        rows: list[tuple[Ints, Ints, Floats]] = []
        upper = np.zeros(len(cuts))
        is_in = np.zeros(len(self.market.menus.person), dtype=bool)
        for number, cut in enumerate(cuts):
            is_in[cut.entries] = True
            column = self.column[is_in[self.entry]]
            is_in[cut.entries] = False
            groups = self.group_column[self.group_course == cut.course]
            value = np.concatenate([np.ones(len(column)), np.full(len(groups), -float(cut.rest))])
            column = np.concatenate([column, groups])
            rows.append((np.full(len(column), number), column, value))
            upper[number] = len(cut.entries) - cut.rest * (cut.whole + 1)
        empty = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
        row, column, value = (np.concatenate(part) for part in zip(empty, *rows, strict=True))
        return self._row(upper, row, column, value, _named(5, np.arange(len(cuts))))

    def _prices(self, dual: Floats) -> Prices:
        market = self.market
        budget = np.maximum(0.0, dual[self.money_rows]) / 100
        cut = np.maximum(0.0, dual[self.cut_rows])
        seat = np.zeros(len(market.most))
        seat[self.grouped] = dual[self.group_rows] - market.shares(budget, cut)[self.grouped]
        seat[market.is_scarce] += dual[self.seat_rows]
        return market.affordable(Prices(budget, np.maximum(0.0, seat), cut))


def _named(kind: int, numbers: Ints) -> Ints:
    """Names of columns or rows of one kind, apart from all others."""
    return numbers + (kind << 40)


def _known(names: Ints, known: Ints, status: Ints, otherwise: int) -> Ints:
    """The status each name had, or ``otherwise`` for a name that is new."""
    if not len(known):
        return np.full(len(names), otherwise)
    place = np.minimum(np.searchsorted(known, names), len(known) - 1)
    return np.where(known[place] == names, status[place], otherwise)


def better_prices(
    market: Market, sets: Sets, pool: Pool, begin: Prices, how: How, last: Solved | None = None
) -> tuple[Prices, float, Solved | None]:
    """The prices of the lowest bound met over this list, that bound, and the last run of the programme.

    ``last``: the run before, over sets of the same pool.
    """
    prices, best_prices, best_bound = begin, begin, INFINITE
    solved: Solved | None = None
    ended = None if last is None else last.ended
    for _ in range(how.rounds):
        worth = (sets.value - set_prices(sets, market.entry_prices(prices))).astype(np.float64)
        best = np.maximum.reduceat(worth, sets.first)
        bound = market.bound(best, prices)
        if bound < best_bound:
            best_bound, best_prices = bound, prices
        if (solved is not None and bound - solved.objective <= _CLOSED * bound) or how.is_over():
            break
        pool.join(sets, _near(sets, worth, best), how.fits)
        solved = Columns(market, pool).solve(begin=ended)
        ended = solved.ended
        if solved.prices is None:
            break
        prices = solved.prices
    return best_prices, best_bound, solved


def _near(sets: Sets, worth: Floats, best: Floats) -> Ints:
    """The best sets of each person and those that lose little against them."""
    loss = best[sets.person] - worth
    near = ((loss <= NEAR * max(1.0, float(best.mean()))) & (sets.mask > 0)).nonzero()[0]
    order = near[np.lexsort((loss[near], sets.person[near]))]
    person = sets.person[order]
    rank = np.arange(len(order)) - np.searchsorted(person, person)
    return order[rank < _MOST]


def broken_cuts(market: Market, pool: Pool, solved: Solved) -> list[GroupCut]:
    """One cut per course whose crowd the programme seats in part of a group."""
    row, place = ((pool.entries >= 0) & (solved.taken > 1e-6)[:, None]).nonzero()
    entry = pool.entries[row, place]
    seated = np.bincount(entry, weights=solved.taken[row], minlength=len(market.menus.person))
    course_of = market.menus.course
    wanted = (seated > 1e-6).nonzero()[0]
    found: list[GroupCut] = []
    for course in (market.problem.offers.cohort_cost > 0).nonzero()[0].tolist():
        own = wanted[course_of[wanted] == course]
        group = int(market.group[course])
        whole = int(np.floor(solved.groups[course] + 1e-6))
        over = solved.groups[course] - whole
        if over < 1e-3:
            continue
        crowd = own[np.argsort(-seated[own], kind="stable")][: (whole + 1) * group]
        crowd = crowd[seated[crowd] > over]
        rest = len(crowd) - whole * group
        if rest < 1:
            continue
        broken = seated[crowd].sum() - (len(crowd) - rest * (whole + 1 - solved.groups[course]))
        if broken > _DEEP:
            found.append(GroupCut(course, np.sort(crowd), whole, rest))
    return found
